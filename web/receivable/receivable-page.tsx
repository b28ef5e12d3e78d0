import { api, hasRole, session } from '../login/session.ts'
import { ParticipantName } from '../directory/participant-name.tsx'
import { day, fromNow, money, moment } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { useLive } from '../live/live.ts'
import { LineageLink } from '../pictures/picture-links.tsx'
import { FingerprintCertificate } from '../regulator/fingerprint-certificate.tsx'
import { ReceivableOrders } from '../regulator/order-actions.tsx'
import { Download } from '../ui/download.tsx'
import { Facts } from '../ui/facts.tsx'
import { Hash } from '../ui/hash.tsx'
import { Loaded } from '../ui/loaded.tsx'
import { Page } from '../ui/page.tsx'
import { StateChip } from '../ui/state-chip.tsx'
import { NotesTable } from './notes-table.tsx'
import { PayTo } from './pay-to.tsx'
import { ReceivableActions } from './receivable-actions.tsx'
import { ReceivableTimeline } from './receivable-timeline.tsx'
import { SpanPicture } from './span-picture.tsx'

const text = defineText({
  title: { en: 'Receivable', zh: '应收账款' },
  creditor: { en: 'Creditor', zh: '原始债权人' },
  debtor: { en: 'Debtor', zh: '债务人' },
  amount: { en: 'Amount', zh: '金额' },
  settled: { en: 'Settled', zh: '已清分' },
  cancelled: { en: 'Cancelled', zh: '已冲减' },
  maturity: { en: 'Maturity (UTC)', zh: '到期日（UTC）' },
  state: { en: 'State', zh: '状态' },
  registered: { en: 'Registered', zh: '登记时间' },
  confirmed: { en: 'Confirmed', zh: '确权时间' },
  lastTransaction: { en: 'Last transaction', zh: '最近交易' },
  fingerprint: { en: (index: number) => `Fingerprint ${index}`, zh: (index: number) => `指纹 ${index}` },
  id: { en: 'Receivable id', zh: '应收账款编号' },
  evidence: { en: 'Evidence package', zh: '下载存证包' }
})

/** One receivable: what it is, who holds it, and what can be done. */
export function ReceivablePage({ params }: { params: Record<string, string> }) {
  const t = useText(text)
  const receivableId = params['receivableId']!
  const live = useLive(`receivable ${receivableId}`, (signal) =>
    api.call('getReceivable', { receivableId }, { signal })
  )
  const receivable = live.data?.receivable
  const isParty =
    hasRole('regulator') || [receivable?.creditor, receivable?.debtor].includes(session.value?.participantId)
  return (
    <Page
      title={t.title}
      actions={
        isParty && (
          <>
            <LineageLink of="receivables" id={receivableId} />
            <Download
              label={t.evidence}
              fileName={`receivable-${receivableId.slice(2, 14)}.zip`}
              type="application/zip"
              load={() => api.download('getReceivableEvidence', { receivableId })}
            />
          </>
        )
      }
    >
      <Loaded live={live}>
        {({ receivable: shown, notes }) => (
          <>
            <Facts
              of={[
                [t.amount, <strong key="amount">{money(shown.amount, shown.currency)}</strong>],
                [
                  t.state,
                  <>
                    <StateChip state={shown.state} /> {shown.isDisputed && <StateChip state="disputed" />}
                  </>
                ],
                [t.debtor, <ParticipantName key="debtor" id={shown.debtor} />],
                [t.creditor, <ParticipantName key="creditor" id={shown.creditor} />],
                [t.maturity, `${day(shown.maturity)} (${fromNow(shown.maturity)})`],
                [t.settled, shown.settled === '0' ? undefined : money(shown.settled, shown.currency)],
                [t.cancelled, shown.cancelled === '0' ? undefined : money(shown.cancelled, shown.currency)],
                [t.registered, moment(shown.registeredAt)],
                [t.confirmed, shown.confirmedAt === null ? undefined : moment(shown.confirmedAt)],
                [t.lastTransaction, <Hash key="tx" value={shown.changedTx} />],
                [t.id, <Hash key="id" value={shown.receivableId} />],
                ...shown.fingerprints.map(
                  (fingerprint, index) =>
                    [
                      t.fingerprint(index + 1),
                      <>
                        <Hash value={fingerprint} /> {isParty && <FingerprintCertificate fingerprint={fingerprint} />}
                      </>
                    ] as const
                )
              ]}
            />
            <ReceivableActions receivable={shown} />
            <ReceivableOrders receivable={shown} />
            {shown.state === 'confirmed' && shown.debtor === session.value?.participantId && (
              <PayTo receivable={shown} />
            )}
            {notes.length > 0 && (
              <>
                <SpanPicture receivable={shown} notes={notes} />
                <NotesTable receivable={shown} notes={notes} />
              </>
            )}
            <ReceivableTimeline receivableId={receivableId} currency={shown.currency} isParty={isParty} />
          </>
        )}
      </Loaded>
    </Page>
  )
}
