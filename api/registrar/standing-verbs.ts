/** What the registrar proposes about a participant, whatever it does itself: one row each. */
import { Type } from 'typebox'
import type { DirectoryCommand } from '../../domain/intent/directory.ts'
import { admissibleRoles, rolesToBits } from '../../domain/participant/roles.ts'
import type { AccountSigner, Quorum } from '../../domain/participant/signers.ts'
import { KeysFields } from '../applications/keys.ts'
import { ApiError } from '../errors.ts'
import { strict, Text } from '../schemas.ts'
import type { Standing } from './repository.ts'

export const Reason = Type.Object({ reason: Text }, strict)
const RolesBody = Type.Object(
  {
    reason: Text,
    roles: Type.Array(Type.Enum(admissibleRoles), { minItems: 1, maxItems: admissibleRoles.length, uniqueItems: true })
  },
  strict
)
const RecoveryBody = Type.Object({ reason: Text, ...KeysFields }, strict)

export type Keys = { signers: AccountSigner[]; quorum: Quorum }
export interface Verb {
  path: string
  operationId: string
  summary: string
  body: typeof Reason | typeof RolesBody | typeof RecoveryBody
  /** @throws ApiError when the participant is not in a state for it */
  command: (of: Standing, body: { reason: string; roles?: typeof admissibleRoles } & Partial<Keys>) => DirectoryCommand
}

export const verbs: readonly Verb[] = [
  {
    path: 'suspension',
    operationId: 'suspendParticipant',
    summary: 'Suspend: it keeps what it holds and can do nothing',
    body: Reason,
    command: ({ participantId, state }) => {
      if (state === 'suspended') throw wrongState(state, 'active')
      return { kind: 'suspend', participantId }
    }
  },
  {
    path: 'reinstatement',
    operationId: 'reinstateParticipant',
    summary: 'Lift the suspension',
    body: Reason,
    command: ({ participantId, state }) => {
      if (state === 'active') throw wrongState(state, 'suspended')
      return { kind: 'reinstate', participantId }
    }
  },
  {
    path: 'roles',
    operationId: 'changeRoles',
    summary: 'Give other roles, instead of those it has',
    body: RolesBody,
    command: ({ participantId, roles: before }, { roles }) => {
      if (rolesToBits(before) === rolesToBits(roles!)) throw wrongState(before, 'other roles')
      return { kind: 'changeRoles', participantId, roles: roles! }
    }
  },
  {
    path: 'recoveries',
    operationId: 'proposeRecovery',
    summary: 'Propose other keys for who lost its own. It can veto them until the delay is over',
    body: RecoveryBody,
    command: ({ account }, { signers, quorum }) => ({
      kind: 'startRecovery',
      account,
      signers: signers!,
      quorum: quorum!
    })
  }
]

function wrongState(presented: unknown, required: string): ApiError {
  return new ApiError('PARTICIPANT_STATE_WRONG', { presented, required })
}
