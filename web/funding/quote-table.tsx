import type { ComponentChildren } from 'preact'
import { ParticipantName } from '../directory/participant-name.tsx'
import { fromNow, moment, money, percent } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { api } from '../login/session.ts'
import { CommandButton } from '../signing/command-button.tsx'
import { Download } from '../ui/download.tsx'
import { StateChip } from '../ui/state-chip.tsx'
import { ranked, type Quote } from './types.ts'
import { dueWords, feeWords, kindWords } from './words.ts'

const text = defineText({
  caption: { en: 'Quotes, the cheapest first', zh: '报价（成本最低者在前）' },
  hint: {
    en: 'The true annual cost holds all of it, interest, fees and discount, by the formula of the Consumer Credit Directive, if the debtor pays on the day. Compare like with like: with recourse, you repay if the debtor does not.',
    zh: '真实年化成本按欧盟消费信贷指令公式计算，包含利息、费用与折扣，并假定债务人按期付款。请比较同类报价：有追索权时，债务人不付款须由您偿还。'
  },
  criterion: { en: 'What', zh: '项目' },
  cheapest: { en: 'cheapest', zh: '最低' },
  rate: { en: 'True annual cost', zh: '真实年化成本' },
  cost: { en: 'Cost in money', zh: '成本金额' },
  now: { en: 'You get at funding', zh: '放款时到手' },
  later: { en: 'You get when the debtor paid', zh: '债务人付款后再得' },
  advance: { en: 'Advance', zh: '预付比例' },
  interest: { en: 'Interest a year', zh: '年利率' },
  interestDue: {
    en: (rate: string, days: string, due: string) => `${rate} (${days}), ${due}`,
    zh: (rate: string, days: string, due: string) => `${rate}（${days}），${due}收取`
  },
  fees: { en: 'Fees', zh: '费用' },
  noFees: { en: 'none', zh: '无' },
  kind: { en: 'How', zh: '方式' },
  firm: { en: 'Binding', zh: '约束力' },
  isFirm: { en: 'firm until it expires', zh: '有效期内不可撤销' },
  notFirm: { en: 'may be withdrawn', zh: '可能撤回' },
  signed: { en: 'Signed by the factor', zh: '保理商签名' },
  isSigned: { en: (time: string) => `signed ${time}`, zh: (time: string) => `已于${time}签名` },
  notSigned: { en: 'not signed', zh: '未签名' },
  expires: { en: 'Expires', zh: '有效期至' },
  fundBy: { en: 'Pays until', zh: '最迟放款' },
  remark: { en: 'Remark', zh: '备注' },
  state: { en: 'State', zh: '状态' },
  choose: { en: 'What you can do', zh: '可执行操作' },
  accept: { en: 'Accept', zh: '接受' },
  acceptOf: {
    en: (rate: string) => `Accept the quote at ${rate} a year`,
    zh: (rate: string) => `接受年化 ${rate} 的报价`
  },
  evidence: { en: 'Evidence', zh: '存证' }
})

/** Quotes side by side, a column each. */
export function QuoteTable({ quotes, isChoosing }: { quotes: readonly Quote[]; isChoosing: boolean }) {
  const t = useText(text)
  const kinds = useText(kindWords)
  const columns = ranked(quotes)
  const isFirst = (quote: Quote, i: number): boolean =>
    i === 0 && quote.state === 'open' && columns.filter(({ state }) => state === 'open').length > 1
  const rateOf = ({ cost }: Quote): string => (cost.effectiveRateBp === null ? '–' : percent(cost.effectiveRateBp))
  const rows: [string, (quote: Quote, i: number) => ComponentChildren][] = [
    [
      t.rate,
      (quote, i) => (
        <>
          <strong>{rateOf(quote)}</strong> {isFirst(quote, i) && <em>({t.cheapest})</em>}
        </>
      )
    ],
    [t.cost, ({ cost, currency }) => money(cost.total, currency)],
    [t.now, ({ cost, currency }) => <strong>{money(cost.proceeds, currency)}</strong>],
    [t.later, ({ cost, currency }) => money(laterOf(cost), currency)],
    [t.advance, ({ advanceBp }) => percent(advanceBp)],
    [
      t.interest,
      ({ annualRateBp, dayCount, interestDue }) => t.interestDue(percent(annualRateBp), dayCount, dueWords(interestDue))
    ],
    [
      t.fees,
      ({ fees, currency }) => (fees.length === 0 ? t.noFees : fees.map((fee) => feeWords(fee, currency)).join('; '))
    ],
    [t.kind, ({ purpose }) => kinds[purpose]],
    [t.firm, ({ isFirm }) => (isFirm ? t.isFirm : t.notFirm)],
    [t.signed, ({ signedAt }) => (signedAt === null ? t.notSigned : t.isSigned(moment(signedAt)))],
    [t.expires, ({ expiresAt }) => `${moment(expiresAt)} (${fromNow(expiresAt)})`],
    [t.fundBy, ({ fundBy }) => moment(fundBy)],
    [t.remark, ({ remark }) => remark],
    [t.state, ({ state }) => <StateChip state={state === 'open' ? 'valid' : state} />],
    [t.choose, (quote) => <Choice quote={quote} isChoosing={isChoosing} rate={rateOf(quote)} />]
  ]
  return (
    <section>
      <div class="compare-frame" role="region" aria-label={t.caption} tabIndex={0}>
        <table class="compare">
          <caption>{t.caption}</caption>
          <thead>
            <tr>
              <th scope="col">{t.criterion}</th>
              {columns.map((quote, i) => (
                <th key={quote.quoteId} scope="col" class={isFirst(quote, i) ? 'first' : ''}>
                  <ParticipantName id={quote.factor} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, cell]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {columns.map((quote, i) => (
                  <td key={quote.quoteId} class={isFirst(quote, i) ? 'first' : ''}>
                    {cell(quote, i)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="hint">{t.hint}</p>
    </section>
  )
}

/** The reserve, less what is due then; a loan repaid at maturity may ask for more than it leaves. */
function laterOf({ reserve, chargesAtMaturity }: Quote['cost']): bigint {
  return BigInt(reserve) - BigInt(chargesAtMaturity)
}

function Choice({ quote, isChoosing, rate }: { quote: Quote; isChoosing: boolean; rate: string }) {
  const t = useText(text)
  const { quoteId } = quote
  return (
    <div class="commands">
      {isChoosing && quote.state === 'open' && (
        <CommandButton
          label={t.accept}
          description={t.acceptOf(rate)}
          isPrimary
          propose={() => api.call('acceptQuote', { quoteId })}
          check={async (intent, known) =>
            (await import('../../client/acceptance.ts')).requireTerms(intent, known, quote)
          }
        />
      )}
      <Download
        label={t.evidence}
        fileName={`quote-${quoteId}.zip`}
        type="application/zip"
        load={() => api.download('getQuoteEvidence', { quoteId })}
      />
    </div>
  )
}
