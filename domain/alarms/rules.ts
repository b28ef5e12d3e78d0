/**
 * Near-duplicate alarms: what a person must look at because the fingerprint can not decide it. Scores are 0 to 100: how much
 * speaks for a second sale of one debt, not a probability. A rule begins with a score of its own and gains by each fact that
 * the documents share; below `DEFAULT_THRESHOLD` an alarm is shown and stops nothing.
 */
import { digitsOf, daysBetween, glance, type AlarmFacts } from './facts.ts'
import { skeleton } from '../fingerprint/normalise.ts'

export const alarmRules = [
  'look-alike-number',
  'same-digits',
  'same-economics',
  'same-amount',
  'parts-of-total',
  'names-preceding',
  'same-file',
  'other-payee'
] as const
export type AlarmRule = (typeof alarmRules)[number]

/** Facts that two documents can share. */
export const sharedFacts = [
  'number',
  'buyer',
  'currency',
  'gross',
  'issueDate',
  'reference',
  'file',
  'attachment'
] as const
export type SharedFact = (typeof sharedFacts)[number]

export interface Finding {
  readonly rule: AlarmRule
  /** 0 to 100. */
  readonly score: number
  /** What both documents say alike. */
  readonly shared: readonly SharedFact[]
}

export const DEFAULT_THRESHOLD = 60

/** A longer time apart, and the same amount means nothing. */
export const DAYS_NEAR = 90

const GAINS: Readonly<Partial<Record<SharedFact, number>>> = { buyer: 15, gross: 20, issueDate: 10, reference: 10 }

/**
 * What rings when `document` stands beside `other`, the strongest first. Both are of one seller, or nothing but equal files
 * rings. Documents of one identity ring nothing: the fingerprint decides those.
 */
export function compare(document: AlarmFacts, other: AlarmFacts): Finding[] {
  const shared = sharedBy(document, other)
  if (document.seller !== other.seller)
    return shared.includes('file') ? [{ rule: 'same-file', score: 100, shared }] : []
  const findings: (Finding | undefined)[] = [
    fileRule(shared),
    precedingRule(document, other, shared),
    ...(document.class === 'R' && other.class === 'R' ? invoiceRules(document, other, shared) : [])
  ]
  return findings.filter((finding) => finding !== undefined).sort((left, right) => right.score - left.score)
}

/** The payee that a document names is neither the seller nor who claims to hold it. */
export function payeeFinding({ payee }: AlarmFacts, holder: string): Finding | undefined {
  return payee === undefined || payee === holder ? undefined : { rule: 'other-payee', score: 90, shared: [] }
}

function invoiceRules(document: AlarmFacts, other: AlarmFacts, shared: readonly SharedFact[]): (Finding | undefined)[] {
  const isSameNumber = document.numberKey === other.numberKey
  const isSameYear = document.issueDate?.slice(0, 4) === other.issueDate?.slice(0, 4)
  if (isSameNumber && isSameYear) return []
  const look = lookRule(document, other, shared)
  return [look ?? digitsRule(document, other, shared), amountRule(document, other, shared)]
}

/** A1. Numbers that begin anew each year repeat by themselves, and a series has 1, 10 and 100: these need more to ring. */
function lookRule(document: AlarmFacts, other: AlarmFacts, shared: readonly SharedFact[]): Finding | undefined {
  if (skeleton(document.numberKey) !== skeleton(other.numberKey)) return undefined
  const isRepeated = document.numberKey === other.numberKey
  const isFolded = !isRepeated && glance(document) === glance(other)
  return finding('look-alike-number', isFolded ? 70 : isRepeated ? 30 : 20, shared)
}

/** A2, where the numbers do not look alike already. */
function digitsRule(document: AlarmFacts, other: AlarmFacts, shared: readonly SharedFact[]): Finding | undefined {
  const digits = digitsOf(document)
  return digits !== undefined && digits === digitsOf(other) ? finding('same-digits', 20, shared) : undefined
}

/** A3 and A4, and what escapes them by a cent and a day: nearly the same amount, within days. */
function amountRule(document: AlarmFacts, other: AlarmFacts, shared: readonly SharedFact[]): Finding | undefined {
  if (!shared.includes('buyer') || !shared.includes('currency')) return undefined
  const days = daysBetween(document.issueDate, other.issueDate) ?? 0
  const isReferenced = shared.includes('reference')
  if (shared.includes('gross')) {
    if (days === 0) return { rule: 'same-economics', score: isReferenced ? 90 : 80, shared }
    return days > DAYS_NEAR ? undefined : { rule: 'same-amount', score: isReferenced ? 60 : 40, shared }
  }
  if (days > DAYS_NEAR || !isNear(document.gross, other.gross)) return undefined
  const isWithinDays = days <= 3
  return { rule: 'same-amount', score: 30 + (isWithinDays ? 30 : 0) + (isReferenced ? 20 : 0), shared }
}

/** A6. A credit or corrected document that names a registered one, whichever came first. */
function precedingRule(document: AlarmFacts, other: AlarmFacts, shared: readonly SharedFact[]): Finding | undefined {
  const isNamed = document.preceding.includes(other.numberKey) || other.preceding.includes(document.numberKey)
  if (!isNamed || (document.class === 'C' && other.class === 'C')) return undefined
  return { rule: 'names-preceding', score: document.class === other.class ? 85 : 95, shared }
}

/** A7. The terms of business are attached to every invoice of a firm: an attachment alone stops nothing. */
function fileRule(shared: readonly SharedFact[]): Finding | undefined {
  if (shared.includes('file')) return { rule: 'same-file', score: 100, shared }
  return shared.includes('attachment') ? finding('same-file', 25, shared) : undefined
}

function finding(rule: AlarmRule, base: number, shared: readonly SharedFact[]): Finding {
  const isGross = shared.includes('gross') && shared.includes('currency')
  const gains = shared.map((fact) => (fact === 'gross' && !isGross ? 0 : (GAINS[fact] ?? 0)))
  return {
    rule,
    score: Math.min(
      99,
      gains.reduce((sum, gain) => sum + gain, base)
    ),
    shared
  }
}

function sharedBy(document: AlarmFacts, other: AlarmFacts): SharedFact[] {
  const equal: Record<SharedFact, boolean> = {
    number: document.numberKey === other.numberKey,
    buyer: document.buyer !== '' && document.buyer === other.buyer,
    currency: document.currency === other.currency,
    gross: document.gross === other.gross,
    issueDate: document.issueDate !== undefined && document.issueDate === other.issueDate,
    reference: document.references.some((key) => other.references.includes(key)),
    file: document.file === other.file,
    attachment: document.attachments.some((digest) => other.attachments.includes(digest))
  }
  return sharedFacts.filter((fact) => equal[fact])
}

/** Within a thousandth of the larger, or two minor units. */
function isNear(left: bigint, right: bigint): boolean {
  const [less, more] = left < right ? [left, right] : [right, left]
  return more - less <= 2n || (more - less) * 1000n <= more
}
