import type { Note, Receivable } from '../../client/operations.generated.ts'
import { Link } from '../app/link.tsx'
import { ParticipantName } from '../directory/participant-name.tsx'
import { money } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { DataTable } from '../ui/data-table.tsx'
import { StateChip } from '../ui/state-chip.tsx'
import { shownState } from './span-picture.tsx'

const text = defineText({
  caption: { en: 'Notes', zh: '债权凭证' },
  span: { en: 'Span', zh: '区间' },
  amount: { en: 'Amount', zh: '金额' },
  holder: { en: 'Holder', zh: '持有人' },
  tier: { en: 'Tier', zh: '层级' },
  state: { en: 'State', zh: '状态' }
})

/** The notes of one receivable, in the order of their spans. */
export function NotesTable({ receivable, notes }: { receivable: Receivable; notes: readonly Note[] }) {
  const t = useText(text)
  return (
    <DataTable
      caption={t.caption}
      rows={notes}
      keyOf={({ noteId }) => noteId}
      columns={[
        {
          title: t.span,
          cell: (note) => (
            <Link to={`/app/notes/${note.noteId}`}>
              {money(note.start, receivable.currency)} – {money(note.end, receivable.currency)}
            </Link>
          )
        },
        { title: t.amount, isNumber: true, cell: (note) => money(note.amount, receivable.currency) },
        { title: t.holder, cell: (note) => <ParticipantName id={note.holder} /> },
        { title: t.tier, isNumber: true, cell: (note) => note.tier },
        { title: t.state, cell: (note) => <StateChip state={shownState(note)} /> }
      ]}
    />
  )
}
