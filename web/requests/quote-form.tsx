import { useState } from 'preact/hooks'
import { costOf, daysUntil } from '../../domain/factoring/cost.ts'
import { faultOf } from '../../domain/factoring/fit.ts'
import { dayCounts } from '../../domain/factoring/kinds.ts'
import type { FundingRequest } from '../funding/types.ts'
import { dueWords, kindWords } from '../funding/words.ts'
import { defineText, useText } from '../i18n/language.ts'
import { chainTime, touch } from '../live/live.ts'
import { api, may } from '../login/session.ts'
import { ActionButton } from '../ui/action-button.tsx'
import { useDraft } from '../ui/draft.ts'
import { Field } from '../ui/field.tsx'
import { CostPreview } from './cost-preview.tsx'
import { FeeFields } from './fee-fields.tsx'
import { faultWords } from './fault-words.ts'
import { newDraft, termsOf, type QuoteDraft } from './quote-draft.ts'

const text = defineText({
  title: { en: 'Your quote', zh: '您的报价' },
  lead: {
    en: 'Only who asked reads it, with its true annual cost. Nothing is signed now; a firm quote binds you.',
    zh: '仅申请人可见，并附真实年化成本。此时无需签名；不可撤销的报价对您有约束力。'
  },
  kind: { en: 'How', zh: '方式' },
  advance: { en: 'Advance, % of the amount', zh: '预付比例（%）' },
  reserve: { en: 'Reserve, % of the amount', zh: '保留款比例（%）' },
  reserveHint: {
    en: 'Paid out when the debtor has paid. What both leave of 100 is your discount.',
    zh: '债务人付款后支付。两者之和不足 100 的部分为折扣。'
  },
  rate: { en: 'Interest, % a year on the advance', zh: '年利率（%，按预付款计）' },
  days: { en: 'Days a year', zh: '计息基准' },
  interestDue: { en: 'Interest is taken', zh: '利息收取' },
  firm: { en: 'Firm: I can not withdraw it before it expires', zh: '有效期内不可撤销' },
  expires: { en: 'Can be accepted until (your time)', zh: '可接受至（本地时间）' },
  fundBy: { en: 'I pay until (your time)', zh: '最迟放款（本地时间）' },
  remark: { en: 'Remark', zh: '备注' },
  give: { en: 'Give the quote', zh: '提交报价' },
  given: { en: 'The quote was given.', zh: '报价已提交。' }
})

/** Terms as they are typed, with what they truly cost by the domain's own reckoning. */
export function QuoteForm({ request }: { request: FundingRequest }) {
  const t = useText(text)
  const kinds = useText(kindWords)
  const now = chainTime()
  const [draft, change, clear] = useDraft<QuoteDraft>(`quote ${request.requestId}`, newDraft(request, now))
  const [isGiven, setGiven] = useState(false)
  if (!may('propose')) return null
  const terms = termsOf(draft, request.currency)
  const price = 'unread' in terms ? undefined : { ...terms, amount: request.amount }
  const fault = price && faultOf(price, request, now)
  // Terms that can not be have no cost.
  const cost = price && !fault ? costOf(price, daysUntil(request.maturity, Math.max(now, request.fundFrom))) : undefined
  const errorOf = (field: string) => (fault?.field === field ? faultWords(fault) : undefined)
  const input = (name: 'advance' | 'reserve' | 'rate' | 'expiresAt' | 'fundBy' | 'remark') => ({
    value: draft[name],
    onInput: (event: { currentTarget: { value: string } }) => change({ [name]: event.currentTarget.value })
  })
  const give = async (): Promise<void> => {
    if ('unread' in terms) return
    await api.call('giveQuote', { requestId: request.requestId, body: terms })
    clear()
    setGiven(true)
    touch()
  }
  return (
    <section aria-labelledby="quote-title">
      <h2 id="quote-title">{t.title}</h2>
      <p class="lead">{t.lead}</p>
      <form onSubmit={(event) => event.preventDefault()} onInput={() => setGiven(false)}>
        <div class="columns">
          <Field label={t.kind} error={errorOf('purpose')}>
            {(attributes) => (
              <select
                {...attributes}
                value={draft.purpose}
                onChange={(event) => change({ purpose: event.currentTarget.value as QuoteDraft['purpose'] })}
              >
                {request.kinds.map((kind) => (
                  <option key={kind} value={kind}>
                    {kinds[kind]}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Field label={t.advance} error={errorOf('advanceBp')}>
            {(attributes) => <input {...attributes} inputMode="decimal" required {...input('advance')} />}
          </Field>
          <Field label={t.reserve} hint={t.reserveHint} error={errorOf('reserveBp')}>
            {(attributes) => <input {...attributes} inputMode="decimal" required {...input('reserve')} />}
          </Field>
          <Field label={t.rate} error={errorOf('annualRateBp')}>
            {(attributes) => <input {...attributes} inputMode="decimal" required {...input('rate')} />}
          </Field>
          <Field label={t.days}>
            {(attributes) => (
              <select
                {...attributes}
                value={draft.dayCount}
                onChange={(event) => change({ dayCount: event.currentTarget.value as QuoteDraft['dayCount'] })}
              >
                {dayCounts.map((count) => (
                  <option key={count}>{count}</option>
                ))}
              </select>
            )}
          </Field>
          <Field label={t.interestDue}>
            {(attributes) => (
              <select
                {...attributes}
                value={draft.interestDue}
                onChange={(event) => change({ interestDue: event.currentTarget.value as QuoteDraft['interestDue'] })}
              >
                {(['funding', 'maturity'] as const).map((due) => (
                  <option key={due} value={due}>
                    {dueWords(due)}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Field label={t.expires} error={errorOf('expiresAt')}>
            {(attributes) => <input {...attributes} type="datetime-local" required {...input('expiresAt')} />}
          </Field>
          <Field label={t.fundBy} error={errorOf('fundBy')}>
            {(attributes) => <input {...attributes} type="datetime-local" required {...input('fundBy')} />}
          </Field>
        </div>
        <FeeFields
          fees={draft.fees}
          currency={request.currency}
          error={errorOf('fees')}
          onChange={(fees) => change({ fees })}
        />
        <label class="choice">
          <input
            type="checkbox"
            checked={draft.isFirm}
            onChange={(event) => change({ isFirm: event.currentTarget.checked })}
          />{' '}
          {t.firm}
        </label>
        <Field label={t.remark}>{(attributes) => <input {...attributes} maxLength={500} {...input('remark')} />}</Field>
        <CostPreview cost={cost} currency={request.currency} unread={'unread' in terms ? terms.unread : undefined} />
        <div class="commands">
          <ActionButton label={t.give} isPrimary isDisabled={!price || fault !== undefined} act={give} />
        </div>
        {isGiven && (
          <p class="chosen" role="status">
            {t.given}
          </p>
        )}
      </form>
    </section>
  )
}
