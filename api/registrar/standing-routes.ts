import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { DirectoryCommand } from '../../domain/intent/directory.ts'
import { finishableAt, proposalOf, recoveryWordsOf } from '../../domain/participant/recovery.ts'
import { governedRoles } from '../../domain/participant/roles.ts'
import { requireSigners } from '../applications/check.ts'
import type { Services } from '../app.ts'
import { asService, inTransaction, type Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import { createIntent } from '../intents/create.ts'
import type { IntentView } from '../intents/repository.ts'
import type { Caller } from '../plugins/auth.ts'
import { once } from '../plugins/idempotency.ts'
import { asOf, chainTime } from '../receivables/repository.ts'
import { AsOf, CommandHeaders, IntentSchema, refusals, strict } from '../schemas.ts'
import type { AccountNode } from './node.ts'
import {
  actsOn,
  keepReason,
  keepRecovery,
  recoveriesOf,
  standingsOf,
  type Standing,
  type StoredRecovery
} from './repository.ts'
import { ActSchema, RecoverySchema, StandingSchema } from './schemas.ts'
import { Reason, verbs, type Keys, type Verb } from './standing-verbs.ts'

/** In a path, so a decimal string. */
const Params = Type.Object({ participantId: Type.String({ pattern: '^[1-9][0-9]{0,9}$' }) })
const tags = ['registrar']

/** The registrar on participants: suspension, roles, lost keys. And what a participant sees and says about its own keys. */
export function standingRoutes({ pool, config, vault }: Services, node: AccountNode): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/participant-standings',
      {
        schema: {
          operationId: 'listStandings',
          tags,
          summary: 'Participants with their state, roles and keys',
          response: {
            ...refusals,
            200: Type.Object(
              {
                asOf: AsOf,
                items: Type.Array(StandingSchema),
                recoveryDelay: Type.Integer({ description: 'How long an account can veto other keys, seconds' })
              },
              strict
            )
          }
        }
      },
      async () => {
        const recoveryDelay = await node.recoveryDelay()
        return inTransaction(pool, async (tx) => ({
          asOf: await block(tx),
          items: await shownStandings(tx),
          recoveryDelay
        }))
      }
    )

    app.get(
      '/participants/:participantId/standing',
      {
        schema: {
          operationId: 'getStanding',
          tags,
          summary: 'A participant, and what was done about it and why',
          params: Params,
          response: {
            ...refusals,
            200: Type.Object(
              {
                asOf: AsOf,
                standing: StandingSchema,
                recoveries: Type.Array(RecoverySchema),
                acts: Type.Array(ActSchema)
              },
              strict
            )
          }
        }
      },
      async ({ params }) =>
        inTransaction(pool, async (tx) => {
          const { participantId } = await known(tx, params.participantId)
          const [standing] = await shownStandings(tx, participantId)
          return {
            asOf: await block(tx),
            standing: standing!,
            recoveries: await shownRecoveries(tx, participantId),
            acts: await asService(tx, (service) => actsOn(service, vault, participantId))
          }
        })
    )

    for (const verb of verbs) {
      app.post(
        `/participants/:participantId/${verb.path}`,
        {
          schema: {
            operationId: verb.operationId,
            tags,
            summary: verb.summary,
            params: Params,
            headers: CommandHeaders,
            body: verb.body,
            response: { ...refusals, 202: IntentSchema }
          }
        },
        async (request, reply) =>
          (await once(pool, request, reply, async (tx) => {
            const of = await known(tx, request.params.participantId)
            if (of.roles.some((role) => governedRoles.includes(role))) {
              throw new ApiError('PARTICIPANT_GOVERNED', { presented: of.roles })
            }
            const body = request.body as Parameters<Verb['command']>[1]
            const command = verb.command(of, body)
            if (command.kind === 'startRecovery') requireSigners(body as Keys, config.deployment, 'KEYS_INVALID')
            const intent = await propose(tx, request.caller, of, command, body)
            if (command.kind === 'startRecovery') {
              const { signers, quorum } = body as Keys
              const proposal = { proposal: proposalOf(signers, quorum), signers, quorum }
              const { intentId } = intent
              const by = { reason: body.reason, proposedBy: request.caller.actor }
              await asService(tx, (service) =>
                keepRecovery(service, vault, { intentId, participantId: of.participantId, ...proposal, ...by })
              )
            }
            return { status: 202, body: intent }
          })) as IntentView
      )
    }

    app.post(
      '/participants/:participantId/recovery-cancellation',
      {
        schema: {
          operationId: 'cancelRecovery',
          tags,
          summary: 'Take the proposed keys back',
          params: Params,
          headers: CommandHeaders,
          body: Reason,
          response: { ...refusals, 202: IntentSchema }
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          const of = await known(tx, request.params.participantId)
          await pending(tx, of.participantId)
          const command = { kind: 'cancelRecovery', account: of.account } as const
          return { status: 202, body: await propose(tx, request.caller, of, command, request.body) }
        })) as IntentView
    )

    app.post(
      '/participants/:participantId/recovery-completion',
      {
        schema: {
          operationId: 'completeRecovery',
          tags,
          summary: 'Put the proposed keys in force, once the delay is over',
          params: Params,
          headers: CommandHeaders,
          body: Reason,
          response: { ...refusals, 202: IntentSchema }
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          const of = await known(tx, request.params.participantId)
          const recovery = await pending(tx, of.participantId)
          const at = await chainTime(tx)
          const finishable = finishableAt(recovery, at)
          if (finishable === 'early') {
            throw new ApiError('RECOVERY_PENDING', { presented: at, required: recovery.readyAt })
          }
          if (finishable !== 'yes')
            throw new ApiError('RECOVERY_STATE_WRONG', { presented: at, required: recovery.lastAt })
          const { signers, quorum } = recovery
          const command = { kind: 'finishRecovery', account: of.account, signers, quorum } as const
          return { status: 202, body: await propose(tx, request.caller, of, command, request.body) }
        })) as IntentView
    )

    app.get(
      '/recoveries',
      {
        schema: {
          operationId: 'listOwnRecoveries',
          tags: ['participant'],
          summary: 'Other keys that the registrar proposed for your account, the newest first',
          response: { ...refusals, 200: Type.Object({ items: Type.Array(RecoverySchema) }, strict) }
        }
      },
      async ({ caller }) =>
        inTransaction(pool, async (tx) => ({ items: await shownRecoveries(tx, caller.participantId) }))
    )

    app.post(
      '/recoveries/veto',
      {
        schema: {
          operationId: 'vetoRecovery',
          tags: ['participant'],
          summary: 'Veto the proposed keys with those that your account has; suspended or not',
          headers: CommandHeaders,
          response: { ...refusals, 202: IntentSchema }
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          const { caller } = request
          // Who proposed past the api is vetoed all the same.
          const isProposed = (await node.recoveryOf(caller.account)) !== undefined
          if (!isProposed) throw new ApiError('RECOVERY_NOT_FOUND', { presented: caller.participantId })
          const intent = await createIntent(tx, config.deployment, caller, {
            commands: [{ kind: 'vetoRecovery', account: caller.account }],
            receivableId: null,
            currency: 0,
            request: {},
            accountNames: new Map([[caller.account, caller.name]])
          })
          return { status: 202, body: intent }
        })) as IntentView
    )
  }

  async function propose(
    tx: Transaction,
    caller: Caller,
    of: Standing,
    command: DirectoryCommand,
    body: { reason: string }
  ): Promise<IntentView> {
    const { reason, ...request } = body
    const { participantId } = of
    const intent = await createIntent(tx, config.deployment, caller, {
      commands: [command],
      receivableId: null,
      currency: 0,
      request: { participantId, ...request },
      accountNames: new Map([[of.account, of.name]])
    })
    const { intentId } = intent
    await asService(tx, (service) => keepReason(service, vault, { intentId, participantId, reason }))
    return intent
  }

  async function known(tx: Transaction, presented: string): Promise<Standing> {
    const [found] = await asService(tx, (service) => standingsOf(service, Number(presented)))
    if (!found) throw new ApiError('PARTICIPANT_NOT_FOUND', { presented: Number(presented) })
    return found
  }

  async function pending(tx: Transaction, participantId: number): Promise<StoredRecovery> {
    const all = await asService(tx, (service) => recoveriesOf(service, vault, participantId))
    const found = all.find(({ state }) => state === 'pending')
    if (!found) throw new ApiError('RECOVERY_NOT_FOUND', { presented: participantId })
    return found
  }

  async function block(tx: Transaction) {
    const found = await asOf(tx)
    if (!found) throw new ApiError('PROJECTION_BEHIND')
    return found
  }

  async function shownRecoveries(tx: Transaction, participantId?: number) {
    const [delay, at] = [await node.recoveryDelay(), await chainTime(tx)]
    const all = await asService(tx, (service) => recoveriesOf(service, vault, participantId))
    return all.map((recovery) => {
      const {
        intentId,
        participantId: of,
        state,
        signers,
        quorum,
        readyAt,
        lastAt,
        reason,
        proposedAt,
        endedAt
      } = recovery
      const isFinishable = finishableAt(recovery, at) === 'yes'
      const words = recoveryWordsOf(recovery, delay, at)
      const shown = { intentId, participantId: of, state, signers, quorum, readyAt, lastAt, isFinishable, words }
      return { ...shown, reason, proposedAt, endedAt }
    })
  }

  async function shownStandings(tx: Transaction, participantId?: number) {
    const recoveries = await shownRecoveries(tx, participantId)
    const all = await asService(tx, (service) => standingsOf(service, participantId))
    return all.map((one) => ({
      ...one,
      isGoverned: one.roles.some((role) => governedRoles.includes(role)),
      recovery: recoveries.find((recovery) => recovery.participantId === one.participantId) ?? null
    }))
  }
}
