import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type, type Static } from 'typebox'
import { currencyOfNumber } from '../../domain/money/currency.ts'
import { refusalOf, type MatchPart } from '../../domain/settlement/match.ts'
import { payeeOf } from '../../domain/settlement/payments.ts'
import type { Services } from '../app.ts'
import type { Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import type { Caller } from '../plugins/auth.ts'
import { once } from '../plugins/idempotency.ts'
import { chainTime } from '../receivables/repository.ts'
import { Amount, CommandHeaders, Count, NoteId, refusals, strict, Text, Uuid } from '../schemas.ts'
import { findNotes } from './due.ts'
import { lockBank, lockEntries, type StoredEntry } from './entries.ts'
import { closeException, listExceptions } from './exceptions.ts'
import { acceptMatch, decide, findMatch, insertMatch, listMatches, releaseMatch, shownMatches } from './matches.ts'
import { ExceptionSchema, Limit, MatchSchema, MatchState, OrNull, PathId, RowId, type MatchView } from './schemas.ts'

const Params = Type.Object({ matchId: PathId })
const ExceptionParams = Type.Object({ exceptionId: PathId })
const HandBody = Type.Object(
  {
    entryId: RowId,
    parts: Type.Array(Type.Object({ noteId: NoteId, amount: Amount }, strict), {
      minItems: 1,
      maxItems: 100,
      description: 'How much of which note the entry pays; what it has beyond stays unapplied'
    }),
    reason: Text
  },
  strict
)
const Page = { after: Type.Optional(Count), limit: Type.Optional(Limit) }
const common = { tags: ['settlement'] }

/** The queue of people: matches to accept or reject, by hand too, and exceptions to close. */
export function matchRoutes({ pool, vault }: Services): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/matches',
      {
        schema: {
          ...common,
          operationId: 'listMatches',
          summary: 'Which entries pay which notes: proposed ones are the queue',
          description:
            'Each has a rule, a score of 100 and its reasons. Accepted ones are settled on chain by a settlement; accepting one leaves ' +
            'others of the same entry standing until the entry has nothing left to pay with.',
          querystring: Type.Object(
            {
              state: Type.Optional(MatchState),
              entryId: Type.Optional(Count),
              statementId: Type.Optional({ ...Uuid, description: 'Of the entries that this statement brought first' }),
              ...Page
            },
            strict
          ),
          response: { ...refusals, 200: Type.Object({ items: Type.Array(MatchSchema), next: OrNull(RowId) }, strict) }
        }
      },
      async (request) => {
        const { state, entryId, statementId, after = '0', limit: wanted = '50' } = request.query
        const limit = Math.min(Number(wanted), 200)
        const filter = {
          state,
          entryId: entryId === undefined ? undefined : Number(entryId),
          statementId,
          after: Number(after),
          limit
        }
        const found = await listMatches(pool, request.caller, filter)
        const items = await shownMatches(pool, vault, request.caller.participantId, found)
        return { items, next: found.length === limit ? found.at(-1)!.matchId : null }
      }
    )

    app.post(
      '/matches',
      {
        schema: {
          ...common,
          operationId: 'matchByHand',
          summary: 'Say which notes an entry pays, one or several, with a reason',
          headers: CommandHeaders,
          body: HandBody,
          response: { ...refusals, 201: MatchSchema }
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          const matchId = await matchByHand(tx, request.caller, request.body)
          return { status: 201, body: await shown(tx, request.caller, matchId) }
        })) as MatchView
    )

    app.post(
      '/matches/:matchId/acceptance',
      {
        schema: {
          ...common,
          operationId: 'acceptMatch',
          summary: 'Accept a proposed match',
          params: Params,
          headers: CommandHeaders,
          body: Type.Object({ reason: Text }, strict),
          response: { ...refusals, 200: MatchSchema }
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          const matchId = Number(request.params.matchId)
          const { match, entry } = await lockMatch(tx, request.caller, matchId)
          if (match.state !== 'proposed') {
            throw new ApiError('MATCH_STATE_WRONG', { presented: match.state, required: 'proposed' })
          }
          await acceptMatch(tx, vault, entry, match, by(request.caller, request.body.reason))
          return { status: 200, body: await shown(tx, request.caller, matchId) }
        })) as MatchView
    )

    app.post(
      '/matches/:matchId/rejection',
      {
        schema: {
          ...common,
          operationId: 'rejectMatch',
          summary: 'Reject a match: a proposed one, or an accepted one whose settlement is not ordered yet',
          params: Params,
          headers: CommandHeaders,
          body: Type.Object({ reason: Text }, strict),
          response: { ...refusals, 200: MatchSchema }
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          const matchId = Number(request.params.matchId)
          const { match, entry, isOrdered } = await lockMatch(tx, request.caller, matchId)
          if (!['proposed', 'accepted'].includes(match.state) || isOrdered) {
            const presented = isOrdered ? 'in a settlement' : match.state
            throw new ApiError('MATCH_STATE_WRONG', { presented, required: 'proposed, or accepted and not ordered' })
          }
          if (match.state === 'accepted') await releaseMatch(tx, entry, matchId)
          await decide(tx, vault, matchId, 'rejected', by(request.caller, request.body.reason))
          return { status: 200, body: await shown(tx, request.caller, matchId) }
        })) as MatchView
    )

    app.get(
      '/settlement-exceptions',
      {
        schema: {
          ...common,
          operationId: 'listSettlementExceptions',
          summary:
            'What no match can put right: duplicate payments, wrong currencies, payments taken back after settlement',
          querystring: Type.Object({ state: Type.Optional(Type.Enum(['open', 'closed'])), ...Page }, strict),
          response: {
            ...refusals,
            200: Type.Object({ items: Type.Array(ExceptionSchema), next: OrNull(RowId) }, strict)
          }
        }
      },
      async (request) => {
        const { state, after = '0', limit: wanted = '50' } = request.query
        const limit = Math.min(Number(wanted), 200)
        const filter = { state, after: Number(after), limit }
        const items = await listExceptions(pool, vault, request.caller.participantId, filter)
        return { items, next: items.length === limit ? items.at(-1)!.exceptionId : null }
      }
    )

    app.post(
      '/settlement-exceptions/:exceptionId/closing',
      {
        schema: {
          ...common,
          operationId: 'closeSettlementException',
          summary: 'Say how an exception was dealt with outside of the registry',
          params: ExceptionParams,
          headers: CommandHeaders,
          body: Type.Object({ reason: Text }, strict),
          response: { ...refusals, 200: ExceptionSchema }
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          const exceptionId = Number(request.params.exceptionId)
          const { participantId } = request.caller
          await closeException(tx, vault, participantId, exceptionId, request.body.reason)
          const [body] = await listExceptions(tx, vault, participantId, { exceptionId, after: 0, limit: 1 })
          return { status: 200, body: body! }
        })) as Static<typeof ExceptionSchema>
    )
  }

  async function shown(tx: Transaction, { participantId }: Caller, matchId: number): Promise<MatchView> {
    const match = await findMatch(tx, participantId, matchId)
    return (await shownMatches(tx, vault, participantId, [match!]))[0]!
  }

  /** The match with the lock of its entry, read after the lock was had. */
  async function lockMatch(tx: Transaction, { participantId }: Caller, matchId: number) {
    await lockBank(tx, participantId)
    const before = await findMatch(tx, participantId, matchId)
    if (!before) throw new ApiError('MATCH_NOT_FOUND', { presented: matchId })
    const [entry] = await lockEntries(tx, vault, [before.entryId])
    const found = (await findMatch(tx, participantId, matchId))!
    const parts = found.parts.map((part): MatchPart => ({ ...part, amount: BigInt(part.amount) }))
    const ordered = found.parts.flatMap(({ intentId }) => intentId ?? [])
    const { rows } = await tx.query<{ count: number }>(
      `select count(*)::int as count from app.intent where intent_id = any($1) and state <> 'refused'`,
      [ordered]
    )
    return { match: { ...found, parts }, entry: entry!, isOrdered: rows[0]!.count > 0 }
  }

  async function matchByHand(tx: Transaction, caller: Caller, body: Static<typeof HandBody>): Promise<number> {
    const { entryId, reason } = body
    await lockBank(tx, caller.participantId)
    const [entry] = await lockEntries(tx, vault, [entryId])
    if (!entry || entry.participantId !== caller.participantId) {
      throw new ApiError('STATEMENT_ENTRY_NOT_FOUND', { field: 'body/entryId', presented: entryId })
    }
    await requireSettling(tx, entry)
    const parts = await partsByHand(tx, entry, body)
    const proposal = { rule: 'by-hand' as const, score: 100, reasons: [], parts }
    const matchId = await insertMatch(tx, entry, proposal)
    await acceptMatch(tx, vault, entry, { matchId, parts }, by(caller, reason))
    return matchId
  }
}

function by({ participantId }: Caller, reason: string) {
  return { participantId, reason }
}

/** What may be judged otherwise by people is who was meant, not whether money came and stayed. */
async function requireSettling(tx: Transaction, entry: StoredEntry): Promise<void> {
  const refusal = refusalOf(entry.content)
  const required = 'a booked credit that was not taken back'
  // People may know better than a bank's sums what a batch has paid.
  if (refusal && refusal !== 'parts-differ')
    throw new ApiError('ENTRY_SETTLES_NOTHING', { presented: refusal, required })
  const { rows } = await tx.query('select from app.statement_entry where reversal_of = $1', [entry.entryId])
  if (rows.length > 0) throw new ApiError('ENTRY_SETTLES_NOTHING', { presented: 'taken back', required })
}

async function partsByHand(
  tx: Transaction,
  entry: StoredEntry,
  { parts }: Pick<Static<typeof HandBody>, 'parts'>
): Promise<MatchPart[]> {
  const ids = parts.map(({ noteId }) => noteId)
  const twice = ids.find((id, index) => ids.indexOf(id) !== index)
  if (twice)
    throw new ApiError('REQUEST_INVALID', { field: 'body/parts', presented: twice, required: 'each note once' })
  const notes = new Map((await findNotes(tx, ids)).map((note) => [note.noteId, note]))
  const time = await chainTime(tx)
  return parts.map(({ noteId, amount }) => {
    const note = notes.get(noteId)
    if (!note) throw new ApiError('NOTE_NOT_FOUND', { presented: noteId })
    if (amount === '0')
      throw new ApiError('AMOUNT_INVALID', { field: 'body/parts', presented: amount, required: '1 or more' })
    const currency = currencyOfNumber(note.currency)
    if (currency !== entry.content.currency) {
      throw new ApiError('CURRENCY_MISMATCH', { presented: entry.content.currency, required: currency })
    }
    return { noteId, receivableId: note.receivableId, payee: payeeOf(note, time), amount: BigInt(amount) }
  })
}
