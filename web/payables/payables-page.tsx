import type { Receivable } from '../../client/operations.generated.ts'
import { Link } from '../app/link.tsx'
import { ParticipantName } from '../directory/participant-name.tsx'
import { day, fromNow, money } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { useLive } from '../live/live.ts'
import { api } from '../login/session.ts'
import { MaturityLinks } from '../pictures/picture-links.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { Empty } from '../ui/empty.tsx'
import { Loaded } from '../ui/loaded.tsx'
import { Page } from '../ui/page.tsx'
import { StateChip } from '../ui/state-chip.tsx'
import { ConfirmMany } from './confirm-many.tsx'
import { loadPayables } from './load.ts'
import { PaymentRuns } from './payment-runs.tsx'
import type { Schedule } from './schedule.ts'

const text = defineText({
  title: { en: 'Payables', zh: '应付' },
  lead: {
    en: 'What waits for your confirmation, and what you owe, when and to which tier.',
    zh: '待确权的应收账款，以及您的应付金额、到期日与层级。'
  },
  schedule: {
    en: (currency: string) => `Owed by maturity and tier, ${currency}`,
    zh: (currency: string) => `按到期日与层级的应付（${currency}）`
  },
  maturity: { en: 'Maturity (UTC)', zh: '到期日（UTC）' },
  total: { en: 'Total', zh: '合计' },
  tier: { en: (tier: number) => `Tier ${tier}`, zh: (tier: number) => `第 ${tier} 层` },
  confirmed: { en: 'Confirmed receivables', zh: '已确权的应收账款' },
  amount: { en: 'Amount', zh: '金额' },
  creditor: { en: 'Creditor', zh: '原始债权人' },
  state: { en: 'State', zh: '状态' },
  none: { en: 'You owe nothing here yet', zh: '暂无应付' },
  noneHint: {
    en: 'When a supplier registers an invoice to you, it appears here for your confirmation.',
    zh: '供应商登记以您为债务人的发票后，会显示在此等待确权。'
  }
})

/** Home of a core enterprise. */
export function PayablesPage() {
  const t = useText(text)
  const live = useLive('payables', (signal) => loadPayables(api, signal))
  return (
    <Page title={t.title} lead={t.lead} actions={<MaturityLinks />}>
      <Loaded live={live}>
        {({ toConfirm, confirmed, schedules }) => (
          <>
            {toConfirm.length + confirmed.length === 0 && (
              <Empty title={t.none}>
                <p>{t.noneHint}</p>
              </Empty>
            )}
            {toConfirm.length > 0 && <ConfirmMany receivables={toConfirm} />}
            {schedules.map((schedule) => (
              <ScheduleTable key={schedule.currency} schedule={schedule} />
            ))}
            {confirmed.length > 0 && <ConfirmedTable receivables={confirmed} />}
            {confirmed.length > 0 && <PaymentRuns />}
          </>
        )}
      </Loaded>
    </Page>
  )
}

function ScheduleTable({ schedule: { currency, tiers, days } }: { schedule: Schedule }) {
  const t = useText(text)
  const [letters] = money('0', currency).split(' ')
  return (
    <DataTable
      caption={t.schedule(letters!)}
      rows={days}
      keyOf={({ maturity }) => String(maturity)}
      columns={[
        { title: t.maturity, cell: ({ maturity }) => `${day(maturity)} (${fromNow(maturity)})` },
        ...tiers.map((tier) => ({
          title: t.tier(tier),
          isNumber: true,
          cell: ({ byTier }: Schedule['days'][number]) => (byTier.has(tier) ? money(byTier.get(tier)!, currency) : '–')
        })),
        { title: t.total, isNumber: true, cell: ({ total }) => <strong>{money(total, currency)}</strong> }
      ]}
    />
  )
}

function ConfirmedTable({ receivables }: { receivables: readonly Receivable[] }) {
  const t = useText(text)
  return (
    <DataTable
      caption={t.confirmed}
      rows={receivables}
      keyOf={({ receivableId }) => receivableId}
      columns={[
        {
          title: t.amount,
          isNumber: true,
          cell: (one) => <Link to={`/app/receivables/${one.receivableId}`}>{money(one.amount, one.currency)}</Link>
        },
        { title: t.creditor, cell: (one) => <ParticipantName id={one.creditor} /> },
        { title: t.maturity, cell: (one) => day(one.maturity) },
        {
          title: t.state,
          cell: (one) => (
            <>
              <StateChip state={one.state} /> {one.isDisputed && <StateChip state="disputed" />}
            </>
          )
        }
      ]}
    />
  )
}
