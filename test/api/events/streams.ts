import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { setTimeout as delay } from 'node:timers/promises'
import { isDeepStrictEqual, promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { cast } from '../../../scripts/world/cast.ts'
import { participantIdOf } from '../../../scripts/world/prepare.ts'
import { until, type Registered } from '../instance.ts'
import { tally } from './shared.ts'
import { openStream, type EventStream } from './sse.ts'
import { toldSql, visibleTo, type Told } from './visible.ts'

type View = { id: string; kind: string; name: string; receivableId: string | null; block: number; logIndex: number }

export function stream(slug: string, query = '', headers: Record<string, string> = {}): Promise<EventStream> {
  const authorization = `Bearer ${tally().keys.participants[slug]!.apiKey}`
  return openStream(`${tally().apiUrl}/v1/events${query}`, { authorization, ...headers })
}

/** Page after page from the start. */
export async function readAll(slug: string, limit = 500, from = '0'): Promise<View[]> {
  const items: View[] = []
  for (let after = from, isEnd = false; !isEnd;) {
    const { body, status } = await tally().call(`/v1/events?after=${after}&limit=${limit}`, { as: slug })
    expect(status).toBe(200)
    items.push(...(body['items'] as View[]))
    after = body['next'] as string
    isEnd = body['isEnd'] as boolean
  }
  return items
}

const place = ({ block, logIndex }: Pick<View, 'block' | 'logIndex'>) => `${block} ${logIndex}`

export const readerOf = (slug: string) => ({
  participantId: participantIdOf(slug),
  roles: cast.find((member) => member.slug === slug)!.roles
})

/** Which events the words of all of them let a participant see. */
async function expected(slug: string): Promise<string[]> {
  const { rows } = await tally().sql.query<Told>(toldSql)
  return visibleTo(rows, readerOf(slug), 'then').map(place)
}

/** Follows a participant's stream that is cut after every few events, and goes on where it was. */
export function follow(slug: string, from: string) {
  const got: string[] = []
  let isOver = false
  const following = (async () => {
    for (let last = from; !isOver; await delay(20)) {
      const one = await stream(slug, `?after=${from}`, { 'last-event-id': last }).catch(() => undefined)
      if (one?.status !== 200) continue
      await Promise.race([one.ended, until(() => one.events.length > 0 || isOver)]).catch(() => {})
      got.push(...one.events.map(({ id }) => id))
      last = one.lastId || last
      one.close()
    }
  })()
  return {
    /** Waits for all that is there at the moment: it must have come in order, each once. */
    async isWhole(): Promise<void> {
      const all = (await readAll(slug)).map(({ id }) => id)
      const rest = all.slice(all.indexOf(from) + 1)
      await until(() => got.length >= rest.length).finally(() => (isOver = true))
      await following
      expect(got.slice(0, rest.length)).toEqual(rest)
    }
  }
}

export function streamTests(first: () => Registered): void {
  describe('a page of events', () => {
    it.each(['alder', 'meridian', 'hualing', 'lindqvist', 'jiangan', 'regulator'])(
      'has what %s may see, each once, in chain order, whatever the size of the pages',
      async (slug) => {
        // Heads of the log come by themselves meanwhile.
        let [whole, wanted]: [View[], string[]] = [[], []]
        await until(async () => {
          wanted = await expected(slug)
          whole = await readAll(slug)
          return isDeepStrictEqual(wanted, await expected(slug))
        })
        expect(whole.map(place)).toEqual(wanted)
        expect((await readAll(slug, 3)).slice(0, whole.length)).toEqual(whole)
        expect(new Set(whole.map(({ id }) => id)).size).toBe(whole.length)
        const sees = whole.some(({ receivableId }) => receivableId === first().receivableId)
        expect(sees).toBe(['alder', 'meridian', 'jiangan', 'regulator'].includes(slug))
      }
    )

    it('names the intent that brought an event about to its giver only', async () => {
      const confirmed = (items: View[]) =>
        items.find(({ name }) => name === 'ReceivableConfirmed') as { intentId?: string } | undefined
      const { rows } = await tally().sql.query<{ id: string }>(
        `select intent_id as id from app.intent where receivable_id = $1 and participant_id = $2`,
        [first().receivableId, participantIdOf('meridian')]
      )
      expect(confirmed(await readAll('meridian'))?.intentId).toBe(rows[0]!.id)
      expect(confirmed(await readAll('alder'))?.intentId).toBeNull()
    })

    it('is refused after a place that was never given', async () => {
      const [{ id }] = (await readAll('alder')) as [View]
      for (const after of [
        id.replace(/-[0-9a-f]{8}-/, '-deadbeef-'),
        id.replace(/^\d+/, '999999'),
        id.replace('-a-', '-r-')
      ]) {
        expect(await tally().refused('POSITION_UNKNOWN', `/v1/events?after=${after}`)).toMatchObject({
          status: 410,
          presented: after
        })
      }
      for (const after of ['1', '-1', '0x0', `${id}%00`, '1e3', "0'"])
        await tally().refused('REQUEST_INVALID', `/v1/events?after=${after}`)
      await tally().refused('REQUEST_INVALID', '/v1/events', { headers: { 'last-event-id': 'abc' } })
    })
  })

  describe('a stream of events', () => {
    it('tells what happens to parties when it happens, and to nobody else', async () => {
      const streams = await Promise.all(['alder', 'meridian', 'hualing'].map((slug) => stream(slug)))
      const [alder, meridian, hualing] = streams as [EventStream, EventStream, EventStream]
      expect(alder.headers.get('content-type')).toContain('text/event-stream')
      const { receivableId } = await tally().confirmed()
      for (const each of [alder, meridian]) {
        await until(() => each.events.some(({ data }) => data['name'] === 'ReceivableConfirmed'))
      }
      // Heads of the log are everyone's.
      const own = (one: EventStream) => one.events.filter(({ data }) => data['receivableId'] !== null)
      expect(own(meridian)).toMatchObject(
        own(meridian).map(({ id }) => ({ event: 'added', data: { id, receivableId, kind: 'added' } }))
      )
      expect(own(meridian).map(({ data }) => data['name'])).toEqual([
        'FingerprintClaimed',
        'ReceivableRegistered',
        'ReceivableConfirmed'
      ])
      expect(own(alder).map(({ id }) => id)).toEqual(own(meridian).map(({ id }) => id))
      expect(own(hualing)).toEqual([])
      for (const each of streams) each.close()
    })

    it('goes on where it broke off, with nothing lost and nothing twice', async () => {
      const following = follow('alder', (await readAll('alder')).at(-1)!.id)
      await tally().confirmed()
      await following.isWhole()
    })

    it.each([
      ['beside', []],
      ['after it was emptied', ['--empty']]
    ])('says nothing twice when the projection is built again %s', async (_, way) => {
      const before = await readAll('regulator')
      const one = await stream('regulator', '?after=0')
      await until(() => one.events.length >= before.length)
      const script = fileURLToPath(new URL('../../../scripts/reindex.ts', import.meta.url))
      await promisify(execFile)(process.execPath, [
        script,
        ...['--database', tally().database.url, '--rpc', tally().chain.url],
        ...['--deployment', `${tally().dir}/deployment.json`, ...way]
      ])
      await tally().register()
      await until(() => one.events.length > before.length)
      expect(one.events.slice(0, before.length).map(({ id }) => id)).toEqual(before.map(({ id }) => id))
      const all = (await readAll('regulator')).map(({ id }) => id)
      await until(() => one.events.length >= all.length)
      expect(one.events.slice(0, all.length).map(({ id }) => id)).toEqual(all)
      one.close()
    })
  })
}
