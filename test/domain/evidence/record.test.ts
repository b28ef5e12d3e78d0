import fc from 'fast-check'
import { getBytes, hexlify } from 'ethers'
import { beforeAll, describe, expect, it } from 'vitest'
import { leafHash } from '../../../domain/evidence/merkle.ts'
import { leafOf, parseRecord, recordBytes, type EvidenceRecord } from '../../../domain/evidence/record.ts'
import { EvidenceError } from '../../../domain/evidence/errors.ts'
import { requireSignedHead, signHead, type LogHead, type SignedHead } from '../../../domain/evidence/head.ts'
import { parseTrustAnchors } from '../../../domain/evidence/anchors.ts'
import { signAs } from '../../../domain/evidence/signed.ts'
import { authorities, certifiedSigner, hexOf, logSigner, sm2KeyOf, strangeSigner, type Wish } from './authority.ts'
import { makePackage, recordsOf, deployment } from './story.ts'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const textOf = (record: EvidenceRecord): string => new TextDecoder().decode(recordBytes(record))
const [document, command, state] = recordsOf() as [EvidenceRecord, EvidenceRecord, EvidenceRecord]
const malformed = expect.objectContaining({ code: 'RECORD_MALFORMED' })

describe('parseRecord', () => {
  it.each([
    ['no JSON', 'document'],
    ['no object', '[]'],
    ['null', 'null'],
    ['an unknown kind', '{"kind":"rumour","v":1}'],
    ['another version', textOf(document).replace('"v":1', '"v":2')],
    ['an unknown field', textOf(document).replace('"v":1', '"v":1,"w":1')],
    ['a missing field', textOf(document).replace(/"sm3":"0x[0-9a-f]+",/, '')],
    ['a number where a string belongs', textOf(document).replace(/"byteLength":"(\d+)"/, '"byteLength":$1')],
    ['an upper-case digest', textOf(document).replace(/"sha256":"0x[0-9a-f]+"/, (digest) => digest.toUpperCase())],
    ['spaces', textOf(document).replace('"v":1', '"v": 1')],
    ['a doubled field', textOf(document).replace('"v":1', '"v":1,"v":1')],
    ['another order of fields', `{"v":1,${textOf(document).slice(1).replace(',"v":1', '')}`],
    ['a byte order mark', `\uFEFF${textOf(document)}`],
    ['a day that does not exist', textOf(state).replace(/"blockTime":"\d{4}-\d\d-\d\d/, '"blockTime":"2026-02-30')],
    ['an event the contract does not have', textOf(state).replace('ReceivableRegistered', 'ReceivableForgotten')],
    ['an event of another contract', textOf(state).replace('"contract":"receivables"', '"contract":"participants"')],
    ['an argument too many', textOf(state).replace('"amount"', '"amounts":"1","amount"')],
    ['an amount beyond 64 bits', textOf(state).replace('"amount":"10000"', '"amount":"18446744073709551616"')],
    ['a negative amount', textOf(state).replace('"amount":"10000"', '"amount":"-1"')],
    [
      'arguments of unbounded depth',
      textOf(state).replace('"amount":"10000"', `"amount":${'['.repeat(50_000)}${']'.repeat(50_000)}`)
    ],
    ['a command without signatures', textOf(command).replace(/"signatures":\[.*?\]/, '"signatures":[]')]
  ])('refuses %s', (_, text) => {
    expect(() => parseRecord(utf8(text))).toThrow(malformed)
  })

  it('refuses bytes that are not UTF-8', () => {
    expect(() => parseRecord(Uint8Array.of(0x22, 0xff, 0x22))).toThrow(malformed)
  })

  it('throws nothing but RECORD_MALFORMED for any JSON', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(() => parseRecord(utf8(text))).toThrow(malformed)
      })
    )
  })

  it.each(recordsOf())('reads back what was written: $kind', (record) => {
    expect(parseRecord(recordBytes(record))).toEqual(record)
    expect(leafOf(record)).toEqual(leafHash(recordBytes(record)))
  })
})

describe('signed heads', () => {
  const { chainId, evidenceLog } = deployment
  const head: LogHead = {
    logId: 'l',
    chainId,
    evidenceLog,
    size: 7,
    root: `0x${'ab'.repeat(32)}`,
    time: '2026-11-23T08:00:00Z'
  }
  const anchors = { logKeys: [hexOf(logSigner)], authorities }
  const refusalOf = (one: SignedHead, trusted: Parameters<typeof requireSignedHead>[1] = anchors) => {
    try {
      requireSignedHead(one, trusted)
      return undefined
    } catch (error) {
      if (error instanceof EvidenceError) return error.code
      throw error
    }
  }
  let signed: SignedHead
  beforeAll(async () => {
    signed = await signHead(head, logSigner)
  })

  it('have one form: no byte of the signature can be another', () => {
    const bytes = getBytes(signed.signature)
    const middle = (i: number) => i > 120 && i < bytes.length - 300
    for (let i = 0; i < bytes.length; i++) {
      // In the middle are the certificates: signed themselves, and slower to look at.
      if (middle(i) && i % 12 > 0) continue
      const signature = hexlify(bytes.with(i, bytes[i]! ^ 0x21))
      expect(refusalOf({ ...signed, signature }), `byte ${i}`).toMatch(/^(HEAD_SIGNATURE_INVALID|CERT_[A-Z_]+)$/)
    }
  })

  it('verify by the key and the certificate that the anchors trust', () => {
    const { publicKey, certificate } = requireSignedHead(signed, anchors)
    expect(publicKey).toBe(hexOf(logSigner))
    expect(certificate.commonName).toBe('Tester')
    expect(refusalOf(signed, { logKeys: [hexOf(strangeSigner), hexOf(logSigner)] })).toBeUndefined()
  })

  it.each<[string, Partial<SignedHead>]>([
    ['size', { size: 8 }],
    ['root', { root: `0x${'ac'.repeat(32)}` }],
    ['time', { time: '2026-11-23T08:00:01Z' }],
    ['chain', { chainId: 1 }],
    ['log', { evidenceLog: deployment.receivables }],
    ['log id', { logId: 'm' }],
    ['empty signature', { signature: '0x' }]
  ])('do not verify with another %s', (_, change) => {
    expect(refusalOf({ ...signed, ...change })).toBe('HEAD_SIGNATURE_INVALID')
  })

  it('do not verify with a signature cut short or lengthened', () => {
    const bytes = getBytes(signed.signature)
    expect(refusalOf({ ...signed, signature: hexlify(bytes.subarray(1)) })).toBe('HEAD_SIGNATURE_INVALID')
    expect(refusalOf({ ...signed, signature: `${signed.signature}00` })).toBe('HEAD_SIGNATURE_INVALID')
  })

  it('can not be dated back into the time of a certificate: the block that anchored them counts', async () => {
    const wish = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2026-11-23T08:00:10Z') }
    const own = await signHead(head, await certifiedSigner('log', wish))
    const anchoredAt = (time: string) => ({
      ...anchors,
      heads: [{ size: head.size, root: head.root, blockNumber: 1, txHash: head.root, time }]
    })
    expect(refusalOf(own, anchoredAt('2026-11-23T08:00:05Z'))).toBeUndefined()
    expect(refusalOf(own, anchoredAt('2026-11-24T00:00:00Z'))).toBe('CERT_EXPIRED')
  })

  it('do not verify for another key, whatever the certificate says', async () => {
    expect(refusalOf(await signHead(head, strangeSigner))).toBe('HEAD_SIGNATURE_INVALID')
    const borrowed = { ...strangeSigner, certificate: logSigner.certificate }
    await expect(signHead(head, borrowed)).rejects.toMatchObject({ code: 'KEY_PAIR_MISMATCH' })
    // A stranger signs, and claims the key of the log's certificate.
    const swapped = { ...borrowed, publicKey: logSigner.publicKey }
    expect(refusalOf(await signHead(head, swapped))).toBe('HEAD_SIGNATURE_INVALID')
  })

  it.each<[string, Wish]>([
    ['CERT_EXPIRED', { notAfter: new Date('2026-11-23T07:59:59Z'), notBefore: new Date('2026-01-01T00:00:00Z') }],
    ['CERT_NOT_YET_VALID', { notBefore: new Date('2026-11-23T08:00:01Z') }],
    ['CERT_USAGE', { usages: ['keyEncipherment'] }],
    ['CERT_UNTRUSTED', { isUntrusted: true }]
  ])('with a certificate that is no good at their time are refused as %s', async (code, wish) => {
    const own = await signHead(head, await certifiedSigner('log', wish))
    expect(refusalOf(own)).toBe(code)
    expect(refusalOf(own, { logKeys: anchors.logKeys })).toBeUndefined()
  })

  it('without the certificate between theirs and the authority are not trusted', async () => {
    expect(refusalOf(await signHead(head, { ...logSigner, intermediates: [] }))).toBe('CERT_UNTRUSTED')
  })

  it.each([
    ['the empty user id', { userId: '', allowsEmptyUserId: true }],
    ['another user id', { userId: 'ALICE123@YAHOO.COM' }]
  ])('signed under %s are told from forged ones where that can be seen', async (_, userId) => {
    const key = sm2KeyOf('log')
    const own = await signHead(head, { ...logSigner, sign: (message) => key.sign(message, userId) })
    expect(refusalOf(own)).toBe(userId.userId === '' ? 'USER_ID_WRONG' : 'HEAD_SIGNATURE_INVALID')
  })

  it('can not be stood in for by a signature of another kind of thing', async () => {
    const { logId, size, root, time } = head
    const plain = { logId, chainId, evidenceLog, size, root, time }
    expect(
      refusalOf({ ...signed, signature: await signAs('tallystick log head v1', plain, logSigner) })
    ).toBeUndefined()
    const other = await signAs('tallystick certificate v1', plain, logSigner)
    expect(refusalOf({ ...signed, signature: other })).toBe('HEAD_SIGNATURE_INVALID')
  })

  it('refuse a head that is none', async () => {
    await expect(signHead({ ...head, root: '0x00' }, logSigner)).rejects.toMatchObject({ code: 'HEAD_MALFORMED' })
    await expect(signHead({ ...head, time: '2026-13-01T00:00:00Z' }, logSigner)).rejects.toThrow()
  })
})

describe('parseTrustAnchors', () => {
  it('refuses unknown fields and missing parts', async () => {
    const { anchors } = await makePackage()
    const refused = expect.objectContaining({ code: 'ANCHORS_MALFORMED' })
    expect(() => parseTrustAnchors({ ...anchors, trustAll: true })).toThrow(refused)
    expect(() => parseTrustAnchors({ ...anchors, logKeys: undefined })).toThrow(refused)
    expect(() => parseTrustAnchors({ ...anchors, authorities: ['0x3000'] })).toThrow(refused)
    expect(() => parseTrustAnchors({ ...anchors, authorities: [hexlify(logSigner.certificate)] })).toThrow(refused)
    expect(() => parseTrustAnchors(null)).toThrow(refused)
    expect(parseTrustAnchors(JSON.parse(JSON.stringify(anchors)))).toEqual(anchors)
  })
})
