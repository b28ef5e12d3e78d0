import { afterAll, beforeAll, expect, test } from 'vitest'
import { runScoped } from '../../../api/access/scope.ts'
import { inSnapshot, openPool, type Pool } from '../../../api/database.ts'
import { eventsFor } from '../../../api/history/repository.ts'
import { migrateApp } from '../../../api/migrate.ts'
import { everything, type Caller } from '../../../api/plugins/auth.ts'
import { findReceivable, findWithNotes, notesSeen } from '../../../api/receivables/repository.ts'
import { exportRows } from '../../../api/regulator/exports.ts'
import { isVisible, readFeed, START, type Entry, type Place } from '../../../api/streams/feed.ts'
import { inTransaction } from '../../../indexer/database.ts'
import { projectionDigest } from '../../../indexer/digest.ts'
import { readCursor } from '../../../indexer/follower.ts'
import { checkInvariants } from '../../../indexer/invariants.ts'
import { emptyProjection } from '../../../indexer/rollback.ts'
import { askChain } from '../../../scripts/instance/chain.ts'
import { createRandom } from '../../faults/random.ts'
import { cast, numberOf, openProjection, startWorld, stopWorld, type Actor, type World } from '../../indexer/world.ts'
import { liveAtRandom } from './random-lives.ts'
import { toldSql, visibleTo, type Told } from './visible.ts'

const SEEDS = process.env.SEED ? [Number(process.env.SEED)] : [1, 2, 3]
const STEPS = 90
/** What must have come about in those lives. */
const wanted = [
  'Offered',
  'Accepted',
  'Refused',
  'Locked',
  'Financed',
  'Released',
  'Foreclosed',
  'ReturnOffered',
  'Returned',
  'Frozen',
  'Unfrozen',
  'Settled',
  'Cancelled'
]
const kinds = new Set<string>()

let world: World
let pool: Pool
let projection: Awaited<ReturnType<typeof openProjection>>
beforeAll(async () => {
  world = await startWorld()
  projection = await openProjection(world, 'projection', { batchBlocks: 1 })
  await migrateApp(world.database.url)
  pool = openPool(world.database.url, 4)
})
afterAll(async () => {
  await pool.end()
  await projection.client.end()
  await stopWorld(world)
})

const callers = (Object.keys(cast) as Actor[]).map((actor): Caller => ({
  ...everything,
  name: actor,
  participantId: numberOf(actor),
  roles: [...cast[actor]]
}))

const place = ({ block, logIndex }: { block: number; logIndex: number }): string => `${block} ${logIndex}`
const placeOf = ({ block, event: { logIndex } }: Entry): string => place({ block, logIndex })

/** All that the feed has for a reader after a place. */
async function feedOf(caller: Caller, after: Place = START): Promise<{ entries: Entry[]; next: Place }> {
  const entries: Entry[] = []
  for (let next = after; ;) {
    const page = await readFeed(pool, caller, next, 50)
    entries.push(...page.entries)
    next = page.next
    if (page.isEnd) return { entries, next }
  }
}

/** Places of the events of a block that a caller's reads show. */
async function readsOf(caller: Caller, receivableIds: readonly string[], block: number): Promise<string[]> {
  const places: string[] = []
  for (const receivableId of receivableIds) {
    await runScoped(caller, () =>
      inSnapshot(pool, async (tx) => {
        const receivable = await findReceivable(tx, receivableId, caller)
        if (!receivable) return
        const { told } = await eventsFor(tx, receivable, caller, { after: undefined, limit: 500 })
        places.push(...told.filter((item) => item.block === block).map(place))
      })
    )
  }
  return places
}

test.each(SEEDS)(
  'the feed shows each participant what its reads show at that block, in the random lives of seed %i',
  async (seed) => {
    const after = new Map(callers.map((caller) => [caller, START]))
    const shown = new Map<Caller, Entry[]>(callers.map((caller) => [caller, []]))
    let hidden = 0

    /** @param isNew A block came, none was taken back */
    async function compare(isNew: boolean): Promise<void> {
      const { number: block } = (await readCursor(projection.client))!
      const events = await projection.rows<Told>(toldSql)
      const newest = isNew ? events.filter((event) => event.block === block) : []
      const ids = [...new Set(newest.flatMap(({ receivableId }) => receivableId ?? []))]
      for (const caller of callers) {
        const { entries, next } = await feedOf(caller, after.get(caller))
        after.set(caller, next)
        shown.get(caller)!.push(...entries)
        if (newest.length === 0) continue
        const mine = entries.filter((entry) => entry.kind === 'added' && entry.block === block)
        const what = `seed ${seed}, block ${block}, ${caller.name}`
        expect(mine.map(placeOf), `${what}: by the words`).toEqual(
          visibleTo(events, caller, 'then')
            .filter((event) => event.block === block)
            .map(place)
        )
        const aboutReceivables = mine.filter(({ event }) => event.receivableId !== null).map(placeOf)
        expect(aboutReceivables.toSorted(), `${what}: by the reads`).toEqual(
          (await readsOf(caller, ids, block)).toSorted()
        )
        hidden += newest.length - mine.length
      }
    }

    const started = await feedOf(everything)
    for (const caller of callers) after.set(caller, started.next)
    const follow = async (): Promise<void> => {
      for (;;) {
        const { kind } = await projection.follower.step()
        if (kind === 'idle' || kind === 'waiting' || kind === 'behind') break
        await compare(kind === 'advanced')
      }
    }
    const forks = createRandom(seed)
    let forked = 0
    await liveAtRandom(world, createRandom(seed), STEPS, projection.rows, async () => {
      await follow()
      if (forks.between(1, 10) > 1) return
      forked++
      await askChain(world.chain.url, 'anvil_reorg', [forks.between(1, 3), []])
      await follow()
    })
    const events = await projection.rows<Told>(toldSql)
    for (const { name } of events) kinds.add(name)
    console.log(`seed ${seed}: ${hidden} times an event was not for somebody; ${forked} forks`)
    expect(hidden).toBeGreaterThan(100)
    // With what forks took back, everybody has in hand what is for it of what stands.
    for (const caller of callers) {
      const entries = (await feedOf(caller)).entries
      const hand: string[] = []
      for (const entry of entries) {
        if (entry.kind === 'added') hand.push(placeOf(entry))
        else expect(hand.pop(), `${caller.name} had what is taken back`).toBe(placeOf(entry))
      }
      expect(hand, caller.name).toEqual(visibleTo(events, caller, 'then').map(place))
    }

    // What was shown stays what is shown, by memory and by database, also after all was built again.
    const whole = await feedOf(everything)
    const digest = await projectionDigest(projection.client, 'projection')
    const isAsShown = async (): Promise<void> => {
      for (const caller of callers) {
        const { entries } = await feedOf(caller, started.next)
        expect(
          entries.map(({ token }) => token),
          caller.name
        ).toEqual(shown.get(caller)!.map(({ token }) => token))
        const inMemory = whole.entries.filter(
          (entry) => isVisible(entry, caller) && entry.position > started.next.position
        )
        expect(
          inMemory.map(({ token }) => token),
          caller.name
        ).toEqual(entries.map(({ token }) => token))
      }
    }
    await isAsShown()
    const broken = (await checkInvariants(projection.client)).filter(({ offender }) => offender)
    expect(broken).toEqual([])
    await inTransaction(projection.client, () => emptyProjection(projection.client))
    await isAsShown()
    const again = await openProjection(world, 'projection', { batchBlocks: 7 * seed })
    await again.catchUp()
    await again.client.end()
    await isAsShown()
    expect(await projectionDigest(projection.client, 'projection')).toBe(digest)
  },
  300_000
)

test.skipIf(SEEDS.length === 1)('those lives had every kind of move', () => {
  console.log([...kinds].join(' '))
  const missing = [...wanted.map((name) => `Note${name}`), 'NotesMerged', 'ReceivableSettled'].filter(
    (name) => !kinds.has(name)
  )
  expect(missing).toEqual([])
})

test('exports and notes have of those lives what the reads show now', async () => {
  const events = await projection.rows<Told>(toldSql)
  const { number: upTo } = (await readCursor(projection.client))!
  const all = await projection.rows<{ id: string }>('select receivable_id as id from projection.receivable')
  for (const caller of callers) {
    const known = visibleTo(events, caller, 'now').filter(
      ({ receivableId }) => receivableId !== null || caller.roles.includes('regulator')
    )
    const exported = await linesOf('events', caller, upTo)
    expect(
      exported.map((line) => `${line['block']} ${line['logIndex']}`),
      caller.name
    ).toEqual(known.map(place))
    const found: string[] = []
    const read: string[] = []
    for (const { id } of all) {
      await runScoped(caller, () =>
        inSnapshot(pool, async (tx) => {
          const one = await findWithNotes(tx, id, caller)
          if (!one) return
          found.push(id)
          read.push(...(await notesSeen(tx, one.receivable, one.notes, caller)).map(({ noteId }) => noteId))
        })
      )
    }
    const idsOf = async (dataset: 'receivables' | 'notes', key: string) =>
      (await linesOf(dataset, caller, upTo)).map((line) => line[key])
    expect(await idsOf('receivables', 'receivableId'), caller.name).toEqual(found.toSorted())
    expect(await idsOf('notes', 'noteId'), caller.name).toEqual(read.toSorted())
  }
})

async function linesOf(dataset: 'receivables' | 'notes' | 'events', caller: Caller, upTo: number) {
  let text = ''
  for await (const page of exportRows(pool, caller, { dataset, format: 'ndjson', upTo })) text += page
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}
