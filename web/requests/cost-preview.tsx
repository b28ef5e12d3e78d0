import type { Cost } from '../../domain/factoring/cost.ts'
import { money, number, percent } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import type { QuoteDraft } from './quote-draft.ts'

const text = defineText({
  title: { en: 'What it truly costs the seller', zh: '对卖方的真实成本' },
  hint: {
    en: (days: string) => `Funded now, or when the money is wanted, and ${days} days to maturity.`,
    zh: (days: string) => `按即日（或约定的最早日）放款、距到期 ${days} 天计算。`
  },
  rate: { en: 'True annual cost', zh: '真实年化成本' },
  total: { en: 'In money', zh: '成本金额' },
  proceeds: { en: 'You pay out at funding', zh: '放款金额' },
  later: { en: 'When the debtor paid', zh: '债务人付款后' },
  none: { en: 'beyond what is shown', zh: '超出显示范围' },
  missing: {
    en: 'Fill in the terms: the cost appears here as you type.',
    zh: '填写条件后，此处即时显示成本。'
  },
  fields: {
    en: (name: string) => `Missing or not readable: ${name}`,
    zh: (name: string) => `缺少或无法识别：${name}`
  },
  advance: { en: 'advance', zh: '预付比例' },
  reserve: { en: 'reserve', zh: '保留款比例' },
  rateField: { en: 'interest', zh: '年利率' },
  fees: { en: 'fees', zh: '费用' },
  expiresAt: { en: 'until when it can be accepted', zh: '可接受至' },
  fundBy: { en: 'until when you pay', zh: '最迟放款' }
})

interface CostPreviewProps {
  /** Undefined while the terms are not all there, or can not be. */
  cost: Cost | undefined
  currency: number
  unread: keyof QuoteDraft | undefined
}

export function CostPreview({ cost, currency, unread }: CostPreviewProps) {
  const t = useText(text)
  if (!cost) {
    const names: Partial<Record<keyof QuoteDraft, string>> = { ...t, rate: t.rateField }
    const name = unread && names[unread]
    return (
      <p class="hint" role="status">
        {t.missing} {name !== undefined && t.fields(name)}
      </p>
    )
  }
  const later = cost.reserve - cost.chargesAtMaturity
  return (
    <section class="preview" aria-label={t.title} aria-live="polite">
      <dl class="figures">
        <div>
          <dt>{t.rate}</dt>
          <dd class="rate">{cost.effectiveRateBp === null ? t.none : percent(cost.effectiveRateBp)}</dd>
        </div>
        <div>
          <dt>{t.total}</dt>
          <dd>{money(cost.total, currency)}</dd>
        </div>
        <div>
          <dt>{t.proceeds}</dt>
          <dd>{money(cost.proceeds, currency)}</dd>
        </div>
        <div>
          <dt>{t.later}</dt>
          <dd>{money(later, currency)}</dd>
        </div>
      </dl>
      <p class="hint">{t.hint(number(cost.days))}</p>
    </section>
  )
}
