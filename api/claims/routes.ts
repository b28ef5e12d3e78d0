import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Command } from '../../domain/intent/commands.ts'
import { MAX_KEYS } from '../../domain/fingerprint/keys.ts'
import type { Services } from '../app.ts'
import type { Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import { findClaims, findOwnClaims, requireEveryEpoch, type LiveClaim } from '../fingerprints/claims.ts'
import { commitmentTo } from '../intents/commitment.ts'
import { createIntent } from '../intents/create.ts'
import type { IntentView } from '../intents/repository.ts'
import type { Caller } from '../plugins/auth.ts'
import { once } from '../plugins/idempotency.ts'
import { CommandHeaders, Fingerprint, IntentSchema, refusals, strict, Text } from '../schemas.ts'

type Orders = [Command, ...Command[]]

const Params = Type.Object({ fingerprint: Fingerprint })
const ClaimBody = Type.Object(
  {
    reason: Type.Enum(['assigned-elsewhere', 'pledged-elsewhere', 'reserved-elsewhere']),
    reference: { ...Text, description: 'Your own, e.g. a contract number: the chain sees a commitment to it' },
    others: Type.Optional(
      Type.Array(Fingerprint, {
        maxItems: MAX_KEYS - 1,
        uniqueItems: true,
        description:
          'The same document under the other keys in force, while one key follows another: all are claimed or none'
      })
    )
  },
  strict
)
const ReleaseBody = Type.Object({ reason: Type.Enum(['repaid', 'declined', 'claimed-in-error']) }, strict)
const command = {
  tags: ['claim'],
  headers: CommandHeaders,
  params: Params,
  response: { ...refusals, 202: IntentSchema }
}

/** A factor's claims on documents that it finances outside of the registry. */
export function claimRoutes({ pool, config, fingerprintKeys }: Services): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post(
      '/fingerprints/:fingerprint/claim',
      {
        schema: {
          ...command,
          operationId: 'claimFingerprint',
          summary: 'Claim a document that you finance elsewhere, so that nobody finances it here',
          body: ClaimBody
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          const { fingerprint } = request.params
          const { reason, reference, others = [] } = request.body
          const all = [fingerprint, ...others] as const
          requireEveryEpoch(fingerprintKeys, all)
          const [known] = await findClaims(tx, all)
          if (known)
            throw new ApiError('FINGERPRINT_CLAIMED', { presented: known.fingerprint, required: 'a free document' })
          const subject = BigInt(commitmentTo(fingerprint, reference)) & ((1n << 192n) - 1n)
          const order = (one: string): Command => ({ kind: 'claim', fingerprint: one, subject, reason })
          const orders: Orders = [order(fingerprint), ...others.map(order)]
          return { status: 202, body: await propose(tx, request.caller, orders, request.body) }
        })) as IntentView
    )

    app.post(
      '/fingerprints/:fingerprint/release',
      {
        schema: {
          ...command,
          operationId: 'releaseFingerprint',
          summary: 'Free a document that you claimed yourself, under each key that you claimed it under',
          body: ReleaseBody
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          const { fingerprint } = request.params
          const own = await findOwnClaims(tx, fingerprint, request.caller.participantId)
          const order = (one: LiveClaim): Command => {
            return { kind: 'releaseClaim', fingerprint: one.fingerprint, reason: request.body.reason }
          }
          const [first, ...rest] = own.map(order)
          if (!first) throw new ApiError('FINGERPRINT_CLAIM_MISSING', { presented: fingerprint })
          return { status: 202, body: await propose(tx, request.caller, [first, ...rest], request.body) }
        })) as IntentView
    )
  }

  function propose(tx: Transaction, caller: Caller, commands: Orders, request: object): Promise<IntentView> {
    return createIntent(tx, config.deployment, caller, { commands, receivableId: null, currency: 0, request })
  }
}
