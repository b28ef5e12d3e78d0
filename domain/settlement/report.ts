/**
 * The books of a day: every cent that a statement shows, and what became of it; and every note that the chain settled, and what
 * paid it. Nothing is left over without a line: where the two sides differ, the difference is a line of its own.
 */
import type { Finding } from './match.ts'

/** A part of an entry that was taken for a note. Amounts are minor units. */
export interface AppliedPart {
  noteId: string
  receivableId: string
  amount: bigint
  /** `accepted`: to be settled. `settling`: ordered, not yet seen on chain. */
  state: 'accepted' | 'settling' | 'settled'
  /** The settled note, once it is known: a piece when only a part was paid. */
  settledNoteId: string | null
  txHash: string | null
  block: number | null
}

export interface BookedEntry {
  entryId: number
  digest: string
  effect: 'credit' | 'debit'
  amount: bigint
  finding: Finding
  /** Why people decided so, or what is open about it; for people. */
  remark: string | null
  /** The entry that took it back, or that it takes back. */
  reversal: number | null
  parts: readonly AppliedPart[]
  /** What proposals wait for, at most what is not applied. */
  proposed: bigint
}

export interface DayBalances {
  opening: bigint | null
  closing: bigint | null
}

export const lineKinds = [
  'settled',
  'settling',
  'accepted',
  'proposed',
  'unapplied',
  'taken-back',
  'taking-back',
  'not-ours',
  'difference'
] as const
/**
 * settled: a note, on chain. settling: ordered. accepted: for a note, not yet ordered. proposed: waits for people. unapplied: what is
 * over. taken-back: reversed or returned later. taking-back: the reversal itself. not-ours: no note of this registry, with the
 * finding. difference: what the statement's balances say and its entries do not.
 */
export type LineKind = (typeof lineKinds)[number]

export interface ReportLine {
  kind: LineKind
  /** Signed: money that left is negative. */
  amount: bigint
  entryId: number | null
  digest: string | null
  finding: Finding | null
  remark: string | null
  reversal: number | null
  noteId: string | null
  receivableId: string | null
  txHash: string | null
  block: number | null
}

export interface AccountBook {
  opening: bigint | null
  closing: bigint | null
  /** Sum of the entries. */
  movement: bigint
  lines: ReportLine[]
  totals: Record<LineKind, bigint>
  /** Opening and lines make closing. Null where the day has no balances to hold it against. */
  isBalanced: boolean | null
}

/** The book of one account and day. The lines always add up: entry by entry to its amount, all to closing less opening. */
export function accountBook(entries: readonly BookedEntry[], balances: DayBalances): AccountBook {
  const lines = entries.flatMap(linesOf)
  const movement = entries.reduce((sum, entry) => sum + signOf(entry) * entry.amount, 0n)
  const { opening, closing } = balances
  const difference = opening === null || closing === null ? null : closing - opening - movement
  if (difference) lines.push({ ...EMPTY, kind: 'difference', amount: difference })
  return {
    opening,
    closing,
    movement,
    lines,
    totals: totalsByKind(lines),
    isBalanced: difference === null ? null : difference === 0n
  }
}

const EMPTY: Omit<ReportLine, 'kind' | 'amount'> = {
  entryId: null,
  digest: null,
  finding: null,
  remark: null,
  reversal: null,
  noteId: null,
  receivableId: null,
  txHash: null,
  block: null
}

function signOf({ effect }: Pick<BookedEntry, 'effect'>): bigint {
  return effect === 'credit' ? 1n : -1n
}

function linesOf(entry: BookedEntry): ReportLine[] {
  const { entryId, digest, finding, remark, reversal } = entry
  const common = { ...EMPTY, entryId, digest, finding, remark, reversal }
  if (finding === 'reversal') return [{ ...common, kind: 'taking-back', amount: signOf(entry) * entry.amount }]
  const lines: ReportLine[] = entry.parts.map(
    ({ noteId, settledNoteId, receivableId, amount, state, txHash, block }) => {
      return { ...common, kind: state, amount, noteId: settledNoteId ?? noteId, receivableId, txHash, block }
    }
  )
  const applied = entry.parts.reduce((sum, { amount }) => sum + amount, 0n)
  let rest = entry.amount - applied
  if (rest < 0n) throw new RangeError(`entry ${entryId} is applied beyond its amount`)
  const proposed = entry.proposed < rest ? entry.proposed : rest
  if (proposed > 0n) lines.push({ ...common, kind: 'proposed', amount: proposed })
  rest -= proposed
  if (rest > 0n) lines.push({ ...common, kind: restKind(entry, applied), amount: signOf(entry) * rest })
  return lines
}

/** What no note takes: all of it back at the payer, none of ours, or over after a note of ours was paid. */
function restKind({ reversal, finding, proposed }: BookedEntry, applied: bigint): LineKind {
  if (reversal !== null) return 'taken-back'
  const isOurs = applied > 0n || proposed > 0n || finding === 'duplicate-payment' || finding === 'wrong-currency'
  return isOurs || finding === 'matched' || finding === 'proposed' ? 'unapplied' : 'not-ours'
}

function totalsByKind(lines: readonly ReportLine[]): Record<LineKind, bigint> {
  const totals = Object.fromEntries(lineKinds.map((kind) => [kind, 0n])) as Record<LineKind, bigint>
  for (const { kind, amount } of lines) totals[kind] += amount
  return totals
}

/** A note that the chain settled on the day. */
export interface SettledNote {
  noteId: string
  receivableId: string
  amount: bigint
  payee: number
  txHash: string
  block: number
  /** The entry that was taken for it, and how much of it; null: settled by hand or by another clearing bank. */
  entry: { entryId: number; digest: string; amount: bigint } | null
}

export interface ChainLine {
  kind: 'with-entry' | 'without-entry' | 'difference'
  amount: bigint
  noteId: string
  receivableId: string
  payee: number
  txHash: string
  block: number
  entryId: number | null
  digest: string | null
}

export interface ChainBook {
  settled: bigint
  withEntry: bigint
  withoutEntry: bigint
  /** What notes were settled for beyond, or short of, the entries taken for them: zero, or something is wrong. */
  difference: bigint
  lines: ChainLine[]
  isBalanced: boolean
}

/** The chain's side of a day in one currency. */
export function chainBook(notes: readonly SettledNote[]): ChainBook {
  const lines = notes.flatMap(({ noteId, receivableId, amount, payee, txHash, block, entry }): ChainLine[] => {
    const common = {
      noteId,
      receivableId,
      payee,
      txHash,
      block,
      entryId: entry?.entryId ?? null,
      digest: entry?.digest ?? null
    }
    if (!entry) return [{ ...common, kind: 'without-entry', amount }]
    const line: ChainLine = { ...common, kind: 'with-entry', amount: entry.amount }
    return entry.amount === amount ? [line] : [line, { ...common, kind: 'difference', amount: amount - entry.amount }]
  })
  const sumOf = (kind?: ChainLine['kind']): bigint =>
    lines.reduce((sum, line) => (kind === undefined || line.kind === kind ? sum + line.amount : sum), 0n)
  const difference = sumOf('difference')
  const isBalanced = !lines.some(({ kind }) => kind === 'difference')
  return {
    settled: sumOf(),
    withEntry: sumOf('with-entry'),
    withoutEntry: sumOf('without-entry'),
    difference,
    lines,
    isBalanced
  }
}
