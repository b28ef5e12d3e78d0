import { Type, type Static } from 'typebox'
import { notePurposes } from '../../domain/note/note-word.ts'
import { OrderSchema, StoredNoteState, StoredReceivableState } from '../receivables/schemas.ts'
import { Amount, AsOf, Bytes32, NoteId, ParticipantId, ReceivableId, strict, UnixSeconds } from '../schemas.ts'

const OrNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()])

/** Where it happened on the chain. */
const place = { block: Type.Integer(), time: UnixSeconds, txHash: Bytes32 }

const NoteAfterSchema = Type.Object(
  {
    noteId: NoteId,
    start: Amount,
    end: Amount,
    holder: ParticipantId,
    counterparty: OrNull(ParticipantId),
    assignor: OrNull(ParticipantId),
    deadline: OrNull(UnixSeconds),
    frozenUntil: OrNull(UnixSeconds),
    tier: Type.Integer(),
    state: StoredNoteState,
    purpose: Type.Enum([...notePurposes]),
    hasRecourse: Type.Boolean()
  },
  { ...strict, description: 'The note as this event left it' }
)
export type NoteAfter = Static<typeof NoteAfterSchema>

export const HistoryItemSchema = Type.Object(
  {
    ...place,
    logIndex: Type.Integer(),
    name: Type.String({ description: 'Event of the contracts, see contracts/interfaces/' }),
    args: Type.Record(
      Type.String(),
      Type.Union([Type.String(), Type.Boolean(), Type.Array(Type.String()), Type.Record(Type.String(), Type.String())]),
      { description: 'Arguments by their Solidity names: numbers as decimal strings, ids and words as 0x-hex' }
    ),
    note: OrNull(NoteAfterSchema),
    order: OrNull({ ...OrderSchema, description: 'By which an authority did it' })
  },
  strict
)
export type HistoryItem = Static<typeof HistoryItemSchema>

/** Block and log index of the last event of the page before. */
export const HistoryCursor = Type.String({ pattern: '^[0-9]{1,15}-[0-9]{1,9}$', description: 'Block and log index' })
export const HistoryQuery = Type.Object(
  {
    after: Type.Optional(HistoryCursor),
    limit: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,2}$', description: 'At most 500, as by default' }))
  },
  strict
)
export const HistorySchema = Type.Object(
  { asOf: AsOf, items: Type.Array(HistoryItemSchema), next: OrNull(HistoryCursor) },
  strict
)

const PieceSchema = Type.Object(
  {
    noteId: NoteId,
    parent: OrNull(Type.Integer({ description: 'Place in `pieces` of the piece that it was cut off' })),
    start: Amount,
    begunEnd: { ...Amount, description: 'Where its span ended when it began' },
    end: { ...Amount, description: 'Where its span ends after all that is told here' },
    holder: ParticipantId,
    tier: Type.Integer(),
    state: StoredNoteState,
    opened: Type.Object({ ...place, name: Type.String() }, strict),
    cuts: Type.Array(
      Type.Object(
        {
          ...place,
          at: Amount,
          child: OrNull(
            Type.Integer({ description: 'Place in `pieces`; null: a piece that is other people’s business' })
          )
        },
        strict
      ),
      { description: 'What left it, in order' }
    ),
    moves: Type.Array(
      Type.Object(
        {
          ...place,
          name: Type.String(),
          state: StoredNoteState,
          tier: Type.Integer(),
          holder: ParticipantId,
          counterparty: OrNull(ParticipantId),
          start: Amount,
          end: Amount
        },
        strict
      )
    ),
    joinedInto: OrNull(Type.Integer({ description: 'Place in `pieces` of the piece that it was merged into' }))
  },
  strict
)

export const LineageSchema = Type.Object(
  {
    asOf: AsOf,
    receivableId: ReceivableId,
    creditor: ParticipantId,
    debtor: ParticipantId,
    amount: Amount,
    currency: Type.Integer({ description: 'ISO 4217 number' }),
    maturity: UnixSeconds,
    state: StoredReceivableState,
    events: Type.Array(Type.Object({ ...place, name: Type.String() }, strict), {
      description: 'What happened to the receivable as a whole'
    }),
    pieces: Type.Array(PieceSchema, { description: 'Each after the one that it was cut off; the root first' })
  },
  strict
)
export type LineageView = Static<typeof LineageSchema>
