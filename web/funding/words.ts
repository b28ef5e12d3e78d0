/** Words that both sides of a funding read. */
import { defineText } from '../i18n/language.ts'
import { money, percent } from '../i18n/format.ts'
import type { Fee } from './types.ts'

export const kindWords = defineText({
  assignment: { en: 'sale without recourse', zh: '无追索权转让' },
  'recourse-assignment': { en: 'sale with recourse to the seller', zh: '有追索权转让' },
  pledge: { en: 'loan on a pledge', zh: '质押融资' }
})

export const obstacleWords = defineText({
  unconfirmed: { en: 'the debtor has not confirmed it', zh: '债务人尚未确权' },
  'not-live': { en: 'it is offered, locked, pledged or ended', zh: '已在转让、锁定、质押或终结状态' },
  'not-held': { en: 'whoever asked does not hold it any more', zh: '申请人已不再持有' },
  matured: { en: 'it is due', zh: '已到期' },
  disputed: { en: 'the debtor disputes it', zh: '债务人提出争议' },
  frozen: { en: 'it is frozen by order', zh: '已被司法冻结' },
  promised: { en: 'an accepted quote waits for it', zh: '已被接受的报价占用' },
  alarm: { en: 'a near-duplicate alarm is in force', zh: '存在疑似重复预警' }
})

export const alarmRuleWords = defineText({
  'look-alike-number': {
    en: 'A document of the seller has a number that looks like this one’s',
    zh: '卖方另有号码相似的单据'
  },
  'same-digits': { en: 'A document of the seller has the same digits in its number', zh: '卖方另有号码数字相同的单据' },
  'same-economics': {
    en: 'A document of the seller has the same buyer, amount and day',
    zh: '卖方另有买方、金额、日期均相同的单据'
  },
  'same-amount': {
    en: 'A document of the seller to the buyer has the same amount',
    zh: '卖方对同一买方另有金额相同的单据'
  },
  'parts-of-total': {
    en: 'Documents of the seller add up to this one’s amount',
    zh: '卖方另有若干单据合计等于本单金额'
  },
  'names-preceding': { en: 'One of both documents names the other as preceding', zh: '两份单据之一引用另一份' },
  'same-file': { en: 'The same file was brought before', zh: '相同文件此前已提交' },
  'other-payee': { en: 'The document names another payee than its holder', zh: '单据收款人并非持有人' }
})

const feeText = defineText({
  flat: { en: (sum: string) => sum, zh: (sum: string) => sum },
  share: { en: (rate: string) => `${rate} of the amount`, zh: (rate: string) => `金额的 ${rate}` },
  funding: { en: 'at funding', zh: '放款时' },
  maturity: { en: 'at maturity', zh: '到期时' }
})

/** `EUR 50.00 at funding`. */
export function feeWords(fee: Fee, currency: number): string {
  const t = feeText()
  const size = fee.kind === 'flat' ? t.flat(money(fee.amount, currency)) : t.share(percent(fee.bp))
  return `${size} ${t[fee.due]}`
}

/** `at funding` or `at maturity`. */
export function dueWords(due: Fee['due']): string {
  return feeText()[due]
}
