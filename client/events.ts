/** The stream of events (`GET /v1/events`, server-sent events) for programs that must miss none: it is resumed where it broke off. */
import { ProblemError, type Problem } from './problem.ts'

/** One event of the stream. */
export interface StreamMessage {
  /** `position` says how far the feed was looked through, though nothing of it was for this participant. */
  event: 'added' | 'retracted' | 'position'
  /** Place in the feed: what to keep, and to give as `after` another time. */
  id: string
  data: Record<string, unknown>
}

export interface StreamOptions {
  /** As of `ApiOptions`. */
  baseUrl: string
  credential: () => string | undefined
  /** Go on after this place; without it, with what comes next. */
  after?: string
  signal: AbortSignal
  /** Told when the stream stands, and when it broke off and will be tried again. */
  onState?: (isOpen: boolean) => void
  /** Between two attempts, milliseconds; grows to `maxPauseMs`. */
  pauseMs?: number
  maxPauseMs?: number
}

/**
 * Gives each event once, in order, until `signal` ends it. Outages are waited out.
 * @throws ProblemError when the api refuses for good, such as 401 for a credential that ended
 */
export async function followEvents(options: StreamOptions, onMessage: (message: StreamMessage) => void): Promise<void> {
  const { signal, onState, pauseMs = 1_000, maxPauseMs = 30_000 } = options
  let { after } = options
  let pause = pauseMs
  while (!signal.aborted) {
    try {
      const response = await open(options, after)
      onState?.(true)
      pause = pauseMs
      for await (const message of messagesOf(response)) {
        after = message.id
        onMessage(message)
      }
    } catch (error) {
      if (error instanceof ProblemError && !mayPass(error.problem)) throw error
    }
    if (signal.aborted) return
    onState?.(false)
    await passed(pause, signal)
    pause = Math.min(pause * 2, maxPauseMs)
  }
}

async function open({ baseUrl, credential, signal }: StreamOptions, after: string | undefined): Promise<Response> {
  const headers: Record<string, string> = { accept: 'text/event-stream' }
  const bearer = credential()
  if (bearer !== undefined) headers['authorization'] = `Bearer ${bearer}`
  if (after !== undefined) headers['last-event-id'] = after
  const response = await fetch(`${baseUrl}/v1/events`, { headers, signal })
  if (response.ok) return response
  const problem = (await response.json().catch(() => undefined)) as Problem | undefined
  throw new ProblemError(
    problem?.code === undefined
      ? { code: 'ANSWER_UNKNOWN', title: `HTTP ${response.status}`, status: response.status, retry: 'later' }
      : problem
  )
}

/** Too many streams, a server that stops, a proxy in between: all of that passes. */
function mayPass({ status, retry }: Problem): boolean {
  return retry === 'later' || status === 429 || status >= 500
}

async function* messagesOf({ body }: Response): AsyncGenerator<StreamMessage> {
  const reader = body!.getReader()
  const decoder = new TextDecoder()
  const parser = new StreamParser()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield* parser.push(decoder.decode(value, { stream: true }))
    }
  } finally {
    // Whoever stops listening closes the connection.
    void reader.cancel().catch(() => undefined)
  }
}

/** Server-sent events (HTML standard, 9.2) as this api writes them: lines end by a line feed, data is one line of JSON. */
export class StreamParser {
  #rest = ''

  /** @returns The events that are whole with this piece. */
  push(piece: string): StreamMessage[] {
    const blocks = (this.#rest + piece).split('\n\n')
    this.#rest = blocks.pop()!
    return blocks.flatMap((block) => {
      const fields = new Map(
        block.split('\n').flatMap((line): [string, string][] => {
          const colon = line.indexOf(':')
          return colon <= 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')]]
        })
      )
      const [event, id, data] = [fields.get('event'), fields.get('id'), fields.get('data')]
      if (event === undefined || id === undefined || data === undefined) return []
      return [{ event: event as StreamMessage['event'], id, data: JSON.parse(data) as StreamMessage['data'] }]
    })
  }
}

function passed(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
  })
}
