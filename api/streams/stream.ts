import type { ServerResponse } from 'node:http'
import type { Caller } from '../plugins/auth.ts'
import { viewOf, type Place } from './feed.ts'
import type { Tail } from './tail.ts'

export interface StreamSettings {
  /** A comment goes out when nothing else did for so long, milliseconds: whoever is in between keeps the connection. */
  heartbeatMs: number
  /** A client that takes nothing for so long is cut off, milliseconds. */
  stuckMs: number
  /** So often it is looked whether the client's credential was taken back, which ends the stream, milliseconds. */
  checkMs: number
  /** After so long a stream ends, and the client comes again with its credential, milliseconds. */
  lifeMs: number
  /** Open streams of one participant, and of all. */
  perParticipant: number
  total: number
}

export const streamDefaults: StreamSettings = {
  heartbeatMs: 15_000,
  stuckMs: 30_000,
  checkMs: 3_000,
  lifeMs: 3_600_000,
  perParticipant: 10,
  total: 2_000
}

/** Entries written before the client has to take them: all that is ever held for it. */
const PAGE = 100
const RETRY_MS = 1_000

/**
 * Sends text and waits until the client took it. Returns false for one that did not in time, or went away; it is cut off.
 * Nothing is held for it meanwhile but what was handed over.
 */
export async function send(response: ServerResponse, text: string, stuckMs: number): Promise<boolean> {
  if (response.destroyed || response.writableEnded) return false
  if (response.write(text)) return true
  return new Promise((resolve) => {
    const end = (isTaken: boolean): void => {
      clearTimeout(timer)
      response.off('drain', taken)
      response.off('close', gone)
      if (!isTaken) response.destroy()
      resolve(isTaken)
    }
    const taken = (): void => end(true)
    const gone = (): void => end(false)
    const timer = setTimeout(gone, stuckMs)
    response.once('drain', taken)
    response.once('close', gone)
  })
}

/**
 * Server-sent events (HTML standard, 9.2) from a place on, until the client goes, is stuck, or `signal` ends it, or its credential was
 * taken back.
 * @param isTakenBack Of the caller's credential, asked every `checkMs`
 */
export async function serveStream(
  response: ServerResponse,
  caller: Caller,
  start: Place,
  tail: Tail,
  settings: StreamSettings,
  signal: AbortSignal,
  isTakenBack: () => Promise<boolean>
): Promise<void> {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    // Nothing comes after it; without this a stopping server would wait for the connection.
    connection: 'close'
  })
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const ending = AbortSignal.any([signal, gone.signal, AbortSignal.timeout(settings.lifeMs)])
  let place = start
  // A client that gets nothing else before it is cut off knows where it was.
  let told = start
  let isOpen = await send(response, `retry: ${RETRY_MS}\n${positionOf(start)}`, settings.stuckMs)
  let [saidAt, checkedAt] = [performance.now(), performance.now()]
  while (isOpen && !ending.aborted) {
    if (performance.now() - checkedAt >= settings.checkMs) {
      if (await isTakenBack()) break
      checkedAt = performance.now()
    }
    const page = await tail.page(place, caller, PAGE)
    const last = page.entries.at(-1)
    if (last) {
      const text = page.entries.map((entry) => {
        const view = viewOf(entry, caller)
        return `event: ${view.kind}\nid: ${view.id}\ndata: ${JSON.stringify(view)}\n\n`
      })
      isOpen = await send(response, text.join(''), settings.stuckMs)
      told = last
      saidAt = performance.now()
    }
    place = page.next
    if (!page.isEnd || !isOpen) continue
    const now = performance.now()
    const [silence, check] = [saidAt + settings.heartbeatMs - now, checkedAt + settings.checkMs - now]
    await tail.wait(place.position, Math.max(0, Math.min(silence, check)), ending)
    if (ending.aborted || performance.now() - saidAt < settings.heartbeatMs) continue
    isOpen = await send(response, told.position < place.position ? positionOf(place) : ': alive\n\n', settings.stuckMs)
    told = place
    saidAt = performance.now()
  }
  response.end()
}

/** How far the feed was looked through, though nothing of it was for this client. */
function positionOf({ token }: Place): string {
  return `event: position\nid: ${token}\ndata: {"id":"${token}"}\n\n`
}
