import type { Note, Receivable } from '../../client/operations.generated.ts'
import { Link } from '../app/link.tsx'
import { nameOf } from '../directory/directory.ts'
import { money } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { chainTime } from '../live/live.ts'
import { StateChip, stateWord, type ShownState } from '../ui/state-chip.tsx'

const text = defineText({
  title: { en: 'Who holds which part', zh: '各段持有情况' },
  lead: {
    en: 'The whole width is the receivable; each row is a tier of the supply chain, each block a note.',
    zh: '总宽度代表该应收账款；每行为一个流转层级，每块为一张债权凭证。'
  },
  tier: { en: (tier: number) => `Tier ${tier}`, zh: (tier: number) => `第 ${tier} 层` },
  states: { en: 'States', zh: '状态' },
  note: {
    en: (amount: string, holder: string, state: string) => `${holder}, ${amount}, ${state}`,
    zh: (amount: string, holder: string, state: string) => `${holder}，${amount}，${state}`
  }
})

/** A note's state as it is shown: a freeze in force and a dispute weigh more than the state below. */
export function shownState(note: Note): ShownState {
  return note.frozenUntil !== null && note.frozenUntil > chainTime() && note.state !== 'settled' ? 'frozen' : note.state
}

/** The notes of a receivable as spans over its amount, a row a tier. The table below the picture says the same in words. */
export function SpanPicture({ receivable, notes }: { receivable: Receivable; notes: readonly Note[] }) {
  const t = useText(text)
  const amount = BigInt(receivable.amount)
  // Percent to four digits, in integers until then: amounts can be beyond what floating point holds.
  const place = (units: string): number => Number((BigInt(units) * 1_000_000n) / amount) / 10_000
  const tiers = [...new Set(notes.map(({ tier }) => tier))].sort((a, b) => a - b)
  const states = [...new Set(notes.map((note) => shownState(note)))]
  return (
    <figure class="span-picture">
      <figcaption>
        <strong>{t.title}</strong> <span>{t.lead}</span>
      </figcaption>
      <ul class="span-rows">
        {tiers.map((tier) => (
          <li key={tier}>
            <span class="tier">{t.tier(tier)}</span>
            <div class="span-row">
              {notes
                .filter((note) => note.tier === tier)
                .map((note) => (
                  <Span key={note.noteId} note={note} currency={receivable.currency} place={place} />
                ))}
            </div>
          </li>
        ))}
      </ul>
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

function Span({ note, currency, place }: { note: Note; currency: number; place: (units: string) => number }) {
  const t = useText(text)
  const state = shownState(note)
  const [start, end] = [place(note.start), place(note.end)]
  const holder = nameOf(note.holder)
  const label = t.note(money(note.amount, currency), holder, stateWord(state))
  return (
    <Link
      to={`/app/notes/${note.noteId}`}
      class={`span state-${state}`}
      label={label}
      style={{ left: `${start}%`, width: `calc(${Math.max(end - start, 0.4)}% - 2px)` }}
    >
      <span aria-hidden="true">{holder}</span>
    </Link>
  )
}
