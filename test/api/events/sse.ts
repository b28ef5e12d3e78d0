/** A client of server-sent events (HTML standard, 9.2), as much of it as the stream needs. */
export interface Message {
  event: string
  id: string
  data: Record<string, unknown>
}

export interface EventStream {
  status: number
  headers: Headers
  /** The body of a refusal. */
  problem: Record<string, unknown> | undefined
  /** What came so far, without `position`. */
  readonly events: Message[]
  /** Ids in the order of their coming, of everything. */
  readonly lastId: string
  readonly comments: number
  /** Resolves when the server ended the stream; false when it broke off. */
  ended: Promise<boolean>
  close(): void
}

export async function openStream(url: string, headers: Record<string, string>): Promise<EventStream> {
  const closing = new AbortController()
  const response = await fetch(url, { headers: { accept: 'text/event-stream', ...headers }, signal: closing.signal })
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false
  const events: Message[] = []
  let lastId = ''
  let comments = 0
  async function read(): Promise<boolean> {
    let rest = ''
    try {
      for await (const chunk of response.body!.pipeThrough(
        new TextDecoderStream() as never
      ) as unknown as AsyncIterable<string>) {
        const blocks = (rest + chunk).split('\n\n')
        rest = blocks.pop()!
        for (const block of blocks) {
          const fields = block
            .split('\n')
            .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()])
          if (fields.some(([name]) => name === '')) comments++
          const field = (wanted: string) => fields.find(([name]) => name === wanted)?.[1] ?? ''
          if (field('id')) lastId = field('id')
          if (field('data') && field('event') !== 'position') {
            events.push({ event: field('event'), id: field('id'), data: JSON.parse(field('data')) as Message['data'] })
          }
        }
      }
      return true
    } catch {
      return false
    }
  }
  return {
    status: response.status,
    headers: response.headers,
    problem: isStream ? undefined : ((await response.json()) as Record<string, unknown>),
    events,
    get lastId() {
      return lastId
    },
    get comments() {
      return comments
    },
    ended: isStream ? read() : Promise.resolve(true),
    close: () => closing.abort()
  }
}
