import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { alarmRules, DEFAULT_THRESHOLD } from '../../domain/alarms/rules.ts'
import { decisionRecord, rfc3339 } from '../../domain/evidence/record.ts'
import type { Services } from '../app.ts'
import type { Pool, Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import { appendRecordLast } from '../evidence/log.ts'
import { commitmentTo } from '../intents/commitment.ts'
import type { Caller } from '../plugins/auth.ts'
import { once } from '../plugins/idempotency.ts'
import { CommandHeaders, Count, ReceivableId, refusals, strict, Text, Uuid } from '../schemas.ts'
import {
  keepDecision,
  keepThresholds,
  listAlarms,
  readThresholds,
  type Decision,
  type StoredAlarm
} from './repository.ts'
import { AlarmRuleSchema, AlarmSchema, DecisionSchema, viewOf, type AlarmView } from './view.ts'

const Params = Type.Object({ alarmId: Type.String({ pattern: '^[1-9][0-9]{0,14}$' }) })
const ThresholdsSchema = Type.Array(
  Type.Object(
    {
      rule: AlarmRuleSchema,
      score: Type.Integer({ minimum: 0, maximum: 101, description: '101: never stops you' })
    },
    strict
  ),
  { minItems: 1, maxItems: alarmRules.length }
)
const Thresholds = Type.Object({ thresholds: ThresholdsSchema }, strict)

/** The queue of near-duplicate alarms: each participant decides for itself. */
export function alarmRoutes({ pool, vault }: Services): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/alarms',
      {
        schema: {
          operationId: 'listAlarms',
          tags: ['alarm'],
          summary: 'Alarms on your documents and on receivables that you are or were a party of',
          querystring: Type.Object(
            {
              receivableId: Type.Optional(ReceivableId),
              documentId: Type.Optional(Uuid),
              state: Type.Optional(
                Type.Enum(['open', 'accepted', 'rejected'], {
                  description: 'A page may then be shorter than its limit'
                })
              ),
              after: Type.Optional(Count),
              limit: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,2}$' }))
            },
            strict
          ),
          response: {
            ...refusals,
            200: Type.Object(
              { items: Type.Array(AlarmSchema), next: Type.Union([Type.Integer(), Type.Null()]) },
              strict
            )
          }
        }
      },
      async (request) => {
        const { receivableId, documentId, state, after = '0', limit: wanted = '50' } = request.query
        const limit = Math.min(Number(wanted), 200)
        const filter = { receivableId, documentId, after: Number(after), limit }
        const found = await listAlarms(pool, vault, request.caller, filter)
        const shown = await Promise.all(found.map((alarm) => viewOf(pool, request.caller, alarm)))
        return {
          items: shown.filter((alarm) => state === undefined || alarm.state === state),
          next: found.length === limit ? found.at(-1)!.alarmId : null
        }
      }
    )

    app.get(
      '/alarms/:alarmId',
      {
        schema: {
          operationId: 'getAlarm',
          tags: ['alarm'],
          summary: 'An alarm',
          params: Params,
          response: { ...refusals, 200: AlarmSchema }
        }
      },
      async (request) => viewOf(pool, request.caller, await find(pool, request.caller, request.params.alarmId))
    )

    app.post(
      '/alarms/:alarmId/decisions',
      {
        schema: {
          operationId: 'decideAlarm',
          tags: ['alarm'],
          summary: 'Accept or reject an alarm for yourself, with a reason: accepted, it stops you no more',
          params: Params,
          headers: CommandHeaders,
          body: Type.Object({ decision: DecisionSchema, reason: Text }, strict),
          response: { ...refusals, 201: AlarmSchema }
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          const alarm = await find(tx, request.caller, request.params.alarmId)
          await keepDecision(tx, vault, request.caller, alarm, request.body)
          await recordDecision(tx, request.caller, alarm, request.body)
          const decided = await find(tx, request.caller, request.params.alarmId)
          return { status: 201, body: await viewOf(tx, request.caller, decided) }
        })) as AlarmView
    )

    app.get(
      '/alarm-thresholds',
      {
        schema: {
          operationId: 'getAlarmThresholds',
          tags: ['alarm'],
          summary: 'From which score on an alarm of each rule stops you',
          response: { ...refusals, 200: Thresholds }
        }
      },
      async (request) => thresholdsOf(pool, request.caller)
    )

    app.post(
      '/alarm-thresholds',
      {
        schema: {
          operationId: 'setAlarmThresholds',
          tags: ['alarm'],
          summary: 'Set your own thresholds; rules that you leave out stay as they are',
          headers: CommandHeaders,
          body: Thresholds,
          response: { ...refusals, 200: Thresholds }
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          const { thresholds } = request.body
          const twice = thresholds.find(({ rule }, i) => thresholds.findIndex((other) => other.rule === rule) !== i)
          if (twice) {
            const details = { field: 'body/thresholds', presented: twice.rule, required: 'each rule once' }
            throw new ApiError('REQUEST_INVALID', details)
          }
          await keepThresholds(tx, request.caller, thresholds)
          return { status: 200, body: await thresholdsOf(tx, request.caller) }
        })) as Awaited<ReturnType<typeof thresholdsOf>>
    )
  }

  async function find(client: Pool | Transaction, caller: Caller, alarmId: string): Promise<StoredAlarm> {
    const [alarm] = await listAlarms(client, vault, caller, { alarmId: Number(alarmId) })
    if (!alarm) throw new ApiError('ALARM_NOT_FOUND', { presented: alarmId })
    return alarm
  }
}

/** A leaf for each receivable that the caller is a party of: of the other it may not even know the id. */
async function recordDecision(
  tx: Transaction,
  { participantId }: Caller,
  { alarmId, rule, score, sides }: StoredAlarm,
  { decision, reason }: { decision: Decision; reason: string }
): Promise<void> {
  const receivableIds = sides.flatMap(({ isParty, receivable }) =>
    isParty && receivable ? receivable.receivableId : []
  )
  const decidedAt = rfc3339(Math.floor(Date.now() / 1000))
  for (const receivableId of new Set(receivableIds)) {
    const record = decisionRecord({
      alarmId: String(alarmId),
      rule,
      score: String(score),
      participantId: String(participantId),
      receivableId,
      decision,
      reason: commitmentTo(receivableId, reason),
      decidedAt
    })
    appendRecordLast(tx, record, { participantId, receivableIds: [receivableId] })
  }
}

async function thresholdsOf(client: Pool | Transaction, caller: Caller) {
  const own = await readThresholds(client, caller)
  return { thresholds: alarmRules.map((rule) => ({ rule, score: own.get(rule) ?? DEFAULT_THRESHOLD })) }
}
