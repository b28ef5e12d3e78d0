import { Type } from 'typebox'
import { Amount, Bytes32, NoteId, ParticipantId, ReceivableId, strict, UnixSeconds } from '../schemas.ts'

const OrNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()])

export const ReceivableSchema = Type.Object(
  {
    receivableId: ReceivableId,
    creditor: ParticipantId,
    debtor: ParticipantId,
    amount: Amount,
    settled: Amount,
    currency: Type.Integer({ description: 'ISO 4217 number' }),
    maturity: UnixSeconds,
    contentCommitment: Bytes32,
    fingerprints: Type.Array(Bytes32),
    state: Type.Enum(['registered', 'confirmed', 'rejected', 'withdrawn', 'settled']),
    registeredAt: UnixSeconds,
    confirmedAt: OrNull(UnixSeconds),
    changedAt: UnixSeconds,
    changedTx: Bytes32
  },
  strict
)

export const NoteSchema = Type.Object(
  {
    noteId: NoteId,
    receivableId: ReceivableId,
    start: Amount,
    end: Amount,
    amount: Amount,
    holder: ParticipantId,
    counterparty: OrNull(ParticipantId),
    assignor: OrNull(ParticipantId),
    deadline: OrNull(UnixSeconds),
    tier: Type.Integer(),
    state: Type.Enum(['live', 'offered', 'locked', 'settled']),
    isFinanced: Type.Boolean(),
    changedAt: UnixSeconds,
    changedTx: Bytes32
  },
  strict
)
