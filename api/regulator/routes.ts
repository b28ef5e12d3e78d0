import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { hexlify } from 'ethers'
import { Type } from 'typebox'
import { sha256, sm3 } from '../../domain/crypto/hash.ts'
import type { Services } from '../app.ts'
import { asService, inSnapshot } from '../database.ts'
import { ApiError } from '../errors.ts'
import { fileOf, takeFiles } from '../files.ts'
import type { Caller } from '../plugins/auth.ts'
import { clockOf } from '../positions/routes.ts'
import { asOf } from '../receivables/repository.ts'
import { StoredNoteState } from '../receivables/schemas.ts'
import { Bytes32, NoteId, bytesOf, fileBody, refusals, strict } from '../schemas.ts'
import { checkEvidence } from './evidence-checks.ts'
import { cursorPatterns, datasets, exportFormats, exportRows } from './exports.ts'
import { outstandingNotes, outstandingTotals, type OutstandingFilter } from './outstanding.ts'
import {
  EvidenceCheckSchema,
  OutstandingSchema,
  SearchSchema,
  StatisticsSchema,
  type EvidenceCheck
} from './schemas.ts'
import { search } from './search.ts'
import { overdueBuckets, statisticsOf } from './statistics.ts'

const DAY = 86_400
const Seconds = Type.String({ pattern: '^[1-9][0-9]{0,11}$', description: 'Unix seconds' })

/** What a regulator looks with; participants too, over what they may see. */
export function regulatorRoutes({ pool, vault }: Services): FastifyPluginAsyncTypebox {
  return async (app) => {
    takeFiles(app)

    app.get(
      '/search',
      {
        schema: {
          operationId: 'search',
          tags: ['regulator'],
          summary: 'Find by name, number, identifier, id, transaction or digest, over what you may see',
          querystring: Type.Object(
            { q: Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\u0000\\ud800-\\udfff]*$' }) },
            strict
          ),
          response: { ...refusals, 200: SearchSchema }
        }
      },
      async ({ query: { q }, caller }) =>
        inSnapshot(pool, async (tx) => ({
          asOf: (await clockOf(tx)).asOf,
          q,
          // Its queries say themselves what the caller may see: of a document also who is a party of the debt that it stands for.
          items: await asService(tx, (service) => search(service, vault, caller, q))
        }))
    )

    app.get(
      '/evidence-checks/:digest',
      {
        schema: {
          operationId: 'getEvidenceCheck',
          tags: ['evidence'],
          summary: 'Whether a digest (SHA-256 or SM3 of a file, or a leaf hash) is in the evidence log, with the proof',
          params: Type.Object({ digest: Bytes32 }),
          response: { ...refusals, 200: EvidenceCheckSchema }
        }
      },
      async ({ params: { digest }, caller }) => check(caller, [digest])
    )

    app.post(
      '/evidence-checks',
      {
        schema: {
          operationId: 'checkEvidence',
          tags: ['evidence'],
          summary: 'Whether a file (the body) is in the evidence log: it is hashed and forgotten. Changes nothing',
          body: fileBody(['application/octet-stream', 'application/pdf', 'application/xml']),
          response: { ...refusals, 200: EvidenceCheckSchema }
        }
      },
      async (request) => {
        const bytes = fileOf(request)
        return check(request.caller, [hexlify(sha256(bytes)), hexlify(sm3(bytes))])
      }
    )

    app.get(
      '/statistics',
      {
        schema: {
          operationId: 'getStatistics',
          tags: ['regulator'],
          summary: 'What is outstanding, financed and overdue, with whom it lies, and the turnover of a period',
          querystring: Type.Object(
            {
              from: Type.Optional({
                ...Seconds,
                description: 'Beginning of the period, unix seconds; 30 days before its end'
              }),
              to: Type.Optional({ ...Seconds, description: 'End of the period, not within it; now when you name none' })
            },
            strict
          ),
          response: { ...refusals, 200: StatisticsSchema }
        }
      },
      async ({ query }) =>
        inSnapshot(pool, async (tx) => {
          const clock = await clockOf(tx)
          const to = query.to === undefined ? clock.at + 1 : Number(query.to)
          const from = query.from === undefined ? Math.max(1, to - 30 * DAY) : Number(query.from)
          if (from >= to)
            throw new ApiError('REQUEST_INVALID', { field: 'querystring/from', presented: from, required: to })
          return { ...clock, from, to, currencies: await statisticsOf(tx, clock.at, from, to) }
        })
    )

    app.get(
      '/outstanding-notes',
      {
        schema: {
          operationId: 'listOutstanding',
          tags: ['regulator'],
          summary: 'The open notes behind a figure of the statistics, with their sum',
          querystring: Type.Object(
            {
              currency: Type.Optional(Type.String({ pattern: '^[0-9]{1,3}$', description: 'ISO 4217 number' })),
              tier: Type.Optional(
                Type.String({ pattern: '^[0-9]{1,2}$', description: 'Transfers away from the creditor' })
              ),
              state: Type.Optional(StoredNoteState),
              debtor: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,8}$', description: 'Who owes them' })),
              group: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'Of the debtor' })),
              month: Type.Optional(Type.String({ pattern: '^[0-9]{4}-[0-9]{2}$', description: 'Of maturity, UTC' })),
              overdue: Type.Optional(Type.Enum([...overdueBuckets], { description: 'Days past due' })),
              only: Type.Optional(
                Type.Enum(['financed', 'disputed', 'frozen', 'overdue'], { description: 'One kind only' })
              ),
              after: Type.Optional(NoteId),
              limit: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,2}$' }))
            },
            strict
          ),
          response: { ...refusals, 200: OutstandingSchema }
        }
      },
      async ({ query: { currency, tier, debtor, after, limit: wanted = '50', ...asked } }) =>
        inSnapshot(pool, async (tx) => {
          const clock = await clockOf(tx)
          const numbers = Object.entries({ currency, tier, debtor }).flatMap(([name, value]) =>
            value === undefined ? [] : [[name, Number(value)]]
          )
          const filter: OutstandingFilter = { ...asked, ...(Object.fromEntries(numbers) as Record<string, number>) }
          const limit = Math.min(Number(wanted), 200)
          const totals = await outstandingTotals(tx, clock.at, filter)
          const page = after === undefined ? { limit } : { limit, after }
          const items = await outstandingNotes(tx, clock.at, filter, page)
          return { ...clock, totals, items, next: items.length === limit ? items.at(-1)!.note.noteId : null }
        })
    )

    app.get(
      '/exports/:dataset',
      {
        schema: {
          operationId: 'exportRows',
          tags: ['regulator'],
          summary:
            'Download receivables, notes or events as CSV or NDJSON: a regulator all, a clearing agent those of confirmed ' +
            'receivables, others their own, of notes by branch',
          description:
            'CSV by RFC 4180; a cell that a spreadsheet would take for a formula has an apostrophe in front. Each line of NDJSON has the ' +
            '`cursor` to go on from with `after`. Events are those up to the block in the header `tallystick-as-of-block`; receivables ' +
            'and notes are each as they are when the line is written, and say of which block.',
          params: Type.Object({ dataset: Type.Enum([...datasets]) }),
          querystring: Type.Object(
            {
              format: Type.Optional(Type.Enum([...exportFormats])),
              after: Type.Optional(Type.String({ maxLength: 70, description: 'Cursor of the last line that you have' }))
            },
            strict
          ),
          response: { ...refusals, 200: bytesOf('The rows', 'text/csv', 'application/x-ndjson') }
        }
      },
      async ({ params: { dataset }, query: { format = 'csv', after }, caller }, reply) => {
        const pattern = cursorPatterns[dataset]
        if (after !== undefined && !pattern.test(after)) {
          throw new ApiError('REQUEST_INVALID', {
            field: 'querystring/after',
            presented: after,
            required: String(pattern)
          })
        }
        const block = await asOf(pool)
        if (!block) throw new ApiError('PROJECTION_BEHIND')
        const rows = exportRows(pool, caller, { dataset, format, after, upTo: block.block })
        return reply
          .header('tallystick-as-of-block', String(block.block))
          .header('content-disposition', `attachment; filename="${dataset}.${format}"`)
          .type(format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/x-ndjson')
          .send(Readable.from(rows, { objectMode: false }) as never)
      }
    )
  }

  function check(caller: Caller, digests: string[]): Promise<EvidenceCheck> {
    return inSnapshot(pool, async (tx) => {
      const { asOf: block } = await clockOf(tx)
      return { asOf: block, digests, ...(await asService(tx, (service) => checkEvidence(service, caller, digests))) }
    })
  }
}
