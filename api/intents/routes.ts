import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Type, type Static } from 'typebox'
import { contracts } from '../../domain/chain/contracts.ts'
import { commandRecord } from '../../domain/evidence/record.ts'
import { digestOfTypedData, encodeMultiSignature, hashOfCall, type SignerPart } from '../../domain/intent/typed-data.ts'
import { isQuorumReached } from '../../domain/participant/signers.ts'
import type { Services } from '../app.ts'
import type { Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import { appendRecordLast } from '../evidence/log.ts'
import { signByManagedKey } from '../managed-keys/sign.ts'
import { userOf } from '../plugins/auth.ts'
import { once } from '../plugins/idempotency.ts'
import { accountNode } from '../registrar/node.ts'
import { CommandHeaders, IntentSchema, refusals, strict, Uuid } from '../schemas.ts'
import {
  addSignature,
  findIntent,
  listIntents,
  lockIntentForSigning,
  recordIntent,
  signersOfUser,
  type IntentView,
  type Signable
} from './repository.ts'
import { requireOtherPerson, requireSignature, SignatureBody } from './signature.ts'

export function intentRoutes(services: Services): FastifyPluginAsyncTypebox {
  const { pool, config } = services
  const node = accountNode(config.rpcUrl, config.deployment.accountFactory)
  return async (app) => {
    app.get(
      '/intents/:intentId',
      {
        schema: {
          operationId: 'getIntent',
          tags: ['intent'],
          summary: 'The fate of a command: one resource from signature to projection',
          params: Type.Object({ intentId: Uuid }),
          response: { ...refusals, 200: IntentSchema }
        }
      },
      async (request) =>
        visibleIntent(
          await findIntent(pool, request.params.intentId, request.caller.participantId),
          request.params.intentId
        )
    )

    app.get(
      '/intents',
      {
        schema: {
          operationId: 'listIntents',
          tags: ['intent'],
          summary: 'Your commands, newest first',
          querystring: Type.Object(
            { limit: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,2}$' })), before: Type.Optional(Uuid) },
            strict
          ),
          response: { ...refusals, 200: Type.Object({ items: Type.Array(IntentSchema) }, strict) }
        }
      },
      async (request) => {
        const { limit = '50', before } = request.query
        const page = { limit: Math.min(Number(limit), 200), ...(before ? { before } : {}) }
        return { items: await listIntents(pool, request.caller.participantId, page) }
      }
    )

    app.post(
      '/intents/:intentId/signatures',
      {
        schema: {
          operationId: 'signIntent',
          tags: ['intent'],
          summary:
            'Add a signature, or have your key in custody sign; the last one that is needed sends the intent off',
          params: Type.Object({ intentId: Uuid }),
          headers: CommandHeaders,
          body: SignatureBody,
          response: { ...refusals, 202: IntentSchema }
        }
      },
      async (request, reply) => {
        const { intentId } = request.params
        return (await once(pool, request, reply, async (tx) => {
          await sign(tx, intentId, request, request.body)
          return { status: 202, body: (await findIntent(tx, intentId, request.caller.participantId))! }
        })) as IntentView
      }
    )
  }

  async function sign(
    tx: Transaction,
    intentId: string,
    request: FastifyRequest,
    body: Static<typeof SignatureBody>
  ): Promise<void> {
    const { participantId } = request.caller
    const intent = await lockIntentForSigning(tx, intentId, participantId)
    if (!intent) throw new ApiError('INTENT_NOT_FOUND', { presented: intentId })
    // Whose signature it is is told before what has become of the intent; a key in custody signs nothing that takes none.
    const presented = 'managedKey' in body ? body : requireSignature(intent, body, config.deployment)
    if (intent.state !== 'awaiting-signatures') {
      throw new ApiError('INTENT_STATE_WRONG', { presented: intent.state, required: 'awaiting-signatures' })
    }
    const isManaged = 'managedKey' in presented
    const { typedData, digest, signers } = intent
    if (isManaged && digestOfTypedData(typedData) !== digest)
      throw new Error(`intent ${intentId} has another digest than its data`)
    const part = isManaged
      ? await signByManagedKey(services, node, tx, request, {
          of: { intentId },
          signable: intent,
          managedKeyId: presented.managedKey
        })
      : presented
    const userId = userOf(request.caller)
    if (userId !== undefined) {
      const before = await signersOfUser(tx, intentId, userId)
      requireOtherPerson(signers, before, { signer: part.signer, isManaged })
    }
    const added = await addSignature(tx, intentId, part, userId)
    // A key that was replaced meanwhile has signed for nothing: the account would refuse all for it.
    const signatures = added.filter(({ signer }) => signers.some((known) => known.signer.toLowerCase() === signer))
    const signed = signatures.map(({ signer }) => signer)
    if (isQuorumReached(signed, signers, intent.quorum)) await sendOff(tx, intentId, participantId, intent, signatures)
  }
}

function visibleIntent(intent: IntentView | undefined, intentId: string): IntentView {
  if (!intent) throw new ApiError('INTENT_NOT_FOUND', { presented: intentId })
  return intent
}

/** The intent is final: it waits for the relayer, and the log knows the order. */
async function sendOff(
  tx: Transaction,
  intentId: string,
  participantId: number,
  { typedData, digest, receivableId }: Signable,
  signatures: SignerPart[]
): Promise<void> {
  const { message, domain } = typedData
  const data = contracts.participantAccount.encodeFunctionData('execute', [
    message.calls,
    message.nonce,
    message.deadline,
    encodeMultiSignature(signatures)
  ])
  await recordIntent(tx, intentId, { target: domain.verifyingContract, data })
  const record = commandRecord({
    intentId,
    participantId: String(participantId),
    account: domain.verifyingContract,
    chainId: domain.chainId,
    deadline: message.deadline,
    calls: message.calls.map(hashOfCall),
    digest,
    signatures
  })
  appendRecordLast(tx, record, { intentId, receivableIds: receivableId ? [receivableId] : [] })
}
