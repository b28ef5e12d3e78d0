import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { send } from '../../api/streams/stream.ts'

const server = createServer()
afterEach(() => server.close())

it('cuts off a client that takes nothing, and holds one page for it, not all that came', async () => {
  let most = 0
  let sent = 0
  const isOver = new Promise<void>((resolve) => {
    server.on('request', async (_request, response) => {
      const page = 'x'.repeat(1 << 20)
      // More than the kernel keeps for both sides: without an end to it this would not stop.
      while (sent < 256 && (await send(response, page, 300))) {
        sent++
        most = Math.max(most, response.writableLength)
      }
      most = Math.max(most, response.writableLength)
      expect(response.destroyed).toBe(true)
      resolve()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.on('error', () => {})
  socket.pause()
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await isOver
  expect(sent).toBeGreaterThan(0)
  expect(sent).toBeLessThan(256)
  expect(most).toBeLessThan(2 << 20)
  socket.destroy()
})
