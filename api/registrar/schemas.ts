import { Type } from 'typebox'
import { recoveryStates } from '../../domain/participant/recovery.ts'
import { KeysFields } from '../applications/keys.ts'
import { ParticipantId, strict, Text, UnixSeconds, Uuid } from '../schemas.ts'

const Moment = Type.String({ format: 'date-time' })
const Words = Type.Object({ en: Type.String(), zh: Type.String() }, strict)

export const RecoverySchema = Type.Object(
  {
    intentId: Uuid,
    participantId: ParticipantId,
    state: Type.Enum([...recoveryStates]),
    ...KeysFields,
    readyAt: Type.Union([UnixSeconds, Type.Null()], { description: 'Until then only the veto counts' }),
    lastAt: Type.Union([UnixSeconds, Type.Null()], { description: 'The last moment to put the keys in force' }),
    isFinishable: Type.Boolean(),
    words: Words,
    reason: Text,
    proposedAt: Moment,
    endedAt: Type.Union([Moment, Type.Null()])
  },
  strict
)

export const StandingSchema = Type.Object(
  {
    participantId: ParticipantId,
    account: Type.String(),
    name: Type.String(),
    country: Type.String(),
    roles: Type.Array(Type.String()),
    state: Type.Enum(['active', 'suspended']),
    isGoverned: Type.Boolean({ description: 'Runs the registry: for its governance, not for the registrar' }),
    identifiers: Type.Array(Type.String(), { description: 'The legal identity first' }),
    ...KeysFields,
    recovery: Type.Union([RecoverySchema, Type.Null()], {
      description: 'Of the proposed keys the newest, ended or not'
    })
  },
  strict
)

export const ActSchema = Type.Object(
  { intentId: Uuid, kind: Type.String(), state: Type.String(), words: Words, reason: Text, at: Moment },
  strict
)
