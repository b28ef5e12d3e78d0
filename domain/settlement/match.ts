/**
 * Which notes an entry of a bank statement pays, and why. Only what leaves nothing to judge is taken without people: our own
 * reference, the amount to the cent, the currency, and the payee's account. All else is proposed with its reasons and a score.
 */
import { daysBetween } from '../calendar/day.ts'
import { keyOfAccount } from './account.ts'
import { referencesOf, type EntryContent, type EntryTransaction } from './entry.ts'

/** An open note, as far as a payment can be for it. */
export interface Claim {
  noteId: string
  receivableId: string
  payee: number
  /** What is open and not yet paid by another entry. */
  open: bigint
  /** ISO 4217 letters. */
  currency: string
  /** Our references under which it was ordered. */
  endToEndIds: readonly string[]
  /** Keys of the payee's account: {@link keysOf}. */
  payeeAccounts: readonly string[]
  debtorName: string
  /** Keys of the debtor's accounts that orders named. */
  debtorAccounts: readonly string[]
  /** Numbers by which the trade knows it: of the invoice, its order, its contract. */
  numbers: readonly string[]
  /** YYYY-MM-DD. */
  paymentDay: string
}

export const matchRules = ['end-to-end', 'end-to-end-amount', 'number', 'several-numbers', 'amount', 'by-hand'] as const
/**
 * end-to-end: our reference, exact. end-to-end-amount: our reference with another amount or account. number: a number of the trade in
 * the text. several-numbers: several of them, whose notes add up. amount: the amount and a hint. by-hand: somebody said so.
 */
export type MatchRule = (typeof matchRules)[number]

export const matchReasons = [
  'reference',
  'amount-exact',
  'amount-partial',
  'amount-over',
  'payee-account',
  'payee-account-unknown',
  'payer-account',
  'payer-name',
  'document-number',
  'payment-day',
  'statement-unbalanced'
] as const
export type MatchReason = (typeof matchReasons)[number]

export interface MatchPart {
  noteId: string
  receivableId: string
  payee: number
  amount: bigint
}

export interface Proposal {
  rule: MatchRule
  /** Of 100. */
  score: number
  reasons: MatchReason[]
  parts: MatchPart[]
}

export const findings = [
  'matched',
  'proposed',
  'duplicate-payment',
  'wrong-currency',
  'reversal',
  'not-booked',
  'debit',
  'no-amount',
  'parts-differ',
  'no-open-note'
] as const
/**
 * What an entry is. duplicate-payment: our reference, and the note is paid already. wrong-currency: our reference in another currency.
 * parts-differ: its payments do not add up to it. debit: money that left the account settles nothing, its arrival does.
 * no-open-note: none of ours, as far as anybody can tell.
 */
export type Finding = (typeof findings)[number]

export interface Verdict {
  finding: Finding
  /** Taken without people. */
  accepted: Proposal | null
  /** For people, best first. */
  proposed: Proposal[]
}

/** Days around the payment day within which a payment is no surprise. */
const DAYS_NEAR = 5
/** Less speaks for nothing. */
const SCORE_MIN = 35
const PROPOSALS_MAX = 5

/**
 * Judges one entry.
 * @param isTrusted False for an entry of a statement that does not add up: nothing of it is taken without people
 */
export function judgeEntry(entry: EntryContent, claims: readonly Claim[], isTrusted = true): Verdict {
  const refusal = refusalOf(entry)
  if (refusal) return { finding: refusal, accepted: null, proposed: [] }
  const pieces = piecesOf(entry)
  const verdicts = pieces.map((piece) => judgePiece(piece, claims))
  const exact = verdicts.flatMap(({ exact }) => exact ?? [])
  const isDistinct = new Set(exact.map(({ noteId }) => noteId)).size === exact.length
  if (exact.length === pieces.length && isDistinct) {
    const reasons: MatchReason[] = ['reference', 'amount-exact', 'payee-account']
    if (isTrusted) return taken({ rule: 'end-to-end', score: 100, reasons, parts: exact })
    const doubted: Proposal = {
      rule: 'end-to-end',
      score: 95,
      reasons: [...reasons, 'statement-unbalanced'],
      parts: exact
    }
    return { finding: 'proposed', accepted: null, proposed: [doubted] }
  }
  const proposed = pieces.length === 1 ? verdicts[0]!.proposed : merged(verdicts)
  if (proposed.length > 0) return { finding: 'proposed', accepted: null, proposed: proposed.slice(0, PROPOSALS_MAX) }
  const finding = verdicts.find(({ finding }) => finding !== 'no-open-note')?.finding ?? 'no-open-note'
  return { finding, accepted: null, proposed: [] }
}

function taken(accepted: Proposal): Verdict {
  return { finding: 'matched', accepted, proposed: [] }
}

/** Why an entry can settle nothing, whatever it says. */
export function refusalOf(entry: EntryContent): Finding | undefined {
  if (entry.status !== 'booked') return 'not-booked'
  if (isTakenBack(entry)) return 'reversal'
  if (entry.effect === 'debit') return 'debit'
  if (BigInt(entry.amount) === 0n) return 'no-amount'
  return entry.addsUp === false ? 'parts-differ' : undefined
}

/** A reversal by the bank, or a payment that came back. */
export function isTakenBack(entry: EntryContent): boolean {
  return entry.isReversal || entry.transactions.some(({ isReturn }) => isReturn)
}

/** One amount with what is said of it: an entry, or each payment of a batch. */
interface Piece {
  amount: bigint
  currency: string
  day: string | null
  /** Where the money went. */
  credited: string
  about: EntryTransaction[]
}

function piecesOf(entry: EntryContent): Piece[] {
  const { account, currency, day, transactions, addsUp } = entry
  const pieceOf = (amount: string, about: EntryTransaction[]): Piece => {
    const named = about.length === 1 ? about[0]!.creditorAccount : null
    return { amount: BigInt(amount), currency, day, credited: named ? keyOfAccount(named) : account, about }
  }
  if (transactions.length > 1 && addsUp === true) return transactions.map((one) => pieceOf(one.amount!, [one]))
  return [pieceOf(entry.amount, [...transactions])]
}

interface PieceVerdict {
  finding: Finding
  exact: MatchPart | null
  proposed: Proposal[]
}

function judgePiece(piece: Piece, claims: readonly Claim[]): PieceVerdict {
  // One payment of a batch may be of nothing: it pays no note, whatever it names.
  if (piece.amount === 0n) return { finding: 'no-open-note', exact: null, proposed: [] }
  const references = new Set(piece.about.flatMap(referencesOf))
  const named = claims.filter(({ endToEndIds }) => endToEndIds.some((id) => references.has(id)))
  if (named.length === 1) return judgeNamed(piece, named[0]!)
  // Where the reference is nobody's, the text may still tell.
  return named.length > 1 ? judgeSeveral(piece, named, 'reference', 90) : judgeByText(piece, claims)
}

function judgeNamed(piece: Piece, claim: Claim): PieceVerdict {
  const nothing = { exact: null, proposed: [] }
  if (claim.currency !== piece.currency) return { finding: 'wrong-currency', ...nothing }
  if (claim.open === 0n) return { finding: 'duplicate-payment', ...nothing }
  const isPayees = claim.payeeAccounts.includes(piece.credited)
  const part = partOf(claim, piece.amount)
  if (isPayees && claim.open === piece.amount) return { finding: 'matched', exact: part, proposed: [] }
  const reasons: MatchReason[] = ['reference', compared(piece.amount, claim.open)]
  reasons.push(isPayees ? 'payee-account' : 'payee-account-unknown')
  const proposal: Proposal = { rule: 'end-to-end-amount', score: isPayees ? 90 : 75, reasons, parts: [part] }
  return { finding: 'proposed', exact: null, proposed: [proposal] }
}

function compared(paid: bigint, open: bigint): MatchReason {
  if (paid === open) return 'amount-exact'
  return paid < open ? 'amount-partial' : 'amount-over'
}

/** Of an over-payment no more than is open: what remains is explained as unapplied. */
function partOf({ noteId, receivableId, payee, open }: Claim, paid: bigint): MatchPart {
  return { noteId, receivableId, payee, amount: paid < open ? paid : open }
}

function judgeByText(piece: Piece, claims: readonly Claim[]): PieceVerdict {
  const own = claims.filter(({ currency, open }) => currency === piece.currency && open > 0n)
  const text = textOf(piece)
  const named = own.filter((claim) => claim.numbers.some((number) => isNumberIn(number, text)))
  const several = named.length > 1 ? judgeSeveral(piece, named, 'document-number', 80) : undefined
  if (several && several.proposed.length > 0) return several
  const proposed = own
    .map((claim) => scored(piece, claim, named.includes(claim)))
    .filter(({ score }) => score >= SCORE_MIN)
    .sort((left, right) => right.score - left.score || (left.parts[0]!.noteId < right.parts[0]!.noteId ? -1 : 1))
  return { finding: proposed.length > 0 ? 'proposed' : 'no-open-note', exact: null, proposed }
}

/** One payment for several notes that it names: only when they add up to it. */
function judgeSeveral(piece: Piece, named: readonly Claim[], reason: MatchReason, score: number): PieceVerdict {
  const own = named.filter(({ currency, open }) => currency === piece.currency && open > 0n)
  const sum = own.reduce((total, { open }) => total + open, 0n)
  if (own.length === 0 || sum !== piece.amount) return { finding: 'no-open-note', exact: null, proposed: [] }
  const isPayees = own.every(({ payeeAccounts }) => payeeAccounts.includes(piece.credited))
  // Money on another's account pays nobody's note, unless our own reference says so.
  if (!isPayees && reason !== 'reference') return { finding: 'no-open-note', exact: null, proposed: [] }
  const reasons: MatchReason[] = [reason, 'amount-exact', isPayees ? 'payee-account' : 'payee-account-unknown']
  const parts = own.map((claim) => partOf(claim, claim.open))
  return { finding: 'proposed', exact: null, proposed: [{ rule: 'several-numbers', score, reasons, parts }] }
}

function scored(piece: Piece, claim: Claim, isNamed: boolean): Proposal {
  const reasons: MatchReason[] = []
  let score = 0
  const count = (isTrue: boolean, reason: MatchReason, points: number): void => {
    if (!isTrue) return
    reasons.push(reason)
    score += points
  }
  const isPayees = claim.payeeAccounts.includes(piece.credited)
  count(isNamed, 'document-number', 45)
  count(piece.amount === claim.open, 'amount-exact', 25)
  count(isPayees, 'payee-account', 5)
  count(isPayerAccount(piece, claim), 'payer-account', 10)
  count(isPayerName(piece, claim), 'payer-name', 5)
  count(piece.day !== null && Math.abs(daysBetween(claim.paymentDay, piece.day)) <= DAYS_NEAR, 'payment-day', 5)
  if (piece.amount !== claim.open) reasons.push(compared(piece.amount, claim.open))
  // Money on another's account pays nobody's note.
  if (!isPayees) score = 0
  return { rule: isNamed ? 'number' : 'amount', score, reasons, parts: [partOf(claim, piece.amount)] }
}

function isPayerAccount({ about }: Piece, { debtorAccounts }: Claim): boolean {
  return about.some((one) => one.debtorAccount !== null && debtorAccounts.includes(keyOfAccount(one.debtorAccount)))
}

function isPayerName({ about }: Piece, { debtorName }: Claim): boolean {
  const plain = (name: string): string => name.toUpperCase().replace(/[^\p{L}\p{N}]/gu, '')
  const wanted = plain(debtorName)
  return about.some(({ debtor }) => {
    const given = debtor === null ? '' : plain(debtor)
    return given.length >= 4 && (wanted.includes(given) || given.includes(wanted))
  })
}

function textOf({ about }: Piece): string {
  const texts = about.flatMap((one) => [...one.remittance, ...one.documentNumbers, ...one.creditorReferences])
  return plainOf(texts.join(' '))
}

/** Blanks, points and strokes inside numbers are written as each likes. */
function plainOf(text: string): string {
  return ` ${text.toUpperCase().replace(/[^\p{L}\p{N}]+/gu, ' ')} `
}

/** As whole words: 12 is not in 2012. Short numbers mean anything, and are left out. */
function isNumberIn(number: string, text: string): boolean {
  const words = plainOf(number)
  return words.trim().length >= 4 && text.includes(words)
}

/** The best of each payment of a batch, together. */
function merged(verdicts: readonly PieceVerdict[]): Proposal[] {
  const found = verdicts.flatMap(({ exact, proposed }) => (exact ? exactly(exact) : (proposed[0] ?? [])))
  const parts = found.flatMap(({ parts }) => parts)
  const isDistinct = new Set(parts.map(({ noteId }) => noteId)).size === parts.length
  if (found.length === 0 || !isDistinct) return []
  const reasons = [...new Set(found.flatMap((one) => one.reasons))]
  const { rule, score } = found.reduce((weakest, one) => (one.score < weakest.score ? one : weakest))
  return [{ rule, score, reasons, parts }]
}

function exactly(part: MatchPart): Proposal {
  return { rule: 'end-to-end', score: 100, reasons: ['reference', 'amount-exact', 'payee-account'], parts: [part] }
}
