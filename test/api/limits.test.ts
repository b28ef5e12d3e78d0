import fastify from 'fastify'
import { expect, it } from 'vitest'
import type { Rule } from '../../api/access/rules.ts'
import type { ApiConfig } from '../../api/config.ts'
import type { Pool } from '../../api/database.ts'
import { registerLimits } from '../../api/operation/limits.ts'
import { Turns } from '../../api/operation/turns.ts'
import { registerProblems } from '../../api/plugins/problem.ts'

const MOST_WAITING = 5

/** Who is let in, by a clock and a queue of the test's; that the queue is the database's own is for operation.test.ts. */
async function service() {
  const clock = { now: 1_000 }
  const database = { waitingCount: 0 }
  const app = fastify()
  registerProblems(app)
  app.decorate('commandTurns', new Turns(() => 1))
  const config = { limits: { requestsWaiting: MOST_WAITING } } as unknown as ApiConfig
  await registerLimits(app, config, database as Pool, () => clock.now)
  const route = (method: 'GET' | 'POST', needs: Rule['needs']) =>
    app.route({ method, url: '/v1/things', config: { rule: { needs } }, handler: () => ({}) })
  route('GET', 'read')
  route('POST', 'propose')

  /** So many ask in one second of whom so many are let in. What those are told who are not. */
  const second = async (method: 'GET' | 'POST', letIn: number, turnedAway: number) => {
    const pauses: number[] = []
    for (let i = 0; i < letIn + turnedAway; i++) {
      database.waitingCount = i < letIn ? 0 : MOST_WAITING
      const answer = await app.inject({ method, url: '/v1/things' })
      expect(answer.statusCode).toBe(i < letIn ? 200 : 503)
      if (i >= letIn) pauses.push(Number(answer.headers['retry-after']))
    }
    clock.now += 1_000
    return pauses
  }
  return { second, close: () => app.close() }
}

it('readers are sent away for no longer than a moment while most of them are let in, whatever becomes of commands', async () => {
  const { second, close } = await service()
  for (let i = 0; i < 10; i++) {
    expect(await second('GET', 20, 10)).toEqual(Array(10).fill(1))
    await second('POST', 0, 30)
  }
  await close()
})

it('commands are sent away for longer while most of them are turned away, whatever becomes of readers', async () => {
  const { second, close } = await service()
  const told: number[] = []
  for (let i = 0; i < 10; i++) {
    await second('GET', 30, 0)
    told.push((await second('POST', 2, 3)).at(-1)!)
  }
  expect(told[0]).toBe(1)
  expect(told.at(-1)).toBeGreaterThanOrEqual(8)
  expect(told.at(-1)).toBeLessThanOrEqual(30)
  await close()
})
