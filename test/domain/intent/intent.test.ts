import { newPrivateKey, SigningKey as Sm2SigningKey, signatureToDer } from '../../../domain/crypto/sm2.ts'
import { createECDH, createPrivateKey, sign as signWith } from 'node:crypto'
import { p256 } from '@noble/curves/p256'
import { concat, getBytes, hexlify, Signature, toBeHex, Wallet } from 'ethers'
import { describe, expect, it } from 'vitest'
import { contracts } from '../../../domain/chain/contracts.ts'
import { sha256 } from '../../../domain/crypto/hash.ts'
import { claimReasons, releaseReasons } from '../../../domain/fingerprint/claim-word.ts'
import { callOf, type Command } from '../../../domain/intent/commands.ts'
import {
  digestOfCalls,
  digestOfTypedData,
  encodeMultiSignature,
  executeTypedData,
  isValidPart,
  hashOfCall,
  nonceOfIntent
} from '../../../domain/intent/typed-data.ts'
import { wordsOf } from '../../../domain/intent/words.ts'
import { notePurposes } from '../../../domain/note/note-word.ts'
import { noteIdOf } from '../../../domain/note/span.ts'

const hash = `0x${'ab'.repeat(32)}`
const terms = {
  maturity: 1_800_000_000,
  creditor: 5,
  debtor: 3,
  amount: 10_000_000n,
  currency: 978,
  contentCommitment: hash
}
const noteId = noteIdOf(0xabcdefn, 6_000_000n)
const [deadline, fingerprints] = [1_700_000_000, [hash]]
/** One of each kind; where the words depend on a choice, one of each choice. */
const commands: Command[] = [
  { kind: 'register', terms, fingerprints },
  { kind: 'issue', terms, fingerprints },
  { kind: 'confirm', terms, fingerprints },
  { kind: 'reject', terms, fingerprints, reason: hash },
  { kind: 'withdraw', terms, fingerprints },
  { kind: 'dispute', receivableId: 9n, reason: hash },
  { kind: 'liftDispute', receivableId: 9n, reason: hash },
  { kind: 'transfer', noteId, amount: 5n, assignee: 7, deadline, purpose: 'transfer', tradeDocument: hash },
  { kind: 'transfer', noteId, amount: 5n, assignee: 7, deadline, purpose: 'trade-transfer', tradeDocument: hash },
  { kind: 'accept', noteId },
  { kind: 'refuse', noteId, tradeFingerprint: hash, reason: hash },
  { kind: 'recall', noteId, tradeFingerprint: hash },
  { kind: 'merge', noteId, nextId: noteId + 5n },
  { kind: 'offerDilution', noteId, amount: 5n, deadline, creditNote: hash },
  { kind: 'acceptDilution', noteId },
  { kind: 'lock', noteId, amount: 5n, factor: 11, deadline, purpose: 'assignment', quote: hash },
  { kind: 'lock', noteId, amount: 5n, factor: 11, deadline, purpose: 'recourse-assignment', quote: hash },
  { kind: 'lock', noteId, amount: 5n, factor: 11, deadline, purpose: 'pledge', quote: hash },
  { kind: 'unlock', noteId },
  { kind: 'finance', noteId, disbursement: hash },
  { kind: 'release', noteId, repayment: hash },
  { kind: 'foreclose', noteId },
  { kind: 'returnNote', noteId, deadline, demand: hash },
  { kind: 'acceptReturn', noteId },
  { kind: 'settle', noteId, amount: 5n, payment: hash },
  { kind: 'settleReceivable', receivableId: 9n, payment: hash },
  { kind: 'close', receivableId: 9n },
  { kind: 'freeze', noteId, amount: 5n, until: deadline, escrow: 12, order: hash },
  { kind: 'unfreeze', noteId, order: hash },
  { kind: 'claim', fingerprint: hash, subject: 3n, reason: 'pledged-elsewhere' },
  { kind: 'releaseClaim', fingerprint: hash, reason: 'repaid' }
]
const addresses = { receivables: `0x${'22'.repeat(20)}`, fingerprints: `0x${'44'.repeat(20)}` }
const { receivables } = addresses
const account = `0x${'33'.repeat(20)}`
const intentId = '0193527e-8f00-7abc-8def-0123456789ab'

const context = { currency: 978, nameOf: (id: number) => `P${id}` }

describe('every command', () => {
  it.each(commands)('$kind becomes the call of its function with its arguments in order', (command) => {
    const call = callOf(command, addresses)
    const isClaim = command.kind === 'claim' || command.kind === 'releaseClaim'
    expect(call.target).toBe(isClaim ? addresses.fingerprints : addresses.receivables)
    const abi = isClaim ? contracts.fingerprints : contracts.receivables
    const parsed = abi.parseTransaction({ data: call.data })!
    expect(parsed.name).toBe(command.kind === 'releaseClaim' ? 'release' : command.kind)
    const flat = (value: unknown): string =>
      typeof value === 'object'
        ? Object.values(value as object)
            .map(flat)
            .join()
        : String(value)
    for (const [i, { name }] of parsed.fragment.inputs.entries()) {
      const given = command[name as keyof Command] as unknown
      const names = name === 'purpose' ? notePurposes : command.kind === 'claim' ? claimReasons : releaseReasons
      const isEnum = name === 'purpose' || (name === 'reason' && isClaim)
      expect(flat(parsed.args[i])).toBe(isEnum ? String(names.indexOf(given as never)) : flat(given))
    }
  })

  it.each(commands)('$kind has words in both languages, unlike those of any other', (command) => {
    const words = wordsOf(command, context)
    expect(words.en.length).toBeGreaterThan(8)
    expect(words.zh).toMatch(/[\u4e00-\u9fff]/)
    for (const text of Object.values(words)) expect(text).not.toMatch(/undefined|NaN/)
    const others = commands.filter((other) => other !== command).map((other) => wordsOf(other, context))
    expect(others.map(({ en }) => en)).not.toContain(words.en)
    expect(others.map(({ zh }) => zh)).not.toContain(words.zh)
  })

  it('says amounts in the currency, days, and names the other party', () => {
    const wordsFor = (kind: Command['kind']) =>
      wordsOf(
        commands.find((one) => one.kind === kind)!,
        context
      ).en
    expect(wordsFor('register')).toBe('Register a receivable of EUR 100000.00 against P3, due 2027-01-15')
    expect(wordsFor('confirm')).toBe(
      'Confirm the receivable of EUR 100000.00 owed to P5, and promise to pay its holders on 2027-01-15'
    )
    expect(wordsFor('lock')).toContain('EUR 0.05 off note 0x0000000000…@6000000 for P11 to take it by assignment')
    expect(wordsFor('freeze')).toContain('EUR 0.05 off note 0x0000000000…@6000000 until 2023-11-14')
    expect(wordsFor('freeze')).toContain('settlement goes to P12')
  })

  it('does not make a reason sound right that a factor may not give', () => {
    const words = wordsOf({ kind: 'claim', fingerprint: hash, subject: 3n, reason: 'receivable' }, context)
    expect(words.en).toContain("receivable (not a factor's reason)")
  })
})

describe('typed data', () => {
  const data = executeTypedData(
    31_415,
    account,
    [callOf(commands[2]!, addresses)],
    nonceOfIntent(intentId),
    1_800_000_000
  )

  it('refuses an intent id that is not a UUID', () => {
    expect(() => nonceOfIntent('0193527E-8f00-7abc-8def-0123456789ab')).toThrow('lower-case UUID')
    expect(() => nonceOfIntent('1')).toThrow('lower-case UUID')
  })

  it('keeps the intent id in the nonce, sequence zero', () => {
    expect(nonceOfIntent(intentId)).toBe(0x0193527e8f007abc8def0123456789abn << 64n)
  })

  it('has the same digest from the hashes of its calls alone', () => {
    const { calls, deadline } = data.message
    for (const some of [calls, [...calls, { target: account, data: '0x1234' }]]) {
      const batch = executeTypedData(31337, account, some, nonceOfIntent(intentId), deadline)
      const hashes = some.map(hashOfCall)
      const digest = digestOfCalls(31337, account, hashes, nonceOfIntent(intentId), deadline)
      expect(digest).toBe(digestOfTypedData(batch))
    }
  })

  it('is signed by who signs it, and by nobody else once a field changes', async () => {
    const wallet = Wallet.createRandom()
    const signature = await wallet.signTypedData(data.domain, data.types, data.message)
    const part = { signer: wallet.address, signature }
    const verifiers = { p256Verifier: receivables, sm2Verifier: receivables }
    expect(isValidPart(digestOfTypedData(data), part, verifiers)).toBe(true)
    for (const changed of [
      { ...data, domain: { ...data.domain, chainId: 1 } },
      { ...data, domain: { ...data.domain, verifyingContract: receivables } },
      { ...data, message: { ...data.message, deadline: 1 } },
      { ...data, message: { ...data.message, nonce: '1' } },
      { ...data, message: { ...data.message, calls: [{ target: account, data: '0x' }] } }
    ]) {
      expect(digestOfTypedData(changed)).not.toBe(digestOfTypedData(data))
      expect(isValidPart(digestOfTypedData(changed), part, verifiers)).toBe(false)
    }
  })

  it('orders the signers of a multi-signature the same way, whoever signed first', () => {
    const parts = [1, 2, 3].map((n) => ({ signer: `0x${String(n).repeat(40)}`, signature: `0x0${n}` }))
    expect(encodeMultiSignature(parts.toReversed())).toBe(encodeMultiSignature(parts))
  })
})

describe('one signer’s part', () => {
  const digest = `0x${'5a'.repeat(32)}`
  const verifier = `0x${'77'.repeat(20)}`
  const sm2Verifier = `0x${'79'.repeat(20)}`
  const verifiers = { p256Verifier: verifier, sm2Verifier }
  const secret = getBytes(`0x${'12'.repeat(32)}`)
  const publicKey = p256.getPublicKey(secret, false).slice(1)
  const signature = p256.sign(getBytes(digest), secret, { lowS: true })
  const part = { signer: concat([verifier, publicKey]), signature: hexlify(signature.toCompactRawBytes()) }
  const high = toBeHex(p256.CURVE.n - signature.s, 32)

  it.each([
    ['another digest', `0x${'5b'.repeat(32)}`, part],
    [
      'another key',
      digest,
      { ...part, signer: concat([verifier, p256.getPublicKey(p256.utils.randomPrivateKey(), false).slice(1)]) }
    ],
    ['a point off the curve', digest, { ...part, signer: concat([verifier, publicKey.slice(0, 63), '0x00']) }],
    ['a compressed key', digest, { ...part, signer: concat([verifier, p256.getPublicKey(secret, true)]) }],
    ['the upper s', digest, { ...part, signature: concat([toBeHex(signature.r, 32), high]) }],
    ['DER', digest, { ...part, signature: hexlify(signature.toDERRawBytes()) }],
    ['a recovery byte', digest, { ...part, signature: `${part.signature}1b` }],
    ['nothing', digest, { ...part, signature: '0x' }]
  ])('of a P-256 key is invalid for %s', (_, signed, presented) => {
    expect(isValidPart(signed, presented, verifiers)).toBe(false)
  })

  it('of a P-256 key is valid for r ‖ s over the digest itself', () => {
    expect(isValidPart(digest, part, verifiers)).toBe(true)
    expect(
      isValidPart(digest, part, {
        ...verifiers,
        p256Verifier: verifier.toUpperCase().replace('0X', '0x')
      })
    ).toBe(true)
  })

  it('of a P-256 key is what OpenSSL makes of the message behind a SHA-256 digest', () => {
    const ecdh = createECDH('prime256v1')
    ecdh.setPrivateKey(secret)
    const point = new Uint8Array(ecdh.getPublicKey()).slice(1)
    const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')
    const jwk = {
      kty: 'EC',
      crv: 'P-256',
      d: base64(secret),
      x: base64(point.slice(0, 32)),
      y: base64(point.slice(32))
    }
    const message = new TextEncoder().encode('message')
    const key = createPrivateKey({ key: jwk, format: 'jwk' })
    const raw = new Uint8Array(signWith('sha256', message, { key, dsaEncoding: 'ieee-p1363' }))
    const s = BigInt(hexlify(raw.slice(32)))
    const low = s > p256.CURVE.n / 2n ? p256.CURVE.n - s : s
    const presented = { signer: concat([verifier, point]), signature: concat([raw.slice(0, 32), toBeHex(low, 32)]) }
    expect(isValidPart(hexlify(sha256(message)), presented, verifiers)).toBe(true)
  })

  describe('of an SM2 key', () => {
    const sm2 = new Sm2SigningKey(secret)
    const signed = sm2.sign(getBytes(digest))
    const presented = { signer: concat([sm2Verifier, sm2.publicKey]), signature: hexlify(signed) }

    it('is valid for r ‖ s over the digest as the message', () => {
      expect(isValidPart(digest, presented, verifiers)).toBe(true)
    })

    it.each([
      ['another digest', `0x${'5b'.repeat(32)}`, presented],
      [
        'another key',
        digest,
        { ...presented, signer: concat([sm2Verifier, new Sm2SigningKey(newPrivateKey()).publicKey]) }
      ],
      [
        'the same key with its first byte',
        digest,
        { ...presented, signer: concat([sm2Verifier, '0x04', sm2.publicKey]) }
      ],
      [
        'a point off the curve',
        digest,
        { ...presented, signer: concat([sm2Verifier, sm2.publicKey.slice(0, 63), '0x00']) }
      ],
      ['swapped halves', digest, { ...presented, signature: concat([signed.slice(32), signed.slice(0, 32)]) }],
      ['DER', digest, { ...presented, signature: hexlify(signatureToDer(signed)) }],
      ['nothing', digest, { ...presented, signature: '0x' }],
      ['an ECDSA signature of another curve', digest, { ...presented, signature: part.signature }]
    ])('is invalid for %s', (_, message, shown) => {
      expect(isValidPart(message, shown, verifiers)).toBe(false)
    })
  })

  it('of a key of another verifier is not for this side to judge', () => {
    expect(
      isValidPart(digest, { ...part, signer: part.signer.replace(verifier, `0x${'78'.repeat(20)}`) }, verifiers)
    ).toBeUndefined()
  })

  it('of a plain key is valid by recovery, in the one form that the contract takes', () => {
    const wallet = new Wallet(`0x${'34'.repeat(32)}`)
    const signer = wallet.address.toLowerCase()
    const plain = wallet.signingKey.sign(digest)
    expect(isValidPart(digest, { signer, signature: plain.serialized }, verifiers)).toBe(true)
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
    const upper = concat([plain.r, toBeHex(order - BigInt(plain.s), 32), toBeHex(plain.v === 27 ? 28 : 27, 1)])
    for (const presented of [
      plain.compactSerialized,
      upper,
      concat([plain.r, plain.s, toBeHex(plain.v - 27, 1)]),
      '0x'
    ]) {
      expect(isValidPart(digest, { signer, signature: presented }, verifiers)).toBe(false)
    }
    expect(isValidPart(`0x${'5b'.repeat(32)}`, { signer, signature: plain.serialized }, verifiers)).toBe(false)
    expect(Signature.from(plain.compactSerialized).serialized).toBe(plain.serialized)
  })
})
