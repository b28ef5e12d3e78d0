import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { lineageOf } from '../../domain/evidence/lineage.ts'
import { replay, type Replayed } from '../../domain/evidence/replay.ts'
import type { Services } from '../app.ts'
import { inSnapshot, type Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import { requireOneOf } from '../evidence/routes.ts'
import type { Caller } from '../plugins/auth.ts'
import { asOf, findNote, findReceivable, type AsOf, type ReceivableView } from '../receivables/repository.ts'
import { NoteId, ReceivableId, refusals } from '../schemas.ts'
import { cursorOf, eventsFor, itemOfRecord, placeOf, recordsOf, withOrders, type Place } from './repository.ts'
import { HistoryQuery, HistorySchema, LineageSchema } from './schemas.ts'
import { lineageView } from './view.ts'

const LIMIT = 500

/** What happened to receivables and notes, and which note comes from which. */
export function historyRoutes({ pool }: Services): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/receivables/:receivableId/history',
      {
        schema: {
          operationId: 'getReceivableHistory',
          tags: ['receivable'],
          summary:
            'The events of a receivable and of the notes of it that you see, in chain order, page by page: a page may be shorter than asked',
          params: Type.Object({ receivableId: ReceivableId }),
          querystring: HistoryQuery,
          response: { ...refusals, 200: HistorySchema }
        }
      },
      async ({ params: { receivableId }, query, caller }) =>
        inSnapshot(pool, async (tx) => {
          const receivable = await visibleReceivable(tx, receivableId, caller)
          const limit = limitOf(query.limit)
          const { items, told } = await eventsFor(tx, receivable, caller, { after: placeOf(query.after), limit })
          return { ...pageOf(await blockOf(tx), items, limit), items: await withOrders(tx, told) }
        })
    )

    app.get(
      '/receivables/:receivableId/lineage',
      {
        schema: {
          operationId: 'getReceivableLineage',
          tags: ['receivable'],
          summary: 'The tree of all notes of a receivable, for its debtor, its creditor and a regulator',
          params: Type.Object({ receivableId: ReceivableId }),
          response: { ...refusals, 200: LineageSchema }
        }
      },
      async ({ params: { receivableId }, caller }) =>
        inSnapshot(pool, async (tx) => {
          const receivable = await visibleReceivable(tx, receivableId, caller)
          requireOneOf(caller, [receivable.debtor, receivable.creditor], 'RECEIVABLE_PARTY_WRONG')
          const view = lineageView(receivable, await replayedOf(tx, receivableId))
          return { asOf: await blockOf(tx), ...view }
        })
    )

    app.get(
      '/notes/:noteId/history',
      {
        schema: {
          operationId: 'getNoteHistory',
          tags: ['note'],
          summary: 'The events of a note, of the notes that it descends from and of its receivable, and of no other',
          params: Type.Object({ noteId: NoteId }),
          querystring: HistoryQuery,
          response: { ...refusals, 200: HistorySchema }
        }
      },
      async ({ params: { noteId }, query, caller }) =>
        inSnapshot(pool, async (tx) => {
          const receivable = await receivableOfNote(tx, noteId, caller)
          const { steps } = lineageOf(BigInt(noteId), (await replayedOf(tx, receivable.receivableId)).steps)
          const after = placeOf(query.after)
          const limit = limitOf(query.limit)
          const items = steps.map(({ record }) => itemOfRecord(record)).filter((item) => !after || isAfter(item, after))
          return pageOf(await blockOf(tx), await withOrders(tx, items.slice(0, limit)), limit)
        })
    )

    app.get(
      '/notes/:noteId/lineage',
      {
        schema: {
          operationId: 'getNoteLineage',
          tags: ['note'],
          summary:
            'From which notes a note comes: the way from the root, with every cut; of other branches only where they begin',
          params: Type.Object({ noteId: NoteId }),
          response: { ...refusals, 200: LineageSchema }
        }
      },
      async ({ params: { noteId }, caller }) =>
        inSnapshot(pool, async (tx) => {
          const receivable = await receivableOfNote(tx, noteId, caller)
          const view = lineageView(receivable, await replayedOf(tx, receivable.receivableId), BigInt(noteId))
          return { asOf: await blockOf(tx), ...view }
        })
    )
  }

  async function replayedOf(tx: Transaction, receivableId: string): Promise<Replayed> {
    return replay(BigInt(receivableId), await recordsOf(tx, receivableId))
  }
}

async function blockOf(tx: Transaction): Promise<AsOf> {
  const block = await asOf(tx)
  if (!block) throw new ApiError('PROJECTION_BEHIND')
  return block
}

async function visibleReceivable(tx: Transaction, receivableId: string, caller: Caller): Promise<ReceivableView> {
  const receivable = await findReceivable(tx, receivableId, caller)
  if (!receivable) throw new ApiError('RECEIVABLE_NOT_FOUND', { presented: receivableId })
  return receivable
}

/** As its evidence package: a note's life is for its parties, not for everybody who ever had a part of the receivable. */
async function receivableOfNote(tx: Transaction, noteId: string, caller: Caller): Promise<ReceivableView> {
  const note = await findNote(tx, noteId, caller)
  if (!note) throw new ApiError('NOTE_NOT_FOUND', { presented: noteId })
  const { holder, counterparty, assignor, payee } = note
  const receivable = await visibleReceivable(tx, note.receivableId, caller)
  const { debtor, creditor } = receivable
  requireOneOf(caller, [holder, counterparty, assignor, payee, debtor, creditor], 'NOTE_PARTY_WRONG')
  return receivable
}

function pageOf<I extends Place>(block: AsOf, items: I[], limit: number) {
  return { asOf: block, items, next: items.length === limit ? cursorOf(items.at(-1)!) : null }
}

function limitOf(limit: string | undefined): number {
  return Math.min(Number(limit ?? LIMIT), LIMIT)
}

function isAfter({ block, logIndex }: Place, after: Place): boolean {
  return block > after.block || (block === after.block && logIndex > after.logIndex)
}
