import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startInstance, until, type Registered } from '../instance.ts'
import { branchTests } from './branches.ts'
import { share, tally } from './shared.ts'
import { stream, streamTests } from './streams.ts'
import { webhookTests } from './webhooks.ts'

let first: Registered
beforeAll(async () => {
  share(
    await startInstance({
      streams: { heartbeatMs: 50, perParticipant: 2 },
      webhooks: {
        allowLoopback: true,
        firstRetryMs: 20,
        longestRetryMs: 200,
        timeoutMs: 1_500,
        disableAfterMs: 5_000,
        perParticipant: 20
      }
    })
  )
  first = await tally().confirmed()
})
afterAll(() => tally().stop())

describe('events', () => streamTests(() => first))
describe('branches', () => branchTests())
describe('webhooks', () => webhookTests())

it('a stream is kept alive by comments, has a limit for each participant, and ends when the api stops', async () => {
  const [one, two, three] = [await stream('alder'), await stream('alder'), await stream('alder')]
  expect(three.status).toBe(429)
  expect(three.problem).toMatchObject({ code: 'STREAMS_TOO_MANY', retry: 'later', required: 2 })
  expect((await stream('meridian')).status).toBe(200)
  await until(() => one.comments > 1)
  one.close()
  await until(async () => {
    const again = await stream('alder')
    if (again.status === 200) again.close()
    return again.status === 200
  })
  expect(tally().troubles()).toEqual([])
  await tally().children.api.stop()
  expect(await two.ended).toBe(true)
}, 120_000)
