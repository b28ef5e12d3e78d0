import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { DEFAULT_THRESHOLD } from '../../domain/alarms/rules.ts'
import { obstacles, obstaclesOf } from '../../domain/factoring/eligibility.ts'
import { noteStates } from '../../domain/note/note-states.ts'
import { listAlarms } from '../alarms/repository.ts'
import type { Services } from '../app.ts'
import type { Pool } from '../database.ts'
import { ApiError } from '../errors.ts'
import { asOf, chainTime } from '../receivables/repository.ts'
import { Amount, AsOf, NoteId, ParticipantId, ReceivableId, refusals, strict, UnixSeconds } from '../schemas.ts'
import { listFinanceable, listPositions, sumsOf } from './book.ts'
import { promisedOf } from './repository.ts'

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()])
const Currency = Type.Integer({ description: 'ISO 4217 number' })
const Page = Type.Object(
  { after: Type.Optional(NoteId), limit: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,2}$' })) },
  strict
)

const PositionSchema = Type.Object(
  {
    noteId: NoteId,
    receivableId: ReceivableId,
    standing: Type.Enum(['locked', 'pledged', 'held', 'returned'], {
      description:
        'locked: waits for you to pay. pledged: you lent on it. held: assigned to you. returned: you demanded recourse, the assignor has not answered'
    }),
    amount: Amount,
    currency: Currency,
    debtor: ParticipantId,
    seller: ParticipantId,
    maturity: UnixSeconds,
    hasRecourse: Type.Boolean(),
    isDisputed: Type.Boolean(),
    deadline: { ...Nullable(UnixSeconds), description: 'Until when you pay, or the assignor answers' }
  },
  strict
)

const SumSchema = Type.Object(
  {
    by: Type.Enum(['standing', 'debtor', 'seller', 'maturity']),
    key: Type.String({ description: 'A standing, a participant, or a month of maturity (YYYY-MM, UTC)' }),
    currency: Currency,
    amount: Amount,
    notes: Type.Integer()
  },
  strict
)

const EligibleSchema = Type.Object(
  {
    noteId: { ...NoteId, description: 'While the debtor has not confirmed, the note that there will be' },
    receivableId: ReceivableId,
    state: Type.Enum([...noteStates], { description: 'none: the debtor has not confirmed' }),
    amount: Amount,
    currency: Currency,
    debtor: ParticipantId,
    maturity: UnixSeconds,
    tier: Type.Integer(),
    isEligible: Type.Boolean(),
    obstacles: Type.Array(Type.Enum([...obstacles]), { description: 'Every reason why not' })
  },
  strict
)

/** What a factor has in its book, and what a holder may have financed. */
export function bookRoutes({ pool, vault }: Services): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/book',
      {
        schema: {
          operationId: 'getBook',
          tags: ['factoring'],
          summary: 'Your book in sums: by standing, debtor, seller and month of maturity, each by currency',
          response: { ...refusals, 200: Type.Object({ asOf: AsOf, sums: Type.Array(SumSchema) }, strict) }
        }
      },
      async ({ caller }) => ({ asOf: await block(pool), sums: await sumsOf(pool, caller.participantId) })
    )

    app.get(
      '/book/positions',
      {
        schema: {
          operationId: 'listPositions',
          tags: ['factoring'],
          summary: 'Every note that is locked or pledged for you or that was assigned to you, until it is paid',
          querystring: Page,
          response: {
            ...refusals,
            200: Type.Object({ asOf: AsOf, items: Type.Array(PositionSchema), next: Nullable(NoteId) }, strict)
          }
        }
      },
      async ({ caller, query }) => {
        const limit = Math.min(Number(query.limit ?? '50'), 200)
        const items = await listPositions(pool, caller.participantId, { after: query.after, limit })
        return { asOf: await block(pool), items, next: items.length === limit ? items.at(-1)!.noteId : null }
      }
    )

    app.get(
      '/eligible-notes',
      {
        schema: {
          operationId: 'listEligibleNotes',
          tags: ['factoring'],
          summary: 'Your open notes, and of each whether it may be financed now or why not',
          querystring: Page,
          response: {
            ...refusals,
            200: Type.Object({ asOf: AsOf, items: Type.Array(EligibleSchema), next: Nullable(NoteId) }, strict)
          }
        }
      },
      async ({ caller, query }) => {
        const limit = Math.min(Number(query.limit ?? '50'), 200)
        const now = await chainTime(pool)
        const notes = await listFinanceable(pool, caller, { after: query.after, limit })
        const promised = await promisedOf(
          pool,
          notes.map(({ noteId }) => noteId),
          now
        )
        const alarms = await listAlarms(pool, vault, caller, { limit: 1_000 })
        const ringing = new Set(
          alarms
            .filter(({ score }) => score >= DEFAULT_THRESHOLD)
            .flatMap(({ sides }) => sides.map(({ receivable }) => receivable?.receivableId))
        )
        const items = notes.map(({ isDisputed, frozenUntil, ...note }) => {
          const candidate = {
            ...note,
            isHeld: true,
            isDisputed,
            frozenUntil,
            promised: promised.get(note.noteId) ?? 0n,
            amount: BigInt(note.amount),
            hasAlarm: ringing.has(note.receivableId)
          }
          const found = obstaclesOf(candidate, now)
          return { ...note, isEligible: found.length === 0, obstacles: found }
        })
        return { asOf: await block(pool), items, next: items.length === limit ? items.at(-1)!.noteId : null }
      }
    )
  }
}

async function block(pool: Pool) {
  const found = await asOf(pool)
  if (!found) throw new ApiError('PROJECTION_BEHIND')
  return found
}
