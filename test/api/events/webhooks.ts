import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { until } from '../instance.ts'
import { Receiver } from './receiver.ts'
import { tally } from './shared.ts'
import { follow, readAll } from './streams.ts'

let receiver: Receiver

interface Endpoint {
  endpointId: string
  secret: string
  place: string
  state: string
  reason: string | null
  failures: number
}

async function create(body: object = {}, as = 'alder'): Promise<Endpoint> {
  const answer = await tally().call('/v1/webhooks', { as, body: { url: receiver.url, ...body } })
  expect(answer.status, answer.text).toBe(201)
  return answer.body as unknown as Endpoint
}

async function look({ endpointId }: Endpoint, as = 'alder'): Promise<Endpoint> {
  return (await tally().call(`/v1/webhooks/${endpointId}`, { as })).body as unknown as Endpoint
}

async function order({ endpointId }: Endpoint, verb: string, body?: object): Promise<Endpoint> {
  const answer = await tally().call(`/v1/webhooks/${endpointId}/${verb}`, { method: 'POST', ...(body && { body }) })
  expect(answer.status, answer.text).toBe(200)
  return answer.body as unknown as Endpoint
}

/** Ids of the participant's events as the page gives them. */
async function eventIds(after = '0', as = 'alder'): Promise<string[]> {
  const { body } = await tally().call(`/v1/events?after=${after}&limit=500`, { as })
  return (body['items'] as { id: string }[]).map(({ id }) => `evt_${id}`)
}

/** Waits until all that is there at the moment was received, from the `from`th request on; returns what the page gives. */
async function caughtUp(after = '0', from = 0): Promise<string[]> {
  const ids = await eventIds(after)
  await until(() => once(receiver.ids.slice(from)).length >= ids.length)
  expect(once(receiver.ids.slice(from)).slice(0, ids.length)).toEqual(ids)
  return ids
}

/** Several deliveries of one event in a row are one: it comes at least once. */
const once = (ids: string[]) => ids.filter((id, i) => id !== ids[i - 1])

export function webhookTests(): void {
  beforeEach(async () => {
    receiver = await Receiver.start()
  })
  afterEach(async () => {
    receiver.stop()
    await tally().sql.query(`update app.webhook_endpoint set state = 'disabled', reason = 'the test is over'`)
  })

  describe('an endpoint', () => {
    it('gets each event of its participant in order, signed as Standard Webhooks says, and its secret is shown once', async () => {
      const endpoint = await create({ from: '0', description: 'books' })
      await caughtUp()
      await tally().confirmed()
      const ids = await caughtUp()
      // Nothing failed, so nothing comes twice.
      expect(receiver.ids.slice(0, ids.length)).toEqual(ids)
      const peer = new Webhook(endpoint.secret)
      const items = (await tally().call('/v1/events?limit=500')).body['items']
      const told = receiver.received
        .slice(0, ids.length)
        .map(({ body, headers }) => peer.verify(body, headers as Record<string, string>))
      expect(told).toMatchObject(
        (items as { name: string }[]).slice(0, ids.length).map((data) => ({ type: data.name, data }))
      )
      const [{ body, headers }] = receiver.received as unknown as [{ body: string; headers: Record<string, string> }]
      expect(() => peer.verify(body.replace('added', 'addxd'), headers)).toThrow()
      const list = await tally().call('/v1/webhooks')
      expect(list.text).toContain(endpoint.endpointId)
      expect(list.text).not.toContain('whsec_')
      const { rows } = await tally().sql.query<{ row: string }>(
        'select to_jsonb(e)::text as row from app.webhook_endpoint e'
      )
      expect(rows.map(({ row }) => row).join()).not.toContain(Buffer.from(endpoint.secret.slice(6)).toString('hex'))
    })

    it('that fails gets the same event again, later and later, and nothing after it meanwhile', async () => {
      let refusals = 4
      receiver.answer = (_, response) => void response.writeHead(refusals-- > 0 ? 503 : 204).end()
      const endpoint = await create({ from: '0' })
      const [first] = await caughtUp()
      expect(receiver.ids.slice(0, 5)).toEqual(Array(5).fill(first))
      expect(new Set(receiver.received.slice(0, 5).map(({ body }) => body)).size).toBe(1)
      const { body } = await tally().call(`/v1/webhooks/${endpoint.endpointId}/deliveries?limit=200`)
      const attempts = (body['items'] as { status: number; problem: string | null }[]).toReversed()
      expect(attempts.slice(0, 5).map(({ status, problem }) => [status, problem])).toEqual([
        ...Array.from({ length: 4 }, () => [503, 'answered 503']),
        [204, null]
      ])
      expect(await look(endpoint)).toMatchObject({ state: 'active', failures: 0, failingSince: null })
    })

    it('that hangs, redirects or breaks off was not delivered to, and where it points to is not visited', async () => {
      const elsewhere = await Receiver.start()
      const ways: ((response: import('node:http').ServerResponse) => void)[] = [
        () => {},
        (response) => void response.writeHead(307, { location: elsewhere.url }).end(),
        (response) => void response.destroy()
      ]
      receiver.answer = (_, response) => {
        const way = ways.shift()
        if (way) way(response)
        else response.writeHead(200).end('x'.repeat(100_000))
      }
      const endpoint = await create({ from: '0' })
      await caughtUp()
      const { body } = await tally().call(`/v1/webhooks/${endpoint.endpointId}/deliveries?limit=200`)
      const problems = (body['items'] as { problem: string | null }[]).toReversed().map(({ problem }) => problem)
      expect(problems.slice(0, 4)).toEqual([
        'no answer within 1500 ms',
        'redirects are not followed',
        'socket hang up',
        null
      ])
      expect(elsewhere.received).toEqual([])
      elsewhere.stop()
    })

    it('that fails for long is disabled with the reason, and goes on from there when it is enabled', async () => {
      receiver.answer = (_, response) => void response.writeHead(500).end()
      const endpoint = await create({ from: '0' })
      await until(async () => (await look(endpoint)).state === 'disabled')
      expect((await look(endpoint)).reason).toMatch(/^nothing was taken since 20\S+Z; last: answered 500$/)
      const before = receiver.received.length
      receiver.answer = (_, response) => void response.writeHead(204).end()
      expect(await order(endpoint, 'enable', {})).toMatchObject({ state: 'active', reason: null, place: '0' })
      await caughtUp('0', before)
    })

    it('that answers 410 wants no more', async () => {
      receiver.answer = (_, response) => void response.writeHead(410).end()
      const endpoint = await create({ from: '0' })
      await until(async () => (await look(endpoint)).state === 'disabled')
      expect(await look(endpoint)).toMatchObject({ reason: 'it answered 410: it wants no more' })
      expect(receiver.received).toHaveLength(1)
    })

    it('that is disabled by its owner gets what happened meanwhile when it is enabled', async () => {
      const endpoint = await create()
      await order(endpoint, 'disable')
      await tally().register()
      expect(receiver.received).toEqual([])
      await order(endpoint, 'enable', {})
      expect((await caughtUp(endpoint.place)).length).toBeGreaterThan(1)
    })

    it('gets one event, or all after a place, once more under the same ids', async () => {
      const endpoint = await create({ from: '0' })
      const all = await caughtUp()
      const chosen = all[2]!.slice('evt_'.length)
      const times = (id: string) => receiver.ids.filter((each) => each === id).length
      await order(endpoint, 'replay', { event: chosen })
      await until(() => times(all[2]!) === 2)
      expect(all.map(times)).toEqual(all.map((_, i) => (i === 2 ? 2 : 1)))
      const before = receiver.received.length
      await order(endpoint, 'replay', { after: chosen })
      await caughtUp(chosen, before)
      await tally().refused('POSITION_UNKNOWN', `/v1/webhooks/${endpoint.endpointId}/replay`, {
        body: { after: '7-a-deadbeef-0' }
      })
    })

    it('loses nothing when the api is killed while it delivers, and neither does a stream', async () => {
      let isHolding = true
      receiver.answer = (_, response) => {
        if (receiver.received.length < 4 || !isHolding) response.writeHead(204).end()
      }
      const following = follow('alder', (await readAll('alder')).at(-1)!.id)
      await create({ from: '0' })
      await until(() => receiver.received.length === 4)
      tally().children.api.kill()
      await tally().children.api.exited
      isHolding = false
      await tally().restartApi(tally().config)
      await tally().confirmed()
      await caughtUp()
      await following.isWhole()
      expect(receiver.ids[4]).toBe(receiver.ids[3])
    }, 120_000)
  })

  describe('a request', () => {
    it.each([
      ['http://example.com/', 'it is not https'],
      ['https://10.0.0.1/', '10.0.0.1 is not a public address (private)'],
      ['https://[fd00::1]/', 'fd00::1 is not a public address (uniqueLocal)'],
      ['https://169.254.169.254/latest', '169.254.169.254 is not a public address (linkLocal)'],
      ['https://0x0a000001/', '10.0.0.1 is not a public address (private)'],
      ['https://user:secret@example.com/', 'it has a user or password'],
      ['https://example.com/#x', 'it has a fragment'],
      ['ftp://example.com/', 'it is not https'],
      ['/hook', 'it is no absolute URL']
    ])('for %s is refused: %s', async (url, reason) => {
      expect(await tally().refused('WEBHOOK_URL_REFUSED', '/v1/webhooks', { body: { url } })).toMatchObject({ reason })
    })

    it('about an endpoint of others is about none', async () => {
      const endpoint = await create()
      const path = `/v1/webhooks/${endpoint.endpointId}`
      for (const suffix of ['', '/deliveries'])
        await tally().refused('WEBHOOK_NOT_FOUND', path + suffix, { as: 'beichen' })
      for (const [verb, body] of [['disable'], ['enable', {}], ['replay', { after: '0' }]] as [string, object?][]) {
        await tally().refused('WEBHOOK_NOT_FOUND', `${path}/${verb}`, {
          as: 'beichen',
          method: 'POST',
          ...(body && { body })
        })
      }
      expect((await tally().call('/v1/webhooks', { as: 'beichen' })).body['items']).toEqual([])
    })

    it('for more endpoints than allowed is refused', async () => {
      const own = async () =>
        ((await tally().call('/v1/webhooks', { as: 'corvale' })).body['items'] as unknown[]).length
      while ((await own()) < 20) await create({}, 'corvale')
      await tally().refused('WEBHOOKS_TOO_MANY', '/v1/webhooks', { as: 'corvale', body: { url: receiver.url } })
      expect(tally().troubles()).toEqual([])
    })
  })
}
