import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received {
  id: string
  headers: IncomingHttpHeaders
  body: string
}

/** An endpoint as a participant has one; `answer` decides what becomes of each request, 204 unless said otherwise. */
export class Receiver {
  readonly received: Received[] = []
  answer: (one: Received, response: ServerResponse) => void = (_, response) => void response.writeHead(204).end()
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  static async start(): Promise<Receiver> {
    const server = createServer()
    const receiver = new Receiver(server)
    server.on('request', async (request, response) => {
      let body = ''
      for await (const chunk of request) body += String(chunk)
      const one = { id: String(request.headers['webhook-id']), headers: request.headers, body }
      receiver.received.push(one)
      receiver.answer(one, response)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return receiver
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`
  }

  get ids(): string[] {
    return this.received.map(({ id }) => id)
  }

  stop(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}
