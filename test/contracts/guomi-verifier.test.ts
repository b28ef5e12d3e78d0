import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { concat, dataSlice, getBytes, hexlify, keccak256, randomBytes, ZeroAddress, ZeroHash } from 'ethers'
import { describe, it } from 'vitest'
import { SM2_N, SM2_P } from '../../domain/crypto/sm2-curve.ts'
import { compareWithNative, keyOf, nativeKey, nativeSignature, nativeSignatureDer, scalar, word, zOf } from './guomi.ts'
import { ethers } from './world.ts'

const isValid = '0x024ad318'
const isInvalid = '0xffffffff'
const verifier = await ethers.deployContract('SM2Verifier')
const verify = (key: string, hash: string, signature: string): Promise<string> =>
  verifier.getFunction('verify')(key, hash, signature)
const isYes = async (key: string, hash: string, signature: string) => (await verify(key, hash, signature)) === isValid

function signed(d = scalar()) {
  const key = keyOf(d)
  const hash = hexlify(randomBytes(32))
  const native = nativeKey(d)
  return { key, hash, native, signature: nativeSignature(native, zOf(key), getBytes(hash)) }
}

describe('the SM2 verifier', () => {
  const file = join(import.meta.dirname, '../../../shared/data/vectors/guomi/gbt-vectors.json')
  it.skipIf(!existsSync(file))('has Z of GB/T 32918.5-2017 A.2', async () => {
    const { sm2_sign: vector } = JSON.parse(readFileSync(file, 'utf8')) as { sm2_sign: Record<string, string> }
    const z = await verifier.getFunction('zOf')(`0x${vector.px}${vector.py}`)
    expect(z).to.equal(`0x${vector.ZA!.toLowerCase()}`)
    const harness = await ethers.deployContract('GuomiHarness')
    const numbers = ['e', 'r', 's', 'px', 'py'].map((name) => `0x${vector[name]}`)
    expect((await harness.getFunction('verify')(...numbers))[0]).to.equal(true)
  })

  it('agrees with OpenSSL on 1,000 signatures and 1,000 corrupted ones', { timeout: 600_000 }, async () => {
    const result = await compareWithNative(isYes, 1_000)
    expect(result.refused).to.deep.equal([])
    expect(result.accepted).to.deep.equal([])
  })

  it('says the same of a prepared key', { timeout: 600_000 }, async () => {
    const ask = async (key: string, hash: string, signature: string) => {
      if (await verifier.getFunction('isKey')(key)) await (await verifier.getFunction('prepare')(key)).wait()
      return isYes(key, hash, signature)
    }
    const result = await compareWithNative(ask, 200, 5)
    expect(result.refused).to.deep.equal([])
    expect(result.accepted).to.deep.equal([])
  })

  it('takes r ‖ s of 64 bytes alone: no DER, nothing shorter, nothing longer', async () => {
    const { key, hash, native, signature } = signed()
    expect(await verify(key, hash, signature)).to.equal(isValid)
    const der = hexlify(nativeSignatureDer(native, zOf(key), getBytes(hash)))
    const wrong = ['0x', dataSlice(signature, 0, 63), concat([signature, '0x00']), concat([signature, ZeroHash]), der]
    for (const bytes of wrong) expect(await verify(key, hash, bytes), bytes).to.equal(isInvalid)
  })

  it('takes x ‖ y of 64 bytes alone: neither compressed nor with the byte 04 in front', async () => {
    const { key, hash, signature } = signed()
    const short = dataSlice(key, 0, 32)
    const wrong = ['0x', short, concat(['0x02', short]), concat(['0x04', key]), concat([key, '0x00'])]
    for (const bytes of [...wrong, concat([ZeroHash, ZeroHash]), concat([word(SM2_P), word(SM2_P)])]) {
      expect(await verify(bytes, hash, signature), bytes).to.equal(isInvalid)
      expect(await verifier.getFunction('isKey')(bytes)).to.equal(false)
      for (const method of ['prepare', 'zOf']) {
        await expect(verifier.getFunction(method).staticCall(bytes))
          .to.be.revertedWithCustomError(verifier, 'KeyInvalid')
          .withArgs(bytes)
      }
    }
    expect(await verifier.getFunction('isKey')(key)).to.equal(true)
  })

  it('refuses −s, r + s = n and zeros, and a signature under another id or none', async () => {
    const { key, hash, native, signature } = signed()
    const [r, s] = [BigInt(dataSlice(signature, 0, 32)), BigInt(dataSlice(signature, 32))]
    const wrong: [bigint, bigint][] = [
      [r, SM2_N - s],
      [r, SM2_N - r],
      [0n, s],
      [r, 0n],
      [0n, 0n],
      [s, r]
    ]
    for (const [first, second] of wrong) {
      expect(await verify(key, hash, concat([word(first), word(second)]))).to.equal(isInvalid)
    }
    for (const id of ['', '1234567812345679', 'ALICE123@YAHOO.COM']) {
      expect(await verify(key, hash, nativeSignature(native, zOf(key, id), getBytes(hash)))).to.equal(isInvalid)
    }
    expect(await verify(key, hash, nativeSignature(native, '0x', getBytes(hash)))).to.equal(isInvalid)
  })

  it('prepares a key once, for anybody, and says where', async () => {
    const { key, hash, signature } = signed()
    const tableOf = verifier.getFunction('tableOf')
    expect(await tableOf(key)).to.equal(ZeroAddress)
    const table: string = await verifier.getFunction('prepare').staticCall(key)
    const prepared = await verifier.getFunction('prepare')(key)
    await expect(prepared).to.emit(verifier, 'KeyPrepared').withArgs(keccak256(key), key, zOf(key), table)
    expect(await tableOf(key)).to.equal(table)
    expect(dataSlice(await ethers.provider.getCode(table), 0, 33)).to.equal(concat(['0x00', zOf(key)]))
    const again = await verifier.getFunction('prepare')(key)
    await expect(again).not.to.emit(verifier, 'KeyPrepared')
    expect(await tableOf(key)).to.equal(table)
    expect(await verify(key, hash, signature)).to.equal(isValid)
    const other = signed()
    expect(await verify(key, hash, other.signature)).to.equal(isInvalid)
    expect(await verify(other.key, hash, signature)).to.equal(isInvalid)
  })

  it('fits in a contract', async () => {
    expect(getBytes(await ethers.provider.getCode(await verifier.getAddress())).length).to.be.at.most(24_576)
  })
})
