import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import * as curve from '../../../domain/crypto/sm2-curve.ts'

const file = join(import.meta.dirname, '../../../../shared/data/vectors/guomi/gbt-vectors.json')

describe('the curve of SM2', () => {
  it.skipIf(!existsSync(file))('has the constants of GB/T 32918.5-2017', () => {
    const { curve: expected } = JSON.parse(readFileSync(file, 'utf8')) as { curve: Record<string, string> }
    const own = {
      p: curve.SM2_P,
      a: curve.SM2_A,
      b: curve.SM2_B,
      n: curve.SM2_N,
      gx: curve.SM2_GX,
      gy: curve.SM2_GY
    }
    for (const [name, value] of Object.entries(own)) expect(value, name).toBe(BigInt(`0x${expected[name]}`))
  })

  it('has a base point on it, of order n', () => {
    const { BASE, ZERO } = curve.sm2Curve.ProjectivePoint
    BASE.assertValidity()
    expect(
      BASE.multiplyUnsafe(curve.SM2_N - 1n)
        .add(BASE)
        .equals(ZERO)
    ).toBe(true)
    expect(curve.SM2_A).toBe(curve.SM2_P - 3n)
  })
})
