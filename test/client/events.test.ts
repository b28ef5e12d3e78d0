/** The reader of server-sent events, however the network cuts them. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { followEvents, StreamParser, type StreamMessage } from '../../client/events.ts'
import { ProblemError } from '../../client/problem.ts'

const text = [
  'retry: 1000\nevent: position\nid: a1\ndata: {"id":"a1"}\n\n',
  ': alive\n\n',
  'event: added\nid: a2\ndata: {"name":"NoteOffered","words":"约定: 3"}\n\n',
  'event: retracted\nid: a3\ndata: {"name":"NoteOffered"}\n\n'
].join('')

let server: Server | undefined
afterEach(() => new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve())))

/** A server that gives each request the next answer. */
async function serve(answers: readonly { status: number; body: string }[]) {
  const asked: (string | undefined)[] = []
  server = createServer((request, response) => {
    asked.push(request.headers['last-event-id'] as string | undefined)
    const { status, body } = answers[asked.length - 1]!
    const type = status === 200 ? 'text/event-stream' : 'application/problem+json'
    response.writeHead(status, { 'content-type': type, connection: 'close' })
    response.end(body)
  })
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve))
  return { asked, baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

describe('the reader of the stream', () => {
  it('gives the same events wherever the text is cut', () => {
    const whole = new StreamParser().push(text)
    expect(whole.map(({ event, id }) => [event, id])).toEqual([
      ['position', 'a1'],
      ['added', 'a2'],
      ['retracted', 'a3']
    ])
    expect(whole[1]!.data).toEqual({ name: 'NoteOffered', words: '约定: 3' })
    for (let cut = 1; cut < text.length; cut++) {
      const parser = new StreamParser()
      expect([...parser.push(text.slice(0, cut)), ...parser.push(text.slice(cut))]).toEqual(whole)
    }
  })

  it('goes on after the last event that it gave, also when a server was away in between', async () => {
    const stopping = new AbortController()
    const problem = { code: 'STREAMS_TOO_MANY', title: 'too many', status: 429, retry: 'later' }
    const { asked, baseUrl } = await serve([
      { status: 200, body: text },
      { status: 429, body: JSON.stringify(problem) },
      { status: 200, body: 'event: added\nid: a4\ndata: {}\n\n' }
    ])
    const seen: StreamMessage[] = []
    const options = { baseUrl, credential: () => 'token', after: 'a0', signal: stopping.signal, pauseMs: 1 }
    await followEvents(options, (message) => {
      seen.push(message)
      if (message.id === 'a4') stopping.abort()
    })
    expect(seen.map(({ id }) => id)).toEqual(['a1', 'a2', 'a3', 'a4'])
    expect(asked).toEqual(['a0', 'a3', 'a3'])
  })

  it('ends when the credential does', async () => {
    const problem = { code: 'CREDENTIAL_INVALID', title: 'who?', status: 401, retry: 'never' }
    const { baseUrl } = await serve([{ status: 401, body: JSON.stringify(problem) }])
    const options = { baseUrl, credential: () => 'token', signal: new AbortController().signal }
    await expect(followEvents(options, () => undefined)).rejects.toThrow(ProblemError)
  })
})
