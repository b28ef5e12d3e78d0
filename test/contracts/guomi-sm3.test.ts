import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { getBytes, hexlify } from 'ethers'
import { describe, it } from 'vitest'
import { sm3 } from './guomi.ts'
import { ethers } from './world.ts'

const vectors = join(import.meta.dirname, '../../../shared/data/vectors')
const harness = await ethers.deployContract('GuomiHarness')
const onChain = (message: string): Promise<string> => harness.getFunction('sm3')(message)

describe.skipIf(!existsSync(vectors))('SM3 on chain, published vectors', () => {
  it('hashes both of GB/T 32905-2016', async () => {
    const { sm3: cases } = JSON.parse(readFileSync(join(vectors, 'guomi/gbt-vectors.json'), 'utf8')) as {
      sm3: { message_ascii: string; digest: string }[]
    }
    expect(cases).to.have.length(2)
    for (const { message_ascii: message, digest } of cases) {
      expect(await onChain(hexlify(Buffer.from(message)))).to.equal(`0x${digest.toLowerCase()}`)
    }
  })

  it('hashes those of Tongsuo', async () => {
    const text = readFileSync(join(vectors, 'tongsuo/evpmd_sm3.txt'), 'utf8')
    // `Ncopy` repeats and `Count` chains: only plain inputs are taken here, quoted text included.
    const plain = [...text.matchAll(/^Digest = SM3\nInput = (\S*)\nOutput = ([0-9A-Fa-f]{64})$/gm)]
    expect(plain.length).to.be.greaterThan(2)
    for (const [, input, output] of plain) {
      const message = input!.startsWith('"') ? Buffer.from(input!.slice(1, -1)) : Buffer.from(input!, 'hex')
      expect(await onChain(hexlify(message))).to.equal(`0x${output!.toLowerCase()}`)
    }
  })
})

describe('SM3 on chain', () => {
  it('says what OpenSSL says at every length from 0 to 300', async () => {
    for (let length = 0; length <= 300; ++length) {
      const message = getBytes(hexlify(Uint8Array.from({ length }, (_, i) => i * i + 7 * length)))
      expect(await onChain(hexlify(message)), `${length} bytes`).to.equal(sm3(message))
    }
  })

  it('takes 64 bytes for no more than 45,000 gas', async () => {
    expect(await harness.getFunction('sm3Gas')(`0x${'a5'.repeat(64)}`)).to.be.lessThan(45_000n)
  })
})
