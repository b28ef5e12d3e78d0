/**
 * Delivers the feed to the endpoints: each in its order, one event at a time, each event until it was taken. One process of all
 * does it, by an advisory lock; the others stand by. Where an endpoint is stands in Postgres, moved after its answer: a process
 * that dies in between delivers again, under the same id.
 */
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { inTransaction, type Pool } from '../database.ts'
import { ApiError } from '../errors.ts'
import { placeOf, readFeed, viewOf, type Entry, type EventView, type Place, type Reader } from '../streams/feed.ts'
import type { Tail } from '../streams/tail.ts'
import type { Vault } from '../vault.ts'
import {
  countFailure,
  dueEndpoints,
  endReplay,
  findDue,
  logDelivery,
  moveOn,
  nextReplay,
  openSecret,
  setState,
  type Due
} from './repository.ts'
import { post, signedHeaders } from './send.ts'
import { retryDelay, type WebhookSettings } from './settings.ts'

const WEBHOOK_LOCK = 7_115_004
const STANDBY_MS = 500
/** How often it looks who is due: retries, and endpoints that changed. */
const LOOK_MS = 500
const PAGE = 50
const MOST_AT_ONCE = 50
/** So many positions that are not for an endpoint are passed before its place is written. */
const WRITE_EVERY = 1_000

export interface DelivererParts {
  pool: Pool
  databaseUrl: string
  tail: Tail
  vault: Vault
  settings: WebhookSettings
  complain: (message: string) => void
}

export interface Deliverer {
  stop(): Promise<void>
}

export function startDeliverer(parts: DelivererParts): Deliverer {
  const stopping = new AbortController()
  const running = run(parts, stopping.signal)
  return {
    async stop() {
      stopping.abort()
      await running
    }
  }
}

async function run({ complain, ...rest }: DelivererParts, stopping: AbortSignal): Promise<void> {
  let last = ''
  // A trouble is said once, not at every turn.
  const parts: DelivererParts = {
    ...rest,
    complain(message) {
      if (message !== last) complain(message)
      last = message
    }
  }
  while (!stopping.aborted) {
    const session = new pg.Client({
      connectionString: parts.databaseUrl,
      connectionTimeoutMillis: 5_000,
      options: '-c role=tallystick_api'
    })
    const lost = new AbortController()
    session.on('error', () => lost.abort())
    session.on('end', () => lost.abort())
    try {
      await session.connect()
      await lead(parts, session, AbortSignal.any([stopping, lost.signal]))
    } catch (error) {
      parts.complain((error as Error).message)
      await delay(STANDBY_MS, undefined, { signal: stopping }).catch(() => {})
    } finally {
      await session.end().catch(() => {})
    }
  }
}

/** Works while this session holds the lock; a lost connection gives the lock to the next process. */
async function lead(parts: DelivererParts, session: pg.Client, ending: AbortSignal): Promise<void> {
  while (!ending.aborted) {
    const { rows } = await session.query<{ won: boolean }>('select pg_try_advisory_lock($1) as won', [WEBHOOK_LOCK])
    if (rows[0]!.won) break
    await delay(STANDBY_MS, undefined, { signal: ending }).catch(() => {})
  }
  const working = new Map<string, Promise<void>>()
  let seen = 0
  try {
    while (!ending.aborted) {
      for (const endpointId of await dueEndpoints(parts.pool)) {
        if (working.has(endpointId) || working.size >= MOST_AT_ONCE) continue
        const work = serve(parts, endpointId, ending)
          .catch((error: unknown) => parts.complain((error as Error).message))
          .finally(() => working.delete(endpointId))
        working.set(endpointId, work)
      }
      await parts.tail.wait(seen, LOOK_MS, ending)
      seen = parts.tail.position
    }
  } finally {
    await Promise.all(working.values())
  }
}

/**
 * Delivers to one endpoint until nothing is left, or it fails. Only one does it at a time, so that it reads by itself where the
 * endpoint is: a list of who is due can be older than what the one before it delivered.
 */
async function serve(parts: DelivererParts, endpointId: string, ending: AbortSignal): Promise<void> {
  const { pool, tail } = parts
  const due = await findDue(pool, endpointId)
  if (!due) return
  const caller: Reader = { participantId: due.participantId, roles: due.roles as Reader['roles'] }
  while (await replayOne(parts, due, caller, ending));
  let place: Place
  try {
    place = await placeOf(pool, due.place)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return setState(pool, due.endpointId, 'the feed has no such position any more: enable it from another one')
  }
  let written = place
  while (!ending.aborted) {
    const page = await tail.page(place, caller, PAGE)
    for (const entry of page.entries) {
      if (ending.aborted || !(await deliver(parts, due, caller, entry, written, ending))) return
      written = entry
    }
    place = page.next
    if (place.position - written.position >= WRITE_EVERY) {
      if (!(await moveOn(pool, due.endpointId, written.token, place.token))) return
      written = place
    }
    if (page.isEnd) return
  }
}

/** One event that is wanted once more. Returns whether there was one that is over now. */
async function replayOne(parts: DelivererParts, due: Due, caller: Reader, ending: AbortSignal): Promise<boolean> {
  const { pool } = parts
  const replay = ending.aborted ? undefined : await nextReplay(pool, due.endpointId)
  if (!replay) return false
  const position = Number(replay.eventId.split('-')[0])
  const { entries } = await readFeed(pool, caller, { position: position - 1, token: '' }, 1)
  const [entry] = entries
  // It is no more: a feed that was begun anew has something else there.
  if (entry?.token !== replay.eventId) {
    await endReplay(pool, replay.replayId)
    return true
  }
  return deliver(parts, due, caller, entry, undefined, ending, replay.replayId)
}

/** Posts an entry and writes down what came of it. Returns whether it goes on. */
async function deliver(
  parts: DelivererParts,
  due: Due,
  caller: Reader,
  entry: Entry,
  from: Place | undefined,
  ending: AbortSignal,
  replayId?: string
): Promise<boolean> {
  const { pool, vault, settings } = parts
  const { endpointId } = due
  const view = viewOf(entry, caller)
  const body = JSON.stringify({ type: typeOf(view), timestamp: new Date(view.time * 1_000).toISOString(), data: view })
  const started = performance.now()
  const headers = signedHeaders(openSecret(vault, due), `evt_${view.id}`, Math.floor(Date.now() / 1_000), body)
  const outcome = await post(due.url, headers, body, settings, ending)
  // Its connection was cut because we stop, or are no longer the one: the next process delivers it.
  if (outcome.problem !== null && ending.aborted) return false
  return inTransaction(pool, async (tx) => {
    const durationMs = Math.round(performance.now() - started)
    const { status, problem } = outcome
    const isReplay = replayId !== undefined
    await logDelivery(tx, endpointId, { eventId: view.id, eventName: view.name, isReplay, status, problem, durationMs })
    if (problem === null) {
      due.failures = 0
      due.failingSince = null
      if (replayId !== undefined) await endReplay(tx, replayId)
      return from === undefined ? true : moveOn(tx, endpointId, from.token, entry.token)
    }
    const failingMs = due.failingSince ? Date.now() - due.failingSince.getTime() : 0
    if (status === 410) await setState(tx, endpointId, 'it answered 410: it wants no more')
    else if (failingMs >= settings.disableAfterMs) {
      const since = due.failingSince!.toISOString()
      await setState(tx, endpointId, `nothing was taken since ${since}; last: ${problem}`)
    } else {
      const asked = Math.min(outcome.retryAfterMs, settings.longestRetryMs)
      await countFailure(tx, endpointId, Math.max(retryDelay(due.failures + 1, settings), asked))
    }
    return false
  })
}

/** Whoever knows only the names of events must not take one that a fork took back for one that happened. */
function typeOf({ kind, name }: EventView): string {
  return kind === 'added' ? name : `${name}.retracted`
}
