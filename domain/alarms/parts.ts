/** A5: a debt sold once as a whole and again in parts, or the other way round. */
import { DAYS_NEAR, type Finding } from './rules.ts'
import { daysBetween, type AlarmFacts } from './facts.ts'

/** More parts than this are not looked for, nor among more documents. */
export const PARTS_MAX = 4
export const PARTS_AMONG_MAX = 24

export interface PartsFinding<T> extends Finding {
  /** The document whose total the parts add up to. */
  readonly total: T
  /** The parts, the looked-at document among them when it is one. */
  readonly parts: readonly T[]
}

/**
 * Whether `document` is a part of a total among `others`, or the total of parts among them: same seller, buyer and currency,
 * issued within `DAYS_NEAR` days of each other. Sums come true by chance too, round ones most: a common order or contract counts most.
 */
export function findParts<T extends AlarmFacts>(document: T, others: readonly T[]): PartsFinding<T>[] {
  const pair = others.filter((other) => isComparable(document, other)).slice(0, PARTS_AMONG_MAX)
  const asTotal = subsetOf(
    document.gross,
    pair.filter(({ gross }) => gross < document.gross),
    2
  )
  const asPart = pair
    .filter(({ gross }) => gross > document.gross)
    .flatMap((total) => {
      const rest = pair.filter((other) => other !== total && other.gross < total.gross)
      const parts = subsetOf(total.gross - document.gross, rest, 1)
      return parts ? [scored(total, [document, ...parts])] : []
    })
  return [...(asTotal ? [scored(document, asTotal)] : []), ...asPart]
}

function isComparable(document: AlarmFacts, other: AlarmFacts): boolean {
  return (
    other.class === 'R' &&
    document.class === 'R' &&
    document.buyer !== '' &&
    other.seller === document.seller &&
    other.buyer === document.buyer &&
    other.currency === document.currency &&
    other.gross > 0n &&
    (daysBetween(document.issueDate, other.issueDate) ?? 0) <= DAYS_NEAR
  )
}

function scored<T extends AlarmFacts>(total: T, parts: readonly T[]): PartsFinding<T> {
  const isReferenced = parts.every((part) => part.references.some((key) => total.references.includes(key)))
  const isRound = total.gross % 10_000n === 0n
  const score = isReferenced ? 75 : isRound ? 45 : 65
  const shared = ['buyer', 'currency', ...(isReferenced ? (['reference'] as const) : [])] as const
  return { rule: 'parts-of-total', score, shared, total, parts }
}

/** Documents that add up to the sum, at least so many; the first such set. */
function subsetOf<T extends AlarmFacts>(sum: bigint, from: readonly T[], atLeast: number): T[] | undefined {
  const search = (left: bigint, start: number, taken: readonly T[]): T[] | undefined => {
    if (left === 0n) return taken.length >= atLeast ? [...taken] : undefined
    if (taken.length === PARTS_MAX) return undefined
    for (let i = start; i < from.length; i++) {
      const next = from[i]!
      if (next.gross > left) continue
      const found = search(left - next.gross, i + 1, [...taken, next])
      if (found) return found
    }
    return undefined
  }
  return search(sum, 0, [])
}
