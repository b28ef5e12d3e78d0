/**
 * The bare EVM bill: what a transaction costs when nothing is paid for but the state that the operation must touch. Prices
 * of Osaka: EIP-2929 and EIP-2200 (slots, calls), EIP-3529 (refunds), EIP-2028 (calldata), EIP-7951 (P-256).
 */
import { dataLength, getBytes } from 'ethers'
import type { Mined } from './chain.ts'

const price = {
  transaction: 21_000,
  call: 2_600,
  read: 2_100,
  change: 5_000,
  create: 22_100,
  /** A change to zero, less the refund of 4,800. */
  clear: 200,
  warm: 100,
  ecrecover: 3_000,
  p256: 6_900,
  log: 375,
  topic: 375,
  logByte: 8,
  zeroByte: 4,
  byte: 16
} as const

/** What an operation does to a slot or a contract that nobody in the transaction touched before. */
export type Act = 'call' | 'read' | 'change' | 'create' | 'clear' | 'ecrecover' | 'p256'

export interface Touch {
  readonly act: Act
  /** The slot or contract. */
  readonly what: string
  /** Why the operation can't do without. */
  readonly why: string
}

export interface BillItem {
  what: string
  gas: number
  why: string
}

export interface Bill {
  gas: number
  items: BillItem[]
  /** How many slots or contracts are touched in each way. */
  acts: Record<Act, number>
}

/** The directory and the caller's word in it: every operation that has a caller. */
const asks: readonly Touch[] = [
  { act: 'call', what: 'Participants', why: 'registry versions share one directory' },
  { act: 'read', what: "the caller's word", why: 'its number, its roles and that it is not suspended (N3)' }
]
const names: Touch = {
  act: 'read',
  what: "the counterparty's word",
  why: 'named by its number: active, and in a role that can take it'
}
const claims: Touch = { act: 'call', what: 'Fingerprints', why: 'registry versions share one list of claims (N4)' }
const claim = (act: Act, why: string): Touch => ({ act, what: 'the claim on the fingerprint', why })
const receivable = (act: Act, why: string): Touch => ({ act, what: "the receivable's word", why })
const note = (act: Act, why: string): Touch => ({ act, what: "the note's word", why })
const piece = (act: Act, why: string): Touch => ({ act, what: "the piece's word", why })

const isTermsFree = 'terms that were rejected or withdrawn never come back (N2)'
const isClaimedHere = 'that exactly this was registered: a registered receivable is its claim'
const bounds = 'maturity, dispute and debtor bound the offer'
const isOpen = 'settled at once it wrote none of its notes'
const shrinks = 'the span ends earlier now (N1)'
const opens = 'the piece has a holder and a state of its own'
const waits = 'state, counterparty, deadline and purpose'
const settles = 'the state becomes final (N2)'
const matures = 'maturity, and whether it was settled at once'

/** What each operation must touch, by its name in operations.ts. */
export const touches: Record<string, readonly Touch[]> = {
  register: [...asks, names, receivable('read', isTermsFree), claims, claim('create', 'the claim is the registration')],
  issue: [...asks, names, receivable('create', 'terms and root note'), claims, claim('create', 'once only (N4)')],
  confirm: [...asks, receivable('create', 'terms and root note'), claims, claim('read', isClaimedHere)],
  reject: [
    ...asks,
    receivable('create', `a tombstone: ${isTermsFree}`),
    claims,
    claim('clear', 'another registration may name the document')
  ],
  withdraw: [
    ...asks,
    receivable('create', `a tombstone: ${isTermsFree}`),
    claims,
    claim('clear', 'another registration may name the document')
  ],
  'split off the root': [...asks, names, receivable('change', `${bounds}; ${shrinks}`), piece('create', opens)],
  'split off a note': [...asks, names, receivable('read', bounds), note('change', shrinks), piece('create', opens)],
  'split with a claimed trade document': [
    ...asks,
    names,
    receivable('change', `${bounds}; ${shrinks}`),
    piece('create', opens),
    claims,
    claim('create', 'no invoice backs two debts (N4)')
  ],
  'transfer a whole note': [...asks, names, receivable('read', bounds), note('change', waits)],
  'transfer the whole root': [
    ...asks,
    names,
    receivable('change', `${bounds}; the root note leaves it`),
    note('create', 'from now on the root note has a counterparty')
  ],
  accept: [...asks, note('change', 'holder, assignor, tier and state')],
  refuse: [...asks, receivable('read', isOpen), note('change', waits)],
  'refuse a claimed trade document': [
    ...asks,
    receivable('read', isOpen),
    note('change', waits),
    claims,
    claim('clear', 'the document may back another transfer')
  ],
  recall: [...asks, receivable('read', isOpen), note('change', waits)],
  'merge two notes': [
    ...asks,
    receivable('read', 'maturity'),
    note('change', 'ends where the next one did'),
    { act: 'clear', what: "the next note's word", why: 'its span is part of another one (N1)' }
  ],
  'merge onto the root': [
    ...asks,
    receivable('change', 'maturity; the root note ends where the next one did'),
    { act: 'clear', what: "the next note's word", why: 'its span is part of another one (N1)' }
  ],
  'lock a whole note': [...asks, names, receivable('read', bounds), note('change', waits)],
  'lock off the root': [...asks, names, receivable('change', `${bounds}; ${shrinks}`), piece('create', opens)],
  unlock: [...asks, receivable('read', isOpen), note('change', waits)],
  'finance by assignment': [...asks, note('change', 'holder, assignor, recourse and state')],
  'finance by pledge': [...asks, note('change', 'lender and state')],
  release: [...asks, receivable('read', isOpen), note('change', 'lender and state')],
  foreclose: [...asks, receivable('read', matures), note('change', 'holder, assignor and state')],
  'return by recourse': [...asks, receivable('read', matures), note('change', waits)],
  'accept a return': [...asks, receivable('read', isOpen), note('change', 'holder, assignor and state')],
  'offer dilution off the root': [
    ...asks,
    receivable('change', `maturity, creditor and debtor; ${shrinks}`),
    piece('create', opens)
  ],
  'consent to dilution': [...asks, note('change', 'the state becomes final (N2)')],
  'freeze a whole note': [
    ...asks,
    names,
    receivable('read', isOpen),
    note('change', 'until when'),
    { act: 'create', what: "the freeze's order", why: 'who settles must see the order that diverts the payment' },
    { act: 'create', what: "the freeze's parties", why: 'whom settlement goes to (N10) and who may lift it' }
  ],
  unfreeze: [
    ...asks,
    receivable('read', isOpen),
    note('change', 'until when'),
    { act: 'read', what: "the freeze's parties", why: 'only the regulator who froze it may lift it' }
  ],
  'settle a note': [...asks, receivable('read', matures), note('change', settles)],
  "settle the root's rest": [...asks, receivable('change', `${matures}; ${settles}`)],
  'settle a part': [
    ...asks,
    receivable('read', matures),
    note('change', shrinks),
    piece('create', 'the paid part is final, the rest is open')
  ],
  'settle a receivable': [...asks, receivable('change', `${matures}; ${settles}`)],
  'close with 10 notes': [
    receivable('change', settles),
    ...Array.from({ length: 9 }, (_, i): Touch => ({
      act: 'read',
      what: `note ${i + 2}`,
      why: 'that it is settled or cancelled; the root note is in the word above'
    }))
  ],
  dispute: [...asks, receivable('change', 'whether it is disputed, and its debtor')],
  'lift a dispute': [...asks, receivable('change', 'whether it is disputed, and its debtor')],
  'claim for elsewhere': [
    { act: 'call', what: 'Participants', why: 'who is a factor' },
    asks[1]!,
    claim('create', 'once only (N4)')
  ]
}

/** What an account adds to the operations that it carries out. */
export const accountTouches = {
  nonce: { act: 'create', what: "the intent's nonce", why: 'an intent runs once, in any order' },
  quorum: { act: 'read', what: 'the quorum', why: 'how many must sign' },
  target: { act: 'call', what: 'Receivables', why: 'accounts outlive registry versions' },
  eoa: [
    { act: 'read', what: "the maker's duty", why: 'whether this key may sign' },
    { act: 'ecrecover', what: "the maker's signature", why: 'that it signed these calls' }
  ],
  p256: [
    { act: 'read', what: "the checker's duty", why: 'whether this key may sign' },
    { act: 'call', what: 'P256Verifier', why: 'kinds of keys are added without a new account' },
    { act: 'p256', what: "the checker's signature", why: 'that it signed these calls' }
  ]
} as const satisfies Record<string, Touch | readonly Touch[]>

export interface Batch {
  readonly count: number
  /** What all items of the batch have in common beside the directory, by `what`. */
  readonly shared: readonly string[]
}

const alwaysShared = new Set(['Participants', 'Fingerprints', 'Receivables', asks[1]!.what, names.what])

/** The bill of a transaction: `list` for each item of the batch, and `once` for the whole. */
export function billOf(mined: Mined, list: readonly Touch[], batch?: Batch, once: readonly Touch[] = []): Bill {
  const items: BillItem[] = [
    { what: 'transaction', gas: price.transaction, why: 'every transaction' },
    { what: `calldata, ${dataLength(mined.data)} bytes`, gas: calldataGas(mined.data), why: 'as it was sent' },
    ...once.map(({ act, what, why }) => ({ what: `${act} ${what}`, gas: price[act], why }))
  ]
  const acts: Record<Act, number> = { call: 0, read: 0, change: 0, create: 0, clear: 0, ecrecover: 0, p256: 0 }
  for (const { act } of once) ++acts[act]
  for (const { act, what, why } of list) {
    const count = batch?.count ?? 1
    const isShared = alwaysShared.has(what) || (batch?.shared.includes(what) ?? false)
    // A shared slot is cold once; a changed one is then read and written warm.
    const warm = act === 'call' || act === 'read' ? price.warm : 2 * price.warm
    const gas = isShared ? price[act] + (count - 1) * warm : count * price[act]
    acts[act] += isShared ? 1 : count
    items.push({ what: `${act} ${what}${count > 1 ? ` ×${count}` : ''}`, gas, why })
  }
  if (batch) {
    items.push({ what: `calls of the batch ×${batch.count}`, gas: batch.count * price.warm, why: 'one for each item' })
  }
  const logs = mined.logs.map((log) => logGas(log.topics.length, dataLength(log.data)))
  items.push({ what: `logs ×${logs.length}`, gas: sum(logs), why: 'the projection is made of them alone' })
  return { gas: sum(items.map(({ gas }) => gas)), items, acts }
}

export function calldataGas(data: string): number {
  return sum([...getBytes(data)].map((byte) => (byte === 0 ? price.zeroByte : price.byte)))
}

function logGas(topics: number, bytes: number): number {
  return price.log + topics * price.topic + bytes * price.logByte
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
