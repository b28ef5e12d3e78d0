import { describe, expect, it } from 'vitest'
import { Pace } from '../../api/operation/pace.ts'
import { ReturnTime } from '../../api/operation/return-time.ts'
import { Turns } from '../../api/operation/turns.ts'

/** Works that end when they are told to. */
function works(turns: Turns, count: number) {
  const began: number[] = []
  const ends: (() => void)[] = []
  const all = Array.from({ length: count }, (_, i) =>
    turns.run(async () => {
      began.push(i)
      await new Promise<void>((resolve) => (ends[i] = resolve))
    })
  )
  return { began, all, end: (i: number) => ends[i]!() }
}
const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('turns', () => {
  it('are taken in the order of coming, so many at a time', async () => {
    const turns = new Turns(() => 2)
    const { began, all, end } = works(turns, 4)
    await settle()
    expect([began, turns.waiting]).toEqual([[0, 1], 2])
    end(1)
    await settle()
    expect([began, turns.waiting]).toEqual([[0, 1, 2], 1])
    for (const i of [0, 2]) end(i)
    await settle()
    end(3)
    await Promise.all(all)
    expect(turns.waiting).toBe(0)
  })

  it('become fewer as those end who have one, and more with the next that comes or ends', async () => {
    let most = 3
    const turns = new Turns(() => most)
    const { began, end, all } = works(turns, 6)
    await settle()
    most = 1
    end(0)
    end(1)
    await settle()
    expect(began).toEqual([0, 1, 2])
    end(2)
    await settle()
    expect(began).toEqual([0, 1, 2, 3])
    most = 2
    end(3)
    await settle()
    expect(began).toEqual([0, 1, 2, 3, 4, 5])
    for (const i of [4, 5]) end(i)
    await Promise.all(all)
  })

  it('go on after a work that failed', async () => {
    const turns = new Turns(() => 1)
    const failed = turns.run(() => Promise.reject(new Error('it broke')))
    const next = turns.run(async () => 'next')
    await expect(failed).rejects.toThrow('it broke')
    expect(await next).toBe('next')
  })
})

describe('the pace of a process', () => {
  it('slows down while the event loop has no pause, to the least, and comes back when it has', () => {
    const pace = new Pace(2, 4)
    expect(pace.now).toBe(4)
    const after = (utilization: number): number => {
      pace.follow(utilization)
      return pace.now
    }
    expect([0.9, 1, 1, 1].map(after)).toEqual([3, 2, 2, 2])
    expect([0.7, 0.65].map(after)).toEqual([2, 2])
    expect([0.1, 0, 0].map(after)).toEqual([3, 4, 4])
  })

  it('sees a loop that is held up', async () => {
    const pace = new Pace(1, 8)
    for (let i = 0; i < 5; i++) {
      const until = performance.now() + 110
      while (performance.now() < until);
      await settle()
      void pace.now
    }
    expect(pace.now).toBeLessThan(8)
  })
})

describe('who is turned away', () => {
  /** A crowd of which so many are let in a second; each of the others comes again after once to twice what it was told. */
  function crowd(members: number, capacity: number) {
    const returns = new ReturnTime()
    const comes = new Map<number, number>([[0, members]])
    const turnedAway: number[] = []
    for (let second = 0, inside = 0; inside < members && second < 3_600; second++) {
      const now = comes.get(second) ?? 0
      const letIn = Math.min(now, capacity)
      inside += letIn
      turnedAway.push(now - letIn)
      for (let i = 0; i < now - letIn; i++) {
        const next = second + Math.ceil(returns.seconds * (1 + i / (now - letIn)))
        comes.set(next, (comes.get(next) ?? 0) + 1)
      }
      returns.follow(now - letIn, letIn)
    }
    return { turnedAway, seconds: turnedAway.length, returns }
  }

  it('comes again a few times, and the work is done about as soon as if it had stood in line', () => {
    const { turnedAway, seconds } = crowd(10_000, 70)
    const times = turnedAway.reduce((sum, count) => sum + count, 0) / 10_000
    console.log(`10,000 at 70 a second: ${seconds} s, each turned away ${times.toFixed(1)} times`)
    expect(times).toBeLessThan(8)
    expect(seconds).toBeLessThan(1.4 * (10_000 / 70))
  })

  it('comes again in a second where nobody was before, or for a while', () => {
    const returns = new ReturnTime()
    expect(returns.turnAway()).toBe(1)
    for (let i = 0; i < 10; i++) returns.follow(100, 10)
    expect(returns.seconds).toBe(30)
    for (let i = 0; i < 29; i++) returns.follow(1, 10)
    expect(returns.seconds).toBe(30)
    returns.follow(0, 0)
    expect(returns.seconds).toBe(15)
    returns.follow(1, 0, 60)
    expect(returns.seconds).toBe(2)
  })
})
