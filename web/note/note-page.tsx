import type { ComponentChildren } from 'preact'
import { AlarmDecisions } from '../alarms/alarm-decisions.tsx'
import { Link } from '../app/link.tsx'
import { ParticipantName } from '../directory/participant-name.tsx'
import { day, money, moment } from '../i18n/format.ts'
import type { Note } from '../../client/operations.generated.ts'
import { defineText, useText } from '../i18n/language.ts'
import { useLive } from '../live/live.ts'
import { api, session } from '../login/session.ts'
import { LineageLink } from '../pictures/picture-links.tsx'
import { NoteOrders } from '../regulator/order-actions.tsx'
import { shownState } from '../receivable/span-picture.tsx'
import { Download } from '../ui/download.tsx'
import { Facts } from '../ui/facts.tsx'
import { Hash } from '../ui/hash.tsx'
import { Loaded } from '../ui/loaded.tsx'
import { Page } from '../ui/page.tsx'
import { StateChip } from '../ui/state-chip.tsx'
import { loadNote } from './load.ts'
import { NoteActions } from './note-actions.tsx'
import { proofFrom, Timeline } from './timeline.tsx'

const text = defineText({
  title: { en: 'Note', zh: '债权凭证' },
  amount: { en: 'Amount', zh: '金额' },
  span: { en: 'Span', zh: '区间' },
  receivable: { en: 'Receivable', zh: '应收账款' },
  holder: { en: 'Holder', zh: '持有人' },
  counterparty: { en: 'Waits for', zh: '待其操作' },
  assignor: { en: 'Assignor', zh: '转让人' },
  deadline: { en: 'Until', zh: '截止时间' },
  debtor: { en: 'Debtor', zh: '债务人' },
  maturity: { en: 'Maturity (UTC)', zh: '到期日（UTC）' },
  tier: { en: 'Tier', zh: '层级' },
  state: { en: 'State', zh: '状态' },
  frozen: { en: 'Frozen until', zh: '冻结至' },
  order: { en: 'By order', zh: '依据文书' },
  orderUnknown: { en: 'made past this registry', zh: '非经本系统下达' },
  orderFile: { en: 'Digest of the order', zh: '文书摘要' },
  escrow: { en: 'Paid meanwhile to', zh: '期间付至' },
  authority: { en: 'Frozen by', zh: '冻结机关' },
  recourse: { en: 'Recourse', zh: '追索权' },
  withRecourse: { en: 'to the assignor', zh: '可向转让人追索' },
  payee: { en: 'Was paid to', zh: '已付给' },
  id: { en: 'Note id', zh: '凭证编号' },
  evidence: { en: 'Evidence package', zh: '下载存证包' },
  provenance: { en: 'Certificate of provenance', zh: '来源证明' }
})

/** One note: what it is, what can be done, and how it came to be so. */
export function NotePage({ params }: { params: Record<string, string> }) {
  const t = useText(text)
  const noteId = params['noteId']!
  const live = useLive(`note ${noteId}`, (signal) => loadNote(api, noteId, signal))
  return (
    <Page
      title={t.title}
      actions={
        <>
          <LineageLink of="notes" id={noteId} />
          <Download
            label={t.evidence}
            fileName={`note-${noteId.slice(2, 14)}.zip`}
            type="application/zip"
            load={() => api.download('getNoteEvidence', { noteId })}
          />
        </>
      }
    >
      <Loaded live={live}>
        {({ note, receivable, events, ownTransactions }) => (
          <>
            <Facts
              of={[
                [t.amount, <strong key="amount">{money(note.amount, receivable.currency)}</strong>],
                [t.state, <StateChip key="state" state={shownState(note)} />],
                [t.holder, <ParticipantName key="holder" id={note.holder} />],
                [t.counterparty, note.counterparty === null ? undefined : <ParticipantName id={note.counterparty} />],
                [t.deadline, note.deadline === null ? undefined : moment(note.deadline)],
                [t.assignor, note.assignor === null ? undefined : <ParticipantName id={note.assignor} />],
                [t.debtor, <ParticipantName key="debtor" id={receivable.debtor} />],
                [t.maturity, day(receivable.maturity)],
                [t.tier, note.tier],
                [t.frozen, shownState(note) === 'frozen' ? moment(note.frozenUntil!) : undefined],
                ...orderFacts(note, t),
                [t.recourse, note.hasRecourse ? t.withRecourse : undefined],
                [t.payee, note.payee === null ? undefined : <ParticipantName id={note.payee} />],
                [t.span, `${money(note.start, receivable.currency)} – ${money(note.end, receivable.currency)}`],
                [
                  t.receivable,
                  <Link key="receivable" to={`/app/receivables/${note.receivableId}`}>
                    {money(receivable.amount, receivable.currency)}
                  </Link>
                ],
                [t.id, <Hash key="id" value={note.noteId} />]
              ]}
            />
            {note.state === 'locked' && note.counterparty === session.value?.participantId && (
              <AlarmDecisions receivableId={note.receivableId} />
            )}
            <NoteActions note={note} receivable={receivable} />
            <NoteOrders note={note} receivable={receivable} />
            <Timeline
              events={events}
              currency={receivable.currency}
              proofOf={proofFrom(ownTransactions, {
                fileName: `note-${noteId.slice(2, 14)}.zip`,
                load: () => api.download('getNoteEvidence', { noteId })
              })}
            />
          </>
        )}
      </Loaded>
    </Page>
  )
}

/** By whose order a note is frozen, and who is paid meanwhile. */
function orderFacts(note: Note, t: ReturnType<typeof text>): (readonly [string, ComponentChildren | undefined])[] {
  const { freezeOrder, freezeEscrow, freezeAuthority } = note
  if (shownState(note) !== 'frozen') return []
  return [
    [t.order, freezeOrder === null ? t.orderUnknown : `${freezeOrder.reference}, ${freezeOrder.court}`],
    [t.orderFile, freezeOrder === null ? undefined : <Hash key="order" value={freezeOrder.document} />],
    [t.authority, freezeAuthority === null ? undefined : <ParticipantName id={freezeAuthority} />],
    [t.escrow, freezeEscrow === null ? undefined : <ParticipantName id={freezeEscrow} />]
  ]
}
