import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type, type Static } from 'typebox'
import { DEFAULT_THRESHOLD } from '../../domain/alarms/rules.ts'
import { fundingKinds } from '../../domain/factoring/terms.ts'
import { requestStateOf } from '../../domain/factoring/states.ts'
import { listAlarms } from '../alarms/repository.ts'
import type { Services } from '../app.ts'
import type { Pool, Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import { newIntentId } from '../intents/create.ts'
import { amountOf, lastSecondOf, requireCounterparty, subjectOf, type Subject } from '../notes/verb.ts'
import { lockVerb } from '../notes/verbs-financing.ts'
import { everything, type Caller } from '../plugins/auth.ts'
import { once } from '../plugins/idempotency.ts'
import { chainTime } from '../receivables/repository.ts'
import { Amount, CommandHeaders, NoteId, ParticipantId, refusals, strict, UnixSeconds, Uuid } from '../schemas.ts'
import {
  findRequest,
  insertRequest,
  listRequests,
  lockRequest,
  promisedOf,
  withdrawRequest,
  type StoredRequest
} from './repository.ts'
import { FundingKindSchema, RequestSchema, requestViewOf, type RequestView } from './view.ts'

/** Without times in the request it stands this long, or until just before maturity. Seconds. */
const DEFAULT_STANDING = 7 * 86_400

const RequestBody = Type.Object(
  {
    noteId: NoteId,
    amount: Type.Optional({ ...Amount, description: 'A part of the note; without it the whole. Minor units' }),
    kinds: Type.Optional(
      Type.Array(FundingKindSchema, {
        minItems: 1,
        uniqueItems: true,
        description: 'What you would accept; without it any'
      })
    ),
    factors: Type.Optional(
      Type.Array(ParticipantId, {
        minItems: 1,
        maxItems: 100,
        uniqueItems: true,
        description: 'Only these see it. Without it every factor may quote'
      })
    ),
    signedQuotesOnly: Type.Optional(
      Type.Boolean({ description: 'true: you accept no quote that the factor’s keys have not signed' })
    ),
    fundFrom: Type.Optional({ ...UnixSeconds, description: 'You want the money at the earliest then' }),
    fundUntil: Type.Optional({ ...UnixSeconds, description: 'You need it then at the latest; before maturity' }),
    expiresAt: Type.Optional({ ...UnixSeconds, description: 'No quotes and no acceptance after that' })
  },
  strict
)
const Params = Type.Object({ requestId: Uuid })
const command = { tags: ['factoring'], headers: CommandHeaders }

/** A holder asks factors to finance a note, without binding itself. */
export function requestRoutes({ pool, vault }: Services): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post(
      '/funding-requests',
      {
        schema: {
          ...command,
          operationId: 'requestFunding',
          summary: 'Ask factors for quotes for a note of yours or a part of it',
          description:
            'Nothing moves and nobody is bound. The factors that you name, or all of them, see debtor, amount, maturity, tier and alarms, and where the note comes from; not who held it before you.',
          body: RequestBody,
          response: { ...refusals, 201: RequestSchema }
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          const requestId = await ask(tx, request.caller, request.body)
          return { status: 201, body: await shown(tx, request.caller, requestId) }
        })) as RequestView
    )

    app.get(
      '/funding-requests',
      {
        schema: {
          operationId: 'listFundingRequests',
          tags: ['factoring'],
          summary: 'Funding requests, newest first: yours, or those that you may quote for',
          querystring: Type.Object(
            {
              role: Type.Optional(Type.Enum(['requester', 'factor'])),
              noteId: Type.Optional(NoteId),
              state: Type.Optional(
                Type.Enum([...RequestSchema.properties.state.enum], {
                  description: 'A page may then be shorter than its limit'
                })
              ),
              before: Type.Optional(Uuid),
              limit: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,2}$' }))
            },
            strict
          ),
          response: {
            ...refusals,
            200: Type.Object({ items: Type.Array(RequestSchema), next: Type.Union([Uuid, Type.Null()]) }, strict)
          }
        }
      },
      async ({ caller, query }) => {
        const limit = Math.min(Number(query.limit ?? '50'), 200)
        const role = query.role ?? (caller.roles.includes('factor') ? 'factor' : 'requester')
        const now = await chainTime(pool)
        const found = await listRequests(pool, vault, caller, now, {
          role,
          noteId: query.noteId,
          before: query.before,
          limit
        })
        const promised = await promisedOf(
          pool,
          found.map(({ noteId }) => noteId),
          now
        )
        const items = found.map((one) => {
          const known = { promised: promised.get(one.noteId) ?? 0n, alarms: null, hasAlarm: false }
          return requestViewOf(one, caller.participantId, now, known)
        })
        return {
          items: items.filter(({ state }) => query.state === undefined || state === query.state),
          next: found.length === limit ? found.at(-1)!.requestId : null
        }
      }
    )

    app.get(
      '/funding-requests/:requestId',
      {
        schema: {
          operationId: 'getFundingRequest',
          tags: ['factoring'],
          summary: 'A funding request with the quotes that you may read, each with what it truly costs',
          params: Params,
          response: { ...refusals, 200: RequestSchema }
        }
      },
      async ({ caller, params }) => shown(pool, caller, params.requestId)
    )

    app.post(
      '/funding-requests/:requestId/withdrawal',
      {
        schema: {
          ...command,
          operationId: 'withdrawFundingRequest',
          summary: 'Take a request of yours back: its quotes lapse. Not once you have accepted one',
          params: Params,
          response: { ...refusals, 200: RequestSchema }
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          const { requestId } = request.params
          await lockRequest(tx, requestId)
          const now = await chainTime(tx)
          const stored = await find(tx, request.caller, requestId, now)
          if (stored.requester !== request.caller.participantId)
            throw new ApiError('FUNDING_PARTY_WRONG', {
              presented: request.caller.participantId,
              required: stored.requester
            })
          const state = requestStateOf(stored, now)
          if (state !== 'open' && state !== 'quoted')
            throw new ApiError('FUNDING_REQUEST_STATE_WRONG', { presented: state, required: ['open', 'quoted'] })
          await withdrawRequest(tx, requestId, now)
          return { status: 200, body: await shown(tx, request.caller, requestId) }
        })) as RequestView
    )
  }

  async function ask(tx: Transaction, caller: Caller, body: Static<typeof RequestBody>): Promise<string> {
    const subject = await subjectOf(tx, body.noteId, caller, lockVerb)
    const amount = amountOf(subject, body.amount ?? subject.note.amount)
    for (const factor of body.factors ?? []) await requireCounterparty(tx, subject, 'body/factors', factor, ['factor'])
    const requestId = newIntentId()
    await insertRequest(tx, {
      requestId,
      requester: caller.participantId,
      receivableId: subject.note.receivableId,
      noteId: body.noteId,
      amount: String(amount),
      kinds: body.kinds ?? [...fundingKinds],
      ...timesOf(subject, body),
      isOpen: body.factors === undefined,
      signedQuotesOnly: body.signedQuotesOnly ?? false,
      factors: body.factors ?? []
    })
    return requestId
  }

  async function find(
    client: Pool | Transaction,
    caller: Caller,
    requestId: string,
    now: number
  ): Promise<StoredRequest> {
    const request = await findRequest(client, vault, caller, now, { requestId })
    if (!request) throw new ApiError('FUNDING_REQUEST_NOT_FOUND', { presented: requestId })
    return request
  }

  async function shown(client: Pool | Transaction, caller: Caller, requestId: string): Promise<RequestView> {
    const now = await chainTime(client)
    const request = await find(client, caller, requestId, now)
    const promised = (await promisedOf(client, [request.noteId], now)).get(request.noteId) ?? 0n
    // All alarms, also those on documents of which the factor is no party: but only which rule and how strong.
    const alarms = await listAlarms(client, vault, everything, { receivableId: request.receivableId })
    const hasAlarm = alarms.some(({ score }) => score >= DEFAULT_THRESHOLD)
    const told = alarms.map(({ rule, score }) => ({ rule, score }))
    return requestViewOf(request, caller.participantId, now, { promised, alarms: told, hasAlarm })
  }
}

/** `expiresAt ≤ fundUntil < maturity`, all to come. */
function timesOf(subject: Subject, body: Static<typeof RequestBody>) {
  const { now } = subject
  const last = lastSecondOf(subject)
  const fundUntil = body.fundUntil ?? last
  const expiresAt = body.expiresAt ?? Math.min(now + DEFAULT_STANDING, fundUntil)
  const fundFrom = body.fundFrom ?? Math.min(now, fundUntil)
  const refuse = (field: string, presented: number, required: readonly number[]): never => {
    throw new ApiError('FUNDING_TERMS_INVALID', { field: `body/${field}`, presented, required })
  }
  if (fundUntil <= now || fundUntil > last) refuse('fundUntil', fundUntil, [now + 1, last])
  if (fundFrom > fundUntil) refuse('fundFrom', fundFrom, [now, fundUntil])
  if (expiresAt <= now || expiresAt > fundUntil) refuse('expiresAt', expiresAt, [now + 1, fundUntil])
  return { fundFrom, fundUntil, expiresAt }
}
