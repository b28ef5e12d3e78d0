/**
 * The terms of a quote, and the one text that they have: RFC 8785 JSON. The lock commits to it on chain, the evidence log records its
 * digest when it is given, and both sides keep it: whoever has the text can show what was agreed. One changed byte breaks every proof: add
 * a version instead.
 */
import { Type, type Static } from 'typebox'
import {
  Bytes32,
  canonicalBytes,
  closed,
  Count,
  Decimal,
  NoteId,
  parseCanonical,
  ReceivableId,
  requireShape,
  Uuid
} from '../evidence/shape.ts'
import { dayCounts, dues, fundingKinds } from './kinds.ts'

export { dayCounts, dues, fundingKinds, type DayCount, type Due, type FundingKind } from './kinds.ts'

/** A thousand per cent a year. */
export const MAX_RATE_BP = 100_000

/** A share in basis points, hundredths of a per cent. */
const Share = Type.Integer({ minimum: 0, maximum: 10_000 })

export const FeeShape = Type.Union([
  Type.Object({ kind: Type.Literal('flat'), amount: Decimal, due: Type.Enum([...dues]) }, closed),
  Type.Object({ kind: Type.Literal('share'), bp: Share, due: Type.Enum([...dues]) }, closed)
])
/** A sum in minor units, or a share of the amount that is financed. */
export type Fee = Static<typeof FeeShape>

/** What a factor offers. Everything else in a quote says for what, to whom and until when. */
export const priceFields = {
  purpose: Type.Enum([...fundingKinds]),
  advanceBp: Share,
  reserveBp: Share,
  annualRateBp: Type.Integer({ minimum: 0, maximum: MAX_RATE_BP }),
  dayCount: Type.Enum([...dayCounts]),
  interestDue: Type.Enum([...dues]),
  fees: Type.Array(FeeShape, { maxItems: 10 })
} as const

const QuoteShape = Type.Object(
  {
    v: Type.Literal(1),
    kind: Type.Literal('quote'),
    quoteId: Uuid,
    requestId: Uuid,
    factor: Count,
    requester: Count,
    receivableId: ReceivableId,
    noteId: NoteId,
    amount: Decimal,
    currency: Count,
    ...priceFields,
    isFirm: Type.Boolean(),
    issuedAt: Count,
    expiresAt: Count,
    fundBy: Count,
    remark: Type.String({ maxLength: 500 }),
    /** Keeps members of the chain from guessing the terms by trying: the commitment there is to this text. */
    salt: Bytes32
  },
  closed
)
export type Quote = Static<typeof QuoteShape>
/** The part of a quote that decides what it costs. */
export type Price = Pick<Quote, keyof typeof priceFields | 'amount'>

/** The quote's one text. Throws RECORD_MALFORMED when a field does not fit. */
export function quoteText(quote: Quote): string {
  requireShape(QuoteShape, quote, 'RECORD_MALFORMED')
  return new TextDecoder().decode(canonicalBytes(quote))
}

/** Reads a quote's text. Throws RECORD_MALFORMED for another shape or for other bytes that say the same. */
export function parseQuote(text: string): Quote {
  return parseCanonical(new TextEncoder().encode(text), 'RECORD_MALFORMED', (value) => {
    requireShape(QuoteShape, value, 'RECORD_MALFORMED')
    return value
  })
}
