import type { FundingRequest } from '../funding/types.ts'
import { ranked } from '../funding/types.ts'
import { kindWords } from '../funding/words.ts'
import { fromNow, moment, money, percent } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { touch } from '../live/live.ts'
import { api } from '../login/session.ts'
import { ActionButton } from '../ui/action-button.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { Download } from '../ui/download.tsx'
import { StateChip } from '../ui/state-chip.tsx'

const text = defineText({
  caption: { en: 'Quotes that you gave', zh: '您已提交的报价' },
  rate: { en: 'True annual cost', zh: '真实年化成本' },
  pay: { en: 'You pay out', zh: '放款金额' },
  kind: { en: 'How', zh: '方式' },
  expires: { en: 'Expires', zh: '有效期' },
  state: { en: 'State', zh: '状态' },
  actions: { en: 'What you can do', zh: '可执行操作' },
  withdraw: { en: 'Withdraw', zh: '撤回报价' },
  firm: { en: 'firm', zh: '不可撤销' },
  signed: { en: 'Signed', zh: '签名' },
  evidence: { en: 'Evidence', zh: '存证' }
})

/** What one offered on a request, and what became of it. */
export function OwnQuotes({ request: { quotes } }: { request: FundingRequest }) {
  const t = useText(text)
  const kinds = useText(kindWords)
  if (quotes.length === 0) return null
  return (
    <DataTable
      caption={t.caption}
      rows={ranked(quotes)}
      keyOf={({ quoteId }) => quoteId}
      columns={[
        {
          title: t.rate,
          isNumber: true,
          cell: ({ cost }) => (cost.effectiveRateBp === null ? '–' : percent(cost.effectiveRateBp))
        },
        { title: t.pay, isNumber: true, cell: ({ cost, currency }) => money(cost.proceeds, currency) },
        { title: t.kind, cell: ({ purpose }) => kinds[purpose] },
        { title: t.expires, cell: ({ expiresAt }) => fromNow(expiresAt) },
        { title: t.signed, cell: ({ signedAt }) => (signedAt === null ? '–' : moment(signedAt)) },
        { title: t.state, cell: ({ state }) => <StateChip state={state === 'open' ? 'valid' : state} /> },
        {
          title: t.actions,
          cell: ({ quoteId, state, isFirm }) => (
            <div class="commands">
              {state === 'open' &&
                (isFirm ? (
                  t.firm
                ) : (
                  <ActionButton
                    label={t.withdraw}
                    act={async () => {
                      await api.call('withdrawQuote', { quoteId })
                      touch()
                    }}
                  />
                ))}
              <Download
                label={t.evidence}
                fileName={`quote-${quoteId}.zip`}
                type="application/zip"
                load={() => api.download('getQuoteEvidence', { quoteId })}
              />
            </div>
          )
        }
      ]}
    />
  )
}
