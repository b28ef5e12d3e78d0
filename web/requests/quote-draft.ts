/** From what a factor types to the terms of a quote. */
import type { Input } from '../../client/api.ts'
import type { DayCount, Due, FundingKind } from '../../domain/factoring/kinds.ts'
import { minorFromDecimal } from '../../domain/money/amount.ts'
import { currencyOfNumber } from '../../domain/money/currency.ts'
import type { FundingRequest } from '../funding/types.ts'

export type QuoteTerms = Input<'giveQuote'>['body']

export interface FeeDraft {
  kind: 'flat' | 'share'
  /** A sum, or per cent. */
  size: string
  due: Due
}

/** Text as typed; per cent without their sign, moments as `datetime-local` fields have them. */
export interface QuoteDraft {
  purpose: FundingKind
  advance: string
  reserve: string
  rate: string
  dayCount: DayCount
  interestDue: Due
  fees: readonly FeeDraft[]
  isFirm: boolean
  expiresAt: string
  fundBy: string
  remark: string
}

const DAY = 86_400

/** A usual quote that fits the request: a day to accept it, two more to pay. */
export function newDraft({ kinds, expiresAt, fundUntil }: FundingRequest, now: number): QuoteDraft {
  const expires = Math.min(now + DAY, expiresAt)
  return {
    purpose: kinds[0] ?? 'assignment',
    advance: '90',
    reserve: '10',
    rate: '',
    dayCount: 'ACT/360',
    interestDue: 'funding',
    fees: [],
    isFirm: false,
    expiresAt: localOf(expires),
    fundBy: localOf(Math.min(expires + 2 * DAY, fundUntil)),
    remark: ''
  }
}

/** The terms, or the name of the first field that says nothing yet or nothing that can be read. */
export function termsOf(draft: QuoteDraft, currency: number): QuoteTerms | { unread: keyof QuoteDraft } {
  const { purpose, dayCount, interestDue, isFirm, remark } = draft
  const advanceBp = basisPointsOf(draft.advance)
  const reserveBp = basisPointsOf(draft.reserve)
  const annualRateBp = basisPointsOf(draft.rate)
  const [expiresAt, fundBy] = [momentOf(draft.expiresAt), momentOf(draft.fundBy)]
  const fees = draft.fees.map((fee) => feeOf(fee, currency))
  if (advanceBp === undefined) return { unread: 'advance' }
  if (reserveBp === undefined) return { unread: 'reserve' }
  if (annualRateBp === undefined) return { unread: 'rate' }
  if (!isAllThere(fees)) return { unread: 'fees' }
  if (expiresAt === undefined) return { unread: 'expiresAt' }
  if (fundBy === undefined) return { unread: 'fundBy' }
  const when = { isFirm, expiresAt, fundBy, ...(remark === '' ? {} : { remark }) }
  return { purpose, advanceBp, reserveBp, annualRateBp, dayCount, interestDue, fees, ...when }
}

/** `6.25` is 625; undefined for what has more than two decimals or is no number. */
export function basisPointsOf(percent: string): number | undefined {
  const match = /^(\d{1,4})(?:[.,](\d{1,2}))?$/.exec(percent.trim())
  return match ? Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0')) : undefined
}

function feeOf({ kind, size, due }: FeeDraft, currency: number): QuoteTerms['fees'][number] | undefined {
  if (kind === 'share') {
    const bp = basisPointsOf(size)
    return bp === undefined ? undefined : { kind, bp, due }
  }
  try {
    return { kind, amount: minorFromDecimal(size.trim(), currencyOfNumber(currency)).toString(), due }
  } catch {
    return undefined
  }
}

function isAllThere<T>(values: readonly (T | undefined)[]): values is T[] {
  return values.every((value) => value !== undefined)
}

function momentOf(local: string): number | undefined {
  const time = new Date(local).getTime()
  return Number.isNaN(time) ? undefined : Math.floor(time / 1000)
}

/** Whole minutes in the reader's own zone, never later than `unixSeconds`. */
function localOf(unixSeconds: number): string {
  const date = new Date(unixSeconds * 1000)
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
