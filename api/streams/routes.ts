import type { ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { isTakenBack } from '../access/credentials.ts'
import type { Services } from '../app.ts'
import { ApiError } from '../errors.ts'
import { asOf } from '../receivables/repository.ts'
import { AsOf, ProblemRef, refusals, strict } from '../schemas.ts'
import { endOfFeed, placeOf, readFeed, START, viewOf, type Place } from './feed.ts'
import { EventSchema, PositionToken, TOKEN } from './schemas.ts'
import { serveStream, streamDefaults } from './stream.ts'
import type { Tail } from './tail.ts'

const GOODBYE_MS = 1_000
const EventsQuery = Type.Object(
  {
    after: Type.Optional(
      Type.String({
        pattern: `^(0|now|${TOKEN})$`,
        description:
          'Go on after this place; 0: from the start; now: from what comes next. Absent: the start for a page, now for a stream'
      })
    ),
    limit: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,2}$', description: 'Of a page, up to 500' }))
  },
  strict
)
const EventsHeaders = Type.Object({
  'last-event-id': Type.Optional(
    Type.String({ description: 'What a client that lost its stream sends; before `after`' })
  )
})

/** The feed of events, as a page or as a stream. */
export function streamRoutes({ pool, config }: Services, tail: Tail): FastifyPluginAsyncTypebox {
  const settings = { ...streamDefaults, ...config.streams }
  return async (app) => {
    const stopping = new AbortController()
    const open = new Map<number, number>()
    const streams = new Map<ServerResponse, Promise<void>>()
    app.addHook('preClose', async () => {
      stopping.abort()
      // Who does not take its goodbye is cut off.
      await Promise.race([Promise.all(streams.values()), delay(GOODBYE_MS, undefined, { ref: false })])
      for (const response of streams.keys()) response.destroy()
    })

    async function begin(asked: string | undefined, fallback: 'start' | 'now'): Promise<Place> {
      if (asked === undefined) return fallback === 'start' ? START : endOfFeed(pool)
      return asked === 'now' ? endOfFeed(pool) : placeOf(pool, asked)
    }

    /** Takes a place among the open streams. @throws ApiError STREAMS_TOO_MANY */
    function enter(participantId: number): () => void {
      const own = open.get(participantId) ?? 0
      const isFull = own >= settings.perParticipant || streams.size >= settings.total
      if (isFull || stopping.signal.aborted) {
        throw new ApiError('STREAMS_TOO_MANY', { presented: own + 1, required: settings.perParticipant })
      }
      open.set(participantId, own + 1)
      return () => {
        const left = open.get(participantId)! - 1
        if (left > 0) open.set(participantId, left)
        else open.delete(participantId)
      }
    }

    app.get(
      '/events',
      {
        schema: {
          operationId: 'listEvents',
          tags: ['event'],
          summary: 'What happened to what you are a party of, in order: a page, or server-sent events',
          description:
            'With `Accept: text/event-stream` a stream of events `added` and `retracted`, whose ids a client sends back as ' +
            '`Last-Event-ID`, and `position` for what it was not told of. You see an event of a receivable when you were a party of ' +
            'it by the end of the event’s block, and one of a note when you were by then debtor, creditor or a party of a branch ' +
            'that the note is on. Clearing agents see those of receivables that were confirmed by then, regulators all. Of other keys proposed for an ' +
            'account (`RecoveryStarted`, `RecoveryEnded`) its participant is told. What came ' +
            'before you were a party is in the history of the receivable.',
          headers: EventsHeaders,
          querystring: EventsQuery,
          response: {
            ...refusals,
            429: ProblemRef,
            410: ProblemRef,
            200: {
              description: 'A page, or a stream',
              content: {
                'application/json': {
                  schema: Type.Object(
                    {
                      asOf: AsOf,
                      items: Type.Array(EventSchema),
                      next: PositionToken,
                      isEnd: Type.Boolean({ description: 'Nothing more is there at the moment' })
                    },
                    strict
                  )
                },
                'text/event-stream': { schema: Type.String() }
              }
            }
          }
        }
      },
      async (request, reply) => {
        const { caller, query } = request
        const isStream = request.method === 'GET' && /\btext\/event-stream\b/.test(request.headers.accept ?? '')
        const asked = lastEventId(request.headers['last-event-id']) ?? query.after
        const start = await begin(asked, isStream ? 'now' : 'start')
        if (!isStream) {
          const block = await asOf(pool)
          if (!block) throw new ApiError('PROJECTION_BEHIND')
          const page = await readFeed(pool, caller, start, Math.min(Number(query.limit ?? '100'), 500))
          const items = page.entries.map((entry) => viewOf(entry, caller))
          return { asOf: block, items, next: page.next.token, isEnd: page.isEnd }
        }
        const leave = enter(caller.participantId)
        try {
          await app.writeDown(request)
        } catch (error) {
          leave()
          throw error
        }
        reply.hijack()
        // A database that is away for a moment has taken nothing back.
        const isGone = () => isTakenBack(pool, caller).catch(() => false)
        const serving = serveStream(reply.raw, caller, start, tail, settings, stopping.signal, isGone)
          .catch((error: unknown) => {
            request.log.warn({ err: error }, 'a stream broke off')
            reply.raw.destroy()
          })
          .finally(() => {
            leave()
            streams.delete(reply.raw)
          })
        streams.set(reply.raw, serving)
        return reply
      }
    )
  }
}

/** @throws ApiError REQUEST_INVALID for one that was never given */
function lastEventId(header: string | undefined): string | undefined {
  if (header === undefined || header === '') return undefined
  if (new RegExp(`^(0|${TOKEN})$`).test(header)) return header
  throw new ApiError('REQUEST_INVALID', {
    field: 'headers/last-event-id',
    presented: header,
    required: 'an id as given'
  })
}
