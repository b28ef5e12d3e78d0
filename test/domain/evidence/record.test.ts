import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { leafHash } from '../../../domain/evidence/merkle.ts'
import { leafOf, parseRecord, recordBytes, type EvidenceRecord } from '../../../domain/evidence/record.ts'
import { signHead, verifyHead, type LogHead } from '../../../domain/evidence/head.ts'
import { parseTrustAnchors } from '../../../domain/evidence/anchors.ts'
import { makePackage, operatorKey, recordsOf, strangerKey, deployment } from './story.ts'

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
  const signed = signHead(head, operatorKey)

  it.each([
    ['size', { size: 8 }],
    ['root', { root: `0x${'ac'.repeat(32)}` }],
    ['time', { time: '2026-11-23T08:00:01Z' }],
    ['chain', { chainId: 1 }],
    ['log', { evidenceLog: deployment.receivables }],
    ['log id', { logId: 'm' }],
    ['signature', { signature: `${signed.signature.slice(0, -2)}00` }],
    ['empty signature', { signature: '0x' }]
  ])('do not verify with another %s', (_, change) => {
    expect(verifyHead({ ...signed, ...change }, signed.operator)).toBe(false)
  })

  it('do not verify for another operator, whatever the head says of itself', () => {
    const forged = signHead(head, strangerKey)
    expect(verifyHead({ ...forged, operator: signed.operator }, signed.operator)).toBe(false)
  })

  it('refuse a head that is none', () => {
    expect(() => signHead({ ...head, root: '0x00' }, operatorKey)).toThrow(
      expect.objectContaining({ code: 'HEAD_MALFORMED' })
    )
    expect(() => signHead({ ...head, time: '2026-13-01T00:00:00Z' }, operatorKey)).toThrow()
  })

  it('are the same bytes each time', () => {
    expect(signHead(head, operatorKey)).toEqual(signed)
    expect(verifyHead(signed, signed.operator)).toBe(true)
  })
})

describe('parseTrustAnchors', () => {
  it('refuses unknown fields and missing parts', async () => {
    const { anchors } = await makePackage()
    const refused = expect.objectContaining({ code: 'ANCHORS_MALFORMED' })
    expect(() => parseTrustAnchors({ ...anchors, trustAll: true })).toThrow(refused)
    expect(() => parseTrustAnchors({ ...anchors, logOperator: undefined })).toThrow(refused)
    expect(() => parseTrustAnchors(null)).toThrow(refused)
    expect(parseTrustAnchors(JSON.parse(JSON.stringify(anchors)))).toEqual(anchors)
  })
})
