import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { addDays, dayOfSeconds, daysBetween, isDay, secondsOf } from '../../domain/calendar/day.ts'
import { conventions, paymentDayOf, type Convention } from '../../domain/calendar/payment-day.ts'
import { currencyNumberOf, currencyOfNumber, isCurrency } from '../../domain/money/currency.ts'
import { payeeOf } from '../../domain/settlement/payments.ts'
import type { Services } from '../app.ts'
import { ApiError } from '../errors.ts'
import type { Caller } from '../plugins/auth.ts'
import { asOf, timeAfter } from '../receivables/repository.ts'
import { AsOf, refusals, strict } from '../schemas.ts'
import { listDue, sumDue, type DueNote, type DueTotal, type Viewpoint } from './due.ts'
import { Currency, Day, Limit, MaturitySchema, MaturityTotalSchema, OrNull } from './schemas.ts'

/** Days between the first and the last that are asked for at once. */
const DAYS_MAX = 366

const Cursor = Type.String({
  pattern: '^[1-9][0-9]{0,12}_0x[0-9a-f]{64}$',
  description: 'As `next` of the page before'
})

/** What falls due. */
export function maturityRoutes({ pool }: Services): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/maturities',
      {
        schema: {
          operationId: 'listMaturities',
          tags: ['settlement'],
          summary: 'What falls due and when it is paid, by payment day and currency',
          description:
            'As the debtor: what you owe. As a holder: what you are to be paid, also as lender of a pledge or escrow of a freeze. ' +
            'As a clearing bank: everything. Days are those of the maturity in UTC; the payment day follows the published calendar ' +
            'of the currency. Totals are over all that was asked for, notes come in pages.',
          querystring: Type.Object(
            {
              as: Type.Optional(Type.Enum(['debtor', 'holder', 'clearing'])),
              from: Type.Optional({ ...Day, description: 'First day of maturity. Default: today' }),
              to: Type.Optional({ ...Day, description: 'Last day of maturity. Default: 31 days on' }),
              currency: Type.Optional(Currency),
              convention: Type.Optional(
                Type.Enum([...conventions], {
                  description:
                    'following (default): the next business day. modified-following: the same, but never in the next month'
                })
              ),
              after: Type.Optional(Cursor),
              limit: Type.Optional(Limit)
            },
            strict
          ),
          response: {
            ...refusals,
            200: Type.Object(
              {
                asOf: AsOf,
                totals: Type.Array(MaturityTotalSchema),
                items: Type.Array(MaturitySchema),
                next: OrNull(Type.String())
              },
              strict
            )
          }
        }
      },
      async (request) => {
        const { as, currency, convention = 'following', after, limit: wanted = '50' } = request.query
        const viewpoint = viewpointOf(request.caller, as)
        const block = await asOf(pool)
        if (!block) throw new ApiError('PROJECTION_BEHIND')
        const time = timeAfter(block)
        const { from, to } = daysOf(request.query, time)
        const [cursorTime, cursorNote] = after?.split('_') ?? []
        const filter = {
          viewpoint,
          participantId: request.caller.participantId,
          time,
          from: secondsOf(from),
          to: secondsOf(to) + 86_399,
          currency: currency === undefined ? undefined : numberOf(currency)
        }
        const limit = Math.min(Number(wanted), 200)
        const cursor = cursorNote ? { maturity: Number(cursorTime), noteId: cursorNote } : undefined
        const items = await listDue(pool, { ...filter, after: cursor, limit })
        const last = items.at(-1)
        return {
          asOf: block,
          totals: foldTotals(await sumDue(pool, filter), convention),
          items: items.map((note) => shownNote(note, time, convention)),
          next: items.length === limit && last ? `${last.maturity}_${last.noteId}` : null
        }
      }
    )
  }
}

/** The part that was asked for, or the first that the caller has. */
function viewpointOf({ roles }: Caller, as: Viewpoint | undefined): Viewpoint {
  const viewpoint = as ?? (roles.includes('clearing') ? 'clearing' : roles.includes('debtor') ? 'debtor' : 'holder')
  const isMissing = viewpoint !== 'holder' && !roles.includes(viewpoint)
  if (isMissing) throw new ApiError('ROLE_MISSING', { field: 'querystring/as', presented: roles, required: viewpoint })
  return viewpoint
}

export function requireDay(field: string, day: string): string {
  if (isDay(day)) return day
  throw new ApiError('DAY_INVALID', { field, presented: day, required: 'a day of the calendar' })
}

function daysOf({ from, to }: { from?: string; to?: string }, time: number): { from: string; to: string } {
  const first = from === undefined ? dayOfSeconds(time) : requireDay('querystring/from', from)
  const last = to === undefined ? addDays(first, 31) : requireDay('querystring/to', to)
  if (daysBetween(first, last) >= 0 && daysBetween(first, last) <= DAYS_MAX) return { from: first, to: last }
  const required = `from ${first} on, ${DAYS_MAX} days at most`
  throw new ApiError('DAY_INVALID', { field: 'querystring/to', presented: last, required })
}

export function numberOf(currency: string): number {
  if (isCurrency(currency)) return currencyNumberOf(currency)
  throw new ApiError('REQUEST_INVALID', { field: 'currency', presented: currency, required: 'ISO 4217' })
}

/** Days of maturity that share a payment day make one total. */
function foldTotals(sums: readonly DueTotal[], convention: Convention) {
  const totals = new Map<string, { count: number; amount: bigint } & ReturnType<typeof placeOf>>()
  for (const { maturityDay, currency, count, amount } of sums) {
    const place = placeOf(currencyOfNumber(currency), maturityDay, convention)
    const key = `${place.paymentDay} ${place.currency}`
    const known = totals.get(key)
    totals.set(key, {
      ...place,
      isPublished: place.isPublished && (known?.isPublished ?? true),
      count: count + (known?.count ?? 0),
      amount: amount + (known?.amount ?? 0n)
    })
  }
  return [...totals]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([, total]) => ({ ...total, amount: String(total.amount) }))
}

function placeOf(currency: string, maturityDay: string, wanted: Convention) {
  const { day, calendar, convention, isPublished } = paymentDayOf(currency, maturityDay, wanted)
  return { paymentDay: day, currency, calendar, convention, isPublished }
}

function shownNote(note: DueNote, time: number, convention: Convention) {
  const { noteId, receivableId, amount, maturity, debtor } = note
  const currency = currencyOfNumber(note.currency)
  const { day, isPublished } = paymentDayOf(currency, dayOfSeconds(maturity), convention)
  const receivable = `/v1/receivables/${receivableId}`
  return {
    noteId,
    receivableId,
    amount: String(amount),
    currency,
    maturity,
    paymentDay: day,
    isPublished,
    debtor,
    payee: payeeOf(note, time),
    links: { note: `/v1/notes/${noteId}`, receivable, payTo: `${receivable}/pay-to` }
  }
}
