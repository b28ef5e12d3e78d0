import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readStatements } from '../../../domain/documents/read.ts'
import { DocumentRefused } from '../../../domain/documents/refusal.ts'
import {
  writeCamt053,
  writeCamt054,
  writeMt940,
  type SamplePayment,
  type SampleStatement
} from '../../../domain/documents/samples/statement.ts'
import { checkBalances } from '../../../domain/settlement/balances.ts'
import { readCsvStatement, type CsvStatementMapping } from '../../../domain/settlement/csv-statement.ts'
import {
  contentOf,
  digestOfEntry,
  keyOfEntry,
  ordinalsOf,
  paymentTextOf,
  referencesIn
} from '../../../domain/settlement/entry.ts'
import { endToEndIdOf } from '../../../domain/settlement/end-to-end.ts'
import { isTakenBack } from '../../../domain/settlement/match.ts'

const reference = endToEndIdOf(`0x${'cd'.repeat(32)}`, 100n, 5)
const payment = (fields: Partial<SamplePayment> = {}): SamplePayment => ({
  amount: 1234n,
  effect: 'credit',
  day: '2026-11-27',
  reference: 'BANK-1',
  endToEndId: reference,
  debtor: 'Meridian Automotive SE',
  creditor: 'Alder & Finch',
  documentNumbers: ['AF-2026-0481'],
  remittance: 'Invoice AF-2026-0481',
  ...fields
})
const sample = (payments: SamplePayment[], fields: Partial<SampleStatement> = {}): SampleStatement => ({
  id: 'S-1',
  iban: 'DE00999999990000551209',
  currency: 'EUR',
  opening: 10_000n,
  from: '2026-11-26',
  to: '2026-11-27',
  payments,
  ...fields
})
const contentsOf = (bytes: Uint8Array) =>
  readStatements(bytes).flatMap((statement) => statement.entries.map((entry) => contentOf(statement, entry)))
const one = (bytes: Uint8Array) => contentsOf(bytes)[0]!

describe('an entry', () => {
  it('is the same in statement and notification, and whether it is booked yet or not', () => {
    const [booked] = contentsOf(writeCamt053(sample([payment()])))
    const told = one(writeCamt054(sample([payment()])))
    const pending = one(writeCamt054(sample([payment({ isPending: true })])))
    expect(keyOfEntry(told)).toBe(keyOfEntry(booked!))
    expect(pending.status).toBe('pending')
    expect(keyOfEntry(pending)).toBe(keyOfEntry(booked!))
    expect(digestOfEntry(told, 0)).toBe(digestOfEntry(booked!, 0))
  })

  it.each<[string, Partial<SamplePayment>, Partial<SampleStatement>]>([
    ['amount', { amount: 1235n }, {}],
    ['direction', { effect: 'debit' }, {}],
    ['day', { day: '2026-11-26' }, {}],
    ['bank reference', { reference: 'BANK-2' }, {}],
    ['reversal', { isReversal: true }, {}],
    ['account', {}, { iban: 'DE00999999990000551210' }],
    ['currency', {}, { currency: 'USD' }]
  ])('of another %s is another', (_what, fields, statement) => {
    const other = one(writeCamt053(sample([payment(fields)], statement)))
    expect(keyOfEntry(other)).not.toBe(keyOfEntry(one(writeCamt053(sample([payment()])))))
  })

  it('that occurs twice in one delivery counts twice, each with its own digest', () => {
    const contents = contentsOf(writeCamt053(sample([payment(), payment({ amount: 1n }), payment()])))
    const ordinals = ordinalsOf(contents.map(keyOfEntry))
    expect(ordinals).toEqual([0, 0, 1])
    expect(new Set(contents.map((content, index) => digestOfEntry(content, ordinals[index]!))).size).toBe(3)
  })

  it('shows our reference, whether a camt has it in its field or an MT940 in its text', () => {
    expect(referencesIn(one(writeCamt053(sample([payment()]))))).toEqual([reference])
    expect(referencesIn(one(writeMt940(sample([payment()]))))).toEqual([reference])
    expect(referencesIn(one(writeCamt053(sample([payment({ endToEndId: 'NOTPROVIDED' })]))))).toEqual([])
  })

  it('tells a reversal in both formats, and on which side it stands', () => {
    const back = payment({ effect: 'debit', isReversal: true })
    for (const bytes of [writeCamt053(sample([back])), writeMt940(sample([back]))]) {
      expect(one(bytes)).toMatchObject({ effect: 'debit', isReversal: true })
      expect(isTakenBack(one(bytes))).toBe(true)
    }
  })

  it('tells a returned payment by its return information, though it is a credit', () => {
    const text = new TextDecoder().decode(writeCamt053(sample([payment()])))
    const returned = text.replace('</TxDtls>', '<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls>')
    const content = one(new TextEncoder().encode(returned))
    expect(content).toMatchObject({ effect: 'credit', isReversal: false })
    expect(isTakenBack(content)).toBe(true)
  })

  it('keeps the accounts of both sides', () => {
    const both = payment({ debtorAccount: 'DE00999999990000417723', creditorAccount: '6200990000000005' })
    expect(one(writeCamt053(sample([both]))).transactions[0]).toMatchObject({
      debtorAccount: 'DE00999999990000417723',
      creditorAccount: '6200990000000005'
    })
  })

  it('is named in what a settlement commits to', () => {
    expect(paymentTextOf('0xab')).toBe('statement entry 0xab')
  })
})

describe('the balances of a statement', () => {
  it('add up with what is booked, and not with what is pending', () => {
    const payments = [payment(), payment({ effect: 'debit', amount: 34n }), payment({ amount: 9n, isPending: true })]
    const [statement] = readStatements(writeCamt053(sample(payments)))
    expect(checkBalances(statement!)).toMatchObject({
      check: 'balanced',
      opening: 10_000n,
      movement: 1200n,
      closing: 11_200n,
      difference: 0n
    })
  })

  it('that do not are told with the difference, and those that are not there are not invented', () => {
    const text = new TextDecoder().decode(writeCamt053(sample([payment()])))
    const [wrong] = readStatements(new TextEncoder().encode(text.replace('>112.34<', '>112.35<')))
    expect(checkBalances(wrong!)).toMatchObject({ check: 'unbalanced', difference: 1n })
    const [told] = readStatements(writeCamt054(sample([payment()])))
    expect(checkBalances(told!)).toMatchObject({ check: 'no-balances', difference: null })
  })

  it('of an account in debt are negative', () => {
    const [statement] = readStatements(writeMt940(sample([payment()], { opening: -2000n })))
    expect(checkBalances(statement!)).toMatchObject({ opening: -2000n, closing: -766n, check: 'balanced' })
  })
})

const folder = new URL('../../../../shared/data/bank/', import.meta.url)

describe.skipIf(!existsSync(folder))('the statements of real banks (../shared/data)', () => {
  it('are all kept, under keys that tell their entries apart', () => {
    let [files, entries, balanced] = [0, 0, 0]
    for (const owner of readdirSync(folder)) {
      for (const name of readdirSync(new URL(`${owner}/`, folder))) {
        let statements
        try {
          statements = readStatements(new Uint8Array(readFileSync(new URL(`${owner}/${name}`, folder))))
        } catch (error) {
          if (error instanceof DocumentRefused) continue
          throw error
        }
        files += 1
        for (const statement of statements) {
          const contents = statement.entries.map((entry) => contentOf(statement, entry))
          const keys = contents.map(keyOfEntry)
          const ordinals = ordinalsOf(keys)
          expect(new Set(keys.map((key, index) => `${key} ${ordinals[index]}`)).size).toBe(contents.length)
          entries += contents.length
          if (checkBalances(statement).check === 'balanced') balanced += 1
        }
      }
    }
    console.log(`${files} files, ${entries} entries, ${balanced} statements whose balances add up`)
    expect(files).toBeGreaterThan(40)
    expect(balanced).toBeGreaterThan(10)
  })
})

describe('a statement in CSV', () => {
  const mapping: CsvStatementMapping = {
    account: 'DE00999999990000551209',
    currency: 'EUR',
    columns: { day: 'Buchung', amount: 'Betrag', text: 'Zweck', debtor: 'Auftraggeber', reference: 'Ref' },
    decimal: ',',
    thousands: '.',
    opening: '10000',
    closing: '11200',
    closingDay: '2026-11-27'
  }
  const csv = [
    'Buchung;Betrag;Zweck;Auftraggeber;Ref',
    `27.11.2026;12,34;EREF ${reference};Meridian;B-1`,
    '27.11.2026;-0,34;Gebühr;;B-2'
  ].join('\r\n')
  const bytes = (text: string) => new TextEncoder().encode(text)
  const columns = { day: 'Tag', credit: 'Haben', debit: 'Soll' }
  const halves = { ...mapping, columns }

  it('is read by a mapping and adds up', () => {
    const statement = readCsvStatement(bytes(csv), mapping)
    const contents = statement.entries.map((entry) => contentOf(statement, entry))
    expect(contents).toMatchObject([
      { amount: '1234', effect: 'credit', day: '2026-11-27', status: 'booked', reference: 'B-1' },
      { amount: '34', effect: 'debit' }
    ])
    expect(referencesIn(contents[0]!)).toEqual([reference])
    expect(checkBalances(statement)).toMatchObject({ check: 'balanced', closingDay: '2026-11-27' })
  })

  it('may have money in and out in two columns', () => {
    const { entries } = readCsvStatement(bytes('Tag;Haben;Soll\n2026-11-27;5,00;\n2026-11-27;;2,50\n'), halves)
    expect(entries.map(({ amount, effect }) => [amount, effect])).toEqual([
      [500n, 'credit'],
      [250n, 'debit']
    ])
  })

  it.each<[string, string, string, Partial<CsvStatementMapping>]>([
    ['LEDGER_MAPPING_INVALID', 'no account', csv, { account: ' ' }],
    ['LEDGER_MAPPING_INVALID', 'no currency', csv, { currency: 'EURO' }],
    ['LEDGER_MAPPING_INVALID', 'amount and credit', csv, { columns: { ...mapping.columns, credit: 'x' } }],
    ['LEDGER_MAPPING_INVALID', 'a balance that is no number', csv, { opening: '1.5' }],
    ['CSV_COLUMN_MISSING', 'a column that is not there', csv, { columns: { day: 'Tag', amount: 'Betrag' } }],
    ['AMOUNT_MALFORMED', 'two amounts in a row', 'Tag;Haben;Soll\n2026-11-27;1,00;1,00\n', { columns }],
    ['AMOUNT_MALFORMED', 'none', 'Tag;Haben;Soll\n2026-11-27;;\n', { columns }],
    ['AMOUNT_MALFORMED', 'a signed credit', 'Tag;Haben;Soll\n2026-11-27;-1,00;\n', { columns }],
    ['CSV_CELL_REFUSED', 'a formula', csv.replace('Gebühr', '=1+1'), {}],
    ['FIELD_MISSING', 'no day', csv.replace('27.11.2026;-0', ';-0'), {}],
    ['DATE_MALFORMED', 'a wrong day', csv.replaceAll('27.11.', '31.11.'), {}]
  ])('is refused, %s, with %s', (code, _what, text, fields) => {
    expect(() => readCsvStatement(bytes(text), { ...mapping, ...fields })).toThrow(expect.objectContaining({ code }))
  })
})
