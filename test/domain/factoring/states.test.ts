import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { standingOf } from '../../../domain/factoring/duplicates.ts'
import { obstaclesOf, type Candidate, type Obstacle } from '../../../domain/factoring/eligibility.ts'
import { freeUnder } from '../../../domain/factoring/limits.ts'
import {
  quoteMoves,
  quoteStateOf,
  requestMoves,
  requestStateOf,
  type QuoteFacts,
  type RequestFacts
} from '../../../domain/factoring/states.ts'

/** What can happen, one at a time; `quote` says to which. */
type Happening = {
  what: 'quote' | 'withdraw' | 'withdraw quote' | 'accept' | 'fail' | 'lock' | 'finance' | 'unlock' | 'wait'
  quote: number
  seconds: number
}
interface World {
  now: number
  request: RequestFacts & { quotes: QuoteFacts[] }
}

const happening: fc.Arbitrary<Happening> = fc.record({
  what: fc.constantFrom('quote', 'withdraw', 'withdraw quote', 'accept', 'fail', 'lock', 'finance', 'unlock', 'wait'),
  quote: fc.nat({ max: 1 }),
  seconds: fc.integer({ min: 1, max: 40 })
})

/** Does it if the api or the contract would let it happen. */
function happen({ now, request }: World, { what, quote: index, seconds }: Happening): World {
  const quote = request.quotes[index]
  const changed = (changes: Partial<QuoteFacts>): World => ({
    now,
    request: { ...request, quotes: request.quotes.map((one, i) => (i === index ? { ...one, ...changes } : one)) }
  })
  const state = requestStateOf(request, now)
  const own = quote && quoteStateOf(quote, request, now)
  if (what === 'wait') return { now: now + seconds, request }
  if (what === 'quote' && (state === 'open' || state === 'quoted')) {
    const expiresAt = Math.min(now + seconds, request.expiresAt)
    const fresh = { expiresAt, isWithdrawn: false, isOrdered: false, lock: null }
    return { now, request: { ...request, quotes: [...request.quotes, fresh].slice(0, 2) } }
  }
  if (what === 'withdraw' && (state === 'open' || state === 'quoted'))
    return { now, request: { ...request, withdrawnAt: now } }
  if (what === 'withdraw quote' && own === 'open') return changed({ isWithdrawn: true })
  if (what === 'accept' && state === 'quoted' && own === 'open') return changed({ isOrdered: true })
  if (what === 'fail' && own === 'accepted') return changed({ isOrdered: false })
  if (what === 'lock' && own === 'accepted')
    return changed({ isOrdered: false, lock: { at: now, deadline: now + 30, next: null } })
  if (!quote?.lock || quote.lock.next) return { now, request }
  if (what === 'finance' && now <= quote.lock.deadline)
    return changed({ lock: { ...quote.lock, next: { event: 'financed', at: now } } })
  if (what === 'unlock') return changed({ lock: { ...quote.lock, next: { event: 'unlocked', at: now } } })
  return { now, request }
}

describe('states of requests and quotes', () => {
  it('only ever take the moves of their tables, whatever happens in whichever order', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(fc.array(happening, { minLength: 10, maxLength: 40, size: 'max' }), (happenings) => {
        let world: World = { now: 1_000, request: { expiresAt: 1_100, withdrawnAt: null, quotes: [] } }
        for (const one of happenings) {
          const next = happen(world, one)
          const [from, to] = [requestStateOf(world.request, world.now), requestStateOf(next.request, next.now)]
          if (from !== to) expect(requestMoves[from], `request ${from} → ${to} by ${one.what}`).toContain(to)
          seen.add(`${from} → ${to}`)
          world.request.quotes.forEach((quote, i) => {
            const before = quoteStateOf(quote, world.request, world.now)
            const after = quoteStateOf(next.request.quotes[i]!, next.request, next.now)
            if (before !== after)
              expect(quoteMoves[before], `quote ${before} → ${after} by ${one.what}`).toContain(after)
          })
          const held = next.request.quotes.filter((quote) => {
            return ['accepted', 'locked', 'funded'].includes(quoteStateOf(quote, next.request, next.now))
          })
          expect(held.length, 'at most one quote is taken').toBeLessThanOrEqual(1)
          world = next
        }
      }),
      { numRuns: 3_000, seed: 7 }
    )
    for (const move of [
      'locked → funded',
      'locked → declined',
      'locked → lapsed',
      'accepted → quoted',
      'quoted → withdrawn'
    ])
      expect(seen).toContain(move)
  })

  it('tell a lock that was declined in time from one that lapsed', () => {
    const lock = (next: { event: 'unlocked' | 'settled'; at: number } | null) => {
      const quote = { expiresAt: 10, isWithdrawn: false, isOrdered: false, lock: { at: 5, deadline: 50, next } }
      return (now: number) => requestStateOf({ expiresAt: 10, withdrawnAt: null, quotes: [quote] }, now)
    }
    expect(lock(null)(50)).toBe('locked')
    expect(lock(null)(51)).toBe('lapsed')
    expect(lock({ event: 'unlocked', at: 50 })(99)).toBe('declined')
    expect(lock({ event: 'unlocked', at: 51 })(99)).toBe('lapsed')
    expect(lock({ event: 'settled', at: 40 })(45)).toBe('lapsed')
  })
})

describe('what is free under a limit', () => {
  const exposure = { used: 60n, reserved: 30n }
  it.each([
    [{ amount: 100n, expiresAt: 10 }, 10, 10n],
    [{ amount: 100n, expiresAt: 10 }, 11, 0n],
    [{ amount: 80n, expiresAt: 10 }, 10, 0n],
    [{ amount: null, expiresAt: 10 }, 99, null]
  ] as const)('case %#', (limit, now, free) => {
    expect(freeUnder(limit, exposure, now)).toBe(free)
  })
})

describe('what a factor is told of a document', () => {
  it.each([
    [[], { status: 'unknown' }],
    [[{ reason: 'receivable', state: 'confirmed' }], { status: 'registered', state: 'confirmed' }],
    [[{ reason: 'trade-document', state: null }], { status: 'trade-document' }],
    [[{ reason: 'pledged-elsewhere', state: null }], { status: 'claimed-elsewhere' }],
    [
      [
        { reason: 'receivable', state: 'confirmed' },
        { reason: 'reserved-elsewhere', state: null }
      ],
      { status: 'claimed-elsewhere' }
    ]
  ] as const)('%j is %j', (claims, standing) => {
    expect(standingOf(claims)).toEqual(standing)
  })
})

describe('what keeps a note from being financed', () => {
  const good: Candidate = {
    state: 'live',
    isHeld: true,
    maturity: 101,
    isDisputed: false,
    frozenUntil: 100,
    promised: 9n,
    amount: 10n,
    hasAlarm: false
  }
  it.each<[Obstacle, Partial<Candidate>]>([
    ['unconfirmed', { state: 'none' }],
    ['not-live', { state: 'locked' }],
    ['not-held', { isHeld: false }],
    ['matured', { maturity: 100 }],
    ['disputed', { isDisputed: true }],
    ['frozen', { frozenUntil: 101 }],
    ['alarm', { hasAlarm: true }]
  ])('is named alone: %s', (reason, changes) => {
    expect(obstaclesOf(good, 100)).toEqual([])
    expect(obstaclesOf({ ...good, ...changes }, 100)).toEqual([reason])
  })

  it('is a promise of all of it, and not of a part', () => {
    expect(obstaclesOf({ ...good, promised: 10n }, 100)).toEqual(['promised'])
  })
})
