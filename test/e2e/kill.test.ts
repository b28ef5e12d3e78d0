import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OnChain } from './on-chain.ts'
import { Instances, pidOf, pidsOf, query, run, Started, Story, type Part } from './started.ts'

/** Long enough for the steps and two restarts on a busy machine, seconds. */
const TENOR = 20
const seed = Number(process.env['TALLYSTICK_KILL_SEED'] ?? Math.floor(Math.random() * 1e9))
const random = generator(seed)

/** mulberry32: small, and the same everywhere. */
function generator(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

describe('a killed process', { timeout: 120_000 }, () => {
  const instances = new Instances()
  const dir = instances.dir('a')
  let running: Started

  beforeAll(async () => {
    console.log(`TALLYSTICK_KILL_SEED=${seed}`)
    running = instances.start('a', '--empty')
    await running.says(/^ready in/m)
  })
  afterAll(() => instances.end())

  /** A moment in the middle of the story: after one of its steps `from` to `to`, and a little more. */
  async function moment(story: Story, from = 2, to = 18): Promise<string> {
    const [steps, pause] = [from + Math.floor(random() * (to - from + 1)), Math.floor(random() * 150)]
    await story.stepsDone(steps)
    await delay(pause)
    return `after step ${steps} and ${pause} ms`
  }

  /** Goes on with the story until it is complete. Returns the output of all plays and how many there were. */
  async function goOn(first: Story): Promise<{ output: string; plays: number }> {
    let ended = await first.exited
    let output = ended.output
    for (let plays = 1; ; plays++) {
      if (ended.code === 0) return { output, plays }
      if (plays === 4) throw new Error(output)
      console.log(`broken off: ${ended.output.trim().split('\n').slice(-2).join(' ')}`)
      await delay(1_000)
      ended = await new Story(dir, TENOR).exited
      output += ended.output
    }
  }

  async function expectWhole(output: string): Promise<void> {
    await quiet()
    const chain = new OnChain(dir)
    try {
      // What was shown as done with its transaction is in the chain for ever; what the contract refused never is.
      for (const line of output.split('\n')) {
        const hash = /tx (0x[0-9a-f]{64})/.exec(line)?.[1]
        if (hash && !line.includes('refused')) expect((await chain.receipt(hash))?.status, line).toBe(1)
      }
      await chain.expectOutbox()
      await chain.expectAnchors()
      expect((await chain.expectProjected()).receivables).toBeGreaterThan(1)
    } finally {
      chain.close()
    }
    for (const script of ['scripts/verify-projection.ts', 'scripts/check-invariants.ts']) {
      const { code, output: said } = await run(script, '--data', dir)
      expect(code, said).toBe(0)
    }
  }

  /** Waits until the relayer has nothing on its way and the log is anchored. */
  async function quiet(): Promise<void> {
    for (let i = 0; ; i++) {
      const [row] = await query<{ open: string }>(
        dir,
        `select (select count(*) from app.outbox where state in ('queued', 'sent'))
              + (select count(*) from app.intent where state in ('recorded', 'sent'))
              + (select count(*) from app.evidence_leaf where leaf_index >= (select max(size) from app.evidence_head)) as open`
      )
      if (Number(row!.open) === 0) return
      if (i > 200) throw new Error(`the relayer does not come to rest: ${row!.open} open`)
      await delay(50)
    }
  }

  const pairs: [Part, Part][] = [
    ['api', 'anvil'],
    ['Postgres', 'relayer'],
    ['anvil', 'indexer']
  ]
  it.each(pairs)('%s, then %s: each starts again, and the story goes on to its end', async (first, second) => {
    const story = new Story(dir, TENOR)
    for (const [part, from, to] of [
      [first, 2, 9],
      [second, 10, 18]
    ] as const) {
      const before = running.output().length
      const when = await moment(story, from, to)
      const killed = pidOf(dir, part)!
      process.kill(killed, 'SIGKILL')
      const back = await running.says(/runs again after \d+ ms/, before)
      console.log(`${part} killed ${when}: runs again after ${back} ms`)
      expect(pidOf(dir, part)).not.toBe(killed)
    }
    const { output, plays } = await goOn(story)
    console.log(`story complete in ${plays} ${plays === 1 ? 'play' : 'plays'}`)
    await expectWhole(output)
  })

  it('the parent: the next start recovers, and the story goes on to its end', async () => {
    const left = pidsOf(dir)
    const story = new Story(dir, TENOR)
    const when = await moment(story)
    running.process.kill('SIGKILL')
    await running.exited
    running = instances.start('a', '--empty')
    const ready = await running.says(/^ready in/m)
    const { output, plays } = await goOn(story)
    console.log(`parent killed ${when}: ready again in ${ready} ms, story complete in ${plays} plays`)
    expect(pidsOf(dir).filter((pid) => left.includes(pid))).toEqual([])
    await expectWhole(output)
  })
})
