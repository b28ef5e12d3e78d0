import type { Fault } from '../../domain/factoring/fit.ts'
import { moment, percent } from '../i18n/format.ts'
import { defineText } from '../i18n/language.ts'

const text = defineText({
  purpose: { en: 'Who asked does not accept that.', zh: '申请人不接受此方式。' },
  advanceBp: { en: 'More than 0.', zh: '须大于 0。' },
  reserveBp: {
    en: 'Advance and reserve are 100 % at most together, and exactly that for a pledge.',
    zh: '预付与保留款合计不超过 100%，质押时须恰为 100%。'
  },
  between: {
    en: (from: string, to: string) => `Between ${from} and ${to}.`,
    zh: (from: string, to: string) => `须在 ${from} 与 ${to} 之间。`
  },
  annualRateBp: { en: (most: string) => `At most ${most}.`, zh: (most: string) => `不超过 ${most}。` },
  fees: { en: 'The charges at funding leave nothing of the advance.', zh: '放款时的收费已超过预付款。' }
})

/** What a person does about a fault that the domain found. */
export function faultWords({ field, required }: Fault): string {
  const t = text()
  switch (field) {
    case 'expiresAt':
    case 'fundBy': {
      const [from, to] = required as [number, number]
      return t.between(moment(from), moment(to))
    }
    case 'annualRateBp':
      return t.annualRateBp(percent(100_000))
    case 'purpose':
    case 'advanceBp':
    case 'reserveBp':
      return t[field]
    default:
      return t.fees
  }
}
