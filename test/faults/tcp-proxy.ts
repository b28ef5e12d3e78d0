/** Between the indexer and a real Postgres: cuts, delays and swallows what goes through. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export interface TcpProxy {
  readonly port: number
  /** Is asked at every piece on its way to the server, before it is sent; `false` keeps it back. */
  watch(look: ((piece: Buffer, count: number) => boolean) | undefined): void
  /** Delays every piece, milliseconds. */
  setLatency(ms: number): void
  /** Destroys all connections, or only the oldest one. Returns how many. */
  cut(which?: 'all' | 'oldest'): number
  /** Swallows everything on the connections that are open now, without closing them. */
  swallow(): number
  /** Refuses new connections, or takes them again. */
  refuse(isRefusing: boolean): void
  close(): void
}

interface Pair {
  client: Socket
  server: Socket
  isDead: boolean
}

export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const pairs = new Set<Pair>()
  let look: ((piece: Buffer, count: number) => boolean) | undefined
  let latency = 0
  let isRefusing = false
  let count = 0

  function end(pair: Pair): void {
    pair.client.destroy()
    pair.server.destroy()
    pairs.delete(pair)
  }

  /** Pieces keep their order: each waits for the one before it. */
  function pipe(pair: Pair, from: Socket, to: Socket, pass: (piece: Buffer) => boolean): void {
    let last = Promise.resolve()
    from.on('data', (piece: Buffer) => {
      last = last.then(async () => {
        if (latency > 0) await sleep(latency)
        if (!pair.isDead && pass(piece) && !to.destroyed) to.write(piece)
      })
    })
    from.on('error', () => end(pair))
    from.on('close', () => void last.then(() => end(pair)))
  }

  const server = createServer((client) => {
    if (isRefusing) return void client.destroy()
    const pair: Pair = { client, server: connect(targetPort, '127.0.0.1'), isDead: false }
    pairs.add(pair)
    client.setNoDelay(true)
    pair.server.setNoDelay(true)
    pipe(pair, client, pair.server, (piece) => look?.(piece, ++count) ?? true)
    pipe(pair, pair.server, client, () => true)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    watch(next) {
      look = next
      count = 0
    },
    setLatency: (ms) => (latency = ms),
    cut(which = 'all') {
      const chosen = which === 'all' ? [...pairs] : [...pairs].slice(0, 1)
      for (const pair of chosen) end(pair)
      return chosen.length
    },
    swallow() {
      for (const pair of pairs) pair.isDead = true
      return pairs.size
    },
    refuse: (value) => (isRefusing = value),
    close() {
      for (const pair of pairs) end(pair)
      server.close()
    }
  }
}
