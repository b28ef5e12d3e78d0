/** What a chain's stories must leave, read from its logs by the rules of the stories and not by any candidate's. */
import { contracts, type Deployment } from '../../domain/chain/contracts.ts'
import { askChain } from '../../scripts/instance/chain.ts'
import { cast } from './chain.ts'

const RANGE_BLOCKS = 200
/** What every story's supplier sells of its receivable; see `chain.ts`. */
const SOLD = 400_000n

export interface Expected {
  /** `id start end holder state` of each note, by id. */
  notes: string[]
  /** The receivable that is closed last: who has it settled has read the chain. */
  last: string
}

/** Every story ends with a root note of the supplier and a piece of the factor, both settled. */
export async function expectedOf(url: string, { fromBlock }: Pick<Deployment, 'fromBlock'>): Promise<Expected> {
  const topic = (name: string): string => contracts.receivables.getEvent(name)!.topicHash
  const [registered, closed] = [topic('ReceivableRegistered'), topic('ReceivableClosed')]
  const head = Number(await askChain(url, 'eth_blockNumber'))
  const notes: string[] = []
  let last = ''
  for (let from = fromBlock; from <= head; from += RANGE_BLOCKS) {
    const [fromHex, toHex] = [from, Math.min(from + RANGE_BLOCKS - 1, head)].map((block) => `0x${block.toString(16)}`)
    const range = { fromBlock: fromHex, toBlock: toHex, topics: [[registered, closed]] }
    for (const { topics, data } of (await askChain(url, 'eth_getLogs', [range])) as {
      topics: string[]
      data: string
    }[]) {
      const receivable = `0x${topics[1]!.slice(18)}`
      if (topics[0] === closed) last = receivable
      if (topics[0] !== registered) continue
      const { amount } = contracts.receivables.decodeEventLog('ReceivableRegistered', data, topics)
        .terms as unknown as { amount: bigint }
      notes.push(
        noteOf(receivable, 0n, amount - SOLD, cast.supplier),
        noteOf(receivable, amount - SOLD, amount, cast.factor)
      )
    }
  }
  return { notes: notes.sort(), last }
}

const noteOf = (receivable: string, start: bigint, end: bigint, holder: number): string =>
  `${receivable}${start.toString(16).padStart(16, '0')} ${start} ${end} ${holder} settled`

/** Undefined when both are the same; else what the first difference is, and how many rows there are. */
export function differenceOf(expected: readonly string[], presented: readonly string[]): string | undefined {
  const at = expected.findIndex((row, i) => row !== presented[i])
  if (at < 0 && presented.length === expected.length) return undefined
  const row = at < 0 ? expected.length : at
  return `row ${row} is "${presented[row]}", not "${expected[row]}"; ${presented.length} rows of ${expected.length}`
}
