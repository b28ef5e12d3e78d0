import { Type, type Static } from 'typebox'
import { calendarNames } from '../../domain/calendar/calendars.ts'
import { conventions } from '../../domain/calendar/payment-day.ts'
import { csvColumns } from '../../domain/settlement/csv-columns.ts'
import { findings, matchReasons, matchRules } from '../../domain/settlement/match.ts'
import { unpayableReasons } from '../../domain/settlement/payments.ts'
import { lineKinds } from '../../domain/settlement/report.ts'
import { Amount, AsOf, Bytes32, NoteId, ParticipantId, ReceivableId, strict, UnixSeconds, Uuid } from '../schemas.ts'

export const OrNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()])

export const Day = Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$', description: 'YYYY-MM-DD' })
export const Currency = Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217 letters' })
/** Money that left an account is negative. */
export const SignedAmount = Type.String({ pattern: '^(0|-?[1-9][0-9]{0,18})$', description: 'Minor units, with sign' })
/** Of rows that the registry numbers. */
export const RowId = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })
export const PathId = Type.String({ pattern: '^[1-9][0-9]{0,14}$' })
export const Limit = Type.String({ pattern: '^[1-9][0-9]{0,2}$', description: '1 to 200' })
export const Account = Type.String({
  minLength: 5,
  maxLength: 64,
  pattern: '^[A-Z]{2,4}:[A-Za-z0-9:]+$',
  description: 'IBAN:<iban>, or CN:<bank code of 12 digits>:<account number>'
})
const Calendar = Type.Enum([...calendarNames], {
  description: 'T2 for EUR, CN for CNY, FEDWIRE for USD, CHAPS for GBP; NONE: no calendar is kept of that currency'
})
const Link = Type.String({ description: 'Path of this API' })

export const MaturityTotalSchema = Type.Object(
  {
    paymentDay: { ...Day, description: 'When it is paid: the day of maturity, or the next business day' },
    currency: Currency,
    calendar: Calendar,
    convention: Type.Enum([...conventions]),
    isPublished: Type.Boolean({
      description:
        'Whether the calendar of that year is published. If not, only weekends are left out and the day may move'
    }),
    count: Type.Integer({ description: 'Notes' }),
    amount: Amount
  },
  strict
)

export const MaturitySchema = Type.Object(
  {
    noteId: NoteId,
    receivableId: ReceivableId,
    amount: Amount,
    currency: Currency,
    maturity: UnixSeconds,
    paymentDay: Day,
    isPublished: Type.Boolean(),
    debtor: ParticipantId,
    payee: {
      ...ParticipantId,
      description: 'As of the block: escrow of a freeze, lender of a pledge, else the holder'
    },
    links: Type.Object({ note: Link, receivable: Link, payTo: Link }, strict)
  },
  strict
)

const PaymentSchema = Type.Object(
  {
    endToEndId: Type.String({
      description: '35 characters that come back in the payee’s statement and lead to the note'
    }),
    noteId: NoteId,
    receivableId: ReceivableId,
    payee: ParticipantId,
    payeeName: Type.String(),
    account: Account,
    amount: Amount,
    currency: Currency,
    paymentDay: Day,
    isDayPublished: Type.Boolean(),
    state: Type.Enum(['open', 'paid', 'stale'], {
      description: 'paid: settled on chain. stale: the note was cut, or has another payee since'
    })
  },
  strict
)

export const PaymentRunSchema = Type.Object(
  {
    runId: Uuid,
    state: Type.Enum(['open', 'in-payment', 'paid', 'stale', 'cancelled'], {
      description:
        'in-payment: some notes are settled. stale: some payment would be wrong now. The order is handed out while the run is open'
    }),
    debtor: ParticipantId,
    account: { ...Account, description: 'Of the debtor: from here it pays' },
    upTo: Day,
    asOf: { ...AsOf, description: 'The block whose payees the run names' },
    createdAt: Type.String({ format: 'date-time' }),
    totals: Type.Array(
      Type.Object({ currency: Currency, paymentDay: Day, count: Type.Integer(), amount: Amount }, strict)
    ),
    payments: Type.Array(PaymentSchema),
    unpayable: Type.Array(
      Type.Object(
        {
          noteId: NoteId,
          receivableId: ReceivableId,
          payee: ParticipantId,
          amount: Amount,
          currency: Currency,
          reason: Type.Enum([...unpayableReasons])
        },
        strict
      ),
      { description: 'What the run does not pay, and why: nothing is left out in silence' }
    ),
    order: OrNull({ ...Link, description: 'The order to the bank, pain.001; null when there is none to hand out' })
  },
  strict
)

export const StatementSchema = Type.Object(
  {
    statementId: Uuid,
    format: Type.String(),
    sha256: Bytes32,
    sm3: Bytes32,
    entriesDigest: { ...Bytes32, description: 'Over the digests of its entries; in the record of the log' },
    leafIndex: Type.Integer({ minimum: 0, description: 'The record in the evidence log' }),
    createdAt: Type.String({ format: 'date-time' }),
    parts: Type.Array(
      Type.Object(
        {
          account: Type.String(),
          currency: Currency,
          opening: OrNull(SignedAmount),
          closing: OrNull(SignedAmount),
          closingDay: OrNull(Day),
          movement: { ...SignedAmount, description: 'Sum of the booked entries' },
          check: Type.Enum(['balanced', 'unbalanced', 'no-balances'], {
            description: 'Entries of an unbalanced statement are never taken without people'
          }),
          difference: OrNull(SignedAmount),
          entries: Type.Integer(),
          fresh: Type.Integer({ description: 'Entries that no delivery before had' })
        },
        strict
      )
    )
  },
  strict
)

export const CsvMapping = Type.Object(
  {
    account: Type.String({ minLength: 1, maxLength: 64 }),
    currency: Currency,
    columns: Type.Object(
      Object.fromEntries(
        csvColumns.map((name) => [name, Type.Optional(Type.String({ minLength: 1, maxLength: 100 }))])
      ),
      strict
    ),
    encoding: Type.Optional(Type.Enum(['utf-8', 'latin-1', 'gb18030'])),
    delimiter: Type.Optional(Type.String({ minLength: 1, maxLength: 1 })),
    headerRow: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    decimal: Type.Optional(Type.Enum(['.', ','])),
    thousands: Type.Optional(Type.Enum(['.', ',', ' ', "'"])),
    dateFormat: Type.Optional(Type.String({ minLength: 3, maxLength: 20 })),
    opening: Type.Optional(SignedAmount),
    closing: Type.Optional(SignedAmount),
    closingDay: Type.Optional(Day)
  },
  strict
)

export const MatchState = Type.Enum(['proposed', 'accepted', 'rejected', 'superseded', 'cancelled'], {
  description:
    'proposed: waits for people. superseded: another match took what the entry had. cancelled: the payment was taken back'
})
const Rule = Type.Enum([...matchRules])
const FindingSchema = Type.Enum([...findings], { description: 'What the entry is for this registry' })

const MatchPartSchema = Type.Object(
  {
    noteId: NoteId,
    receivableId: ReceivableId,
    payee: ParticipantId,
    amount: Amount,
    intentId: OrNull({ ...Uuid, description: 'The settlement that orders it' }),
    settledNoteId: OrNull(NoteId),
    progress: Type.Enum(['waiting', 'ordered', 'settled'], {
      description: 'Of an accepted match: in no settlement yet (or the chain refused it), in one, or settled on chain'
    })
  },
  strict
)

export const EntrySchema = Type.Object(
  {
    entryId: RowId,
    digest: { ...Bytes32, description: 'What a settlement on chain commits to' },
    account: Type.String(),
    currency: Currency,
    amount: Amount,
    effect: Type.Enum(['credit', 'debit']),
    isReversal: Type.Boolean(),
    status: Type.String(),
    day: OrNull(Day),
    finding: FindingSchema,
    allocated: { ...Amount, description: 'Taken for notes by accepted matches' },
    statementId: Uuid,
    reversalOf: OrNull(RowId),
    details: Type.Any({ description: 'What the bank says: reference, parties, texts' })
  },
  strict
)
export type EntryView = Static<typeof EntrySchema>

export const MatchSchema = Type.Object(
  {
    matchId: RowId,
    state: MatchState,
    rule: Rule,
    score: Type.Integer({ minimum: 0, maximum: 100 }),
    reasons: Type.Array(Type.Enum([...matchReasons])),
    parts: Type.Array(MatchPartSchema),
    entry: EntrySchema,
    isByRule: Type.Boolean({ description: 'Accepted without people' }),
    decision: OrNull(Type.String({ description: 'The reason that was given' })),
    decidedAt: OrNull(Type.String({ format: 'date-time' })),
    createdAt: Type.String({ format: 'date-time' })
  },
  strict
)
export type MatchView = Static<typeof MatchSchema>

export const exceptionKinds = [
  'returned-after-settlement',
  'reversal-unmatched',
  'duplicate-payment',
  'wrong-currency',
  'parts-differ',
  'payee-changed'
] as const
export type ExceptionKind = (typeof exceptionKinds)[number]

export const ExceptionSchema = Type.Object(
  {
    exceptionId: RowId,
    kind: Type.Enum([...exceptionKinds]),
    state: Type.Enum(['open', 'closed']),
    entry: EntrySchema,
    noteIds: Type.Array(NoteId),
    resolution: OrNull(Type.String()),
    createdAt: Type.String({ format: 'date-time' })
  },
  strict
)

const LineSchema = Type.Object(
  {
    kind: Type.Enum([...lineKinds]),
    amount: SignedAmount,
    entryId: OrNull(RowId),
    digest: OrNull(Bytes32),
    finding: OrNull(FindingSchema),
    remark: OrNull(Type.String()),
    reversal: OrNull(RowId),
    noteId: OrNull(NoteId),
    receivableId: OrNull(ReceivableId),
    txHash: OrNull(Bytes32),
    block: OrNull(Type.Integer())
  },
  strict
)

const Totals = Type.Object(Object.fromEntries(lineKinds.map((kind) => [kind, SignedAmount])), strict)

export const ReportSchema = Type.Object(
  {
    day: Day,
    asOf: AsOf,
    accounts: Type.Array(
      Type.Object(
        {
          account: Type.String(),
          currency: Currency,
          opening: OrNull(SignedAmount),
          closing: OrNull(SignedAmount),
          movement: SignedAmount,
          isBalanced: OrNull(
            Type.Boolean({ description: 'Null: the day has no balances to hold the entries against' })
          ),
          totals: Totals,
          lines: Type.Array(LineSchema),
          notBooked: Type.Array(Type.Object({ entryId: RowId, status: Type.String(), amount: SignedAmount }, strict), {
            description: 'Announced only: in no balance'
          })
        },
        strict
      )
    ),
    chain: Type.Array(
      Type.Object(
        {
          currency: Currency,
          settled: Amount,
          withEntry: Amount,
          withoutEntry: { ...Amount, description: 'Settled by hand, or by another clearing bank' },
          difference: SignedAmount,
          isBalanced: Type.Boolean(),
          lines: Type.Array(
            Type.Object(
              {
                kind: Type.Enum(['with-entry', 'without-entry', 'difference']),
                amount: SignedAmount,
                noteId: NoteId,
                receivableId: ReceivableId,
                payee: ParticipantId,
                txHash: Bytes32,
                block: Type.Integer(),
                entryId: OrNull(RowId),
                digest: OrNull(Bytes32)
              },
              strict
            )
          )
        },
        strict
      ),
      { description: 'Notes that the chain settled on that day (UTC), whatever day their money came' }
    )
  },
  strict
)
