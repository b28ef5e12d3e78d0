import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { obstacles, obstaclesOf, type Obstacle } from '../../domain/note/obstacles.ts'
import { PRESUMPTION_DAYS, presumptionOf } from '../../domain/receivable/presumption.ts'
import type { Services } from '../app.ts'
import { inSnapshot, type Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import type { Caller } from '../plugins/auth.ts'
import { asOf, timeAfter } from '../receivables/repository.ts'
import { NoteId, ReceivableId, refusals, strict } from '../schemas.ts'
import {
  heldNotes,
  heldSums,
  owedSums,
  payableStates,
  payableSums,
  unanswered,
  unconfirmedSums,
  waitingSums
} from './repository.ts'
import {
  HeldNotesSchema,
  HoldingsSchema,
  PayablesSchema,
  UnconfirmedSchema,
  type Holdings,
  type Payables
} from './schemas.ts'
import { currenciesOf, Sums } from './sums.ts'

const Limit = Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,2}$' }))
const position = { tags: ['position'] }

/** What participants owe and have, in sums and in lines, each from one moment of the projection. */
export function positionRoutes({ pool }: Services): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/positions/payables',
      {
        schema: {
          ...position,
          operationId: 'getPayables',
          summary: 'All that you owe as the debtor: by currency, state, tier, maturity, creditor and holder of today',
          response: { ...refusals, 200: PayablesSchema }
        }
      },
      async ({ caller }) => inSnapshot(pool, (tx) => payablesOf(tx, caller))
    )

    app.get(
      '/positions/holdings',
      {
        schema: {
          ...position,
          operationId: 'getHoldings',
          summary: 'What you hold, may have financed or not and why, what waits for you and what you owe',
          response: { ...refusals, 200: HoldingsSchema }
        }
      },
      async ({ caller }) => inSnapshot(pool, (tx) => holdingsOf(tx, caller))
    )

    app.get(
      '/positions/holdings/notes',
      {
        schema: {
          ...position,
          operationId: 'listHeldNotes',
          summary: 'The notes that you hold, and everything that keeps each from being financed',
          querystring: Type.Object(
            {
              obstacle: Type.Optional(
                Type.Enum([...obstacles, 'none'], {
                  description: 'Only notes that this is the first obstacle of; none: only those that could be financed'
                })
              ),
              after: Type.Optional(NoteId),
              limit: Limit
            },
            strict
          ),
          response: { ...refusals, 200: HeldNotesSchema }
        }
      },
      async ({ caller, query }) =>
        inSnapshot(pool, async (tx) => {
          const clock = await clockOf(tx)
          const limit = limitOf(query.limit)
          const found = await heldNotes(tx, caller.participantId, { ...query, limit, now: clock.at })
          const items = found.map((held) => {
            const { state, frozenUntil } = held.note
            const against = obstaclesOf({ ...held, state, frozenUntil }, clock.at)
            return { ...held, mayFinance: against.length === 0, obstacles: against }
          })
          return { ...clock, items, next: items.length === limit ? items.at(-1)!.note.noteId : null }
        })
    )

    app.get(
      '/positions/unconfirmed',
      {
        schema: {
          ...position,
          operationId: 'listUnconfirmed',
          summary: 'Receivables that their debtor has not answered, and when its silence would be taken for acceptance',
          querystring: Type.Object(
            {
              days: Type.Optional(
                Type.String({
                  pattern: '^([1-9]|[1-9][0-9]|[12][0-9]{2}|3[0-5][0-9]|36[0-6])$',
                  description: `Calendar days; ${PRESUMPTION_DAYS} when you name none`
                })
              ),
              after: Type.Optional(ReceivableId),
              limit: Limit
            },
            strict
          ),
          response: { ...refusals, 200: UnconfirmedSchema }
        }
      },
      async ({ caller, query }) =>
        inSnapshot(pool, async (tx) => {
          const clock = await clockOf(tx)
          const limit = limitOf(query.limit)
          const days = Number(query.days ?? PRESUMPTION_DAYS)
          const found = await unanswered(tx, caller, { ...query, limit })
          const items = found.map((one) => ({ ...one, ...presumptionOf(one.silentSince, clock.at, days) }))
          const next = items.length === limit ? items.at(-1)!.receivableId : null
          return { ...clock, days, presumes: false as const, items, next }
        })
    )
  }
}

/** The block and the time that an answer holds for. */
export async function clockOf(tx: Transaction) {
  const block = await asOf(tx)
  if (!block) throw new ApiError('PROJECTION_BEHIND')
  return { asOf: block, at: timeAfter(block) }
}

function limitOf(limit: string | undefined): number {
  return Math.min(Number(limit ?? '50'), 200)
}

async function payablesOf(tx: Transaction, { participantId }: Caller): Promise<Payables> {
  const clock = await clockOf(tx)
  const [rows, states] = [await payableSums(tx, participantId, clock.at), await payableStates(tx, participantId)]
  const registered = await unconfirmedSums(tx, 'debtor', participantId)
  const currencies = []
  for (const currency of currenciesOf([...rows, ...states, ...registered])) {
    const sums = new Sums(currency, rows)
    currencies.push({
      currency,
      open: sums.total(),
      disputed: sums.one('disputed', 'true'),
      frozen: sums.one('frozen', 'true'),
      overdue: sums.one('overdue', 'true'),
      unconfirmed: unconfirmedIn(registered, currency),
      byState: byState(new Sums(currency, states)),
      byTier: sums.by('tier').map(({ value, ...sum }) => ({ tier: Number(value), ...sum })),
      byMonth: sums.by('month').map(({ value, ...sum }) => ({ month: value, ...sum })),
      byDay: sums.by('day').map(({ value, ...sum }) => ({ day: value, ...sum })),
      byCreditor: await sums.byParticipant(tx, 'creditor'),
      byHolder: await sums.byParticipant(tx, 'holder')
    })
  }
  return { ...clock, participantId, currencies }
}

async function holdingsOf(tx: Transaction, { participantId }: Caller): Promise<Holdings> {
  const clock = await clockOf(tx)
  const rows = await heldSums(tx, participantId, clock.at)
  const waiting = await waitingSums(tx, participantId, clock.at)
  const owed = await owedSums(tx, participantId)
  const registered = await unconfirmedSums(tx, 'creditor', participantId)
  const currencies = []
  for (const currency of currenciesOf([...rows, ...waiting, ...owed, ...registered])) {
    const sums = new Sums(currency, rows)
    const against = sums.by('obstacle').filter(({ value }) => value !== 'none')
    currencies.push({
      currency,
      held: sums.total(),
      financeable: sums.one('obstacle', 'none'),
      notFinanceable: against.map(({ value, ...sum }) => ({ obstacle: value as Obstacle, ...sum })),
      byState: byState(sums),
      byMonth: sums.by('month').map(({ value, ...sum }) => ({ month: value, ...sum })),
      byDebtor: await sums.byParticipant(tx, 'debtor'),
      waitingForYou: within(waiting, currency).map(({ state, purpose, amount, notes }) => ({
        state,
        purpose,
        amount,
        notes
      })),
      owed: within(owed, currency).map(({ as, month, amount, notes }) => ({ as, month, amount, notes })),
      unconfirmed: unconfirmedIn(registered, currency)
    })
  }
  return { ...clock, participantId, currencies }
}

function byState(sums: Sums): Payables['currencies'][number]['byState'] {
  return sums.by('state').map(({ value, ...sum }) => {
    return { state: value as Payables['currencies'][number]['byState'][number]['state'], ...sum }
  })
}

function unconfirmedIn(sums: readonly { currency: number; amount: string; receivables: number }[], currency: number) {
  const [found] = within(sums, currency)
  return { amount: found?.amount ?? '0', receivables: found?.receivables ?? 0 }
}

function within<T extends { currency: number }>(sums: readonly T[], currency: number): T[] {
  return sums.filter((one) => one.currency === currency)
}
