/** What matching and books say in one word, in sentences. */
import { defineText } from '../i18n/language.ts'

/** What an entry of a statement is. */
export const findingWords = defineText({
  matched: { en: 'Matched', zh: '已匹配' },
  proposed: { en: 'To be judged', zh: '待判断' },
  'duplicate-payment': { en: 'Paid a second time', zh: '重复付款' },
  'wrong-currency': { en: 'Wrong currency', zh: '币种不符' },
  reversal: { en: 'Takes a payment back', zh: '冲正或退回' },
  'not-booked': { en: 'Announced, not booked', zh: '未入账' },
  debit: { en: 'Money that left', zh: '支出' },
  'no-amount': { en: 'No amount', zh: '无金额' },
  'parts-differ': { en: 'Its parts do not add up', zh: '分项合计不符' },
  'no-open-note': { en: 'No open note found', zh: '未找到对应凭证' }
})

/** By what rule a match was made. */
export const ruleWords = defineText({
  'end-to-end': { en: 'our reference, exact', zh: '本系统编号，完全一致' },
  'end-to-end-amount': { en: 'our reference, another amount or account', zh: '本系统编号，金额或账户不同' },
  number: { en: 'a number of the trade', zh: '贸易单据号码' },
  'several-numbers': { en: 'several numbers that add up', zh: '多个单据号码，合计相符' },
  amount: { en: 'the amount and a hint', zh: '金额及线索' },
  'by-hand': { en: 'by hand', zh: '人工' }
})

/** Why it is thought so, or doubted. */
export const reasonWords = defineText({
  reference: { en: 'names our reference', zh: '含本系统编号' },
  'amount-exact': { en: 'exact amount', zh: '金额一致' },
  'amount-partial': { en: 'pays only a part', zh: '仅部分付款' },
  'amount-over': { en: 'pays more than is open', zh: '超额付款' },
  'payee-account': { en: 'on the payee’s account', zh: '收款账户一致' },
  'payee-account-unknown': { en: 'the payee’s account is not on record', zh: '收款账户未备案' },
  'payer-account': { en: 'from the debtor’s account', zh: '付款账户一致' },
  'payer-name': { en: 'names the debtor', zh: '付款人名称一致' },
  'document-number': { en: 'names the invoice or order', zh: '含发票或订单号' },
  'payment-day': { en: 'near the payment day', zh: '接近付款日' },
  'statement-unbalanced': { en: 'the statement does not add up', zh: '对账单不平' }
})

/** What became of a cent of the day. */
export const lineWords = defineText({
  settled: { en: 'Settled on chain', zh: '已上链清分' },
  settling: { en: 'Ordered, not on chain yet', zh: '已下达，未上链' },
  accepted: { en: 'Matched, not ordered yet', zh: '已匹配，未下达' },
  proposed: { en: 'Waits to be judged', zh: '待判断' },
  unapplied: { en: 'Over: for no note', zh: '余款，未用于凭证' },
  'taken-back': { en: 'Taken back later', zh: '其后被退回' },
  'taking-back': { en: 'Takes a payment back', zh: '冲正或退回' },
  'not-ours': { en: 'Not of this registry', zh: '与本系统无关' },
  difference: { en: 'Difference to the balances', zh: '与余额之差' },
  'with-entry': { en: 'Paid by an entry of yours', zh: '由本行入账支付' },
  'without-entry': { en: 'Settled without an entry of yours', zh: '无本行入账对应' }
})

/** What no match can put right. */
export const exceptionWords = defineText({
  'returned-after-settlement': {
    en: 'Returned after it was settled: the note stays settled, claim the money back from the payee',
    zh: '清分后被退回：凭证保持已清分，请向收款人追回款项'
  },
  'reversal-unmatched': { en: 'Takes back a payment that is not known', zh: '退回的付款不存在' },
  'duplicate-payment': {
    en: 'Paid a second time: send it back, or agree with the payer',
    zh: '重复付款：请退回或与付款人协商'
  },
  'wrong-currency': { en: 'Our reference in another currency', zh: '本系统编号，但币种不符' },
  'parts-differ': { en: 'The parts of the entry do not add up to it', zh: '分项合计与入账金额不符' },
  'payee-changed': {
    en: 'The note has another payee since: reject the match, or pay on to the new one',
    zh: '收款人已变更：请否决匹配，或转付新的收款人'
  }
})

/** Whether opening balance and entries make the closing balance. */
export const checkWords = defineText({
  balanced: { en: 'adds up', zh: '借贷平衡' },
  unbalanced: { en: 'does not add up: nothing of it is taken without people', zh: '不平：须人工判断' },
  'no-balances': { en: 'has no balances', zh: '无余额' }
})

export const matchStateWords = defineText({
  proposed: { en: 'To be judged', zh: '待判断' },
  accepted: { en: 'Accepted', zh: '已接受' },
  rejected: { en: 'Rejected', zh: '已否决' },
  superseded: { en: 'Superseded', zh: '已被取代' },
  cancelled: { en: 'Taken back', zh: '已退回' }
})
