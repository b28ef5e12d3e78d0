import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { auditFault, auditHash, AUDIT_START, type AuditEntry, type ChainedEntry } from '../../../domain/access/audit.ts'

const entry: AuditEntry = {
  at: '2026-11-27T20:15:00.000Z',
  participantId: 5,
  actor: 'api-key ts_AbCdEf…',
  requestId: 'erp-0042',
  operation: 'registerReceivable',
  path: '/v1/receivables',
  status: 202,
  code: null
}

function chainOf(entries: readonly AuditEntry[]): ChainedEntry[] {
  let previous = AUDIT_START
  return entries.map((one, i) => {
    const hash = auditHash(i + 1, one, previous)
    const chained = { ...one, seq: i + 1, previous, hash }
    previous = hash
    return chained
  })
}

const firstFault = (chain: readonly ChainedEntry[]): string | undefined =>
  chain.map((one, i) => auditFault(one, chain[i - 1])).find((fault) => fault !== undefined)

describe('the chain of the audit log', () => {
  // The first by OpenSSL over 32 zero bytes and the JSON array.
  it('has these hashes for ever', () => {
    expect(auditHash(1, entry, AUDIT_START)).toBe('0x8b75da0007129bf3bf4fbab879863dc446d7def7d5adcb222a1f54079b6cbb24')
    expect(auditHash(2, { ...entry, status: 403, code: 'ROLE_MISSING' }, auditHash(1, entry, AUDIT_START))).toMatch(
      /^0x[0-9a-f]{64}$/
    )
  })

  it('breaks at the first entry that was changed, moved, taken out or put in', () => {
    const arbitrary = fc.record({
      at: fc.constant(entry.at),
      participantId: fc.integer({ min: 1, max: 9 }),
      actor: fc.string(),
      requestId: fc.string(),
      operation: fc.string(),
      path: fc.string(),
      status: fc.constantFrom(200, 202, 404),
      code: fc.constantFrom(null, 'A', 'B')
    })
    fc.assert(
      fc.property(fc.array(arbitrary, { minLength: 3, maxLength: 8 }), fc.nat(), (entries, pick) => {
        const chain = chainOf(entries)
        expect(firstFault(chain)).toBeUndefined()
        const at = pick % chain.length
        const changed = chain.map((one, i) => (i === at ? { ...one, participantId: one.participantId + 1 } : one))
        expect(firstFault(changed)).toBe(`entry ${at + 1} was changed`)
        if (at < chain.length - 1) {
          expect(firstFault(chain.filter((_, i) => i !== at))).toBe(`entry ${at + 1} is missing`)
          // Written anew with its own hash, it is the next that does not follow.
          const renewed = chain.map((one, i) =>
            i === at ? { ...changed[at]!, hash: auditHash(one.seq, changed[at]!, one.previous) } : one
          )
          expect(firstFault(renewed)).toBe(`entry ${at + 2} does not follow the one before`)
        }
      })
    )
  })

  it('keeps fields apart: what moves from one to the next is another entry', () => {
    const moved = { ...entry, actor: entry.actor + entry.requestId, requestId: '' }
    expect(auditHash(1, moved, AUDIT_START)).not.toBe(auditHash(1, entry, AUDIT_START))
  })
})
