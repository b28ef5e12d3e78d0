/** What is compared with what, and what must hold: the caps of single operations and batches. */
import { accountCases, signerSets, touchesOf, Account } from './accounts.ts'
import { batches, COUNT } from './batches.ts'
import { billOf, touches, type Batch, type Bill, type Touch } from './bill.ts'
import type { Chain, Mined } from './chain.ts'
import { billNameOf, operations } from './operations.ts'
import type { Measured, Work } from './peers.ts'
import { actsOf, type Counts } from './touched.ts'
import type { World } from './world.ts'

/** Single operations stay within so much of their bill. */
export const BILL_RATIO = 1.1
/** Same work in ERC-3525 and TradeTrust costs more than twice as much. */
export const PEER_RATIO = 0.45
const heavyPeers = ['ERC-3525', 'TradeTrust']

export interface Row {
  metric: string
  /** Gas of a transaction, or of one item where a batch of fifty is one. */
  unit: 'gas'
  ours: number
  peers: Record<string, number>
  floor: number | null
  ratioToBestPeer: number | null
  ratioToFloor: number | null
  bill: number | null
  ratioToBill: number | null
  cap: number | null
  /** Budgets that this row misses, in words. */
  missed: string[]
}

/** The most that an operation may cost. */
const caps: Record<string, number> = {
  register: 80_000,
  confirm: 58_000,
  'split off the root': 64_000,
  'split off a note': 64_000,
  'split with a claimed trade document': 90_000,
  'transfer a whole note': 42_000,
  accept: 40_000,
  'finance by assignment': 42_000,
  'finance by pledge': 42_000,
  'settle a note': 38_000,
  "settle the root's rest": 38_000,
  'settle a receivable of 1 note': 38_000,
  'settle a receivable of 10 notes': 38_000,
  'settle a receivable of 100 notes': 38_000,
  'register ×50': 54_000,
  'confirm ×50': 36_000,
  'split of 50 roots': 38_000,
  'split of 50 notes': 38_000,
  'split of one root ×50': 38_000,
  'split of one note ×50': 38_000,
  'transfer of whole notes of 50 receivables': 14_000,
  'transfer of 50 notes of one receivable': 14_000
}

/** The same work among the peers and in the floor. */
const works: Record<string, Work> = {
  register: 'register',
  confirm: 'confirm',
  'split off the root': 'split',
  'split off a note': 'split',
  'transfer a whole note': 'transfer',
  'transfer the whole root': 'transfer',
  'transfer a whole note + accept': 'transfer',
  'finance by assignment': 'finance',
  'lock a whole note + finance by assignment': 'finance',
  'settle a note': 'settle',
  "settle the root's rest": 'settle',
  'register ×50': 'register ×50',
  'confirm ×50': 'confirm ×50',
  'split of 50 roots': 'split of 50 ×50',
  'split of 50 notes': 'split of 50 ×50',
  'split of one root ×50': 'split of one ×50',
  'split of one note ×50': 'split of one ×50',
  'transfer of whole notes of 50 receivables': 'transfer ×50',
  'finance ×50': 'finance ×50',
  'settle notes of 50 receivables': 'settle ×50'
}

/**
 * Makes the slot that confirmation saved (docs/adr/0007), once for each receivable whose root note is passed on whole: shown
 * beside the peers' transfers, which find a slot made by their mint, but not held to a share of them.
 */
const deferred = new Set(['transfer the whole root'])

/** Consent is a transaction of its own here; the peers have none, so the sum is shown beside them, too. */
const sums: readonly (readonly [string, string])[] = [
  ['transfer a whole note', 'accept'],
  ['lock a whole note', 'finance by assignment']
]

export interface Measurement {
  gas: number
  bill: Bill
  /** Items of the transaction. */
  count: number
}

/** Our operations as single transactions. */
export async function measureOperations(world: World): Promise<Map<string, Measurement>> {
  const measured = new Map<string, Measurement>()
  for (const [name, run] of Object.entries(operations)) {
    const mined = await run(world)
    measured.set(name, await measurement(world.chain, name, mined, touches[billNameOf(name)]!))
  }
  return measured
}

/** Fifty at a time, and through accounts. */
export async function measureBatches(world: World): Promise<Map<string, Measurement>> {
  const measured = new Map<string, Measurement>()
  for (const [name, { bill, shared, run }] of Object.entries(batches)) {
    const batch = { count: COUNT, shared }
    measured.set(name, await measurement(world.chain, name, await run(world), touches[bill]!, batch))
  }
  for (const set of signerSets) {
    const account = await Account.create(world, set)
    for (const [name, { bill, count, run }] of Object.entries(accountCases)) {
      const batch = count === 1 ? undefined : { count, shared: [] }
      const metric = `account of ${set}: ${name}`
      const mined = await run(world, account)
      measured.set(metric, await measurement(world.chain, metric, mined, touches[bill]!, batch, touchesOf(set)))
    }
  }
  return measured
}

/** The bill, after the node has confirmed that the transaction touched what is on it and nothing else. */
async function measurement(
  chain: Chain,
  name: string,
  mined: Mined,
  list: readonly Touch[],
  batch?: Batch,
  once: readonly Touch[] = []
): Promise<Measurement> {
  const bill = billOf(mined, list, batch, once)
  const acts = await actsOf(chain, mined)
  for (const act of Object.keys(acts) as (keyof Counts)[]) {
    if (acts[act] !== bill.acts[act]) {
      throw new Error(`${name}: its bill has ${bill.acts[act]} × ${act}, the transaction ${acts[act]}`)
    }
  }
  return { gas: mined.gas, bill, count: batch?.count ?? 1 }
}

export function rowsOf(
  ours: ReadonlyMap<string, Measurement>,
  peers: Readonly<Record<string, Measured>>,
  floor: Measured
): Row[] {
  const rows = [...ours].map(([metric, { gas, bill, count }]) =>
    rowOf(metric, gas / count, bill.gas / count, count, peers, floor)
  )
  for (const [first, second] of sums) {
    const parts = [ours.get(first)!, ours.get(second)!] as const
    const gas = parts[0].gas + parts[1].gas
    rows.push(rowOf(`${first} + ${second}`, gas, parts[0].bill.gas + parts[1].bill.gas, 2, peers, floor))
  }
  return rows
}

function rowOf(
  metric: string,
  gas: number,
  billed: number,
  count: number,
  peers: Readonly<Record<string, Measured>>,
  floors: Measured
): Row {
  const work = works[metric]
  const same = Object.entries(peers).flatMap(([name, figures]) => {
    const figure = work && figures[work]
    return figure === undefined ? [] : [[name, Math.round(figure)] as const]
  })
  const floor = (work && floors[work]) ?? null
  const cap = caps[metric] ?? null
  const ratioToBill = gas / billed
  const missed: string[] = []
  if (cap !== null && gas > cap) missed.push(`cap ${cap}`)
  // Batches have caps of their own; beside the bill stands what each call of a batch adds.
  if (count === 1 && !metric.startsWith('account') && ratioToBill > BILL_RATIO) missed.push(`${BILL_RATIO} × bill`)
  for (const [name, figure] of same) {
    const isHeavy = heavyPeers.includes(name) && !metric.includes(' + ') && !deferred.has(metric)
    if (isHeavy && gas > PEER_RATIO * figure) missed.push(`${PEER_RATIO} × ${name}`)
  }
  const best = same.length > 0 ? Math.min(...same.map(([, figure]) => figure)) : null
  return {
    metric,
    unit: 'gas',
    ours: Math.round(gas),
    peers: Object.fromEntries(same),
    floor: floor === null ? null : Math.round(floor),
    ratioToBestPeer: best === null ? null : rounded(gas / best),
    ratioToFloor: floor === null ? null : rounded(gas / floor),
    bill: Math.round(billed),
    ratioToBill: rounded(ratioToBill),
    cap,
    missed
  }
}

/** To a thousandth. */
export function rounded(ratio: number): number {
  return Math.round(ratio * 1000) / 1000
}
