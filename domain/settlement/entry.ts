/** What the registry keeps of an entry of a bank statement: by what it is recognised, and what settlements commit to. */
import { sha256 } from '../crypto/hash.ts'
import type { Effect, EntryStatus, Statement, StatementEntry, StatementTransaction } from '../documents/statement.ts'
import { canonicalBytes } from '../evidence/shape.ts'
import { keyOfAccount } from './account.ts'
import { endToEndIdsIn, readEndToEndId } from './end-to-end.ts'

/** One payment inside an entry, amounts as decimal strings of minor units. */
export interface EntryTransaction {
  amount: string | null
  currency: string | null
  endToEndId: string | null
  debtor: string | null
  debtorAccount: string | null
  creditor: string | null
  creditorAccount: string | null
  isReturn: boolean
  remittance: readonly string[]
  creditorReferences: readonly string[]
  documentNumbers: readonly string[]
}

/** An entry as it is kept: plain JSON, so that its digest is the same everywhere. */
export interface EntryContent {
  account: string
  currency: string
  amount: string
  effect: Effect
  isReversal: boolean
  status: EntryStatus
  /** Of booking, else of value. */
  day: string | null
  valueDay: string | null
  /** Null where the bank gives none: MT940 writes NONREF. */
  reference: string | null
  addsUp: boolean | null
  transactions: readonly EntryTransaction[]
}

/** The entry of a statement. A statement without an account can not be told from another's: the caller refuses it. */
export function contentOf(statement: Statement, entry: StatementEntry): EntryContent {
  const reference = entry.reference?.trim()
  return {
    account: keyOfAccount(statement.account ?? ''),
    currency: entry.currency,
    amount: String(entry.amount),
    effect: entry.effect,
    isReversal: entry.reversal,
    status: entry.status,
    day: entry.bookingDate ?? entry.valueDate ?? null,
    valueDay: entry.valueDate ?? null,
    reference: reference && !/^(?:N[A-Z0-9]{3})?NON-?REF$/i.test(reference) ? reference : null,
    addsUp: entry.addsUp ?? null,
    transactions: entry.transactions.map((one) => transactionOf(one, entry.effect))
  }
}

function transactionOf(one: StatementTransaction, effect: Effect): EntryTransaction {
  // The account at the other end is the payer's of money received, and the payee's of money sent.
  const debtorAccount = one.debtorAccount ?? (effect === 'credit' ? one.otherAccount : undefined)
  const creditorAccount = one.creditorAccount ?? (effect === 'debit' ? one.otherAccount : undefined)
  return {
    amount: one.amount === undefined ? null : String(one.amount),
    currency: one.currency ?? null,
    endToEndId: one.endToEndId ?? null,
    debtor: one.debtor ?? null,
    debtorAccount: debtorAccount ?? null,
    creditor: one.creditor ?? null,
    creditorAccount: creditorAccount ?? null,
    isReturn: one.isReturn === true,
    remittance: one.remittance,
    creditorReferences: one.creditorReferences,
    documentNumbers: one.documentNumbers
  }
}

/**
 * By what an entry is the same in every delivery: report, statement and notification of one day, or one file twice. Account,
 * currency, amount, direction, day and the bank's reference; without a reference, what its payments say. Whether it is booked is
 * left out: the same entry is pending first.
 */
export function keyOfEntry(content: EntryContent): string {
  const { account, currency, amount, effect, isReversal, day, reference, transactions } = content
  const words = reference === null ? transactions.map((one) => [one.endToEndId, ...one.remittance]) : []
  return hexOf(['entry key 1', account, currency, amount, effect, isReversal, day, reference, words])
}

/**
 * SHA-256 over the canonical JSON of an entry and which of several equal ones it is (from 0): what a settlement commits to.
 * Whoever has the statement computes it.
 */
export function digestOfEntry(content: EntryContent, ordinal: number): string {
  return hexOf(['entry 1', content, ordinal])
}

/** SHA-256 over the digests of a file's entries in order: what the record of the file in the log has. */
export function digestOfEntries(digests: readonly string[]): string {
  return hexOf(['entries 1', digests])
}

/** The text that a settlement of a note commits to: ties the note on chain to the entry that paid it. */
export function paymentTextOf(entryDigest: string): string {
  return `statement entry ${entryDigest}`
}

function hexOf(value: unknown): string {
  return `0x${Buffer.from(sha256(canonicalBytes(value))).toString('hex')}`
}

/** References of ours that an entry carries, in its own field or inside its text. */
export function referencesIn(content: EntryContent): string[] {
  return [...new Set(content.transactions.flatMap(referencesOf))]
}

export function referencesOf(one: EntryTransaction): string[] {
  const named = readEndToEndId(one.endToEndId ?? undefined)
  // A line of a narrative may end inside a reference.
  return named ? [named] : endToEndIdsIn(bounded(one.remittance.join('')))
}

/** Bounded: a text is searched as it is, and no bank writes more. */
function bounded(text: string): string {
  return text.slice(0, 20_000)
}

/** Which of several equal entries of one delivery each is, counted from 0 by key. */
export function ordinalsOf(keys: readonly string[]): number[] {
  const seen = new Map<string, number>()
  return keys.map((key) => {
    const ordinal = seen.get(key) ?? 0
    seen.set(key, ordinal + 1)
    return ordinal
  })
}
