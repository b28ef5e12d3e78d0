import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alarmFactsOf, payeeOtherThan, type AlarmFacts, type AlarmInvoice } from '../../../domain/alarms/facts.ts'
import { findParts } from '../../../domain/alarms/parts.ts'
import { compare, DEFAULT_THRESHOLD, payeeFinding } from '../../../domain/alarms/rules.ts'
import { lookupsOf, traitsOf } from '../../../domain/alarms/traits.ts'
import { partyKeyOf } from '../../../domain/fingerprint/identity.ts'

const base: AlarmInvoice = {
  format: 'UBL',
  class: 'R',
  number: 'AF-2026-0481',
  issueDate: '2026-11-02',
  currency: 'EUR',
  payable: 10_000_000n,
  gross: 10_000_000n,
  preceding: [],
  orders: ['PO-77120']
}
let files = 0
const parties = { seller: 'VAT:DE1', buyer: 'VAT:DE2', payee: undefined }
const facts = (changes: Partial<AlarmInvoice> = {}, named: Partial<typeof parties> = {}, file = `file ${++files}`) =>
  alarmFactsOf({ ...base, ...changes }, { ...parties, ...named }, file)
const rung = (left: AlarmFacts, right: AlarmFacts) => compare(left, right).map(({ rule, score }) => `${rule} ${score}`)

/** Another invoice to another buyer: nothing is shared but what the change shares. */
const stranger = { buyer: 'VAT:DE3' }
const other: Partial<AlarmInvoice> = { payable: 5_123_400n, gross: 5_123_400n, issueDate: '2026-02-11', orders: [] }

describe('compare', () => {
  it('rings nothing for documents of one identity, which the fingerprint decides', () => {
    expect(rung(facts(), facts({ payable: 1n, gross: 1n }))).toEqual([])
  })

  it('rings nothing for two usual invoices of one seller', () => {
    expect(rung(facts(), facts({ ...other, number: 'AF-2026-0312' }, stranger))).toEqual([])
  })

  it.each([
    ['O for 0', 'AF-2O26-0481', 70],
    ['a leading zero', '0AF-2026-0481', 70],
    ['Cyrillic А', '\u0410F-2026-0481', 70],
    ['a zero more inside', 'AF-2026-4810', 20]
  ])('sees a number that looks alike: %s', (_, number, score) => {
    expect(rung(facts(), facts({ ...other, number }, stranger))).toContain(`look-alike-number ${score}`)
  })

  it('lets a series of short numbers stop nothing while buyer and amount repeat too', () => {
    const ten = facts({ number: 'N-10', issueDate: '2026-05-01', orders: [] })
    const scores = compare(facts({ number: 'N-1', issueDate: '2026-01-01', orders: [] }), ten).map(({ score }) => score)
    expect(scores.length).toBeGreaterThan(0)
    expect(Math.max(...scores)).toBeLessThan(DEFAULT_THRESHOLD)
  })

  it('stops a number of another year only when buyer and amount repeat', () => {
    expect(rung(facts(), facts({ ...other, issueDate: '2025-11-02' }, stranger))).toEqual(['look-alike-number 30'])
    expect(rung(facts(), facts({ issueDate: '2025-11-02' }))).toEqual(['look-alike-number 75'])
  })

  it('sees the same digits behind a prefix, from four digits on', () => {
    expect(rung(facts(), facts({ ...other, number: 'RE20260481' }, stranger))).toEqual(['same-digits 20'])
    expect(rung(facts({ number: 'A-481' }), facts({ ...other, number: 'B-481' }, stranger))).toEqual([])
  })

  it.each([
    [{ number: 'X-1' }, ['same-economics 90']],
    [{ number: 'X-1', orders: [] }, ['same-economics 80']],
    [{ number: 'X-1', issueDate: '2027-01-31' }, ['same-amount 60']],
    [{ number: 'X-1', issueDate: '2027-01-31', orders: [] }, ['same-amount 40']],
    [{ number: 'X-1', issueDate: '2027-02-01' }, []],
    [{ number: 'X-1', issueDate: '2026-11-03', gross: 10_000_001n, orders: [] }, ['same-amount 60']],
    [{ number: 'X-1', issueDate: '2026-11-12', gross: 10_000_001n, orders: [] }, ['same-amount 30']],
    [{ number: 'X-1', issueDate: '2026-11-03', gross: 10_010_011n, orders: [] }, []],
    [{ number: 'X-1', currency: 'USD' }, []]
  ] as [Partial<AlarmInvoice>, string[]][])('weighs the economics of %o', (changes, expected) => {
    expect(rung(facts(), facts(changes))).toEqual(expected)
  })

  it('sees a credit note, or a corrected invoice, that names a registered one, whichever came first', () => {
    const credit = facts({ ...other, class: 'C', number: 'CN-1', preceding: ['af 2026 0481'] })
    const corrected = facts({ ...other, number: 'AF-2026-0999', preceding: ['AF-2026-0481'] })
    expect(rung(credit, facts())).toEqual(['names-preceding 95'])
    expect(rung(facts(), credit)).toEqual(['names-preceding 95'])
    expect(rung(facts(), corrected)).toEqual(['names-preceding 85'])
  })

  it('sees the same file whoever brings it, and an attachment as a hint', () => {
    const sha256 = 'ab'.repeat(32)
    expect(rung(facts({}, {}, 'f'), facts({ ...other, number: 'X' }, { seller: 'VAT:DE9' }, 'f'))).toEqual([
      'same-file 100'
    ])
    const [left, right] = [
      facts({ attachments: [{ sha256 }] }),
      facts({ ...other, number: 'X', attachments: [{ sha256 }] })
    ]
    expect(rung(left, right)).toEqual(['same-file 40'])
  })

  it('is silent about documents of different sellers', () => {
    expect(rung(facts(), facts({ number: 'AF-2O26-0481' }, { seller: 'VAT:DE9' }))).toEqual([])
  })
})

describe('findParts', () => {
  const part = (number: string, gross: bigint, changes: Partial<AlarmInvoice> = {}) =>
    facts({ number, gross, ...changes })
  const total = facts({ gross: 10_000_300n })

  it('sees the part that makes a registered total whole, and stops it', () => {
    const [first, second] = [part('X-1', 3_700_100n), part('X-2', 6_300_200n)]
    expect(findParts(first, [total])).toEqual([])
    expect(findParts(second, [total, first])).toMatchObject([{ score: 75, total, parts: [second, first] }])
  })

  it('sees a total of registered parts', () => {
    const parts = [part('X-1', 3_700_100n), part('X-2', 6_000_000n), part('X-3', 300_200n)]
    expect(findParts(total, parts)).toMatchObject([{ total, parts }])
  })

  it('counts a sum without a common order less, a round one least', () => {
    const score = (sum: bigint) =>
      findParts(part('X-1', sum - 1_230_000n, { orders: [] }), [
        facts({ gross: sum, orders: [] }),
        part('X-2', 1_230_000n, { orders: [] })
      ])[0]?.score
    expect([score(10_000_300n), score(10_000_000n)]).toEqual([65, 45])
  })

  it.each([
    ['another buyer', {}, { buyer: 'VAT:DE3' }],
    ['no known buyer', {}, { buyer: '' }],
    ['another currency', { currency: 'USD' }, {}],
    ['issued long after', { issueDate: '2027-03-01' }, {}],
    ['a credit', { class: 'C' as const }, {}]
  ])('takes no document for a part: %s', (_, changes, named) => {
    const first = part('X-1', 3_700_100n)
    expect(findParts(facts({ number: 'X-2', gross: 6_300_200n, ...changes }, named), [total, first])).toEqual([])
  })

  it('ends soon whatever the amounts are', () => {
    const many = Array.from({ length: 500 }, (_, i) => part(`X-${i}`, BigInt(1_000 + i)))
    expect(findParts(part('Y', 999_999_937n), many)).toEqual([])
  })
})

describe('a payee other than the seller', () => {
  const seller = { vat: 'DE900551209', name: 'Alder & Finch', ids: [] }
  it.each([
    [undefined, undefined],
    [{ ids: [], name: 'ALDER & FINCH' }, undefined],
    [{ ids: [], vat: 'DE 900551209', name: 'A&F' }, undefined],
    [{ ids: [], name: 'Lindqvist' }, 'NAME:LINDQVIST']
  ])('of %o is %s', (payee, key) => {
    expect(payeeOtherThan(seller, payee, partyKeyOf)).toBe(key)
  })

  it('rings unless it is who claims to hold the debt', () => {
    const assigned = alarmFactsOf(base, { ...parties, payee: 'VAT:SE1' } as never, 'f')
    expect(payeeFinding(assigned, 'VAT:DE1')).toMatchObject({ rule: 'other-payee', score: 90 })
    expect(payeeFinding(assigned, 'VAT:SE1')).toBeUndefined()
    expect(payeeFinding(facts(), 'VAT:DE1')).toBeUndefined()
  })
})

describe('any two documents', () => {
  const number = fc.constantFrom(
    'N-1',
    'N-10',
    'N-01',
    'n1',
    'NI',
    'N-1/2',
    '20260001',
    'RE-20260001',
    '2O260001',
    'QZ/7'
  )
  const invoice = fc.record({
    class: fc.constantFrom('R' as const, 'C' as const),
    number,
    issueDate: fc.constantFrom('2025-12-31', '2026-01-01', '2026-01-02', '2026-06-01', undefined),
    currency: fc.constantFrom('EUR', 'CNY'),
    gross: fc.constantFrom(0n, 1n, 100_000n, 100_001n, 200_000n),
    orders: fc.subarray(['PO-1', 'PO-2']),
    preceding: fc.array(number, { maxLength: 2 }),
    attachments: fc.subarray([{ sha256: 'aa' }, { sha256: 'bb' }])
  })
  const document = fc
    .tuple(invoice, fc.constantFrom('S1', 'S2'), fc.constantFrom('B1', 'B2', ''), fc.constantFrom('f1', 'f2', 'f3'))
    .map(([fields, seller, buyer, file]) => facts(fields, { seller, buyer }, file))

  it('ring the same in both orders, with scores from 0 to 100', () => {
    fc.assert(
      fc.property(document, document, (left, right) => {
        const findings = compare(left, right)
        expect(compare(right, left)).toEqual(findings)
        for (const { score } of findings) expect(score >= 0 && score <= 100).toBe(true)
      }),
      { numRuns: 2000 }
    )
  })

  it('find each other by a trait whenever they ring', () => {
    const keys = (traits: readonly { kind: string; value: readonly string[] }[]) =>
      traits.map((trait) => JSON.stringify(trait))
    let rings = 0
    fc.assert(
      fc.property(document, document, (left, right) => {
        if (compare(left, right).length === 0) return
        rings++
        const known = keys(traitsOf(right))
        expect(keys(lookupsOf(left)).some((key) => known.includes(key))).toBe(true)
      }),
      { numRuns: 2000 }
    )
    expect(rings).toBeGreaterThan(200)
  })
})
