import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { vaultOf } from '../../api/vault.ts'

const [first, next, strange] = [randomBytes(32), randomBytes(32), randomBytes(32)] as [Buffer, Buffer, Buffer]
const value = { secret: '口令', n: 1 }

describe('a vault whose key was rotated', () => {
  const before = vaultOf(first)
  const after = vaultOf(next, { others: [first], digestKey: first })

  it('opens what was sealed under either key, and seals under the new one', () => {
    expect(after.open(before.seal(value, 'row 1'), 'row 1')).toEqual(value)
    const sealed = after.seal(value, 'row 1')
    expect(vaultOf(next).open(sealed, 'row 1')).toEqual(value)
    expect(() => before.open(sealed, 'row 1')).toThrow(expect.objectContaining({ code: 'SEALED_MISMATCH' }))
  })

  it('opens nothing of another place, another key, or with a changed byte', () => {
    const sealed = before.seal(value, 'row 1')
    const refused = expect.objectContaining({ code: 'SEALED_MISMATCH' })
    expect(() => after.open(sealed, 'row 2')).toThrow(refused)
    expect(() => after.open(vaultOf(strange).seal(value, 'row 1'), 'row 1')).toThrow(refused)
    sealed[20]! ^= 1
    expect(() => after.open(sealed, 'row 1')).toThrow(refused)
    expect(() => after.open(Buffer.from('x'), 'row 1')).toThrow(expect.objectContaining({ code: 'SEALED_MALFORMED' }))
  })

  it('finds by the digests that it found by before', () => {
    expect(after.digest(['IBAN:X'], 'bank account')).toEqual(before.digest(['IBAN:X'], 'bank account'))
    expect(vaultOf(next).digest(['IBAN:X'], 'bank account')).not.toEqual(before.digest(['IBAN:X'], 'bank account'))
  })

  it('names its key by what tells nothing of it', () => {
    expect(after.keyId).toMatch(/^[0-9a-f]{8}$/)
    expect(after.keyId).toBe(vaultOf(next).keyId)
    expect(after.keyId).not.toBe(before.keyId)
    expect(next.toString('hex')).not.toContain(after.keyId)
  })
})
