/**
 * What keeps pages up to date without reload: the stream of events tells that something happened that concerns the reader, and what is
 * shown is read again. What makes no event (a quote, a refusal) is looked at from time to time by the pages that show it. While the page
 * is hidden nothing is asked: browsers keep few connections per host, and the stream is taken up again where it was left (docs/adr/0034).
 */
import { effect, signal } from '@preact/signals'
import { useEffect, useState } from 'preact/hooks'
import { followEvents } from '../../client/events.ts'
import { ApiUnreachable, ProblemError } from '../../client/problem.ts'
import { api, isReplaced, session } from '../login/session.ts'

/** The block as of which the projection holds. */
export const head = signal<{ block: number; time: number } | undefined>(undefined)
/** What deadlines and maturities are held against, unix seconds: the newest block's time; this machine's until one was seen. */
export function chainTime(): number {
  return head.value?.time ?? Math.floor(Date.now() / 1000)
}

/** Whether the api answered the last time it was asked. */
export const isOnline = signal(true)
/** Rises with each event for the reader, and with each change that the page itself made. */
const changes = signal(0)
const isVisible = signal(document.visibilityState === 'visible')

/** The newest block is asked for so often, and after each event; and everything shown, while there is no stream. */
const HEAD_MS = 10_000
const WITHOUT_STREAM_MS = 3_000
/** Events of one block come together, and are one reason to read again. */
const GATHER_MS = 40

/** Everything that is shown is read again: for after a command that is not on chain yet. */
export function touch(): void {
  changes.value++
}

async function lookAtHead(): Promise<void> {
  try {
    const { asOf } = await api.call('getReadiness', {})
    head.value = asOf
    isOnline.value = true
  } catch (error) {
    isOnline.value = !(error instanceof ApiUnreachable)
  }
}

let gathering: ReturnType<typeof setTimeout> | undefined

function happened(): void {
  gathering ??= setTimeout(() => {
    gathering = undefined
    touch()
    void lookAtHead()
  }, GATHER_MS)
}

/** Where the stream was left, of which participant: another's places are none of ours. */
let place: { participantId: number; id: string } | undefined

/** Follows the stream of a participant until it is stopped. Nothing is missed between two streams: they go on from a place. */
function follow(participantId: number): () => void {
  const stopping = new AbortController()
  const { signal } = stopping
  let polling: ReturnType<typeof setInterval> | undefined
  const poll = (isNeeded: boolean): void => {
    clearInterval(polling)
    polling = isNeeded && !signal.aborted ? setInterval(happened, WITHOUT_STREAM_MS) : undefined
  }
  const begin = (): void => {
    const after = place?.participantId === participantId ? place.id : undefined
    let used: string | undefined
    const options = {
      baseUrl: '',
      credential: () => (used = session.value?.credential),
      signal,
      ...(after === undefined ? {} : { after }),
      onState: (isOpen: boolean) => {
        poll(!isOpen)
        if (isOpen) happened()
      }
    }
    followEvents(options, ({ event, id }) => {
      place = { participantId, id }
      if (event !== 'position') happened()
    }).catch(async (error: unknown) => {
      if (signal.aborted) return
      const isRefused = error instanceof ProblemError && error.problem.status === 401
      if (isRefused && !(await isReplaced(used))) return
      // A place that is none any more (410) is given up: what is shown is read again when the next stream stands.
      if (!isRefused) place = undefined
      poll(true)
      setTimeout(() => signal.aborted || begin(), WITHOUT_STREAM_MS)
    })
  }
  begin()
  return () => {
    stopping.abort()
    poll(false)
  }
}

let isStarted = false

/** Begins to look; once a page. */
export function startLive(): void {
  if (isStarted) return
  isStarted = true
  document.addEventListener('visibilitychange', () => (isVisible.value = document.visibilityState === 'visible'))
  effect(() => {
    if (!isVisible.value) return undefined
    void lookAtHead()
    const timer = setInterval(() => void lookAtHead(), HEAD_MS)
    return () => clearInterval(timer)
  })
  let following: number | undefined
  let stop: (() => void) | undefined
  effect(() => {
    const wanted = isVisible.value ? session.value?.participantId : undefined
    if (wanted === following) return
    stop?.()
    following = wanted
    stop = wanted === undefined ? undefined : follow(wanted)
  })
}

/** What was read, and what went wrong the last time; data of before stays while there is nothing newer. */
export interface Live<T> {
  data: T | undefined
  error: unknown
}

export interface LiveOptions {
  /** Read again so often while the page is seen, milliseconds: for what makes no event. */
  everyMs?: number
}

/**
 * Reads again whenever something happened or the page changed something.
 * @param key What `load` depends on: another key is another question, whose answer starts empty.
 */
export function useLive<T>(
  key: string,
  load: (signal: AbortSignal) => Promise<T>,
  { everyMs }: LiveOptions = {}
): Live<T> {
  const [state, setState] = useState<Live<T> & { key: string }>({ key, data: undefined, error: undefined })
  const version = changes.value
  useEffect(() => {
    const abort = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const read = async (): Promise<void> => {
      try {
        const data = await load(abort.signal)
        if (!abort.signal.aborted) setState({ key, data, error: undefined })
      } catch (error) {
        if (abort.signal.aborted) return
        setState((before) => ({ key, data: before.key === key ? before.data : undefined, error }))
      }
      if (everyMs !== undefined && !abort.signal.aborted) timer = setTimeout(again, everyMs)
    }
    const again = (): void => {
      if (isVisible.value) void read()
      else timer = setTimeout(again, everyMs)
    }
    void read()
    return () => {
      abort.abort()
      clearTimeout(timer)
    }
  }, [key, version])
  return state.key === key ? state : { data: undefined, error: undefined }
}
