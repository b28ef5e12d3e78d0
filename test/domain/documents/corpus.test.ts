import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { NormalisedInvoice, Party } from '../../../domain/documents/invoice.ts'
import { readInvoices } from '../../../domain/documents/read.ts'
import { contentOf } from '../../../domain/fingerprint/commitment.ts'
import { identityOf } from '../../../domain/fingerprint/identity.ts'

const folder = new URL('../../../../shared/data/', import.meta.url)
const present = existsSync(new URL('INDEX.json', folder))
if (!present) console.warn('skipped: the corpus of real invoices is not beside the project (../shared/data)')

const FORMATS = ['UBL', 'CII', 'ZF1', 'CN-EINVOICE-XML', 'CN-EIP-VARIANT', 'CN-OFD-fp2019', 'FatturaPA', 'EDIFACT']

interface Entry {
  readonly path: string
  readonly kind: string
  readonly format: string
  readonly expected: Readonly<Record<string, unknown>>
  readonly keys?: { readonly K1: string; readonly K2: string }
}

/** Every file that differs, by the end of its path, and why ours is kept. */
const EXPLAINED: Readonly<Record<string, string>> = {
  'ZUGFeRD_1p0_BASIC_Rechnungskorrektur.pdf':
    'no DuePayableAmount: payable is the grand total, which the index leaves out',
  'acme_invoice-42_ZUGFeRD.pdf': 'no DuePayableAmount: payable is the grand total, which the index leaves out'
}

/** Fields that the index has not looked for. */
const UNINDEXED: Readonly<Record<string, readonly string[]>> = { EDIFACT: ['payee', 'preceding'] }

/** Files whose class differs from the index, which looks at the type code alone. */
const CLASS_BY_ROOT = [
  'test-dian__CreditNote.xml',
  'ubl-cn-br-de-17-test-557-code-326.xml',
  'ubl-cn-br-de-17-test-559-code-384.xml'
]

/** No seller in the file, so there is no identity. */
const WITHOUT_SELLER = ['tests__assets__xml_en16931_5.xml']

function partyObject(party: Party | undefined): object | undefined {
  if (!party) return undefined
  const { ids, ...rest } = party
  const object = ids.length > 0 ? { ...rest, ids } : rest
  return Object.keys(object).length > 0 ? object : undefined
}

function asExpected(invoice: NormalisedInvoice): Record<string, unknown> {
  return {
    number: invoice.number,
    issue_date: invoice.issueDate,
    due_date: invoice.dueDate,
    currency: invoice.currency,
    payable_minor: String(invoice.payable),
    gross_minor: invoice.gross === undefined ? undefined : String(invoice.gross),
    seller: partyObject(invoice.seller),
    buyer: partyObject(invoice.buyer),
    payee: partyObject(invoice.payee),
    preceding: invoice.preceding.length > 0 ? invoice.preceding : undefined
  }
}

/** Sorted keys, so that only values count. */
function text(value: unknown): string {
  return (
    // A scheme that is an empty string in the index is none.
    JSON.stringify(value, (key, inner) =>
      key === 'scheme' && inner === ''
        ? undefined
        : inner && typeof inner === 'object' && !Array.isArray(inner)
          ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)))
          : inner
    ) ?? 'absent'
  )
}

/** The index's keys are SHA-256 over its own serialisation. */
function indexKey(parts: readonly string[]): string {
  return createHash('sha256')
    .update(`[${parts.map((part) => JSON.stringify(part)).join(', ')}]`)
    .digest('hex')
}

function endsIn(path: string, ends: readonly string[]): boolean {
  return ends.some((end) => path.endsWith(end))
}

const all: readonly Entry[] = present ? JSON.parse(readFileSync(new URL('INDEX.json', folder), 'utf8')).files : []
const entries = all.filter((entry) => entry.kind === 'invoice' && FORMATS.includes(entry.format))
/** A file may hold several invoices, which the index then lists, without keys. */
const read = entries.flatMap((entry) => {
  const wanted = [entry.expected].flat()
  const invoices = readInvoices(readFileSync(new URL(entry.path, folder)))
  if (invoices.length !== wanted.length) throw new Error(`${entry.path}: ${invoices.length} invoices`)
  return invoices.map((invoice, index) => ({ entry: { ...entry, expected: wanted[index]! }, invoice }))
})
const identified = read
  .filter(({ entry }) => !endsIn(entry.path, WITHOUT_SELLER))
  .flatMap(({ entry: { keys, ...entry }, invoice }) =>
    keys
      ? [{ entry: { ...entry, keys }, invoice, identity: text(identityOf(invoice)), content: text(contentOf(invoice)) }]
      : []
  )

/** Fields that the index or we have something for. */
function fieldsOf({ entry, invoice }: { entry: Entry; invoice: NormalisedInvoice }): string[] {
  return Object.entries(asExpected(invoice)).flatMap(([field, ours]) =>
    (ours === undefined && entry.expected[field] === undefined) || UNINDEXED[entry.format]?.includes(field)
      ? []
      : [field]
  )
}

/** Fields with a value, as provenance names them. An identifier that Peru writes beside the party is put together of two. */
function shownFieldsOf(invoice: NormalisedInvoice): string[] {
  const lists = (['orders', 'contracts', 'preceding'] as const).flatMap((name) =>
    (invoice[name] ?? []).map((_, i) => `${name}[${i}]`)
  )
  const parties = (['seller', 'buyer', 'payee'] as const).flatMap((role) => {
    const { ids = [], ...party } = invoice[role] ?? {}
    const written = ids.filter(({ scheme }) => !scheme?.startsWith('PE-')).map((_, i) => `${role}.ids[${i}]`)
    return [...Object.keys(party).map((name) => `${role}.${name}`), ...written]
  })
  const plain = ['number', 'issueDate', 'dueDate', 'currency', 'payable', 'gross'] as const
  return [...plain.filter((name) => invoice[name] !== undefined), ...lists, ...parties]
}

function sumOf<K extends string>(rows: readonly Record<K, number>[], key: K): number {
  return rows.reduce((sum, row) => sum + row[key], 0)
}

function differencesOf(item: { entry: Entry; invoice: NormalisedInvoice }): string[] {
  const ours = asExpected(item.invoice)
  const { entry } = item
  return fieldsOf(item).flatMap((field) => {
    const [got, wanted] = [text(ours[field]), text(entry.expected[field])]
    return got === wanted ? [] : [`${field}: read ${got}, the index has ${wanted}`]
  })
}

function groupsBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return groups
}

describe.skipIf(!present)('the corpus of real invoices', () => {
  it('is read as an independent reader reads it, but for the fields listed with a reason', () => {
    const different = read.map((item) => ({ path: item.entry.path, list: differencesOf(item) }))
    const rows = FORMATS.map((format) => {
      const files = read.filter(({ entry }) => entry.format === format)
      const fields = files.reduce((sum, item) => sum + fieldsOf(item).length, 0)
      const wrong = files.reduce((sum, item) => sum + differencesOf(item).length, 0)
      return { format, files: new Set(files.map(({ entry }) => entry.path)).size, fields, right: fields - wrong }
    })
    console.table(rows)
    const unexplained = different.filter(({ path, list }) => list.length > 0 && !endsIn(path, Object.keys(EXPLAINED)))
    expect(unexplained).toEqual([])
    for (const { format, fields, right } of rows) expect(right / fields, format).toBeGreaterThanOrEqual(0.98)
    const [fields, right] = [sumOf(rows, 'fields'), sumOf(rows, 'right')]
    expect(right / fields).toBeGreaterThanOrEqual(0.995)
  })

  it('shows for each field of UBL and CII which element gave it', () => {
    const found = new Set<string>()
    for (const { entry, invoice } of read.filter(({ entry }) => ['UBL', 'CII', 'ZF1'].includes(entry.format))) {
      for (const field of shownFieldsOf(invoice)) {
        expect(invoice.provenance[field], `${entry.path}: ${field}`).toMatch(/^\/[A-Z]/)
        found.add(field.replace(/\[\d+\]/, '[]'))
      }
    }
    expect(found).toContain('seller.ids[]')
    expect(found).toContain('orders[]')
    expect(found).toContain('preceding[]')
    expect(found).toContain('payee.name')
  })

  it('refuses an identity only where the document has no seller', () => {
    for (const { entry, invoice } of read.filter((item) => endsIn(item.entry.path, WITHOUT_SELLER))) {
      expect(() => identityOf(invoice), entry.path).toThrow(expect.objectContaining({ code: 'SELLER_UNIDENTIFIED' }))
    }
  })

  it('has the identity of the index, letter for letter, but for credit notes that the index takes by type code', () => {
    const other = identified.filter(({ entry, identity }) => indexKey(JSON.parse(identity)) !== entry.keys.K1)
    expect(other.map(({ entry }) => entry.path).filter((path) => !endsIn(path, CLASS_BY_ROOT))).toEqual([])
    expect(other.map(({ invoice }) => invoice.class)).toEqual(other.map(() => 'C'))
  })

  it('gives the same invoice the same identity in every format, and different invoices different ones', () => {
    for (const group of groupsBy(identified, ({ entry }) => entry.keys.K1).values()) {
      expect(new Set(group.map(({ identity }) => identity)).size, group[0]!.entry.path).toBe(1)
    }
    for (const group of groupsBy(identified, ({ identity }) => identity).values()) {
      expect(new Set(group.map(({ entry }) => entry.keys.K1)).size, group[0]!.entry.path).toBe(1)
    }
  })

  it('gives equal content one commitment and other content another', () => {
    for (const group of groupsBy(identified, ({ entry }) => entry.keys.K2).values()) {
      expect(new Set(group.map(({ content }) => content)).size, group[0]!.entry.path).toBe(1)
    }
    for (const group of groupsBy(identified, ({ content }) => content).values()) {
      expect(new Set(group.map(({ entry }) => entry.keys.K2)).size, group[0]!.entry.path).toBe(1)
    }
  })
})
