import { useState } from 'preact/hooks'
import { ParticipantName } from '../directory/participant-name.tsx'
import { day, money } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { may } from '../login/session.ts'
import { DataTable } from '../ui/data-table.tsx'
import { Empty } from '../ui/empty.tsx'
import { LimitDialog } from './limit-dialog.tsx'
import type { Limit } from './load.ts'

const text = defineText({
  title: { en: 'Limits', zh: '额度' },
  scope: { en: 'For', zh: '适用' },
  total: { en: 'all together', zh: '总额' },
  debtor: { en: 'debtor', zh: '债务人' },
  seller: { en: 'seller', zh: '卖方' },
  amount: { en: 'Limit', zh: '额度' },
  none: { en: 'none', zh: '无' },
  used: { en: 'Used', zh: '已用' },
  reserved: { en: 'Reserved', zh: '已预留' },
  free: { en: 'Free', zh: '剩余' },
  expires: { en: 'Until (UTC)', zh: '有效期至（UTC）' },
  change: { en: 'Change', zh: '修改' },
  set: { en: 'Set a limit', zh: '设置额度' },
  empty: { en: 'No limits yet', zh: '尚未设置额度' },
  emptyHint: {
    en: 'Without a limit every acceptance of a quote of yours goes through. With one, what does not fit is refused, also of many at once.',
    zh: '未设额度时，您的报价一经接受即生效；设置后，超出额度的接受将被拒绝，同时到达的多笔亦然。'
  }
})

/** How much may stand with whom, and how much does. */
export function Limits({ limits }: { limits: readonly Limit[] }) {
  const t = useText(text)
  const [edited, setEdited] = useState<Limit | 'new'>()
  const scopeOf = ({ scope, participantId }: Limit) =>
    participantId === null ? (
      t[scope]
    ) : (
      <>
        <ParticipantName id={participantId} /> ({t[scope]})
      </>
    )
  return (
    <section>
      {limits.length === 0 ? (
        <Empty title={t.empty}>
          <p>{t.emptyHint}</p>
        </Empty>
      ) : (
        <DataTable
          caption={t.title}
          rows={limits}
          keyOf={({ scope, participantId, currency }) => `${scope} ${participantId} ${currency}`}
          columns={[
            { title: t.scope, cell: scopeOf },
            {
              title: t.amount,
              isNumber: true,
              cell: ({ amount, currency }) => (amount === null ? t.none : money(amount, currency))
            },
            { title: t.used, isNumber: true, cell: ({ used, currency }) => money(used, currency) },
            { title: t.reserved, isNumber: true, cell: ({ reserved, currency }) => money(reserved, currency) },
            {
              title: t.free,
              isNumber: true,
              cell: ({ free, currency }) => (free === null ? '–' : money(free, currency))
            },
            { title: t.expires, cell: ({ expiresAt }) => day(expiresAt) },
            {
              title: t.change,
              cell: (limit) =>
                may('propose') && (
                  <button type="button" onClick={() => setEdited(limit)}>
                    {t.change}
                  </button>
                )
            }
          ]}
        />
      )}
      {may('propose') && (
        <div class="commands">
          <button type="button" onClick={() => setEdited('new')}>
            {t.set}
          </button>
        </div>
      )}
      {edited && <LimitDialog {...(edited === 'new' ? {} : { limit: edited })} onClose={() => setEdited(undefined)} />}
    </section>
  )
}
