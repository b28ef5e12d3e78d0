import type { FastifyRequest } from 'fastify'
import type { SignerPart } from '../../domain/intent/typed-data.ts'
import { recordLast } from '../access/audit.ts'
import type { Services } from '../app.ts'
import { asService, type Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import type { Signable } from '../intents/repository.ts'
import { requireSignature } from '../intents/signature.ts'
import { userOf, type Caller } from '../plugins/auth.ts'
import type { AccountNode } from '../registrar/node.ts'
import { signSealed } from './custody.ts'
import { keepUse, lockManagedKey, type LockedKey } from './repository.ts'

/** A login is good for so long to sign with a key in custody; a session may be renewed for hours. Seconds. */
export const LOGIN_LIFE = 900

/** What is signed. */
export type UseOf = { intentId: string } | { quoteId: string }

/**
 * Signs an intent or a quote with a key in custody, for who is allowed to, and writes the use down with it. What is signed is what the owner of a
 * key of its own would sign, and it is checked like that.
 * @throws ApiError MANAGED_KEY_NOT_FOUND, MANAGED_KEY_NOT_YOURS, LOGIN_TOO_OLD, MANAGED_KEY_STATE_WRONG, USER_DUTY_MISSING,
 *   MANAGED_KEY_NOT_SIGNER, MANAGED_KEY_LOCKED, CHAIN_UNAVAILABLE
 */
export async function signByManagedKey(
  { vault, config }: Pick<Services, 'vault' | 'config'>,
  node: AccountNode,
  tx: Transaction,
  request: FastifyRequest,
  { of, signable, managedKeyId }: { of: UseOf; signable: Pick<Signable, 'digest' | 'signers'>; managedKeyId: string }
): Promise<SignerPart> {
  const { caller } = request
  const { participantId, account } = caller
  const key = await asService(tx, (service) => lockManagedKey(service, participantId, managedKeyId))
  if (!key) throw new ApiError('MANAGED_KEY_NOT_FOUND', { field: 'body/managedKey', presented: managedKeyId })
  const userId = requireOwner(caller, key)
  requireUsable(key)
  const isListed = signable.signers.some(({ signer, duty }) => signer.toLowerCase() === key.signer && duty === key.duty)
  // The directory follows the chain a moment later.
  if (!isListed || (await node.dutyOf(account, key.signer)) !== key.duty) {
    throw new ApiError('MANAGED_KEY_NOT_SIGNER', { presented: key.signer, required: `a ${key.duty} of ${account}` })
  }
  const { digest } = signable
  const signature = signSealed(vault, { managedKeyId, participantId, ...key }, key.sealed!, digest)
  const { signer } = key
  const presented = key.kind === 'secp256k1' ? { signature } : { signer, signature }
  const part = requireSignature(signable, presented, config.deployment)
  const use = { managedKeyId, participantId, ...useOf(of), userId, digest, requestId: request.id }
  await asService(tx, (service) => keepUse(service, use))
  recordLast(tx, {
    at: new Date().toISOString(),
    participantId,
    actor: caller.actor,
    requestId: request.id,
    operation: 'signByManagedKey',
    path: `/v1/managed-keys/${managedKeyId}/uses/${digest}`,
    status: 202,
    code: null
  })
  return part
}

function useOf(of: UseOf): { intentId: string | null; quoteId: string | null } {
  return { intentId: null, quoteId: null, ...of }
}

/** The session is of the key's user, and the login not long ago. @returns the user */
function requireOwner(caller: Caller, { userId }: LockedKey): string {
  const { credential } = caller
  if (userOf(caller) !== userId || credential.kind !== 'session') {
    throw new ApiError('MANAGED_KEY_NOT_YOURS', { presented: caller.actor, required: 'a session of the key’s user' })
  }
  const age = Math.floor(Date.now() / 1000) - credential.session.begunAt
  if (age > LOGIN_LIFE) throw new ApiError('LOGIN_TOO_OLD', { presented: age, required: `at most ${LOGIN_LIFE}` })
  return userId
}

function requireUsable({ state, duty, hasDuty }: LockedKey): void {
  if (state !== 'active') throw new ApiError('MANAGED_KEY_STATE_WRONG', { presented: state, required: 'active' })
  if (!hasDuty) throw new ApiError('USER_DUTY_MISSING', { required: duty })
}
