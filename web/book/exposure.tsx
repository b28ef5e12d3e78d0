import { ParticipantName } from '../directory/participant-name.tsx'
import { money } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { DataTable } from '../ui/data-table.tsx'
import { byParticipant, type Limit, type Sum } from './load.ts'

const text = defineText({
  debtor: { en: 'By debtor', zh: '按债务人' },
  seller: { en: 'By seller', zh: '按卖方' },
  collections: { en: 'Collections by month of maturity (UTC)', zh: '按到期月份的回款（UTC）' },
  month: { en: 'Month', zh: '月份' },
  name: { en: 'Participant', zh: '参与方' },
  notes: { en: 'Notes', zh: '凭证数' },
  amount: { en: 'Amount', zh: '金额' },
  free: { en: 'Still free under the limit', zh: '剩余额度' },
  noLimit: { en: 'no limit set', zh: '未设额度' }
})

/** What stands with each debtor, or came from each seller, beside what its limit leaves. */
export function ExposureTable({
  sums,
  limits,
  by
}: {
  sums: readonly Sum[]
  limits: readonly Limit[]
  by: 'debtor' | 'seller'
}) {
  const t = useText(text)
  const rows = byParticipant(sums, by)
  const freeOf = ({ participantId, currency }: (typeof rows)[number]): string => {
    const limit = limits.find(
      (one) => one.scope === by && one.participantId === participantId && one.currency === currency
    )
    return limit?.free === undefined || limit.free === null ? t.noLimit : money(limit.free, currency)
  }
  if (rows.length === 0) return null
  return (
    <DataTable
      caption={t[by]}
      rows={rows}
      keyOf={({ key, currency }) => `${key} ${currency}`}
      columns={[
        { title: t.name, cell: ({ participantId }) => <ParticipantName id={participantId} /> },
        { title: t.notes, isNumber: true, cell: ({ notes }) => notes },
        { title: t.amount, isNumber: true, cell: ({ amount, currency }) => money(amount, currency) },
        { title: t.free, isNumber: true, cell: freeOf }
      ]}
    />
  )
}

/** When money comes in. */
export function CollectionsTable({ sums }: { sums: readonly Sum[] }) {
  const t = useText(text)
  const rows = sums.filter(({ by }) => by === 'maturity').sort((a, b) => a.key.localeCompare(b.key))
  return (
    <DataTable
      caption={t.collections}
      rows={rows}
      keyOf={({ key, currency }) => `${key} ${currency}`}
      columns={[
        { title: t.month, cell: ({ key }) => key },
        { title: t.notes, isNumber: true, cell: ({ notes }) => notes },
        { title: t.amount, isNumber: true, cell: ({ amount, currency }) => money(amount, currency) }
      ]}
    />
  )
}
