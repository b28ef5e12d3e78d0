import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import type { Statement } from '../../domain/documents/statement.ts'
import { findings } from '../../domain/settlement/match.ts'
import type { CsvStatementMapping } from '../../domain/settlement/csv-statement.ts'
import type { Services } from '../app.ts'
import { ReadingThread } from '../documents/reading-thread.ts'
import { asProblem } from '../documents/store.ts'
import { ApiError } from '../errors.ts'
import { once } from '../plugins/idempotency.ts'
import { CommandHeaders, fileBody, Count, refusals, strict, Uuid } from '../schemas.ts'
import { listEntries, shownEntry } from './entries.ts'
import { CsvMapping, Day, EntrySchema, Limit, OrNull, RowId, StatementSchema } from './schemas.ts'
import type { StatementFile } from './statement-worker.ts'
import { findStatement, keepStatements, listStatements } from './statements.ts'

const MEDIA_TYPES = ['application/xml', 'text/xml', 'text/plain', 'text/csv', 'application/octet-stream']

/** Bank statements, and what is in them. */
export function statementRoutes(services: Services): FastifyPluginAsyncTypebox {
  const { pool, vault } = services
  return async (app) => {
    const reading = new ReadingThread<readonly Statement[], StatementFile>(
      new URL('./statement-worker.ts', import.meta.url)
    )
    app.addHook('onClose', () => reading.close())
    for (const type of MEDIA_TYPES) {
      app.addContentTypeParser(type, { parseAs: 'buffer', bodyLimit: 5 << 20 }, (_request, body, done) =>
        done(null, body)
      )
    }

    app.post(
      '/statements',
      {
        schema: {
          operationId: 'uploadStatement',
          tags: ['settlement'],
          summary:
            'Bring a bank statement (the body is the file): camt.052, camt.053, camt.054, MT940, or CSV by a mapping',
          description:
            'Every entry is kept once, whether it comes in a report, a statement, a notification, or the same file again. Opening ' +
            'balance and booked entries must make the closing balance; if they do not, nothing of the statement is accepted without ' +
            'people. An entry with our reference, the exact amount and the payee’s account is matched at once; others go to the queue.',
          body: fileBody(MEDIA_TYPES),
          headers: CommandHeaders,
          querystring: Type.Object(
            {
              mapping: Type.Optional(
                Type.String({
                  minLength: 2,
                  maxLength: 4000,
                  description: 'For a CSV: JSON that names account, currency and columns'
                })
              )
            },
            strict
          ),
          response: { ...refusals, 200: StatementSchema, 201: StatementSchema }
        }
      },
      async (request, reply) => {
        const bytes = request.body
        if (!(bytes instanceof Uint8Array) || bytes.length === 0) {
          throw new ApiError('MEDIA_TYPE_UNSUPPORTED', {
            field: 'body',
            required: `the file as ${MEDIA_TYPES.join(' or ')}`
          })
        }
        const mapping = request.query.mapping === undefined ? undefined : mappingOf(request.query.mapping)
        const statements = await read({ bytes, ...(mapping ? { mapping } : {}) })
        const mediaType = (request.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase()
        return (await once(pool, request, reply, (tx) =>
          keepStatements(tx, services, request.caller, { bytes, mediaType, statements })
        )) as Static<typeof StatementSchema>
      }
    )

    app.get(
      '/statements',
      {
        schema: {
          operationId: 'listStatements',
          tags: ['settlement'],
          summary: 'The bank statements that you brought, newest first',
          querystring: Type.Object({ limit: Type.Optional(Limit) }, strict),
          response: { ...refusals, 200: Type.Object({ items: Type.Array(StatementSchema) }, strict) }
        }
      },
      async (request) => {
        const limit = Math.min(Number(request.query.limit ?? '20'), 50)
        return { items: await listStatements(pool, vault, request.caller.participantId, limit) }
      }
    )

    app.get(
      '/statements/:statementId',
      {
        schema: {
          operationId: 'getStatement',
          tags: ['settlement'],
          summary: 'A bank statement that you brought',
          params: Type.Object({ statementId: Uuid }),
          response: { ...refusals, 200: StatementSchema }
        }
      },
      async (request) => {
        const { statementId } = request.params
        const found = await findStatement(pool, vault, request.caller.participantId, { statementId })
        if (!found) throw new ApiError('STATEMENT_NOT_FOUND', { presented: statementId })
        return found
      }
    )

    app.get(
      '/statement-entries',
      {
        schema: {
          operationId: 'listStatementEntries',
          tags: ['settlement'],
          summary: 'Entries of your statements, each once',
          querystring: Type.Object(
            {
              day: Type.Optional(Day),
              finding: Type.Optional(Type.Enum([...findings])),
              statementId: Type.Optional({ ...Uuid, description: 'Those that this statement brought first' }),
              after: Type.Optional(Count),
              limit: Type.Optional(Limit)
            },
            strict
          ),
          response: { ...refusals, 200: Type.Object({ items: Type.Array(EntrySchema), next: OrNull(RowId) }, strict) }
        }
      },
      async (request) => {
        const { day, finding, statementId, after = '0', limit: wanted = '50' } = request.query
        const limit = Math.min(Number(wanted), 200)
        const filter = { day, finding, statementId, after: Number(after), limit }
        const found = await listEntries(pool, vault, request.caller.participantId, filter)
        return { items: found.map(shownEntry), next: found.length === limit ? found.at(-1)!.entryId : null }
      }
    )

    async function read(file: StatementFile): Promise<readonly Statement[]> {
      try {
        return await reading.read(file)
      } catch (error) {
        throw asProblem(error)
      }
    }
  }
}

/** The mapping travels beside the file, so it comes as text and is checked here as a body would be. */
function mappingOf(text: string): CsvStatementMapping {
  const refuse = (reason: string): never => {
    throw new ApiError('REQUEST_INVALID', { field: 'querystring/mapping', reason })
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    refuse('not JSON')
  }
  if (Value.Check(CsvMapping, value)) return value as CsvStatementMapping
  const first = Value.Errors(CsvMapping, value)[0]
  return refuse(`${first?.instancePath ?? ''} ${first?.message ?? 'is not in its form'}`.trim())
}
