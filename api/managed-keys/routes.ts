import { randomUUID } from 'node:crypto'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifySchema } from 'fastify'
import { Type } from 'typebox'
import type { ManagedKeyState } from '../../domain/participant/managed-key.ts'
import type { Services } from '../app.ts'
import { asService, inTransaction, type Pool, type Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import type { IntentView } from '../intents/repository.ts'
import { userOf, type Caller } from '../plugins/auth.ts'
import { once } from '../plugins/idempotency.ts'
import { asOf } from '../receivables/repository.ts'
import { accountNode, type AccountNode } from '../registrar/node.ts'
import { CommandHeaders, IntentSchema, refusals, strict, Uuid } from '../schemas.ts'
import { keepCertificate } from './certificates.ts'
import { endKey, proposeKey, proposeRemoval } from './choice.ts'
import { managedKeysOf, moveManagedKey, usesOf, type ManagedKey } from './repository.ts'
import {
  CertificatesBody,
  ManagedKeyBody,
  ManagedKeyParams,
  ManagedKeySchema,
  ManagedKeyUseSchema,
  RemovalBody
} from './schemas.ts'

const tags = ['access']
const command = { tags, headers: CommandHeaders }

/** What an administrator does with a key at once, without the chain. */
const moves: readonly {
  path: string
  operationId: string
  summary: string
  from: ManagedKeyState
  to: ManagedKeyState
}[] = [
  {
    path: 'suspension',
    operationId: 'suspendManagedKey',
    summary: 'Let a key in custody sign nothing for now, at once',
    from: 'active',
    to: 'suspended'
  },
  {
    path: 'reinstatement',
    operationId: 'reinstateManagedKey',
    summary: 'Let a suspended key in custody sign again',
    from: 'suspended',
    to: 'active'
  }
]

/** Keys that the service keeps for users of the caller's participant. */
export function managedKeyRoutes(services: Services): FastifyPluginAsyncTypebox {
  const { pool, config } = services
  const node = accountNode(config.rpcUrl, config.deployment.accountFactory)
  return async (app) => {
    app.get(
      '/managed-keys',
      {
        schema: {
          tags,
          operationId: 'listManagedKeys',
          summary: 'Keys in custody: those of your participant for who administers it, else your own',
          response: { ...refusals, 200: Type.Object({ items: Type.Array(ManagedKeySchema) }, strict) }
        }
      },
      async ({ caller }) => {
        const keys = await keysFor(pool, caller)
        const block = (await asOf(pool))?.block
        return { items: await Promise.all(keys.map((key) => asOnChain(node, caller.account, key, block))) }
      }
    )

    app.get(
      '/managed-keys/:managedKeyId/uses',
      {
        schema: {
          tags,
          operationId: 'listManagedKeyUses',
          summary: 'What a key in custody has signed, the newest first',
          params: ManagedKeyParams,
          querystring: Type.Object(
            { limit: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,2}$' })), before: Type.Optional(Uuid) },
            strict
          ),
          response: { ...refusals, 200: Type.Object({ items: Type.Array(ManagedKeyUseSchema) }, strict) }
        }
      },
      async ({ caller, params: { managedKeyId }, query: { limit = '50', before } }) => {
        const [key] = await keysFor(pool, caller, managedKeyId)
        if (!key) throw unknown(managedKeyId)
        return { items: await usesOf(pool, managedKeyId, { limit: Math.min(Number(limit), 200), before }) }
      }
    )

    app.post(
      '/managed-keys',
      {
        schema: {
          ...command,
          operationId: 'createManagedKey',
          summary:
            'Choose custody for a user: the service makes a key, and your signers decide whether the account gets it',
          body: ManagedKeyBody,
          response: { ...refusals, 202: IntentSchema }
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          const choice = { ...request.body, managedKeyId: randomUUID() }
          return { status: 202, body: await proposeKey(services, tx, request.caller, choice) }
        })) as IntentView
    )

    const changing = (operationId: string, summary: string) => ({
      ...command,
      operationId,
      summary,
      params: ManagedKeyParams,
      response: { ...refusals, 200: ManagedKeySchema }
    })
    for (const { path, operationId, summary, from, to } of moves) {
      app.post(
        `/managed-keys/:managedKeyId/${path}`,
        { schema: changing(operationId, summary) satisfies FastifySchema },
        async (request, reply) =>
          (await once(pool, request, reply, async (tx) => {
            const key = await own(tx, request.caller, request.params.managedKeyId)
            const isMoved = await asService(tx, (service) => moveManagedKey(service, key.managedKeyId, [from], to))
            if (!isMoved) throw new ApiError('MANAGED_KEY_STATE_WRONG', { presented: key.state, required: from })
            return { status: 200, body: await own(tx, request.caller, key.managedKeyId) }
          })) as ManagedKey
      )
    }

    app.post(
      '/managed-keys/:managedKeyId/ending',
      { schema: changing('endManagedKey', 'Destroy a key in custody, at once and for good') satisfies FastifySchema },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          const key = await own(tx, request.caller, request.params.managedKeyId)
          await endKey(tx, request.caller, key)
          return { status: 200, body: await own(tx, request.caller, key.managedKeyId) }
        })) as ManagedKey
    )

    app.post(
      '/managed-keys/:managedKeyId/certificates',
      {
        schema: {
          ...changing('certifyManagedKey', 'Bring what your authority issued for an SM2 key in custody'),
          body: CertificatesBody
        } satisfies FastifySchema
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          const { participantId } = request.caller
          const key = await own(tx, request.caller, request.params.managedKeyId)
          // Before that its account could let it go unheard of, and certificates of keys that are none of it are revoked.
          if (!key.isSigner) throw new ApiError('MANAGED_KEY_NOT_SIGNER', { presented: key.signer })
          const { authorities } = services.config
          await keepCertificate(tx, participantId, key, { ...request.body, authorities })
          return { status: 200, body: key }
        })) as ManagedKey
    )

    app.post(
      '/managed-keys/:managedKeyId/removal',
      {
        schema: {
          ...command,
          operationId: 'removeManagedKey',
          summary: 'Propose that the account lets a key in custody go, or has one of your own in its place',
          params: ManagedKeyParams,
          body: RemovalBody,
          response: { ...refusals, 202: IntentSchema }
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          const key = await own(tx, request.caller, request.params.managedKeyId)
          return { status: 202, body: await proposeRemoval(services, tx, request.caller, key, request.body) }
        })) as IntentView
    )
  }
}

/** Those that the caller may see. */
async function keysFor(client: Pool, caller: Caller, managedKeyId?: string): Promise<ManagedKey[]> {
  const isAdmin = caller.permissions.includes('administer')
  const userId = isAdmin ? undefined : userOf(caller)
  // A program and a session by a key that administers nothing have no key in custody.
  if (!isAdmin && userId === undefined) return []
  return inTransaction(client, (tx) =>
    managedKeysOf(tx, caller.participantId, { userId, ...(managedKeyId ? { managedKeyId } : {}) })
  )
}

/**
 * A key with what its account says of it: an account that changed its keys past the api is not noticed by the directory. Of a block that the
 * projection has, so that a node behind it is told from an account that lacks the key.
 */
async function asOnChain(
  node: AccountNode,
  account: string,
  key: ManagedKey,
  block: number | undefined
): Promise<Omit<ManagedKey, 'isSigner'> & { isSigner: boolean | null }> {
  if (!key.isSigner) return key
  try {
    return { ...key, isSigner: (await node.dutyOf(account, key.signer, block)) === key.duty }
  } catch (error) {
    if (error instanceof ApiError && error.code === 'CHAIN_UNAVAILABLE') return { ...key, isSigner: null }
    throw error
  }
}

async function own(tx: Transaction, { participantId }: Caller, managedKeyId: string): Promise<ManagedKey> {
  const [key] = await managedKeysOf(tx, participantId, { managedKeyId })
  if (!key) throw unknown(managedKeyId)
  return key
}

function unknown(managedKeyId: string): ApiError {
  return new ApiError('MANAGED_KEY_NOT_FOUND', { presented: managedKeyId })
}
