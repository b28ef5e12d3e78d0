import { expect } from 'chai'
import { concat, dataSlice } from 'ethers'
import { describe, it } from 'vitest'
import { SM2_N, SM2_P, sm2Curve, sm2Field, sm2Scalars } from '../../domain/crypto/sm2-curve.ts'
import { argsOf, BASE, mod, scalar, statementOf, word, type Statement } from './guomi.ts'
import { ethers } from './world.ts'

const harness = await ethers.deployContract('GuomiHarness')
const ways = ['verify', 'verifyPrepared'] as const

/** The answer of both ways, which must agree, and the gas of the plain one. */
async function ask(statement: Statement): Promise<{ isSigned: boolean; gas: bigint }> {
  const [plain, prepared] = await Promise.all(
    ways.map((way) => harness.getFunction(way)(...argsOf(statement)) as Promise<[boolean, bigint]>)
  )
  expect(plain![0]).to.equal(prepared![0])
  return { isSigned: plain![0], gas: plain![1] }
}

/** The signed digits of a scalar as the contract reads them, lowest first. */
function digitsOf(k: bigint): bigint[] {
  const isOdd = (k & 1n) === 1n
  const bits = ((isOdd ? k : SM2_N - k) >> 1n) | (1n << 255n)
  return Array.from({ length: 256 }, (_, i) => ((((bits >> BigInt(i)) & 1n) === 1n) === isOdd ? 1n : -1n))
}

/** What stands in front of the point after the additions of column `last`, rows of `width` digits. */
function factorAt(k: bigint, width: number, last: number, first = width - 1): bigint {
  const digits = digitsOf(k)
  let factor = 0n
  for (let column = first; column >= last; --column) {
    factor *= 2n
    for (let at = column; at < 256; at += width) factor += digits[at]! << BigInt(at - column)
  }
  return factor
}

describe('tables', () => {
  it('the comb holds the multiples of G that it says', async () => {
    const comb: string = await harness.getFunction('comb')()
    for (let entry = 0; entry < 128; ++entry) {
      let factor = 1n << 224n
      for (let row = 0n; row < 7n; ++row)
        factor += (entry >> Number(row)) & 1 ? 1n << (32n * row) : -(1n << (32n * row))
      const { x, y } = BASE.multiply(mod(factor)).toAffine()
      expect(dataSlice(comb, 64 * entry, 64 * entry + 64)).to.equal(concat([word(SM2_P - x), word(y)]))
    }
  })

  it('a key has the multiples that it should', async () => {
    for (const d of [1n, 2n, SM2_N - 1n, scalar()]) {
      const point = BASE.multiply(d)
      const { x, y } = point.toAffine()
      const table: string = await harness.getFunction('tableOf')(x, y)
      for (let entry = 0; entry < 8; ++entry) {
        let factor = 1n << 192n
        for (let row = 0n; row < 3n; ++row)
          factor += (entry >> Number(row)) & 1 ? 1n << (64n * row) : -(1n << (64n * row))
        const multiple = point.multiply(mod(factor)).toAffine()
        expect(dataSlice(table, 64 * entry, 64 * entry + 64)).to.equal(
          concat([word(SM2_P - multiple.x), word(multiple.y)])
        )
      }
    }
  })
})

describe('a statement with', () => {
  const half = (SM2_N - 1n) / 2n
  const extremes = [1n, 2n, 3n, half, half + 1n, SM2_N - 2n, SM2_N - 1n]

  it('extreme s and t is accepted, and refused with another e', async () => {
    for (const s of extremes) {
      for (const t of extremes) {
        if (s === t) continue
        const statement = statementOf(s, t, 0x1234567n)
        expect((await ask(statement)).isSigned, `${s} ${t}`).to.equal(true)
        expect((await ask({ ...statement, e: mod(statement.e + 1n) })).isSigned).to.equal(false)
      }
    }
  })

  it('the key ±kG or ±2ᵏG is accepted', async () => {
    const small = Array.from({ length: 20 }, (_, i) => BigInt(i + 1))
    const powers = Array.from({ length: 32 }, (_, i) => 1n << BigInt(8 * i))
    for (const d of [...small, ...powers].flatMap((k) => [k, SM2_N - k])) {
      const [s, t] = [scalar(), scalar()]
      if (mod(s + t * d) === 0n) continue
      const statement = statementOf(s, t, d)
      expect((await ask(statement)).isSigned, `d = ${d}`).to.equal(true)
      expect((await ask({ ...statement, e: mod(statement.e + 1n) })).isSigned).to.equal(false)
    }
  })

  it('an addition of a point to itself or its inverse on the way is decided rightly, for no more than 500,000 gas', async () => {
    for (const column of [31, 30, 17, 1, 0]) {
      for (const sign of [1n, -1n]) {
        const [s, t] = [scalar(), scalar()]
        // (c·d + g)·G is the sum before the addition of h·G: d is chosen so that c·d + g = ±h.
        const before = column === 31 ? 0n : 2n * factorAt(s, 32, column + 1)
        const added = factorAt(s, 32, column) - before
        const d = mod((sign * added - before) * sm2Scalars.inv(mod(factorAt(t, 64, column))))
        const statement = statementOf(s, t, d)
        const { isSigned, gas } = await ask(statement)
        // At the last column the inverse makes the whole sum infinity.
        const isInfinite = mod(s + t * d) === 0n
        expect(isSigned, `column ${column}, ${sign}`).to.equal(!isInfinite)
        expect(gas > 200_000n, `${gas} gas: the exceptional way was not taken`).to.equal(true)
        expect(gas < 500_000n, `${gas} gas`).to.equal(true)
        expect((await ask({ ...statement, e: mod(statement.e + 1n) })).isSigned).to.equal(false)
      }
    }
  })

  it('a sum that is infinity is refused, whatever e is', async () => {
    for (let i = 0; i < 5; ++i) {
      const [s, t] = [scalar(), scalar()]
      const statement = statementOf(s, t, mod(-s * sm2Scalars.inv(t)))
      for (const e of [0n, statement.r, statement.e]) expect((await ask({ ...statement, e })).isSigned).to.equal(false)
    }
  })

  it('R.x from n on is accepted', async () => {
    for (let x = SM2_N, found = 0; found < 3; ++x) {
      let y: bigint
      try {
        y = sm2Field.sqrt(sm2Curve.weierstrassEquation(x))
      } catch {
        continue
      }
      ++found
      const sum = sm2Curve.ProjectivePoint.fromAffine({ x, y })
      const [s, t] = [scalar(), scalar()]
      const key = sum.add(BASE.multiply(s).negate()).multiply(sm2Scalars.inv(t)).toAffine()
      const r = mod(t - s)
      const statement = { e: mod(r - x), r, s, ...key }
      expect((await ask(statement)).isSigned).to.equal(true)
      expect((await ask({ ...statement, e: mod(r - x + 1n) })).isSigned).to.equal(false)
    }
  })

  it('e from n on is accepted', async () => {
    for (const e of [SM2_N, SM2_N + 1n, 2n ** 256n - 1n]) {
      const [d, k] = [scalar(), scalar()]
      const r = mod(e + BASE.multiply(k).toAffine().x)
      const s = mod((k - r * d) * sm2Scalars.inv(mod(1n + d)))
      const key = BASE.multiply(d).toAffine()
      expect((await ask({ e, r, s, ...key })).isSigned).to.equal(true)
    }
  })

  it('r or s that is 0, n or more, r + s = n, −s, swapped halves or the inverse key is refused', async () => {
    const good = statementOf(scalar(), scalar(), scalar())
    const { r, s } = good
    const most = 2n ** 256n - 1n
    const wrong: Partial<Statement>[] = [
      ...[0n, SM2_N, r + SM2_N <= most ? r + SM2_N : most, most].map((value) => ({ r: value })),
      ...[0n, SM2_N, s + SM2_N <= most ? s + SM2_N : most, most].map((value) => ({ s: value })),
      { s: SM2_N - r },
      { s: SM2_N - s },
      { r: SM2_N - r },
      { r: s, s: r },
      { y: SM2_P - good.y }
    ]
    expect((await ask(good)).isSigned).to.equal(true)
    for (const change of wrong)
      expect((await ask({ ...good, ...change })).isSigned, JSON.stringify(Object.keys(change))).to.equal(false)
    // With r + s = n the key would not matter: r = e + (s·G).x could be anybody's.
    const forged = mod(-good.r)
    const e = mod(good.r - BASE.multiply(forged).toAffine().x)
    expect((await ask({ ...good, s: forged, e })).isSigned).to.equal(false)
  })

  it('a key that is off the curve, infinity or not below p is refused', async () => {
    const good = statementOf(scalar(), scalar(), scalar())
    const points: [bigint, bigint][] = [
      [0n, 0n],
      [good.x, good.y ^ 1n],
      [good.y, good.x],
      [SM2_P, good.y],
      [good.x, SM2_P],
      [good.x, 2n ** 256n - 1n]
    ]
    // A point that is on the curve modulo p, but written with p more.
    for (let x = 0n; points.length < 7; ++x) {
      try {
        points.push([x + SM2_P, sm2Field.sqrt(sm2Curve.weierstrassEquation(x))])
      } catch {
        // No point has this x.
      }
    }
    for (const [x, y] of points) {
      expect((await harness.getFunction('verify')(...argsOf({ ...good, x, y })))[0]).to.equal(false)
      expect(await harness.getFunction('isKey')(x, y)).to.equal(false)
    }
  })
})
