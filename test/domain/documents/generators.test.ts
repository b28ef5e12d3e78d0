import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { NormalisedInvoice } from '../../../domain/documents/invoice.ts'
import { readAny, readDocument, readInvoices, readStatements } from '../../../domain/documents/read.ts'
import { writeCii } from '../../../domain/documents/samples/cii.ts'
import { writeEdifact } from '../../../domain/documents/samples/edifact.ts'
import { writeEInvoice, writeEipInvoice } from '../../../domain/documents/samples/einvoice.ts'
import { writeFacturX } from '../../../domain/documents/samples/factur-x.ts'
import { writeFatturaPa } from '../../../domain/documents/samples/fatturapa.ts'
import { writeChineseLedger, writeLedger } from '../../../domain/documents/samples/ledger.ts'
import type { SampleInvoice } from '../../../domain/documents/samples/model.ts'
import { writeOfdAttached, writeOfdTagged } from '../../../domain/documents/samples/ofd.ts'
import { euroInvoice, sampleSet } from '../../../domain/documents/samples/set.ts'
import {
  writeCamt053,
  writeCamt054,
  writeMt940,
  type SampleStatement
} from '../../../domain/documents/samples/statement.ts'
import { writeUbl } from '../../../domain/documents/samples/ubl.ts'
import { writeVatQr } from '../../../domain/documents/samples/vat-qr.ts'
import { maySettle } from '../../../domain/documents/statement.ts'
import { contentOf } from '../../../domain/fingerprint/commitment.ts'
import { chineseIdentityOf, identityOf } from '../../../domain/fingerprint/identity.ts'
import { idNumberKey } from '../../../domain/fingerprint/normalise.ts'

/** Characters that mean something in one of the formats, and letters of several scripts. */
const letters = [...'aB7z0 -/.,;:?+\'"<>&|*()%#äßÉ东海（）', ']]>', '\u2028', '😀']
const text = fc
  .array(fc.constantFrom(...letters), { minLength: 1, maxLength: 25 })
  .map((parts) => parts.join('').trim())
  // A ledger refuses what a spreadsheet would run.
  .filter((each) => each !== '' && !/^[-+=@]/.test(each))
const number = text.filter((each) => idNumberKey(each) !== '' && !/^[0-9](?:[.,][0-9]+)?E\+?[0-9]+$/i.test(each))
const day = fc
  .date({ min: new Date('2015-01-01'), max: new Date('2030-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))
const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined })
const vat = fc
  .tuple(fc.constantFrom('DE', 'IT', 'FR'), fc.integer({ min: 1e8, max: 1e9 - 1 }))
  .map((parts) => parts.join(''))
const uscc = fc.integer({ min: 1e8, max: 1e9 - 1 }).map((digits) => `91310000M${digits}`)
const amounts = fc
  .bigInt({ min: 0n, max: 10n ** 14n })
  .chain((gross) => fc.record({ gross: fc.constant(gross), tax: fc.bigInt({ min: 0n, max: gross }) }))

function without(record: object): object {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined))
}

/** KWD has three decimals, which a ledger does not tell from thousands without a mapping. */
const european = fc
  .record({
    amounts,
    class: fc.constantFrom('R' as const, 'C' as const),
    number,
    issueDate: day,
    dueDate: optional(day),
    currency: fc.constantFrom('EUR', 'JPY', 'KWD'),
    seller: fc.record({ vat, name: text, ids: fc.constant([]) }),
    buyer: fc.record({ vat, name: text, ids: fc.constant([]) }),
    preceding: optional(number),
    order: optional(text),
    contract: optional(text),
    item: text
  })
  .map(({ amounts: both, ...rest }) => ({ ...without(rest), ...both }) as SampleInvoice)

const chinese = (isCoded: boolean): fc.Arbitrary<SampleInvoice> =>
  fc
    .record({
      amounts,
      class: fc.constantFrom('R' as const, 'C' as const),
      number: fc.bigInt({ min: 0n, max: isCoded ? 10n ** 8n - 1n : 10n ** 20n - 1n }),
      issueDate: day,
      seller: fc.record({ uscc, name: text, ids: fc.constant([]) }),
      buyer: fc.record({ uscc, name: text, ids: fc.constant([]) }),
      item: text
    })
    .map(({ amounts: both, number: digits, ...rest }) => ({
      ...rest,
      ...both,
      currency: 'CNY',
      number: String(digits).padStart(isCoded ? 8 : 20, '0'),
      ...(isCoded ? { invoiceCode: '031001900511' } : {})
    }))

/** What must be read back of an invoice, in the form of the sample. Amounts are compared without sign. */
function saidBy(invoice: NormalisedInvoice): object {
  const { class: kind, number: written, invoiceCode, issueDate, dueDate, currency, seller, buyer } = invoice
  const magnitude = (amount: bigint): bigint => (amount < 0n ? -amount : amount)
  return without({
    // Nothing is owed either way.
    class: invoice.payable === 0n ? undefined : kind,
    number: written,
    invoiceCode,
    issueDate,
    dueDate,
    currency,
    seller,
    buyer,
    gross: magnitude(invoice.gross!),
    payable: magnitude(invoice.payable),
    preceding: invoice.preceding[0],
    order: invoice.orders?.[0],
    contract: invoice.contracts?.[0]
  })
}

function saidIn({ item: _item, tax: _tax, ...sample }: SampleInvoice): object {
  const { class: kind, ...rest } = sample
  return { ...rest, payable: sample.gross, ...(sample.gross === 0n ? {} : { class: kind }) }
}

const RUNS = { numRuns: 60 }

describe('an invoice written in each format', () => {
  const writers = { UBL: writeUbl, CII: writeCii, FatturaPA: writeFatturaPa, EDIFACT: writeEdifact, CSV: writeLedger }

  it.each(Object.entries(writers))('%s is read back as it was', (_, write) => {
    fc.assert(
      fc.property(european, (invoice) => {
        fc.pre(write !== writeLedger || invoice.currency !== 'KWD')
        expect(saidBy(readDocument(write(invoice)))).toEqual(saidIn(invoice))
      }),
      RUNS
    )
  })

  it('Factur-X is read back as it was', async () => {
    await fc.assert(
      fc.asyncProperty(european, async (invoice) => {
        expect(saidBy(readDocument(await writeFacturX(invoice)))).toEqual(saidIn(invoice))
      }),
      { numRuns: 10 }
    )
  })

  const withTwoDecimals = european.filter(({ currency, gross }) => currency !== 'KWD' && gross > 0n)

  it('has one identity and one content in all of them', async () => {
    await fc.assert(
      fc.asyncProperty(withTwoDecimals, async (invoice) => {
        const documents = [...Object.values(writers).map((write) => write(invoice)), await writeFacturX(invoice)]
        const read = documents.map((bytes) => readDocument(bytes))
        expect(new Set(read.map((each) => JSON.stringify(identityOf(each)))).size).toBe(1)
        expect(new Set(read.map((each) => JSON.stringify(contentOf(each)))).size).toBe(1)
      }),
      { numRuns: 10 }
    )
  })

  it.each<[string, boolean, ((invoice: SampleInvoice) => Uint8Array)[]]>([
    ['of 20 digits', false, [writeEInvoice, writeEipInvoice, writeOfdTagged, writeChineseLedger]],
    ['of code and number', true, [writeOfdAttached, writeChineseLedger]]
  ])('of China, %s, is read back as it was and has the identity of its printed code', (_, isCoded, all) => {
    fc.assert(
      fc.property(chinese(isCoded), (invoice) => {
        const read = all.map((write) => readDocument(write(invoice)))
        for (const each of read) expect(saidBy(each)).toEqual(saidIn(invoice))
        const code = readAny(writeVatQr(invoice))
        if (code.kind !== 'reference') throw new Error(code.kind)
        const identity = chineseIdentityOf(code.reference)
        for (const each of read) expect(identityOf(each)).toEqual(identity)
      }),
      RUNS
    )
  })

  it('is another when seller, number, year or class is, in all formats', () => {
    const changes = fc.constantFrom<(invoice: SampleInvoice) => SampleInvoice>(
      (invoice) => ({ ...invoice, number: `${invoice.number}1` }),
      (invoice) => ({ ...invoice, seller: { ...invoice.seller, vat: `${invoice.seller.vat}1` } }),
      (invoice) => ({ ...invoice, issueDate: `2031${invoice.issueDate.slice(4)}`.replace('02-29', '02-28') }),
      (invoice) => ({ ...invoice, class: invoice.class === 'R' ? 'C' : 'R' })
    )
    fc.assert(
      fc.property(withTwoDecimals, changes, fc.constantFrom(...Object.values(writers)), (invoice, change, write) => {
        const [one, other] = [invoice, change(invoice)].map((each) => identityOf(readDocument(write(each))))
        expect(other).not.toEqual(one)
      }),
      RUNS
    )
  })
})

describe('UBL', () => {
  it('of a debit note is a receivable that names what it adds to', () => {
    const debit = { ...euroInvoice, number: 'D-1', preceding: 'LM-2026/0017' }
    const read = readDocument(writeUbl(debit, 'DebitNote'))
    expect(saidBy(read)).toMatchObject({ class: 'R', number: 'D-1', preceding: 'LM-2026/0017', gross: 119000n })
  })

  it.each([writeUbl, writeCii])('and CII keep every identifier of the parties and the payee', (write) => {
    const payee = { name: 'Rheinufer Factoring AG', ids: [{ v: '4000001000005', scheme: '0088' }] }
    const seller = {
      vat: 'DE811907980',
      tax: '201/113/40209',
      legal: { v: 'HRB 4711', scheme: '0002' },
      ids: [{ v: 'S-9' }, { v: '4000001000012', scheme: '0088' }],
      endpoint: { v: '4000001000012', scheme: '0088' },
      name: 'Lindenmoor Feinguss GmbH',
      country: 'DE'
    }
    const read = readDocument(write({ ...euroInvoice, seller, payee }))
    expect({ ...read.seller, ids: new Set(read.seller.ids) }).toEqual({ ...seller, ids: new Set(seller.ids) })
    expect(read.payee).toEqual(payee)
  })
})

const statements = fc.record({
  id: fc.stringMatching(/^[A-Z0-9]{1,16}$/),
  iban: fc.constant('DE89370400440532013000'),
  currency: fc.constantFrom('EUR', 'JPY', 'KWD'),
  opening: fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
  from: fc.constant('2026-06-01'),
  to: fc.constant('2026-06-03'),
  payments: fc.array(
    fc.record({
      amount: fc.bigInt({ min: 1n, max: 10n ** 11n }),
      effect: fc.constantFrom('credit' as const, 'debit' as const),
      day,
      reference: fc.stringMatching(/^[A-Z0-9]{1,16}$/),
      endToEndId: fc.stringMatching(/^[A-Z0-9]{1,16}$/),
      debtor: text,
      creditor: text,
      documentNumbers: fc.array(number, { maxLength: 3 }),
      remittance: text
    }),
    { maxLength: 5 }
  )
})

describe('a bank statement', () => {
  it.each([
    ['camt.053', writeCamt053],
    ['camt.054', writeCamt054]
  ])('in %s is read back with amounts, days, references and the invoices that are paid', (_, write) => {
    fc.assert(
      fc.property(statements, (statement) => {
        const [read] = readStatements(write(statement))
        expect(read).toMatchObject({ id: statement.id, account: statement.iban, currency: statement.currency })
        expect(read!.entries.map((entry) => [entry.addsUp, maySettle(entry)])).toEqual(
          statement.payments.map(({ effect }) => [true, effect === 'credit'])
        )
        expect(
          read!.entries.map(({ amount, effect, bookingDate, reference, transactions: [paid] }) => ({
            amount,
            effect,
            day: bookingDate,
            reference,
            endToEndId: paid!.endToEndId,
            debtor: paid!.debtor,
            creditor: paid!.creditor,
            documentNumbers: paid!.documentNumbers,
            remittance: paid!.remittance[0]
          }))
        ).toEqual(statement.payments)
      }),
      RUNS
    )
  })

  it('in MT940 is read back with balances, amounts, days and references', () => {
    fc.assert(
      fc.property(statements, (statement: SampleStatement) => {
        const [read] = readStatements(writeMt940(statement))
        const sum = statement.payments.reduce(
          (total, { amount, effect }) => (effect === 'credit' ? total + amount : total - amount),
          statement.opening
        )
        const balances = read!.balances.map(({ amount, effect }) => (effect === 'credit' ? amount : -amount))
        expect(balances).toEqual([statement.opening, sum])
        expect(read!.entries.map(({ amount, effect, valueDate }) => [amount, effect, valueDate])).toEqual(
          statement.payments.map(({ amount, effect, day: on }) => [amount, effect, on])
        )
        expect(read!.entries.map(({ transactions: [paid] }) => paid!.endToEndId)).toEqual(
          statement.payments.map(({ endToEndId }) => endToEndId)
        )
      }),
      RUNS
    )
  })
})

describe('the set of samples', () => {
  it('has one identity for each invoice in all its formats, and statements that add up', async () => {
    const set = Object.entries(await sampleSet())
    const identitiesOf = (prefix: string): string[] =>
      set.flatMap(([name, bytes]) => {
        if (!name.startsWith(prefix)) return []
        const reading = readAny(bytes)
        if (reading.kind === 'reference') return [chineseIdentityOf(reading.reference).join()]
        return readInvoices(bytes).map((invoice) => identityOf(invoice).join())
      })
    const counts = ['invoice', 'credit-note', 'debit-note', 'blue', 'red', 'vat'].map((prefix) => {
      const identities = identitiesOf(prefix)
      return [identities.length, new Set(identities).size]
    })
    expect(counts).toEqual([
      [5, 1],
      [2, 1],
      [1, 1],
      [4, 1],
      [2, 1],
      [2, 1]
    ])
    expect(new Set(set.flatMap(([name]) => (name.startsWith('statement') ? [] : identitiesOf(name)))).size).toBe(6)
    const entries = set.flatMap(([name, bytes]) =>
      name.startsWith('statement') ? readStatements(bytes).flatMap((statement) => statement.entries) : []
    )
    expect(entries.map(({ amount }) => amount)).toEqual([107100n, 5950n, 107100n, 5950n, 107100n, 5950n])
    expect(entries.every(maySettle)).toBe(true)
  })
})
