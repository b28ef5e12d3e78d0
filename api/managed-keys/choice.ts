/** What a participant decides about keys in custody: its administrator proposes, its signers sign, the account has the last word. */
import type { Command } from '../../domain/intent/commands.ts'
import { livingStates } from '../../domain/participant/managed-key.ts'
import type { KeyKind } from '../../domain/participant/private-key.ts'
import { isQuorumReached, type AccountSigner, type Quorum, type SignerDuty } from '../../domain/participant/signers.ts'
import type { Words } from '../../domain/intent/words.ts'
import { requireSigners } from '../applications/check.ts'
import type { Services } from '../app.ts'
import { asService, type Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import { createIntent } from '../intents/create.ts'
import type { IntentView } from '../intents/repository.ts'
import type { Caller } from '../plugins/auth.ts'
import { subjectOf } from './certificates.ts'
import { makeKey } from './custody.ts'
import { accountKeysOf, insertManagedKey, managedKeysOf, moveManagedKey, type ManagedKey } from './repository.ts'

/** How many signers an account may come to have here, as at its application. */
const MOST_SIGNERS = 32

export interface Choice {
  managedKeyId: string
  userId: string
  duty: SignerDuty
  kind: KeyKind
  replaces?: string
}

const custodyWords = (name: string): Words => ({
  en: `in the service’s custody, for ${name}`,
  zh: `由本服务托管，供${name}使用`
})

/**
 * Makes a key for a user and proposes it to the account. It signs nothing before the account has it.
 * @throws ApiError PARTICIPANT_SUSPENDED, USER_NOT_FOUND, USER_DUTY_MISSING, MANAGED_KEY_EXISTS, SIGNER_UNKNOWN, KEYS_INVALID
 */
export async function proposeKey(
  { vault, config }: Pick<Services, 'vault' | 'config'>,
  tx: Transaction,
  caller: Caller,
  choice: Choice
): Promise<IntentView> {
  const { participantId } = caller
  if (caller.isSuspended) throw new ApiError('PARTICIPANT_SUSPENDED', { presented: participantId, required: 'active' })
  const { managedKeyId, userId, duty, kind } = choice
  const name = await requireUser(tx, participantId, userId, duty)
  const living = (await managedKeysOf(tx, participantId, { userId })).find(({ state }) => livingStates.includes(state))
  if (living) throw existing(living.managedKeyId)
  const { signers, quorum } = await asService(tx, (service) => accountKeysOf(service, participantId))
  const replaced = choice.replaces?.toLowerCase()
  const isKnown = (one: AccountSigner): boolean => one.signer.toLowerCase() === replaced && one.duty === duty
  if (replaced !== undefined && !signers.some(isKnown)) {
    const required = signers.filter((one) => one.duty === duty).map(({ signer }) => signer)
    throw new ApiError('SIGNER_UNKNOWN', { field: 'body/replaces', presented: replaced, required })
  }
  const whose = { managedKeyId, participantId, userId, duty, kind }
  const made = await makeKey(vault, config.deployment, whose, await subjectOf(tx, participantId, whose))
  const { signer } = made
  const removed = replaced === undefined ? [] : [replaced]
  const intent = await proposeChange(config, tx, caller, {
    change: { added: [{ signer, duty }], removed, quorum },
    signers,
    request: { managedKeyId, userId, duty, kind },
    keyNames: new Map([[signer, custodyWords(JSON.stringify(name))]])
  })
  const key = { ...whose, ...made, intentId: intent.intentId, createdBy: caller.actor }
  // Two at once: the second finds the first.
  if (!(await asService(tx, (service) => insertManagedKey(service, key)))) throw existing()
  return intent
}

/**
 * Destroys a key's private half. One that is only proposed is not chosen any more, unless its choice is on its way to the chain.
 * @throws ApiError MANAGED_KEY_STATE_WRONG, MANAGED_KEY_NEEDED
 */
export async function endKey(tx: Transaction, { participantId }: Caller, key: ManagedKey): Promise<void> {
  const refuse = (presented: string) =>
    new ApiError('MANAGED_KEY_STATE_WRONG', { presented, required: 'active, suspended, or proposed and not signed' })
  if (key.state === 'proposed') await callOff(tx, key.intentId, refuse)
  if (key.isSigner) await requireOthers(tx, participantId, key)
  const isEnded = await asService(tx, (service) => moveManagedKey(service, key.managedKeyId, livingStates, 'ended'))
  if (!isEnded) throw refuse(key.state)
}

/** Whoever would sign for a key that is gone would give the account one that can never sign. */
async function callOff(tx: Transaction, intentId: string, refuse: (presented: string) => ApiError): Promise<void> {
  const { rowCount } = await tx.query(
    `update app.intent set state = 'refused', refusal = '{"code": "ManagedKeyEnded", "args": {}}', changed_at = now()
      where intent_id = $1 and state = 'awaiting-signatures'`,
    [intentId]
  )
  if (rowCount !== 1) throw refuse('proposed, and signed')
}

/** The account's other keys are enough for a quorum: else it could not even replace this one. */
async function requireOthers(tx: Transaction, participantId: number, key: ManagedKey): Promise<void> {
  const { signers, quorum } = await asService(tx, (service) => accountKeysOf(service, participantId))
  const all = await managedKeysOf(tx, participantId)
  const gone = all.filter(({ state }) => !livingStates.includes(state)).map(({ signer }) => signer)
  const others = signers
    .map(({ signer }) => signer.toLowerCase())
    .filter((signer) => signer !== key.signer && !gone.includes(signer))
  if (!isQuorumReached(others, signers, quorum)) {
    throw new ApiError('MANAGED_KEY_NEEDED', { presented: { signer: key.signer, duty: key.duty }, required: quorum })
  }
}

/** @throws ApiError MANAGED_KEY_NOT_SIGNER, KEYS_INVALID */
export async function proposeRemoval(
  { config }: Pick<Services, 'config'>,
  tx: Transaction,
  caller: Caller,
  key: ManagedKey,
  { replacement }: { replacement?: string }
): Promise<IntentView> {
  const { signers, quorum } = await asService(tx, (service) => accountKeysOf(service, caller.participantId))
  if (!signers.some(({ signer }) => signer.toLowerCase() === key.signer)) {
    throw new ApiError('MANAGED_KEY_NOT_SIGNER', { presented: key.signer, required: 'a signer of your account' })
  }
  const added = replacement === undefined ? [] : [{ signer: replacement.toLowerCase(), duty: key.duty }]
  const intent = await proposeChange(config, tx, caller, {
    change: { added, removed: [key.signer], quorum },
    signers,
    request: { managedKeyId: key.managedKeyId },
    keyNames: new Map([[key.signer, { en: 'in the service’s custody', zh: '由本服务托管' }]])
  })
  await asService(tx, (service) =>
    service.query('update app.managed_key set removal_intent_id = $2 where managed_key_id = $1', [
      key.managedKeyId,
      intent.intentId
    ])
  )
  return intent
}

interface Change {
  change: { added: AccountSigner[]; removed: string[]; quorum: Quorum }
  /** What the account has now. */
  signers: readonly AccountSigner[]
  request: object
  keyNames: ReadonlyMap<string, Words>
}

async function proposeChange(
  { deployment }: Services['config'],
  tx: Transaction,
  caller: Caller,
  { change, signers, request, keyNames }: Change
): Promise<IntentView> {
  const kept = signers.filter(({ signer }) => !change.removed.includes(signer.toLowerCase()))
  const after = [...kept, ...change.added]
  if (after.length > MOST_SIGNERS) {
    throw new ApiError('KEYS_INVALID', { presented: after.length, required: `at most ${MOST_SIGNERS} signers` })
  }
  try {
    requireSigners({ signers: after, quorum: change.quorum }, deployment, 'KEYS_INVALID')
  } catch (error) {
    // It speaks of lists of keys, and of a body that has none only the replacement can be wrong, or missing.
    throw error instanceof ApiError ? new ApiError(error.code, { ...error.details, field: 'body/replacement' }) : error
  }
  const isSm2 = ({ signer }: AccountSigner): boolean => signer.startsWith(deployment.sm2Verifier.toLowerCase())
  const { account, name } = caller
  return createIntent(tx, deployment, caller, {
    commands: [
      { kind: 'changeSigners', account, ...change },
      ...change.added.filter(isSm2).map(({ signer }): Command => ({ kind: 'prepareKey', key: `0x${signer.slice(42)}` }))
    ],
    receivableId: null,
    currency: 0,
    request: { ...request, ...change },
    accountNames: new Map([[account, name]]),
    keyNames
  })
}

/** A user's name, whom the duty is given. */
async function requireUser(tx: Transaction, participantId: number, userId: string, duty: SignerDuty): Promise<string> {
  const { rows } = await tx.query<{ name: string; duties: string[]; isActive: boolean }>(
    `select name, duties, is_active as "isActive" from app.participant_user where participant_id = $1 and user_id = $2`,
    [participantId, userId]
  )
  const [user] = rows
  if (!user) throw new ApiError('USER_NOT_FOUND', { field: 'body/userId', presented: userId })
  if (!user.isActive || !user.duties.includes(duty)) {
    throw new ApiError('USER_DUTY_MISSING', {
      field: 'body/duty',
      presented: user.isActive ? user.duties : [],
      required: duty
    })
  }
  return user.name
}

function existing(presented?: string): ApiError {
  return new ApiError('MANAGED_KEY_EXISTS', { field: 'body/userId', ...(presented ? { presented } : {}) })
}
