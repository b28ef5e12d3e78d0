import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readDocument, readStatements } from '../../../domain/documents/read.ts'
import { maySettle, type Statement, type StatementEntry } from '../../../domain/documents/statement.ts'
import { minorFromDecimal } from '../../../domain/money/amount.ts'
import { bytesOf } from './samples.ts'

const folder = new URL('../../../../shared/data/', import.meta.url)
const present = existsSync(new URL('INDEX.json', folder))
if (!present) console.warn('skipped: the corpus of bank statements is not beside the project (../shared/data)')

type Fields = Readonly<Record<string, unknown>>

interface Wanted {
  readonly doc: string
  readonly account?: string
  readonly statement_id?: string
  readonly reference?: string
  readonly entries?: readonly Fields[]
  readonly balances?: readonly Fields[]
  readonly opening?: Fields
  readonly closing?: Fields
}

interface Entry {
  readonly path: string
  readonly kind: string
  readonly format: string
  readonly expected: readonly Wanted[]
}

const all: readonly Entry[] = present ? JSON.parse(readFileSync(new URL('INDEX.json', folder), 'utf8')).files : []
const files = all.filter(({ kind, format }) => kind === 'bank' && /^(camt|MT940)/.test(format))

/** Files that say too little to be a statement, by the end of their path. */
const REFUSED: Readonly<Record<string, string>> = {
  'camt053.v2.wrong.xml': 'STATEMENT_MISSING',
  '053__valid_namespace.xml': 'STATEMENT_MISSING',
  'general__invalid_namespace.xml': 'STATEMENT_MISSING',
  // Marks of 2002 are in no currency of today.
  'base-1.mta': 'CURRENCY_UNKNOWN',
  // Fragments: entries without a balance, so that nobody knows their currency.
  'empty_entry_date.sta': 'FIELD_MISSING',
  'cmxl__statement_line.sta': 'FIELD_MISSING',
  'self-provided__multiline.sta': 'FIELD_MISSING',
  'self-provided__sparkassen.sta': 'FIELD_MISSING',
  // Not MT940 at all.
  'empty_non_swift.sta': 'XML_MALFORMED',
  'invalid_statement.sta': 'XML_MALFORMED'
}

/** Fields that differ, and why ours is kept. */
const EXPLAINED: Readonly<Record<string, string>> = {
  'february_30.sta: value': '30 February is no day; ours is the last of the month',
  'transaction_details_wrapped.sta: value': '30 February, as above',
  'wrapped_timestamp.sta: value': '30 February, as above',
  'deutschebank.txt: ref': 'the type NRTI stands after a blank; the index takes it as part of the reference',
  'sepa_snippet_broken.sta: account': ':25: stands twice, the second is a narrative; ours is the first',
  'rabobank.sta: info': 'several :86: follow one entry; ours keeps all, the index the last',
  'sberbank__171011_01234945.sta: ref': 'the index counts :NS: as reference, ours as information',
  'overly_long_details.sta: info': 'the index cuts the text off'
}

function minor(amount: unknown, currency: string): bigint {
  return minorFromDecimal(
    String(amount)
      .replace(',', '.')
      .replace(/\.$/, '')
      .replace(/^0+(?=\d)/, ''),
    currency
  )
}

/** [what, got, wanted] for each thing the index knows of an entry. */
function compare(entry: StatementEntry, wanted: Fields): [string, unknown, unknown][] {
  const rows: [string, unknown, unknown][] = []
  if (wanted['raw'] !== undefined) return [['raw', typeof entry.amount, 'bigint']]
  const sign = String(wanted['sign'])
  rows.push(['amount', entry.amount, minor(wanted['amount'], entry.currency)])
  rows.push(['sign', entry.effect, ['CRDT', 'C', 'RD'].includes(sign) ? 'credit' : 'debit'])
  rows.push(['reversal', entry.reversal, sign.startsWith('R') || wanted['reversal'] === 'true'])
  if (wanted['currency'] !== undefined) rows.push(['currency', entry.currency, wanted['currency']])
  if (wanted['status'] !== undefined) {
    rows.push([
      'status',
      entry.status,
      { BOOK: 'booked', PDNG: 'pending', INFO: 'information' }[String(wanted['status'])]
    ])
  }
  if (wanted['booking'] !== undefined) rows.push(['booking', entry.bookingDate, wanted['booking']])
  if (wanted['value'] !== undefined) rows.push(['value', entry.valueDate, wanted['value']])
  if (wanted['ref'] !== undefined) rows.push(['ref', squeezed(entry.reference), squeezed(wanted['ref'])])
  if (wanted['info'] !== undefined) rows.push(['info', squeezed(entry.information), squeezed(wanted['info'])])
  for (const [index, tx] of ((wanted['txs'] ?? []) as Fields[]).entries()) {
    const ours = entry.transactions[index]
    if (tx['amount'] !== undefined) rows.push(['tx amount', ours?.amount, minor(tx['amount'], ours!.currency!)])
    rows.push(['tx end to end', ours?.endToEndId, tx['end_to_end']])
    rows.push(['tx debtor', ours?.debtor, tx['debtor']], ['tx creditor', ours?.creditor, tx['creditor']])
    rows.push(['tx text', ours?.remittance.join('|'), ((tx['remit'] ?? []) as string[]).join('|')])
    rows.push(['tx reference', ours?.creditorReferences.join('|'), ((tx['rf'] ?? []) as string[]).join('|')])
  }
  return rows
}

/** Blanks and line ends are laid out differently by the index. */
function squeezed(text: unknown): string {
  return String(text ?? '').replace(/\s+/g, '')
}

function compareBalances(statement: Statement, wanted: Wanted): [string, unknown, unknown][] {
  const list = wanted.balances ?? []
  const rows: [string, unknown, unknown][] = list.flatMap((balance, index) => {
    const ours = statement.balances[index]
    return [
      ['balance', ours?.amount, minor(balance['amount'], String(balance['currency']))],
      ['balance kind', ours?.kind, balance['type']],
      ['balance sign', ours?.effect, balance['sign'] === 'CRDT' ? 'credit' : 'debit'],
      ['balance date', ours?.date, balance['date']]
    ]
  })
  for (const [kind, balance] of [
    ['OPBD', wanted.opening],
    ['CLBD', wanted.closing]
  ] as const) {
    if (!balance) continue
    const ours = statement.balances.filter((each) => each.kind === kind)
    const amount = minor(balance['amount'], String(balance['currency']))
    rows.push([`balance ${kind}`, ours.some((each) => each.amount === amount && each.date === balance['date']), true])
  }
  return rows
}

describe.skipIf(!present)('the corpus of bank statements', () => {
  it('is read entry by entry as an independent reader reads it, but for what is listed with a reason', () => {
    const table = new Map<string, { files: number; refused: number; entries: number; fields: number; right: number }>()
    const different: string[] = []
    for (const { path, format, expected } of files) {
      const kind = format.slice(0, 8)
      const row = table.get(kind) ?? { files: 0, refused: 0, entries: 0, fields: 0, right: 0 }
      table.set(kind, row)
      row.files += 1
      const refused = Object.keys(REFUSED).find((end) => path.endsWith(end))
      const bytes = readFileSync(new URL(path, folder))
      if (refused !== undefined) {
        row.refused += 1
        expect(() => readStatements(bytes), path).toThrow(expect.objectContaining({ code: REFUSED[refused] }))
        continue
      }
      const statements = readStatements(bytes)
      expect(statements.length, path).toBe(expected.length)
      statements.forEach((statement, index) => {
        const wanted = expected[index]!
        expect(statement.entries.length, path).toBe((wanted.entries ?? []).length)
        row.entries += statement.entries.length
        const rows = [
          ...statement.entries.flatMap((entry, at) => compare(entry, wanted.entries![at]!)),
          ...compareBalances(statement, wanted)
        ]
        if (wanted.account !== undefined) rows.push(['account', squeezed(statement.account), squeezed(wanted.account)])
        const id = wanted.statement_id ?? wanted.reference
        if (id !== undefined) rows.push(['id', statement.id, id])
        row.fields += rows.length
        for (const [field, got, want] of rows) {
          if (got === want) row.right += 1
          else different.push(`${path}: ${field} read ${String(got)}, the index has ${String(want)}`)
        }
      })
    }
    console.table([...table].map(([format, row]) => ({ format, ...row })))
    expect(different.filter((line) => !Object.keys(EXPLAINED).some((end) => line.includes(end)))).toEqual([])
  })
})

const CAMT = 'urn:iso:std:iso:20022:tech:xsd:camt.053.001.08'

function camt(entry: string): Uint8Array {
  return bytesOf(`<Document xmlns="${CAMT}"><BkToCstmrStmt><Stmt><Id>S1</Id>${entry}</Stmt></BkToCstmrStmt></Document>`)
}

function entry(inner: string, amount = '100.00'): Uint8Array {
  return camt(`<Ntry><Amt Ccy="EUR">${amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>${inner}</Ntry>`)
}

describe('an entry of camt', () => {
  it('that is booked and received may settle, with the invoice it names', () => {
    const details = `<NtryDtls><TxDtls><Amt Ccy="EUR">100.00</Amt><RmtInf><Strd><RfrdDocInf><Nb>LM-17</Nb></RfrdDocInf>
<CdtrRefInf><Ref>RF18000000000539007547034</Ref></CdtrRefInf></Strd></RmtInf></TxDtls></NtryDtls>`
    const [statement] = readStatements(entry(`<Sts><Cd>BOOK</Cd></Sts>${details}`))
    const [first] = statement!.entries
    expect(first).toMatchObject({ amount: 10000n, effect: 'credit', status: 'booked', addsUp: true })
    expect(first!.transactions[0]).toMatchObject({
      documentNumbers: ['LM-17'],
      creditorReferences: ['RF18000000000539007547034']
    })
    expect(maySettle(first!)).toBe(true)
  })

  it.each([
    ['pending', '<Sts><Cd>PDNG</Cd></Sts>'],
    ['for information', '<Sts>INFO</Sts>'],
    ['a reversal', '<RvslInd>true</RvslInd><Sts>BOOK</Sts>'],
    ['whose parts do not add up', '<Sts>BOOK</Sts><NtryDtls><TxDtls><Amt Ccy="EUR">99.99</Amt></TxDtls></NtryDtls>']
  ])('that is %s never settles', (_, inner) => {
    expect(maySettle(readStatements(entry(inner))[0]!.entries[0]!)).toBe(false)
  })

  it.each([
    ['an unknown status', entry('<Sts>GONE</Sts>'), 'FIELD_MISSING'],
    ['no status', entry(''), 'FIELD_MISSING'],
    ['two amounts', entry('<Amt Ccy="EUR">1</Amt><Sts>BOOK</Sts>'), 'FIELD_REPEATED'],
    ['a negative amount', entry('<Sts>BOOK</Sts>', '-1.00'), 'AMOUNT_MALFORMED'],
    ['a part of a cent', entry('<Sts>BOOK</Sts>', '1.005'), 'AMOUNT_TOO_PRECISE']
  ])('with %s is refused', (_, bytes, code) => {
    expect(() => readStatements(bytes)).toThrow(expect.objectContaining({ name: 'DocumentRefused', code }))
  })

  it('is no invoice', () => {
    expect(() => readDocument(entry('<Sts>BOOK</Sts>'))).toThrow(
      expect.objectContaining({ code: 'DOCUMENT_NOT_AN_INVOICE' })
    )
  })
})

function mt940(line: string, rest = ''): Uint8Array {
  return bytesOf(`:20:A\r\n:25:B\r\n:60F:C251230EUR0,\r\n:61:${line}\r\n${rest}:62F:C251231EUR1,\r\n-\r\n`)
}

describe('an entry of MT940', () => {
  it('takes the year of its entry date from the value date, over the turn of a year', () => {
    expect(readStatements(mt940('2512310102C1,NTRFX'))[0]!.entries[0]).toMatchObject({
      valueDate: '2025-12-31',
      bookingDate: '2026-01-02'
    })
  })

  it.each([
    ['C', 'credit', false],
    ['D', 'debit', false],
    ['RC', 'debit', true],
    ['RD', 'credit', true]
  ])('with the mark %s is a %s', (mark, effect, reversal) => {
    expect(readStatements(mt940(`251231${mark}1,5NTRFX`))[0]!.entries[0]).toMatchObject({
      amount: 150n,
      effect,
      reversal
    })
  })

  it('keeps text that looks like a tag inside the narrative', () => {
    const [statement] = readStatements(mt940('251231C1,NTRFX', ':86:pays :61:251231C999,NTRFY\r\n'))
    expect(statement!.entries).toHaveLength(1)
    expect(statement!.entries[0]!.information).toContain('999')
  })

  it.each([
    ['without a mark', mt940('2512311,NTRFX'), 'ENTRY_MALFORMED'],
    ['of month 13', mt940('251331C1,NTRFX'), 'DATE_MALFORMED'],
    ['of 31 April', mt940('250431C1,NTRFX'), 'DATE_MALFORMED'],
    ['with a part of a cent', mt940('251231C1,005NTRFX'), 'AMOUNT_TOO_PRECISE']
  ])('%s is refused', (_, bytes, code) => {
    expect(() => readStatements(bytes)).toThrow(expect.objectContaining({ name: 'DocumentRefused', code }))
  })
})
