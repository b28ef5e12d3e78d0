import { describe, expect, it } from 'vitest'
import { LoopDelay } from '../../api/operation/delay.ts'

/** Delays of the event loop, by a clock of the test's; that it is the process's own is for operation.test.ts. */
describe('the delay of the event loop', () => {
  const begun = () => {
    const clock = { now: 1_000 }
    const loop = new LoopDelay(5_000, () => clock.now)
    loop.start()
    return { clock, loop }
  }
  const pass = ({ clock, loop }: ReturnType<typeof begun>, ms: number, step = 50) => {
    for (const end = clock.now + ms; clock.now < end;) {
      clock.now += step
      loop.mark()
    }
  }

  it('is told of once, for a second, wherever a single one comes among many short ones', () => {
    for (const before of [0, 50, 950, 1_000, 1_050, 60_000]) {
      const one = begun()
      pass(one, before)
      expect(one.loop.isLate).toBe(false)
      one.clock.now += 5_050
      expect(one.loop.isLate, 'before any timer came').toBe(true)
      one.loop.mark()
      pass(one, 950)
      expect(one.loop.isLate).toBe(true)
      pass(one, 100)
      expect(one.loop.isLate).toBe(false)
      one.loop.stop()
    }
  })

  it('is not told of for many that are shorter, however many come', () => {
    const one = begun()
    pass(one, 600_000, 4_900)
    expect(one.loop.isLate).toBe(false)
    one.loop.stop()
  })

  it('does not count what came before it looked', () => {
    const clock = { now: 0 }
    const loop = new LoopDelay(5_000, () => clock.now)
    clock.now = 20_000
    expect(loop.isLate).toBe(false)
    loop.start()
    expect(loop.isLate).toBe(false)
    loop.stop()
  })
})
