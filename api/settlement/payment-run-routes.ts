import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type, type Static } from 'typebox'
import { parseAccount } from '../../domain/settlement/account.ts'
import { writePain001 } from '../../domain/settlement/pain001.ts'
import type { Services } from '../app.ts'
import { ApiError } from '../errors.ts'
import { once } from '../plugins/idempotency.ts'
import { bytesOf, CommandHeaders, ReceivableId, refusals, strict, Uuid } from '../schemas.ts'
import { cancelRun, createRun, findRun, listRuns, shownRun, stateOf, type Run } from './payment-runs.ts'
import { Account, Currency, Day, Limit, PaymentRunSchema } from './schemas.ts'

const Params = Type.Object({ runId: Uuid })
const Body = Type.Object(
  {
    upTo: { ...Day, description: 'Pay what matures up to this day' },
    receivables: Type.Optional(
      Type.Array(ReceivableId, { minItems: 1, maxItems: 1000, uniqueItems: true, description: 'Only these' })
    ),
    currency: Type.Optional(Currency),
    account: Type.Optional({ ...Account, description: 'From here you pay. Default: the account on record of you' })
  },
  strict
)
const common = { tags: ['settlement'] }
type RunView = Static<typeof PaymentRunSchema>

/** A debtor's orders to its bank. The registry only writes them: money goes from the debtor to the payees. */
export function paymentRunRoutes(services: Services): FastifyPluginAsyncTypebox {
  const { pool, vault, config } = services
  return async (app) => {
    app.post(
      '/payment-runs',
      {
        schema: {
          ...common,
          operationId: 'createPaymentRun',
          summary: 'Prepare the payments of what falls due: one for each open note, to its payee of the moment',
          description:
            'The payee is the escrow of a freeze in force, the lender of a pledge, else the holder. What can not be paid is listed ' +
            'with the reason. Until maturity a note may still come to another payee: the run says as of which block it is, and turns ' +
            'stale when a payee changed. A note that is in a run of yours is not ordered again until you cancel that run.',
          headers: CommandHeaders,
          body: Body,
          response: { ...refusals, 201: PaymentRunSchema }
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => ({
          status: 201,
          body: shownRun(await createRun(tx, services, request.caller, request.body))
        }))) as RunView
    )

    app.get(
      '/payment-runs',
      {
        schema: {
          ...common,
          operationId: 'listPaymentRuns',
          summary: 'Your payment runs, newest first',
          querystring: Type.Object({ limit: Type.Optional(Limit) }, strict),
          response: { ...refusals, 200: Type.Object({ items: Type.Array(PaymentRunSchema) }, strict) }
        }
      },
      async (request) => {
        const limit = Math.min(Number(request.query.limit ?? '20'), 50)
        return { items: (await listRuns(pool, vault, request.caller.participantId, limit)).map(shownRun) }
      }
    )

    app.get(
      '/payment-runs/:runId',
      {
        schema: {
          ...common,
          operationId: 'getPaymentRun',
          summary: 'A payment run, held against the notes as they are now',
          params: Params,
          response: { ...refusals, 200: PaymentRunSchema }
        }
      },
      async (request) => shownRun(await own(request.caller.participantId, request.params.runId))
    )

    app.get(
      '/payment-runs/:runId/pain.001',
      {
        schema: {
          ...common,
          operationId: 'downloadPaymentOrder',
          summary: 'The order to your bank: ISO 20022 pain.001.001.09',
          description:
            'One payment block for each currency and payment day. Only while nothing of the run is paid, stale or cancelled.',
          params: Params,
          response: { ...refusals, 200: bytesOf('XML in UTF-8', 'application/xml') }
        }
      },
      async (request, reply) => {
        const run = await own(request.caller.participantId, request.params.runId)
        requireOrder(run)
        const order = writePain001({
          // 31 characters at most: the blocks add their number.
          messageId: `TS${run.runId.replaceAll('-', '').slice(0, 29).toUpperCase()}`,
          createdAt: `${run.createdAt.toISOString().slice(0, 19)}Z`,
          debtor: request.caller.name,
          debtorAccount: parseAccount(run.account)!,
          payments: run.payments
        })
        const name = `payments-${run.upTo}-chain-${config.deployment.chainId}.xml`
        reply.header('content-disposition', `attachment; filename="${name}"`)
        return reply.type('application/xml').send(Buffer.from(order) as never)
      }
    )

    app.post(
      '/payment-runs/:runId/cancellation',
      {
        schema: {
          ...common,
          operationId: 'cancelPaymentRun',
          summary: 'Say that the run is not carried out: its notes can be ordered again',
          description: 'Cancel it at your bank first if the order is there already: the registry can not.',
          params: Params,
          headers: CommandHeaders,
          response: { ...refusals, 200: PaymentRunSchema }
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          const { participantId } = request.caller
          await cancelRun(tx, participantId, request.params.runId)
          return { status: 200, body: shownRun((await findRun(tx, vault, participantId, request.params.runId))!) }
        })) as RunView
    )
  }

  async function own(participantId: number, runId: string): Promise<Run> {
    const run = await findRun(pool, vault, participantId, runId)
    if (!run) throw new ApiError('PAYMENT_RUN_NOT_FOUND', { presented: runId })
    return run
  }
}

/** Whoever gets an order twice may pay twice what is settled meanwhile. */
function requireOrder(run: Run): void {
  const state = stateOf(run)
  if (state === 'cancelled') throw new ApiError('PAYMENT_RUN_CANCELLED', { presented: run.runId })
  if (state === 'open') return
  const others = run.payments.filter((payment) => payment.state !== 'open').slice(0, 20)
  throw new ApiError('PAYMENT_RUN_STALE', { presented: others.map(({ noteId, state: of }) => ({ noteId, state: of })) })
}
