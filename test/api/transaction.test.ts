import { getBytes, hexlify, keccak256, randomBytes, Transaction, Wallet } from 'ethers'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { signTransaction } from '../../api/relayer/transaction.ts'

describe('a signed transaction of the relayer', () => {
  it('is to the byte what ethers makes of it', async () => {
    const bytes = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength }).map(hexlify)
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 0x7fffffff }),
        fc.oneof(fc.constantFrom(0, 1, 127, 128, 255, 256), fc.nat()),
        fc.bigInt({ min: 21_000n, max: 16_000_000n }),
        bytes(20, 20),
        // Around the lengths at which RLP's heads change.
        fc.oneof(bytes(0, 2), bytes(54, 57), bytes(250, 260), bytes(0, 2_000)),
        async (chainId, nonce, gasLimit, to, data) => {
          const wallet = Wallet.createRandom()
          const { raw, hash } = signTransaction(getBytes(wallet.privateKey), { chainId, nonce, gasLimit, to, data })
          const expected = { type: 0, chainId, nonce, to, data, gasLimit, gasPrice: 0n, value: 0n }
          expect(raw).toBe(await wallet.signTransaction(expected))
          expect(hash).toBe(keccak256(raw))
          expect(Transaction.from(raw).from).toBe(wallet.address)
        }
      ),
      { numRuns: 200 }
    )
  })

  it('is not made of what is no hex: a call cut short would be another call', () => {
    const common = { chainId: 1, nonce: 0, gasLimit: 21_000n, to: hexlify(randomBytes(20)) }
    for (const data of ['0x1', '0xzz', '12', '0x12g4', '']) {
      expect(() => signTransaction(randomBytes(32), { ...common, data })).toThrow(TypeError)
    }
    expect(() => signTransaction(randomBytes(32), { ...common, to: '0x12zz', data: '0x' })).toThrow(TypeError)
  })
})
