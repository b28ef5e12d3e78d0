import { Type, type Static } from 'typebox'
import { ByMonth, ByParticipant, ByState, ByTier, clock, Sum, sum, Total } from '../positions/schemas.ts'
import { NoteSchema, StoredReceivableState } from '../receivables/schemas.ts'
import { AsOf, Bytes32, NoteId, ParticipantId, ReceivableId, strict, UnixSeconds } from '../schemas.ts'

const OrNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()])

const HitSchema = Type.Object(
  {
    kind: Type.Enum(['participant', 'receivable', 'note', 'transaction', 'fingerprint', 'document', 'order', 'leaf']),
    id: Type.String(),
    title: Type.String(),
    matched: Type.String({ description: 'By which of its names, numbers or digests it was found' }),
    link: OrNull(
      Type.String({ description: 'The route that shows it to you; null: it is not shown to you beyond this' })
    ),
    receivableId: Type.Optional(ReceivableId)
  },
  strict
)
export type Hit = Static<typeof HitSchema>

export const SearchSchema = Type.Object({ asOf: AsOf, q: Type.String(), items: Type.Array(HitSchema) }, strict)

const HeadSchema = Type.Object(
  {
    size: Type.Integer(),
    root: Bytes32,
    anchoredAt: UnixSeconds,
    block: Type.Integer(),
    blockHash: Bytes32,
    txHash: Bytes32
  },
  { ...strict, description: 'The first anchored head of the log that has the leaf: recorded at the latest by then' }
)

export const EvidenceCheckSchema = Type.Object(
  {
    asOf: AsOf,
    digests: Type.Array(Bytes32, { description: 'What was looked for: one digest, or SHA-256 and SM3 of the file' }),
    isRecorded: Type.Boolean({ description: 'False: no leaf of the log is of it, as of `logSize`' }),
    logSize: Type.Integer({ description: 'Leaves of the log now' }),
    anchoredSize: Type.Integer({ description: 'Leaves under the newest anchored head' }),
    records: Type.Array(
      Type.Object(
        {
          leafIndex: Type.Integer(),
          leafHash: Bytes32,
          kind: Type.Enum(['document', 'command', 'state', 'cut', 'statement']),
          record: OrNull(
            Type.Record(Type.String(), Type.Unknown(), {
              description: 'What the leaf says, for who may see the document; null for others'
            })
          ),
          head: OrNull(HeadSchema),
          proof: Type.Array(Bytes32, { description: 'Of inclusion under that head: RFC 9162, section 2.1' })
        },
        strict
      )
    )
  },
  strict
)
export type EvidenceCheck = Static<typeof EvidenceCheckSchema>

const ConcentrationSchema = Type.Object(
  {
    top1: Type.Integer({ minimum: 0, maximum: 10_000, description: 'Share of the largest, hundredths of a percent' }),
    top5: Type.Integer({ minimum: 0, maximum: 10_000 }),
    top10: Type.Integer({ minimum: 0, maximum: 10_000 }),
    hhi: Type.Integer({ minimum: 0, maximum: 10_000, description: 'Herfindahl-Hirschman index: 10,000 is one alone' })
  },
  strict
)

export const StatisticsSchema = Type.Object(
  {
    ...clock,
    from: UnixSeconds,
    to: UnixSeconds,
    currencies: Type.Array(
      Type.Object(
        {
          currency: Type.Integer({ description: 'ISO 4217 number' }),
          outstanding: { ...Sum, description: 'Open notes: neither settled nor cancelled' },
          financed: { ...Sum, description: 'The part of it that a factor paid for' },
          disputed: Sum,
          frozen: Sum,
          overdue: Type.Array(Type.Object({ days: Type.Enum(['1-30', '31-60', '61-90', '91+']), ...sum }, strict), {
            description: 'The part of it that has matured, by days past due'
          }),
          receivables: Type.Array(
            Type.Object({ state: StoredReceivableState, amount: Total, receivables: Type.Integer() }, strict),
            { description: 'Face amounts by state' }
          ),
          byTier: ByTier,
          byState: ByState,
          byMonth: ByMonth,
          byDebtor: ByParticipant,
          byDebtorGroup: Type.Array(Type.Object({ group: Type.String(), ...sum }, strict)),
          concentration: { ...ConcentrationSchema, description: 'Of the outstanding amount, by debtor' },
          concentrationByGroup: {
            ...ConcentrationSchema,
            description: 'By group of debtors; a debtor without a group counts for itself'
          },
          turnover: Type.Object(
            {
              registered: Sum,
              confirmed: Sum,
              transferred: Sum,
              financed: Sum,
              settled: Sum,
              cancelled: Sum
            },
            { ...strict, description: 'From `from` to before `to`, by block time' }
          )
        },
        strict
      )
    )
  },
  strict
)
export type Statistics = Static<typeof StatisticsSchema>

export const OutstandingSchema = Type.Object(
  {
    ...clock,
    totals: Type.Array(Type.Object({ currency: Type.Integer({ description: 'ISO 4217 number' }), ...sum }, strict), {
      description: 'Of all notes that are found, not of this page'
    }),
    items: Type.Array(
      Type.Object(
        {
          note: NoteSchema,
          debtor: ParticipantId,
          currency: Type.Integer(),
          maturity: UnixSeconds,
          isDisputed: Type.Boolean()
        },
        strict
      )
    ),
    next: OrNull(NoteId)
  },
  strict
)
