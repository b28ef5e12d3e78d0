import { Link } from '../app/link.tsx'
import { ParticipantName } from '../directory/participant-name.tsx'
import { money, moment, number } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { useLive } from '../live/live.ts'
import { api } from '../login/session.ts'
import { eventWords } from '../note/event-words.ts'
import { DataTable } from '../ui/data-table.tsx'
import { Empty } from '../ui/empty.tsx'
import { Hash } from '../ui/hash.tsx'
import { Loaded } from '../ui/loaded.tsx'
import { Page } from '../ui/page.tsx'
import { StateChip } from '../ui/state-chip.tsx'
import { LineageGraph } from './lineage-graph.tsx'
import { layoutOf, type Lineage } from './lineage-layout.ts'

const text = defineText({
  title: { en: 'Lineage', zh: '流转谱系' },
  ofReceivable: {
    en: 'All notes of the receivable: what was cut from what, down the tiers of the supply chain.',
    zh: '该应收账款的全部凭证：沿供应链各层级的拆分与流转。'
  },
  ofNote: {
    en: 'The way of this note from the root; of other branches only where they begin.',
    zh: '该凭证自根凭证起的来路；其他分支仅显示起点。'
  },
  receivable: { en: 'To the receivable', zh: '返回应收账款' },
  caption: { en: 'Notes, each below the one that it was cut from', zh: '凭证（位于其来源之下）' },
  note: { en: 'Amount', zh: '金额' },
  tier: { en: 'Tier', zh: '层级' },
  holder: { en: 'Holder', zh: '持有人' },
  state: { en: 'State', zh: '状态' },
  from: { en: 'Cut from', zh: '来源' },
  root: { en: 'the whole', zh: '整笔' },
  opened: { en: 'Began with', zh: '起于' },
  proof: { en: 'Transaction and block', zh: '交易与区块' },
  block: { en: (block: string) => `block ${block}`, zh: (block: string) => `区块 ${block}` },
  none: { en: 'No notes yet', zh: '尚无凭证' },
  noneHint: { en: 'Notes begin when the debtor confirms.', zh: '债务人确权后产生凭证。' }
})

/** The family tree of a receivable's notes, or of what is told of one note. */
export function LineagePage({ params }: { params: Record<string, string> }) {
  const t = useText(text)
  const { receivableId, noteId } = params
  const live = useLive<Lineage>(`lineage ${receivableId ?? noteId}`, (signal) =>
    receivableId === undefined
      ? api.call('getNoteLineage', { noteId: noteId! }, { signal })
      : api.call('getReceivableLineage', { receivableId }, { signal })
  )
  const behind = receivableId ?? live.data?.receivableId
  return (
    <Page
      title={t.title}
      lead={receivableId === undefined ? t.ofNote : t.ofReceivable}
      actions={
        behind && (
          <Link to={`/app/receivables/${behind}`} class="button">
            {t.receivable}
          </Link>
        )
      }
    >
      <Loaded live={live}>
        {(lineage) =>
          lineage.pieces.length === 0 ? (
            <Empty title={t.none}>
              <p>{t.noneHint}</p>
            </Empty>
          ) : (
            <>
              <LineageGraph lineage={lineage} />
              <LineageTable lineage={lineage} />
            </>
          )
        }
      </Loaded>
    </Page>
  )
}

function LineageTable({ lineage: { pieces, currency } }: { lineage: Lineage }) {
  const t = useText(text)
  const words = useText(eventWords) as Record<string, string>
  const amountOf = ({ start, end }: Lineage['pieces'][number]): string => money(BigInt(end) - BigInt(start), currency)
  return (
    <DataTable
      caption={t.caption}
      rows={layoutOf(pieces)}
      keyOf={({ index }) => String(index)}
      columns={[
        {
          title: t.note,
          isNumber: true,
          cell: ({ piece }) => <Link to={`/app/notes/${piece.noteId}`}>{amountOf(piece)}</Link>
        },
        { title: t.tier, isNumber: true, cell: ({ piece }) => String(piece.tier) },
        { title: t.holder, cell: ({ piece }) => <ParticipantName id={piece.holder} /> },
        { title: t.state, cell: ({ piece }) => <StateChip state={piece.state} /> },
        {
          title: t.from,
          cell: ({ piece: { parent } }) => (parent === null ? t.root : <ParticipantName id={pieces[parent]!.holder} />)
        },
        {
          title: t.opened,
          cell: ({ piece: { opened } }) => `${words[opened.name] ?? opened.name}, ${moment(opened.time)}`
        },
        {
          title: t.proof,
          cell: ({ piece: { opened } }) => (
            <>
              <Hash value={opened.txHash} /> {t.block(number(opened.block))}
            </>
          )
        }
      ]}
    />
  )
}
