import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Command } from '../../domain/intent/commands.ts'
import type { Services } from '../app.ts'
import type { Pool, Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import { commitmentTo } from '../intents/commitment.ts'
import { createIntent } from '../intents/create.ts'
import type { IntentView } from '../intents/repository.ts'
import type { Caller } from '../plugins/auth.ts'
import { once } from '../plugins/idempotency.ts'
import { CommandHeaders, Fingerprint, IntentSchema, refusals, strict, Text } from '../schemas.ts'

const Params = Type.Object({ fingerprint: Fingerprint })
const ClaimBody = Type.Object(
  {
    reason: Type.Enum(['assigned-elsewhere', 'pledged-elsewhere', 'reserved-elsewhere']),
    reference: { ...Text, description: 'Your own, e.g. a contract number: the chain sees a commitment to it' }
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
export function claimRoutes({ pool, config }: Services): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post(
      '/fingerprints/:fingerprint/claim',
      {
        config: { roles: ['factor'] },
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
          const { reason, reference } = request.body
          const known = await findClaim(tx, fingerprint)
          if (known) throw new ApiError('FINGERPRINT_CLAIMED', { presented: fingerprint, required: 'a free document' })
          const subject = BigInt(commitmentTo(fingerprint, reference)) & ((1n << 192n) - 1n)
          const order: Command = { kind: 'claim', fingerprint, subject, reason }
          return { status: 202, body: await propose(tx, request.caller, order, request.body) }
        })) as IntentView
    )

    app.post(
      '/fingerprints/:fingerprint/release',
      {
        config: { roles: ['factor'] },
        schema: {
          ...command,
          operationId: 'releaseFingerprint',
          summary: 'Free a document that you claimed yourself',
          body: ReleaseBody
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          const { fingerprint } = request.params
          const known = await findClaim(tx, fingerprint)
          if (!known || known.registry !== 0 || known.claimant !== request.caller.participantId)
            throw new ApiError('FINGERPRINT_CLAIM_MISSING', { presented: fingerprint })
          const order: Command = { kind: 'releaseClaim', fingerprint, reason: request.body.reason }
          return { status: 202, body: await propose(tx, request.caller, order, request.body) }
        })) as IntentView
    )
  }

  function propose(tx: Transaction, caller: Caller, order: Command, request: object): Promise<IntentView> {
    return createIntent(tx, config.deployment, caller, { commands: [order], receivableId: null, currency: 0, request })
  }
}

/** The claim in force. `registry` 0: a factor made it itself. */
async function findClaim(
  client: Pool | Transaction,
  fingerprint: string
): Promise<{ claimant: number; registry: number } | undefined> {
  const { rows } = await client.query<{ claimant: number; registry: number }>({
    name: 'claim.find',
    text: `select claimant, registry from projection.fingerprint_claim where fingerprint = $1 and state = 'claimed'`,
    values: [fingerprint]
  })
  return rows[0]
}
