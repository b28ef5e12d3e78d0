import { Link } from '../app/link.tsx'
import { nameOf } from '../directory/directory.ts'
import { money } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { StateChip, stateWord } from '../ui/state-chip.tsx'
import { layoutOf, type Lineage, type Placed } from './lineage-layout.ts'

const text = defineText({
  picture: { en: 'Which note comes from which', zh: '凭证来源图' },
  tier: { en: (tier: number) => `T${tier}`, zh: (tier: number) => `${tier} 层` },
  states: { en: 'States', zh: '状态' }
})

const [ROW, STEP, BOX, GAP] = [64, 56, 264, 12]

/** The family tree of notes, a link each. The table below it says the same in words. */
export function LineageGraph({ lineage: { pieces, currency } }: { lineage: Lineage }) {
  const t = useText(text)
  const placed = layoutOf(pieces)
  const rowOf = new Map(placed.map((one) => [one.index, one]))
  const columns = Math.max(0, ...placed.map(({ column }) => column))
  const [width, height] = [columns * STEP + BOX + 8, placed.length * ROW + 4]
  const states = [...new Set(pieces.map(({ state }) => state))]
  return (
    <figure class="lineage">
      <figcaption>
        <strong>{t.picture}</strong>
      </figcaption>
      <div class="lineage-scroll" role="region" aria-label={t.picture} tabIndex={0}>
        <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="group" aria-label={t.picture}>
          {placed.map(({ piece, index, row, column }) => {
            const parent = piece.parent === null ? undefined : rowOf.get(piece.parent)
            const joined = piece.joinedInto === null ? undefined : rowOf.get(piece.joinedInto)
            return (
              <g key={index}>
                {parent && <path class="lineage-line" d={lineTo(parent, row, column)} />}
                {joined && <path class="lineage-line joined" d={lineTo(joined, row, column)} />}
              </g>
            )
          })}
          {placed.map((one) => (
            <Box key={one.index} placed={one} currency={currency} />
          ))}
        </svg>
      </div>
      <ul class="legend" aria-label={t.states}>
        {states.map((state) => (
          <li key={state}>
            <StateChip state={state} />
          </li>
        ))}
      </ul>
    </figure>
  )
}

/** Down from the parent's box, then right to the child's. */
function lineTo(parent: Pick<Placed, 'row' | 'column'>, row: number, column: number): string {
  const x = parent.column * STEP + 20
  const y = row * ROW + (ROW - GAP) / 2 + 2
  return `M ${x} ${parent.row * ROW + ROW - GAP} V ${y} H ${column * STEP}`
}

function Box({ placed: { piece, row, column }, currency }: { placed: Placed; currency: number }) {
  const t = useText(text)
  const { noteId, tier, holder, state, start, end } = piece
  const amount = money(BigInt(end) - BigInt(start), currency)
  const name = nameOf(holder)
  const [x, y] = [column * STEP, row * ROW + 2]
  return (
    <Link to={`/app/notes/${noteId}`} class={`lineage-box state-${state}`}>
      <rect x={x} y={y} width={BOX} height={ROW - GAP} rx="5" />
      <rect class="lineage-edge" x={x} y={y} width="6" height={ROW - GAP} rx="3" />
      <text x={x + 16} y={y + 21}>
        {name.length > 30 ? `${name.slice(0, 29)}…` : name}
      </text>
      <text x={x + 16} y={y + 41}>{` ${t.tier(tier)} · ${amount} · ${stateWord(state)}`}</text>
    </Link>
  )
}
