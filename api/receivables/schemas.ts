import { Type } from 'typebox'
import { noteStates } from '../../domain/note/note-states.ts'
import { notePurposes } from '../../domain/note/note-word.ts'
import { receivableStates } from '../../domain/receivable/receivable-states.ts'
import { Amount, Bytes32, NoteId, ParticipantId, ReceivableId, strict, UnixSeconds } from '../schemas.ts'

const OrNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()])

/** A note that the projection shows is in one of these. */
export const StoredNoteState = Type.Enum(noteStates.filter((state) => state !== 'none'))

const Registry = Type.Integer({
  description: 'Number of the registry version that it lives on; new receivables are registered on the newest'
})

/** A receivable that the projection shows is in one of these. */
export const StoredReceivableState = Type.Enum(receivableStates.filter((state) => state !== 'none'))

export const ReceivableSchema = Type.Object(
  {
    receivableId: ReceivableId,
    registry: Registry,
    creditor: ParticipantId,
    debtor: ParticipantId,
    amount: Amount,
    settled: Amount,
    cancelled: Amount,
    currency: Type.Integer({ description: 'ISO 4217 number' }),
    maturity: UnixSeconds,
    contentCommitment: Bytes32,
    fingerprints: Type.Array(Bytes32),
    state: StoredReceivableState,
    isDisputed: Type.Boolean(),
    registeredAt: UnixSeconds,
    confirmedAt: OrNull(UnixSeconds),
    changedAt: UnixSeconds,
    changedTx: Bytes32
  },
  strict
)

/** An order of an authority, as the parties of what it is about see it. */
export const OrderSchema = Type.Object(
  {
    reference: Type.String(),
    court: Type.String(),
    document: { ...Bytes32, description: 'SHA-256 of its file' }
  },
  strict
)

export const NoteSchema = Type.Object(
  {
    noteId: NoteId,
    receivableId: ReceivableId,
    registry: Registry,
    start: Amount,
    end: Amount,
    amount: Amount,
    holder: ParticipantId,
    counterparty: OrNull(ParticipantId),
    assignor: OrNull(ParticipantId),
    deadline: OrNull(UnixSeconds),
    frozenUntil: OrNull(UnixSeconds),
    freezeEscrow: OrNull(ParticipantId),
    freezeAuthority: OrNull(ParticipantId),
    freezeOrder: OrNull({
      ...OrderSchema,
      description: 'The order behind the newest freeze, which ends at `frozenUntil`; null when it came past the api'
    }),
    tier: Type.Integer(),
    state: StoredNoteState,
    purpose: Type.Enum([...notePurposes]),
    hasRecourse: Type.Boolean(),
    tradeFingerprint: OrNull(Bytes32),
    isFinanced: Type.Boolean(),
    payee: OrNull(ParticipantId),
    changedAt: UnixSeconds,
    changedTx: Bytes32
  },
  strict
)
