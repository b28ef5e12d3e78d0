import { decimalFromMinor } from '../money/amount.ts'
import type { AlarmRule } from './rules.ts'

/** What an alarm tells people about one of its documents. */
export interface AlarmDocument {
  readonly class: 'R' | 'C'
  readonly number: string
  readonly currency: string
  /** Minor units; null: not for this reader. */
  readonly gross: bigint | null
}

export interface AlarmWords {
  readonly en: string
  readonly zh: string
}

type Sentence = (document: string, other: string) => AlarmWords

const sentences: Readonly<Record<AlarmRule, Sentence>> = {
  'look-alike-number': (document, other) => ({
    en: `The numbers of ${document} and ${other} look alike`,
    zh: `${document}与${other}的号码形似`
  }),
  'same-digits': (document, other) => ({
    en: `${document} and ${other} have the same digits in their numbers`,
    zh: `${document}与${other}的号码数字相同`
  }),
  'same-economics': (document, other) => ({
    en: `${document} and ${other} have the same buyer, amount and day`,
    zh: `${document}与${other}的买方、金额和日期相同`
  }),
  'same-amount': (document, other) => ({
    en: `${document} and ${other} are to the same buyer, over the same or nearly the same amount, and near in time`,
    zh: `${document}与${other}买方相同，金额相同或相近，日期相近`
  }),
  'parts-of-total': (document, other) => ({
    en: `${document} and ${other} belong to a set of which the parts add up to the total of another`,
    zh: `${document}与${other}同属一组单据，其中部分金额之和等于另一单据的总额`
  }),
  'names-preceding': (document, other) => ({
    en: `Of ${document} and ${other} one credits or corrects the other`,
    zh: `${document}与${other}之间存在红冲或更正关系`
  }),
  'same-file': (document, other) => ({
    en: `${document} and ${other} are or carry the same file`,
    zh: `${document}与${other}为同一文件或含有相同附件`
  }),
  'other-payee': (document) => ({
    en: `${document} is payable to another than its seller and its holder`,
    zh: `${document}的收款人既非卖方也非持有人`
  })
}

/** One sentence for people in both languages. */
export function alarmWords(rule: AlarmRule, document: AlarmDocument, other: AlarmDocument = document): AlarmWords {
  const say = sentences[rule]
  return {
    en: say(named(document, 'en'), named(other, 'en')).en,
    zh: say(named(document, 'zh'), named(other, 'zh')).zh
  }
}

function named({ class: kind, number, currency, gross }: AlarmDocument, language: 'en' | 'zh'): string {
  const amount = gross === null ? '' : ` (${decimalFromMinor(gross, currency)} ${currency})`
  const noun = language === 'en' ? { R: 'invoice ', C: 'credit note ' } : { R: '发票', C: '红字单据' }
  return `${noun[kind]}${number}${amount}`
}
