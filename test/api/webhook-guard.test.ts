import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { addressProblem, guardedLookup, urlProblem } from '../../api/webhooks/guard.ts'
import { post } from '../../api/webhooks/send.ts'
import { retryDelay, webhookDefaults } from '../../api/webhooks/settings.ts'

const strictly = { allowLoopback: false, timeoutMs: 2_000 }
const never = new AbortController().signal

describe('nothing is delivered', () => {
  it.each([
    '127.0.0.1',
    '127.255.0.1',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '192.0.2.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
    '2002:a00:1::',
    'fc00::1',
    'fe80::1',
    'ff02::1',
    '2001:db8::1'
  ])('to %s', (address) => {
    expect(addressProblem(address, strictly)).toContain('is not a public address')
  })

  it('to a name that resolves to this machine, whichever port, at the time of the connection', async () => {
    let visits = 0
    const server = createServer((_, response) => {
      visits++
      response.end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const url = `https://localhost:${port}/`
    expect(urlProblem(url, strictly)).toBeUndefined()
    const outcome = await post(url, {}, '{}', strictly, never)
    expect(outcome).toMatchObject({
      status: null,
      problem: expect.stringMatching(/^localhost: .* is not a public address \(loopback\)$/)
    })
    expect(visits).toBe(0)
    const allowed = await post(`http://localhost:${port}/`, {}, '{}', { ...strictly, allowLoopback: true }, never)
    expect(allowed).toEqual({ status: 200, problem: null, retryAfterMs: 0 })
    expect(visits).toBe(1)
    server.close()
  })

  it('to a name that nobody has', async () => {
    const problem = await new Promise((resolve) =>
      guardedLookup(strictly)('nowhere.invalid', {}, (error) => resolve(error?.message))
    )
    expect(problem).toMatch(/nowhere\.invalid/)
  })
})

it.each(['8.8.8.8', '2606:4700::1111', '::ffff:8.8.8.8'])('%s is public', (address) => {
  expect(addressProblem(address, strictly)).toBeUndefined()
})

it('waits four times as long after each failure, up to a limit, with chance in it', () => {
  const waits = (failures: number) => Array.from({ length: 50 }, () => retryDelay(failures, webhookDefaults))
  for (const [failures, whole] of [
    [1, 5_000],
    [2, 20_000],
    [4, 320_000],
    [50, 14_400_000]
  ] as const) {
    expect(Math.min(...waits(failures))).toBeGreaterThanOrEqual(whole / 2)
    expect(Math.max(...waits(failures))).toBeLessThanOrEqual(whole)
    expect(new Set(waits(failures)).size).toBeGreaterThan(1)
  }
})
