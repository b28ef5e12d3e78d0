import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { endToEndIdOf } from '../../../domain/settlement/end-to-end.ts'
import type { EntryContent, EntryTransaction } from '../../../domain/settlement/entry.ts'
import { judgeEntry, type Claim } from '../../../domain/settlement/match.ts'

const ACCOUNT = 'DE00999999990000551209'
const noteId = (number: number) => `0x${number.toString(16).padStart(64, '0')}`
const referenceOf = (number: number) => endToEndIdOf(noteId(number), 1n, 5)
const claim = (number: number, fields: Partial<Claim> = {}): Claim => ({
  noteId: noteId(number),
  receivableId: `0x${'00'.repeat(24)}`,
  payee: 5,
  open: 1000n,
  currency: 'EUR',
  endToEndIds: [referenceOf(number)],
  payeeAccounts: [ACCOUNT],
  debtorName: 'Meridian Automotive SE',
  debtorAccounts: ['DE00999999990000417723'],
  numbers: [`AF-2026-${1000 + number}`],
  paymentDay: '2026-11-27',
  ...fields
})
const transaction = (fields: Partial<EntryTransaction> = {}): EntryTransaction => ({
  amount: null,
  currency: null,
  endToEndId: null,
  debtor: null,
  debtorAccount: null,
  creditor: null,
  creditorAccount: null,
  isReturn: false,
  remittance: [],
  creditorReferences: [],
  documentNumbers: [],
  ...fields
})
const entry = (about: Partial<EntryTransaction> = {}, fields: Partial<EntryContent> = {}): EntryContent => ({
  account: ACCOUNT,
  currency: 'EUR',
  amount: '1000',
  effect: 'credit',
  isReversal: false,
  status: 'booked',
  day: '2026-11-27',
  valueDay: '2026-11-27',
  reference: 'B-1',
  addsUp: null,
  transactions: [transaction(about)],
  ...fields
})
const ours = { endToEndId: referenceOf(1) }
const partOf = (number: number, amount = 1000n) => ({ noteId: noteId(number), amount })

describe('an entry with our reference', () => {
  it('is taken without people when amount, currency and account agree', () => {
    const { finding, accepted, proposed } = judgeEntry(entry(ours), [claim(1), claim(2)])
    expect({ finding, proposed }).toEqual({ finding: 'matched', proposed: [] })
    expect(accepted).toMatchObject({ rule: 'end-to-end', score: 100, parts: [partOf(1)] })
  })

  it('is proposed only, when its statement does not add up', () => {
    const { finding, accepted, proposed } = judgeEntry(entry(ours), [claim(1)], false)
    expect([finding, accepted]).toEqual(['proposed', null])
    expect(proposed[0]).toMatchObject({ score: 95, reasons: expect.arrayContaining(['statement-unbalanced']) })
  })

  it.each([
    ['a part is paid', '400', 400n, 'amount-partial'],
    ['more is paid', '1500', 1000n, 'amount-over']
  ])('is proposed for what is open when %s', (_what, amount, applied, reason) => {
    const { accepted, proposed } = judgeEntry(entry(ours, { amount }), [claim(1)])
    expect(accepted).toBeNull()
    expect(proposed).toMatchObject([
      {
        rule: 'end-to-end-amount',
        score: 90,
        reasons: ['reference', reason, 'payee-account'],
        parts: [partOf(1, applied)]
      }
    ])
  })

  it('is proposed only, when the money went to another account than the payee’s', () => {
    const { accepted, proposed } = judgeEntry(entry(ours, { account: 'DE00999999990000000007' }), [claim(1)])
    expect(accepted).toBeNull()
    expect(proposed).toMatchObject([{ score: 75, reasons: ['reference', 'amount-exact', 'payee-account-unknown'] }])
  })

  it('is taken when a collecting account names the payee’s as credited', () => {
    const collected = entry({ ...ours, creditorAccount: 'DE00 9999 9999 0000 5512 09' }, { account: 'DE1COLLECT' })
    expect(judgeEntry(collected, [claim(1)]).finding).toBe('matched')
    const elsewhere = entry({ ...ours, creditorAccount: 'DE00999999990000000007' })
    expect(judgeEntry(elsewhere, [claim(1)]).finding).toBe('proposed')
  })

  it('in another currency is an exception, also when the number is the same', () => {
    const { finding, proposed } = judgeEntry(entry(ours, { currency: 'USD' }), [claim(1)])
    expect([finding, proposed]).toEqual(['wrong-currency', []])
  })

  it('of a note that is paid already is a duplicate', () => {
    expect(judgeEntry(entry(ours), [claim(1, { open: 0n }), claim(2)])).toMatchObject({
      finding: 'duplicate-payment',
      accepted: null,
      proposed: []
    })
  })
})

describe('a batch', () => {
  const batch = (amounts: [number, string][], addsUp = true) =>
    entry(
      {},
      {
        amount: String(amounts.reduce((sum, [, amount]) => sum + Number(amount), 0)),
        addsUp,
        transactions: amounts.map(([number, amount]) =>
          transaction({ amount, currency: 'EUR', endToEndId: referenceOf(number) })
        )
      }
    )

  it('pays each of its notes', () => {
    const { accepted } = judgeEntry(batch([[1, '1000'], [2, '1000']]), [claim(1), claim(2), claim(3)]) // prettier-ignore
    expect(accepted).toMatchObject({ rule: 'end-to-end', parts: [partOf(1), partOf(2)] })
  })

  it('goes to people as a whole when one of its payments is not exact', () => {
    const { accepted, proposed } = judgeEntry(batch([[1, '1000'], [2, '300']]), [claim(1), claim(2)]) // prettier-ignore
    expect(accepted).toBeNull()
    expect(proposed).toMatchObject([{ score: 90, parts: [partOf(1), partOf(2, 300n)] }])
  })

  it('that does not add up settles nothing', () => {
    expect(judgeEntry(batch([[1, '1000'], [2, '1000']], false), [claim(1), claim(2)]).finding).toBe('parts-differ') // prettier-ignore
  })

  it('does not pay one note twice by itself', () => {
    expect(judgeEntry(batch([[1, '1000'], [1, '1000']]), [claim(1)]).accepted).toBeNull() // prettier-ignore
  })
})

describe('an entry without our reference', () => {
  it('is proposed by the number in its text, with the reasons, the best first', () => {
    const paid = entry({ remittance: ['Rechnung AF 2026/1002'], debtor: 'MERIDIAN AUTOMOTIVE' })
    const { accepted, proposed } = judgeEntry(paid, [claim(1), claim(2)])
    expect(accepted).toBeNull()
    expect(proposed[0]).toMatchObject({ rule: 'number', score: 85, parts: [partOf(2)] })
    expect(proposed[0]!.reasons).toEqual([
      'document-number',
      'amount-exact',
      'payee-account',
      'payer-name',
      'payment-day'
    ])
    expect(proposed[1]).toMatchObject({ rule: 'amount', parts: [partOf(1)] })
  })

  it('is proposed for several notes that it names when they add up to it', () => {
    const paid = entry({ remittance: ['AF-2026-1001, AF-2026-1003'] }, { amount: '2000' })
    const { proposed } = judgeEntry(paid, [claim(1), claim(2), claim(3)])
    expect(proposed).toMatchObject([{ rule: 'several-numbers', score: 80, parts: [partOf(1), partOf(3)] }])
  })

  it('is none of ours by the amount alone, on another account, or on another day', () => {
    for (const odd of [
      entry({}, { day: '2026-09-01' }),
      entry({ remittance: ['AF-2026-1001'] }, { account: 'DE00999999990000000007' }),
      entry({ remittance: ['AF-2026-10011'] }, { amount: '7' })
    ]) {
      expect(judgeEntry(odd, [claim(1)])).toMatchObject({ finding: 'no-open-note', proposed: [] })
    }
  })
})

describe('an entry that settles nothing', () => {
  it.each<[string, Partial<EntryContent>, Partial<EntryTransaction>]>([
    ['not-booked', { status: 'pending' }, ours],
    ['not-booked', { status: 'interim' }, ours],
    ['debit', { effect: 'debit' }, ours],
    ['reversal', { isReversal: true }, ours],
    ['reversal', {}, { ...ours, isReturn: true }],
    ['no-amount', { amount: '0' }, ours],
    ['parts-differ', { addsUp: false }, ours]
  ])('is told as %s', (finding, fields, about) => {
    expect(judgeEntry(entry(about, fields), [claim(1)])).toEqual({ finding, accepted: null, proposed: [] })
  })
})

it('of which one payment is of nothing, that one is proposed for no note', () => {
  const payments = [
    transaction({ remittance: ['AF-2026-1001'], amount: '0', currency: 'EUR' }),
    transaction({ amount: '2', currency: 'EUR' })
  ]
  const paid = entry({}, { amount: '2', addsUp: true, transactions: payments })
  expect(judgeEntry(paid, [claim(1)])).toEqual({ finding: 'no-open-note', accepted: null, proposed: [] })
})

describe('whatever an entry says', () => {
  it('no proposal is for more than it, nor for more than is open, nor twice for one note', () => {
    const claims = fc.array(
      fc.record({
        number: fc.integer({ min: 1, max: 6 }),
        open: fc.bigInt(0n, 2000n),
        currency: fc.constantFrom('EUR', 'USD')
      }),
      { maxLength: 6 }
    )
    const about = fc.record({
      endToEndId: fc.option(fc.integer({ min: 1, max: 6 }).map(referenceOf)),
      remittance: fc.array(
        fc.integer({ min: 1, max: 6 }).map((number) => `AF-2026-${1000 + number}`),
        { maxLength: 3 }
      ),
      amount: fc.integer({ min: 0, max: 2500 }).map(String)
    })
    fc.assert(
      fc.property(claims, fc.array(about, { minLength: 1, maxLength: 4 }), (known, payments) => {
        const own = [...new Map(known.map(({ number, ...fields }) => [number, claim(number, fields)])).values()]
        const amount = payments.reduce((sum, one) => sum + BigInt(one.amount), 0n)
        const transactions = payments.map((fields) => transaction({ ...fields, currency: 'EUR' }))
        const paid = entry({}, { amount: String(amount), addsUp: true, transactions })
        const { accepted, proposed } = judgeEntry(paid, own)
        for (const { parts, score } of [...(accepted ? [accepted] : []), ...proposed]) {
          expect(parts.reduce((sum, part) => sum + part.amount, 0n)).toBeLessThanOrEqual(amount)
          expect(new Set(parts.map((part) => part.noteId)).size).toBe(parts.length)
          expect(score > 0 && score <= 100).toBe(true)
          for (const part of parts) {
            const { open, currency } = own.find((one) => one.noteId === part.noteId)!
            expect(part.amount > 0n && part.amount <= open && currency === 'EUR').toBe(true)
          }
        }
      })
    )
  })
})
