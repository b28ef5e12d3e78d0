import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createHeads } from '../../indexer/chain/heads.ts'
import { connect } from '../../indexer/database.ts'
import { readCursor } from '../../indexer/follower.ts'
import { askChain } from '../../scripts/instance/chain.ts'
import { register, startIndexer, startWorld, stopWorld, until, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => stopWorld(world))

/** A node that confirms every subscription and then never says a word (RFC 6455). */
async function startSilentNode() {
  const sockets: Duplex[] = []
  const server = createServer()
  server.on('upgrade', (request, socket) => {
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
    const accept = createHash('sha1').update(key).digest('base64')
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`
    )
    const answer = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, result: '0x1' }))
    socket.once('data', () => socket.write(Buffer.concat([Buffer.from([0x81, answer.length]), answer])))
    socket.on('error', () => {})
    sockets.push(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sockets,
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    }
  }
}

test('tells a new block at once, and again after the connection was lost', async () => {
  const heads = createHeads(world.chain.url.replace('http', 'ws'))
  const { signal } = new AbortController()
  expect(await heads.wait(20_000, signal)).toBe('told')
  await until(() => heads.isSubscribed())
  await askChain(world.chain.url, 'anvil_mine', ['0x1'])
  for (const round of ['first', 'after a loss']) {
    expect(await heads.wait(20_000, signal), round).toBe('told')
    await askChain(world.chain.url, 'anvil_mine', ['0x1'])
    expect(await heads.wait(20_000, signal), round).toBe('told')
    heads.doubt()
    expect(heads.isSubscribed()).toBe(false)
    await until(() => heads.isSubscribed())
  }
  heads.close()
})

test('without a websocket a wait ends by itself, and with an abort at once', async () => {
  const heads = createHeads(undefined)
  expect(await heads.wait(1, new AbortController().signal)).toBe('timeout')
  expect(await heads.wait(60_000, AbortSignal.abort())).toBe('timeout')
})

test('finds the blocks that a dead subscription never told, and subscribes anew', async () => {
  const node = await startSilentNode()
  const indexer = startIndexer(world, { wsUrl: node.url, pollMs: 60_000 })
  await indexer.ready
  await until(() => node.sockets.length === 1)
  await register(world, 'never told')
  const head = await world.provider.getBlockNumber()
  const client = await connect(world.database.url, 'projection')
  await until(async () => (await readCursor(client))?.number === head)
  await until(() => node.sockets.length === 2)
  await client.end()
  indexer.child.kill('SIGTERM')
  expect(await indexer.exited).toBe(0)
  node.close()
})
