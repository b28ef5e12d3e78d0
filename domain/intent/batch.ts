/** Many registrations or confirmations that one signature carries out. */
import type { Command } from './commands.ts'
import { dayOf, moneyOf, type Words, type WordsContext } from './words.ts'

/** One command of a batch. */
export type BatchCommand = Extract<Command, { kind: 'register' | 'confirm' }>

/**
 * Most gas of one intent. The relayer sends 16,000,000 at most, below the 2^24 of newer chains; what is between is room for what
 * the account and its signatures take.
 */
const GAS_MAX = 14_000_000
/** Bytes of the calls of one intent: nodes take no transaction above 128 KiB into their pool (go-ethereum, `txMaxSize`). */
const CALL_BYTES_MAX = 120_000
/** Gas of one within a batch, by fingerprints, rounded up from `bench/results/gas.json` (×50: register 37,323, confirm 31,216). */
function gasOf({ kind, fingerprints }: BatchCommand): number {
  return kind === 'register' ? 20_000 + 25_000 * fingerprints.length : 33_000 + 3_000 * fingerprints.length
}

/**
 * Of one call in the array of calls, by the ABI: offset, target, offset and length of its data (4 words), selector, six terms, offset and
 * length of the fingerprints, these, and what fills the last word.
 */
function bytesOf({ fingerprints }: BatchCommand): number {
  return 32 * (4 + 1 + 6 + 2 + fingerprints.length)
}

/** As few intents as the chain's bounds allow, about alike in size and in the order given. */
export function splitBatch<T>(items: readonly T[], commandOf: (item: T) => BatchCommand): T[][] {
  const shares = items.map((item) => {
    const command = commandOf(item)
    return Math.max(gasOf(command) / GAS_MAX, bytesOf(command) / CALL_BYTES_MAX)
  })
  const total = shares.reduce((sum, share) => sum + share, 0)
  const most = Math.max(...shares)
  // An item goes into the part that its middle falls in; so a part may exceed its share of the whole by half an item at each end.
  const parts = Math.max(1, Math.ceil(total / (1 - most)))
  const split: T[][] = Array.from({ length: parts }, () => [])
  let before = 0
  items.forEach((item, index) => {
    const middle = before + shares[index]! / 2
    before += shares[index]!
    split[Math.min(parts - 1, Math.floor((middle / total) * parts))]!.push(item)
  })
  return split.filter((part) => part.length > 0)
}

/**
 * Count, sums by currency, the first and the last, then each one by its number: so that a person can hold them against a list of her own.
 * `labels`: what people know each as, such as the number of its invoice. They are the documents' own text, so they stand in quotes.
 */
export function batchWordsOf(
  commands: readonly BatchCommand[],
  labels: readonly string[],
  { nameOf }: Pick<WordsContext, 'nameOf'>
): Words {
  const isRegistration = commands[0]!.kind === 'register'
  const lines = commands.map(({ terms }, index): Words => {
    const [sum, due, label] = [
      moneyOf(terms.amount, terms.currency),
      dayOf(terms.maturity),
      JSON.stringify(labels[index])
    ]
    const other = nameOf(isRegistration ? terms.debtor : terms.creditor)
    return isRegistration
      ? { en: `${label} of ${sum} against ${other}, due ${due}`, zh: `${label} 对${other}的 ${sum}，到期日 ${due}` }
      : { en: `${label} of ${sum} owed to ${other}, due ${due}`, zh: `${label} ${other}的 ${sum}，到期日 ${due}` }
  })
  const [first, last] = [lines[0]!, lines.at(-1)!]
  const sums = sumsOf(commands)
  const count = commands.length
  const head = isRegistration
    ? { en: `Register ${count} receivables of ${sums.en}`, zh: `登记 ${count} 笔应收账款，合计 ${sums.zh}` }
    : {
        en: `Confirm ${count} receivables of ${sums.en}, and promise to pay the holders of each on its due day`,
        zh: `确权 ${count} 笔应收账款，合计 ${sums.zh}，承诺于各到期日向持有人付款`
      }
  const listed = (language: keyof Words): string =>
    lines.map((line, index) => `${index + 1}. ${line[language]}`).join('\n')
  return {
    en: `${head.en}; all of them or none. First: ${first.en}. Last: ${last.en}. Each:\n${listed('en')}`,
    zh: `${head.zh}；全部执行或全不执行。第一笔：${first.zh}。最后一笔：${last.zh}。逐笔：\n${listed('zh')}`
  }
}

function sumsOf(commands: readonly BatchCommand[]): Words {
  const sums = new Map<number, { sum: bigint; count: number }>()
  for (const { terms } of commands) {
    const { sum, count } = sums.get(terms.currency) ?? { sum: 0n, count: 0 }
    sums.set(terms.currency, { sum: sum + terms.amount, count: count + 1 })
  }
  const parts = [...sums].map(([currency, { sum, count }]) => ({ money: moneyOf(sum, currency), count }))
  if (parts.length === 1) return { en: `${parts[0]!.money} in all`, zh: parts[0]!.money }
  return {
    en: parts.map(({ money, count }) => `${money} in ${count}`).join(' and '),
    zh: parts.map(({ money, count }) => `${money}（${count} 笔）`).join('、')
  }
}
