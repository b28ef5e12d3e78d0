import { Type, type Static } from 'typebox'
import { costOf, daysUntil } from '../../domain/factoring/cost.ts'
import { obstacles, obstaclesOf } from '../../domain/factoring/eligibility.ts'
import { quoteStateOf, quoteStates, requestStateOf, requestStates } from '../../domain/factoring/states.ts'
import { dayCounts, dues, fundingKinds } from '../../domain/factoring/terms.ts'
import { AlarmRuleSchema, Score } from '../alarms/view.ts'
import { Amount, Bytes32, NoteId, ParticipantId, ReceivableId, strict, UnixSeconds, Uuid } from '../schemas.ts'
import type { StoredQuote, StoredRequest } from './repository.ts'

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()])

export const FundingKindSchema = Type.Enum([...fundingKinds], {
  description:
    'assignment: sold without recourse. recourse-assignment: sold, but you repay if the debtor does not. pledge: a loan on the note, which stays yours'
})
const Bp = (description: string, maximum = 10_000) =>
  Type.Integer({ minimum: 0, maximum, description: `${description}. Basis points: 100 are one per cent` })
const FeeSchema = Type.Union([
  Type.Object({ kind: Type.Literal('flat'), amount: Amount, due: Type.Enum([...dues]) }, strict),
  Type.Object(
    { kind: Type.Literal('share'), bp: Bp('Share of the amount financed'), due: Type.Enum([...dues]) },
    strict
  )
])

/** What a factor offers, as it sends it. */
export const priceSchema = {
  purpose: FundingKindSchema,
  advanceBp: Bp('Paid out at funding, as a share of the amount'),
  reserveBp: Bp('Held back until the debtor has paid, then paid out, as a share of the amount'),
  annualRateBp: Bp('Simple interest a year on the advance', 100_000),
  dayCount: Type.Enum([...dayCounts], { description: 'Days as they are, over a year of 360 or 365 days' }),
  interestDue: Type.Enum([...dues], {
    description: 'funding: taken off the advance. maturity: taken off what is left then'
  }),
  fees: Type.Array(FeeSchema, { maxItems: 10 })
} as const

const CostSchema = Type.Object(
  {
    fundedAt: {
      ...UnixSeconds,
      description: 'For which moment of funding it is computed: now, or the earliest wanted'
    },
    days: Type.Integer({ description: 'From funding to maturity; the first day is not counted, the last is' }),
    advance: Amount,
    reserve: Amount,
    discount: { ...Amount, description: 'Part of the amount that is never paid out' },
    interest: Amount,
    chargesAtFunding: Amount,
    chargesAtMaturity: Amount,
    proceeds: { ...Amount, description: 'What you get at funding' },
    total: { ...Amount, description: 'What you have less in the end than if you had waited for the debtor' },
    per30Days: Nullable(Amount),
    effectiveRateBp: Nullable(
      Type.Integer({
        description:
          'The effective annual rate of all of it, in basis points, by the formula of the Consumer Credit Directive. Compare quotes by it. Null: no day, or above 100,000 %'
      })
    )
  },
  { ...strict, description: 'What it costs when it is funded then and the debtor pays on the day. Minor units' }
)

export const QuoteSchema = Type.Object(
  {
    quoteId: Uuid,
    requestId: Uuid,
    factor: ParticipantId,
    state: Type.Enum([...quoteStates]),
    amount: Amount,
    currency: Type.Integer({ description: 'ISO 4217 number' }),
    ...priceSchema,
    isFirm: Type.Boolean({ description: 'The factor can not withdraw it before it expires' }),
    issuedAt: UnixSeconds,
    expiresAt: UnixSeconds,
    fundBy: { ...UnixSeconds, description: 'Until when the factor pays after acceptance: the end of the lock' },
    remark: Type.String(),
    text: Type.String({ description: 'The terms in their one form (RFC 8785). Keep it: the chain commits to it' }),
    commitment: {
      ...Bytes32,
      description: 'SHA-256 of receivable id, line feed and text: what the lock says on chain'
    },
    signedAt: Nullable({
      ...UnixSeconds,
      description: 'When as many keys of the factor had signed the text as its account wants. Null: they have not'
    }),
    signatures: Type.Array(
      Type.Object(
        {
          signer: Type.String({ description: 'ERC-7913: an address, or verifier ‖ x ‖ y' }),
          signature: Type.String({ description: 'Over the digest of the typed data that the quote is shown with' }),
          duty: Type.Enum(['maker', 'checker']),
          signedAt: UnixSeconds
        },
        strict
      ),
      { description: 'Keys of the factor that signed the text' }
    ),
    cost: CostSchema,
    intentId: Nullable(Uuid),
    lock: Nullable(
      Type.Object(
        {
          noteId: NoteId,
          at: UnixSeconds,
          deadline: UnixSeconds,
          txHash: Bytes32,
          next: Nullable(
            Type.Object(
              { event: Type.Enum(['financed', 'unlocked', 'settled']), at: UnixSeconds, txHash: Bytes32 },
              strict
            )
          )
        },
        { ...strict, description: 'The lock on chain, and what happened next to that note' }
      )
    )
  },
  strict
)
export type QuoteView = Static<typeof QuoteSchema>

/** A quote by itself: with what the factor's keys sign of it. */
export const SignableQuoteSchema = Type.Object(
  {
    ...QuoteSchema.properties,
    typedData: Type.Any({ description: 'EIP-712 typed data over the text, for keys of the factor to sign' }),
    digest: Bytes32
  },
  strict
)
export type SignableQuoteView = Static<typeof SignableQuoteSchema>

export const RequestSchema = Type.Object(
  {
    requestId: Uuid,
    role: Type.Enum(['requester', 'factor'], { description: 'Yours' }),
    state: Type.Enum([...requestStates, 'closed'], {
      description: 'closed: the holder took another factor’s quote. Else as in docs/STATES.md'
    }),
    requester: ParticipantId,
    receivableId: ReceivableId,
    noteId: NoteId,
    amount: Amount,
    currency: Type.Integer({ description: 'ISO 4217 number' }),
    debtor: ParticipantId,
    maturity: UnixSeconds,
    confirmedAt: { ...UnixSeconds, description: 'When the debtor promised to pay' },
    tier: Nullable(Type.Integer({ description: 'Accepted transfers between the first creditor and the requester' })),
    kinds: Type.Array(FundingKindSchema),
    fundFrom: UnixSeconds,
    fundUntil: UnixSeconds,
    expiresAt: UnixSeconds,
    isOpenToAll: Type.Boolean(),
    signedQuotesOnly: Type.Boolean({ description: 'Only quotes that the factor’s keys have signed are accepted' }),
    factors: Nullable(Type.Array(ParticipantId, { description: 'Whom it was sent to; only the requester sees it' })),
    obstacles: Type.Array(Type.Enum([...obstacles]), {
      description: 'Why the note can not be financed now; none: it can'
    }),
    alarms: Nullable(
      Type.Array(Type.Object({ rule: AlarmRuleSchema, score: Score }, strict), {
        description: 'Near-duplicate alarms in force on the receivable. Null in lists'
      })
    ),
    provenance: Type.String({
      description: 'Path of the signed certificate that the note is part of a confirmed debt'
    }),
    quotes: Type.Array(QuoteSchema, { description: 'All of them for the requester, your own for a factor' }),
    createdAt: Type.String({ format: 'date-time' })
  },
  strict
)
export type RequestView = Static<typeof RequestSchema>

export interface RequestAlarm {
  rule: Static<typeof AlarmRuleSchema>
  score: number
}

/** What each side may see of a request: a factor neither whom else it went to, nor what others quoted. */
export function requestViewOf(
  request: StoredRequest,
  participantId: number,
  now: number,
  known: { promised: bigint; alarms: readonly RequestAlarm[] | null; hasAlarm: boolean }
): RequestView {
  const { isOpen, withdrawnAt: _, isDisputed, note, quotes, createdAt, factors, ...plain } = request
  const isRequester = participantId === request.requester
  const own = isRequester ? quotes : quotes.filter(({ factor }) => factor === participantId)
  const state = requestStateOf(request, now)
  const isPast = ['accepted', 'locked', 'funded', 'declined', 'lapsed'].includes(state)
  const isMine = isRequester || own.some((quote) => quote.isOrdered || quote.lock !== null)
  return {
    ...plain,
    role: isRequester ? 'requester' : 'factor',
    state: isPast && !isMine ? 'closed' : state,
    tier: note && note.tier,
    isOpenToAll: isOpen,
    factors: isRequester ? factors : null,
    obstacles: obstaclesOf(
      {
        state: note?.state ?? 'cancelled',
        isHeld: note?.holder === request.requester,
        maturity: request.maturity,
        isDisputed,
        frozenUntil: note && note.frozenUntil,
        promised: known.promised,
        amount: BigInt(note?.amount ?? '0'),
        hasAlarm: known.hasAlarm
      },
      now
    ),
    alarms: known.alarms && [...known.alarms],
    provenance: `/v1/notes/${request.noteId}/provenance`,
    quotes: own.map((quote) => quoteViewOf(quote, request, participantId, now)),
    createdAt: createdAt.toISOString()
  }
}

export function quoteViewOf(quote: StoredQuote, request: StoredRequest, participantId: number, now: number): QuoteView {
  const { terms, text, commitment, signedAt, signatures, lock } = quote
  const { v: _v, kind: _kind, requester: _r, receivableId: _i, noteId: _n, salt: _s, ...shown } = terms
  return {
    ...shown,
    state: quoteStateOf(quote, request, now),
    text,
    commitment,
    signedAt,
    signatures,
    cost: costViewOf(quote, request, now),
    intentId: participantId === request.requester ? quote.intentId : null,
    lock: lock && {
      noteId: lock.noteId,
      at: lock.at,
      deadline: lock.deadline,
      txHash: lock.txHash,
      next: lock.next && { ...lock.next, txHash: lock.nextTx! }
    }
  }
}

/** As of its funding, once that is known. */
function costViewOf({ terms, lock }: StoredQuote, { fundFrom, maturity }: StoredRequest, now: number) {
  const fundedAt = lock?.next?.event === 'financed' ? lock.next.at : Math.max(now, fundFrom)
  const { days, effectiveRateBp, per30Days, ...sums } = costOf(terms, daysUntil(maturity, fundedAt))
  const { advance, reserve, discount, interest, chargesAtFunding, chargesAtMaturity, proceeds, total } = sums
  return {
    fundedAt,
    days,
    advance: String(advance),
    reserve: String(reserve),
    discount: String(discount),
    interest: String(interest),
    chargesAtFunding: String(chargesAtFunding),
    chargesAtMaturity: String(chargesAtMaturity),
    proceeds: String(proceeds > 0n ? proceeds : 0n),
    total: String(total),
    per30Days: per30Days === null ? null : String(per30Days),
    effectiveRateBp
  }
}
