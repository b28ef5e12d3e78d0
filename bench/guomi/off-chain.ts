/**
 * SM2, SM3 and SM4 off chain: ours against the native functions that they stand on (the floor), sm-crypto and
 * sm-crypto-v2 (the peers). Candidates take turns in rounds; compared is the median of each round's ratio. Counted is the
 * processor's time of this process, so that what else the machine does weighs little. Rates are of this machine, ratios of
 * the code.
 */
import {
  createCipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSign,
  createVerify
} from 'node:crypto'
import { createRequire } from 'node:module'
import * as v2 from 'sm-crypto-v2'
import { toHex } from '../../domain/crypto/bytes.ts'
import { sm3 } from '../../domain/crypto/hash.ts'
import { exportPkcs8, exportSpki } from '../../domain/crypto/keys.ts'
import { randomBytes } from '../../domain/crypto/native.ts'
import { newPrivateKey, publicKeyOf, SigningKey, verify, zOf } from '../../domain/crypto/sm2.ts'
import { decryptWith, encryptTo } from '../../domain/crypto/sm2-encryption.ts'
import { newDataKey, open, seal } from '../../domain/crypto/sm4.ts'
import { rounded } from '../gas/rows.ts'
import type { GuomiRow } from './row.ts'

interface Case {
  readonly metric: string
  readonly ours: () => unknown
  readonly floor?: () => unknown
  readonly budget?: number
  readonly peers: Readonly<Record<string, () => unknown>>
}

const ROUNDS = 31
const ROUND_MS = 80
/** Sign, verify and seal stay within a tenth of the native functions. */
const NATIVE_SHARE = 0.9

interface SmCrypto {
  sm2: {
    doSignature(message: number[], key: string, options: object): string
    doVerifySignature(message: number[], signature: string, key: string, options: object): boolean
    doEncrypt(message: number[], key: string, mode: 1): string
    doDecrypt(cipher: string, key: string, mode: 1, options: object): number[]
  }
  sm3(message: number[]): string
}

export async function offChainRows(): Promise<GuomiRow[]> {
  return [...signatureCases(), ...encryptionCases(), ...documentCases(), ...hashCases()].map(measure)
}

function signatureCases(): Case[] {
  const v1 = createRequire(import.meta.url)('sm-crypto') as SmCrypto
  const privateKey = newPrivateKey()
  const publicKey = publicKeyOf(privateKey)
  const message = randomBytes(32)
  const key = new SigningKey(privateKey)
  const nativeKey = createPrivateKey({ key: Buffer.from(exportPkcs8(privateKey)), format: 'der', type: 'pkcs8' })
  const nativePublic = createPublicKey({ key: Buffer.from(exportSpki(publicKey)), format: 'der', type: 'spki' })
  const z = zOf(publicKey)
  const signature = key.sign(message)
  const der = createSign('sm3').update(z).update(message).sign(nativeKey)
  const [privateHex, publicHex, signatureHex] = [toHex(privateKey), `04${toHex(publicKey)}`, toHex(signature)]
  const list = [...message]
  const options = { hash: true, publicKey: publicHex }
  return [
    {
      metric: 'SM2 sign, 32 bytes',
      ours: () => key.sign(message),
      floor: () => createSign('sm3').update(z).update(message).sign(nativeKey),
      budget: NATIVE_SHARE,
      peers: {
        'sm-crypto': () => v1.sm2.doSignature(list, privateHex, options),
        'sm-crypto-v2': () => v2.sm2.doSignature(message, privateHex, options)
      }
    },
    {
      metric: 'SM2 verify, 32 bytes',
      ours: () => verify(publicKey, message, signature),
      floor: () => createVerify('sm3').update(z).update(message).verify(nativePublic, der),
      budget: NATIVE_SHARE,
      peers: {
        'sm-crypto': () => v1.sm2.doVerifySignature(list, signatureHex, publicHex, options),
        'sm-crypto-v2': () => v2.sm2.doVerifySignature(message, signatureHex, publicHex, options)
      }
    }
  ]
}

function encryptionCases(): Case[] {
  const v1 = createRequire(import.meta.url)('sm-crypto') as SmCrypto
  const privateKey = newPrivateKey()
  const publicKey = publicKeyOf(privateKey)
  const plain = newDataKey()
  const cipher = encryptTo(publicKey, plain)
  const [privateHex, publicHex, list] = [toHex(privateKey), `04${toHex(publicKey)}`, [...plain]]
  const theirs = v1.sm2.doEncrypt(list, publicHex, 1)
  return [
    {
      metric: 'SM2 encrypt, a data key of 32 bytes',
      ours: () => encryptTo(publicKey, plain),
      peers: {
        'sm-crypto': () => v1.sm2.doEncrypt(list, publicHex, 1),
        'sm-crypto-v2': () => v2.sm2.doEncrypt(plain, publicHex, 1)
      }
    },
    {
      metric: 'SM2 decrypt, a data key of 32 bytes',
      ours: () => decryptWith(privateKey, cipher),
      peers: {
        'sm-crypto': () => v1.sm2.doDecrypt(theirs, privateHex, 1, { output: 'array' }),
        'sm-crypto-v2': () => v2.sm2.doDecrypt(theirs, privateHex, 1, { output: 'array' })
      }
    }
  ]
}

/** The floor is the same two primitives, given their keys: no derivation, no format, no copy. */
function documentCases(): Case[] {
  const aad = randomBytes(32)
  const key = newDataKey()
  const [enc, iv, mac] = [randomBytes(16), randomBytes(16), randomBytes(32)]
  return [1024, 65_536, 1_048_576].flatMap((size): Case[] => {
    const plain = randomBytes(size)
    const sealed = seal(key, plain, aad)
    const peerKey = toHex(enc)
    const peerOptions = { mode: 'gcm', iv: toHex(iv.subarray(0, 12)), output: 'array' } as const
    const native = (): void => {
      const cipher = createCipheriv('sm4-ctr', enc, iv).update(plain)
      createHmac('sm3', mac).update(iv).update(aad).update(cipher).digest()
    }
    const label = size < 2 ** 20 ? `${size / 1024} KiB` : '1 MiB'
    // A small document pays for the derivation of its key, which the floor has not: no budget there.
    const budget = size >= 65_536 ? { budget: NATIVE_SHARE } : {}
    return [
      {
        metric: `seal a document of ${label}`,
        ours: () => seal(key, plain, aad),
        floor: native,
        ...budget,
        peers: { 'sm-crypto-v2 (GCM)': () => v2.sm4.encrypt(plain, peerKey, peerOptions) }
      },
      { metric: `open a document of ${label}`, ours: () => open(key, sealed, aad), floor: native, ...budget, peers: {} }
    ]
  })
}

function hashCases(): Case[] {
  const v1 = createRequire(import.meta.url)('sm-crypto') as SmCrypto
  return [64, 1024, 1_048_576].map((size): Case => {
    const message = randomBytes(size)
    const list = [...message]
    return {
      metric: `SM3 of ${size} bytes`,
      ours: () => sm3(message),
      floor: () => createHash('sm3').update(message).digest(),
      peers: { 'sm-crypto': () => v1.sm3(list), 'sm-crypto-v2': () => v2.sm3(message) }
    }
  })
}

function measure({ metric, ours, floor, budget = undefined, peers }: Case): GuomiRow {
  const candidates: [string, () => unknown][] = [['ours', ours], ...Object.entries(peers)]
  if (floor) candidates.push(['floor', floor])
  const rates = new Map(candidates.map(([name]): [string, number[]] => [name, []]))
  for (const [, run] of candidates) rateOf(run)
  for (let round = 0; round < ROUNDS; round++) {
    // Each round begins with another candidate.
    for (let i = 0; i < candidates.length; i++) {
      const [name, run] = candidates[(i + round) % candidates.length]!
      rates.get(name)!.push(rateOf(run))
    }
  }
  const ratioTo = (name: string): number =>
    rounded(median(rates.get('ours')!.map((rate, round) => rate / rates.get(name)![round]!)))
  const peerRatios = Object.keys(peers).map(ratioTo)
  const ratioToFloor = floor ? ratioTo('floor') : null
  const isMissed = budget !== undefined && ratioToFloor !== null && ratioToFloor < budget
  return {
    metric,
    unit: 'op/s',
    ours: rateShown(median(rates.get('ours')!)),
    peers: Object.fromEntries(Object.keys(peers).map((name) => [name, rateShown(median(rates.get(name)!))])),
    floor: floor ? rateShown(median(rates.get('floor')!)) : null,
    ratioToBestPeer: peerRatios.length > 0 ? Math.min(...peerRatios) : null,
    ratioToFloor,
    budget: budget ?? null,
    missed: isMissed ? [`${budget} × native`] : []
  }
}

/** Runs for {@link ROUND_MS} of processor time, once at least. */
function rateOf(run: () => unknown): number {
  const start = process.cpuUsage()
  let count = 0
  let elapsedMs = 0
  do {
    run()
    count++
    const { user, system } = process.cpuUsage(start)
    elapsedMs = (user + system) / 1000
  } while (elapsedMs < ROUND_MS)
  return (count * 1000) / elapsedMs
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}

function rateShown(rate: number): number {
  return rate >= 100 ? Math.round(rate) : Math.round(rate * 100) / 100
}
