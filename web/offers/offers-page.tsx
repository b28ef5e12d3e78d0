import type { Note, Receivable } from '../../client/operations.generated.ts'
import { Link } from '../app/link.tsx'
import { ParticipantName } from '../directory/participant-name.tsx'
import { day, fromNow, money } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { useLive } from '../live/live.ts'
import { api } from '../login/session.ts'
import { NoteActions } from '../note/note-actions.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { Empty } from '../ui/empty.tsx'
import { Loaded } from '../ui/loaded.tsx'
import { Page } from '../ui/page.tsx'
import { loadOffers } from './load.ts'

const text = defineText({
  title: { en: 'Offers', zh: '签收' },
  lead: {
    en: 'What others offer you, and what you offered and nobody has taken yet.',
    zh: '他人转让给您的凭证，以及您已发出、尚未签收的转让。'
  },
  toMe: { en: 'For you to accept', zh: '待您签收' },
  byMe: { en: 'Waiting for others', zh: '待对方签收' },
  amount: { en: 'Amount', zh: '金额' },
  from: { en: 'From', zh: '转让人' },
  to: { en: 'To', zh: '受让人' },
  debtor: { en: 'Debtor', zh: '债务人' },
  maturity: { en: 'Maturity (UTC)', zh: '到期日（UTC）' },
  deadline: { en: 'Lapses', zh: '失效' },
  purpose: { en: 'For', zh: '用途' },
  purposes: { en: 'transfer', zh: '转让' },
  dilution: { en: 'credit note', zh: '红字冲减' },
  return: { en: 'recourse', zh: '追索' },
  actions: { en: 'What you can do', zh: '操作' },
  none: { en: 'No open offers', zh: '没有待处理的转让' },
  noneHint: {
    en: 'A supplier that pays you with a part of a note makes an offer; it appears here at once.',
    zh: '当他人以债权凭证的一部分向您付款时，转让会立即显示在此。'
  }
})

interface Row {
  note: Note
  receivable: Receivable
}

/** Offers in both directions. */
export function OffersPage() {
  const t = useText(text)
  const live = useLive('offers', (signal) => loadOffers(api, signal))
  return (
    <Page title={t.title} lead={t.lead}>
      <Loaded live={live}>
        {({ toMe, byMe }) =>
          toMe.length + byMe.length === 0 ? (
            <Empty title={t.none}>
              <p>{t.noneHint}</p>
            </Empty>
          ) : (
            <>
              <OfferTable caption={t.toMe} party={t.from} partyOf={({ note }) => note.holder} rows={toMe} />
              <OfferTable caption={t.byMe} party={t.to} partyOf={({ note }) => note.counterparty!} rows={byMe} />
            </>
          )
        }
      </Loaded>
    </Page>
  )
}

interface OfferTableProps {
  caption: string
  /** Title of the column of the other party. */
  party: string
  partyOf: (row: Row) => number
  rows: readonly Row[]
}

function OfferTable({ caption, party, partyOf, rows }: OfferTableProps) {
  const t = useText(text)
  if (rows.length === 0) return null
  const purposeOf = ({ note }: Row): string =>
    note.purpose === 'dilution' ? t.dilution : note.purpose === 'return' ? t.return : t.purposes
  return (
    <DataTable
      caption={caption}
      rows={rows}
      keyOf={({ note }) => note.noteId}
      columns={[
        {
          title: t.amount,
          isNumber: true,
          cell: ({ note, receivable }) => (
            <Link to={`/app/notes/${note.noteId}`}>{money(note.amount, receivable.currency)}</Link>
          )
        },
        { title: t.purpose, cell: purposeOf },
        { title: party, cell: (row) => <ParticipantName id={partyOf(row)} /> },
        { title: t.debtor, cell: ({ receivable }) => <ParticipantName id={receivable.debtor} /> },
        { title: t.maturity, cell: ({ receivable }) => day(receivable.maturity) },
        { title: t.deadline, cell: ({ note }) => (note.deadline === null ? '' : fromNow(note.deadline)) },
        {
          title: t.actions,
          cell: ({ note, receivable }) => <NoteActions note={note} receivable={receivable} isInTable />
        }
      ]}
    />
  )
}
