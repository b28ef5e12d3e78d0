import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type, type Static } from 'typebox'
import { lineKinds } from '../../domain/settlement/report.ts'
import { reassess } from '../alarms/gate.ts'
import type { Services } from '../app.ts'
import { inSnapshot } from '../database.ts'
import { ApiError } from '../errors.ts'
import { once } from '../plugins/idempotency.ts'
import { asOf } from '../receivables/repository.ts'
import { CommandHeaders, refusals, strict } from '../schemas.ts'
import { requireDay } from './maturities.ts'
import { csvOf } from './report-csv.ts'
import { dayBooks } from './report.ts'
import { Day, ReportSchema } from './schemas.ts'
import { receivablesWaiting, settle, SettlementBody, SettlementSchema, type Settlement } from './settle.ts'

type Report = Static<typeof ReportSchema>
const common = { tags: ['settlement'] }

/** Settlement on chain, and the books of a day. */
export function settlementRoutes(services: Services): FastifyPluginAsyncTypebox {
  const { pool, vault } = services
  return async (app) => {
    app.post(
      '/settlements',
      {
        schema: {
          ...common,
          operationId: 'createSettlement',
          summary: 'Settle accepted matches on chain: one intent for up to a hundred notes of one currency',
          description:
            'Sign the intent like any other. Each note’s settlement commits to the digest of the entry that paid it. A match is in one ' +
            'settlement at a time, so an entry never settles more than its amount; if the chain refuses the settlement, its matches wait ' +
            'again. What can not be settled now is held and told.',
          headers: CommandHeaders,
          body: SettlementBody,
          response: { ...refusals, 202: SettlementSchema }
        }
      },
      async (request, reply) => {
        const { caller, body } = request
        for (const receivableId of await receivablesWaiting(pool, caller, body.matches)) {
          await reassess(pool, vault, receivableId)
        }
        return (await once(pool, request, reply, async (tx) => ({
          status: 202,
          body: await settle(tx, services, caller, body)
        }))) as Settlement
      }
    )

    app.get(
      '/reconciliation/:day',
      {
        schema: {
          ...common,
          operationId: 'getReconciliation',
          summary:
            'The books of a day: every cent of your statements and what became of it, and every note that the chain settled',
          description:
            'By account and currency: opening balance, each entry by what it became, closing balance. What is left between them is a line ' +
            'of kind difference. The chain’s side has the notes settled on that day (UTC), with and without an entry of yours.',
          params: Type.Object({ day: Day }),
          querystring: Type.Object({ format: Type.Optional(Type.Enum(['json', 'csv'])) }, strict),
          response: {
            ...refusals,
            200: {
              description: 'The books',
              content: { 'application/json': { schema: ReportSchema }, 'text/csv': { schema: Type.Any() } }
            }
          }
        }
      },
      async (request, reply) => {
        const day = requireDay('params/day', request.params.day)
        const report = await inSnapshot(pool, async (tx): Promise<Report> => {
          const block = await asOf(tx)
          if (!block) throw new ApiError('PROJECTION_BEHIND')
          const { accounts, chain } = await dayBooks(tx, vault, request.caller.participantId, day)
          return { day, asOf: block, accounts: accounts.map(shownAccount), chain: chain.map(shownChain) }
        })
        if (request.query.format !== 'csv') return report
        reply.header('content-disposition', `attachment; filename="reconciliation-${day}.csv"`)
        return reply.type('text/csv; charset=utf-8').send(Buffer.from(csvOf(report)) as never)
      }
    )
  }
}

type Books = Awaited<ReturnType<typeof dayBooks>>

function shownAccount({
  opening,
  closing,
  movement,
  totals,
  lines,
  notBooked,
  ...book
}: Books['accounts'][number]): Report['accounts'][number] {
  return {
    ...book,
    opening: opening === null ? null : String(opening),
    closing: closing === null ? null : String(closing),
    movement: String(movement),
    totals: Object.fromEntries(
      lineKinds.map((kind) => [kind, String(totals[kind])])
    ) as Report['accounts'][number]['totals'],
    lines: lines.map((line) => ({ ...line, amount: String(line.amount) })),
    notBooked: notBooked.map((one) => ({ ...one, amount: String(one.amount) }))
  }
}

function shownChain({
  settled,
  withEntry,
  withoutEntry,
  difference,
  lines,
  ...book
}: Books['chain'][number]): Report['chain'][number] {
  return {
    ...book,
    settled: String(settled),
    withEntry: String(withEntry),
    withoutEntry: String(withoutEntry),
    difference: String(difference),
    lines: lines.map((line) => ({ ...line, amount: String(line.amount) }))
  }
}
