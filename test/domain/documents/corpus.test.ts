import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { NormalisedInvoice, Party } from '../../../domain/documents/invoice.ts'
import { readDocument } from '../../../domain/documents/read.ts'
import { contentOf } from '../../../domain/fingerprint/commitment.ts'
import { identityOf } from '../../../domain/fingerprint/identity.ts'

const folder = new URL('../../../../shared/data/', import.meta.url)
const present = existsSync(new URL('INDEX.json', folder))
if (!present) console.warn('skipped: the corpus of real invoices is not beside the project (../shared/data)')

const FORMATS = ['UBL', 'CII', 'CN-EINVOICE-XML', 'ZF1', 'CN-EIP-VARIANT']
/** The formats the 98 % are promised for; the others come for free. */
const PROMISED = FORMATS.slice(0, 3)

interface Entry {
  readonly path: string
  readonly kind: string
  readonly format: string
  readonly expected: Readonly<Record<string, unknown>>
  readonly keys: { readonly K1: string; readonly K2: string }
}

/** Every file that differs, by the end of its path, and why ours is kept. */
const EXPLAINED: Readonly<Record<string, string>> = {
  'ZUGFeRD_1p0_BASIC_Rechnungskorrektur.pdf':
    'no DuePayableAmount: payable is the grand total, which the index leaves out',
  'acme_invoice-42_ZUGFeRD.pdf': 'no DuePayableAmount: payable is the grand total, which the index leaves out'
}

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
    JSON.stringify(value, (_, inner) =>
      inner && typeof inner === 'object' && !Array.isArray(inner)
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
const read = entries.map((entry) => ({ entry, invoice: readDocument(readFileSync(new URL(entry.path, folder))) }))
const identified = read
  .filter(({ entry }) => !endsIn(entry.path, WITHOUT_SELLER))
  .map(({ entry, invoice }) => ({
    entry,
    invoice,
    identity: text(identityOf(invoice)),
    content: text(contentOf(invoice))
  }))

function differencesOf({ entry, invoice }: { entry: Entry; invoice: NormalisedInvoice }): string[] {
  const ours = asExpected(invoice)
  return Object.keys(ours).flatMap((field) => {
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
  it('is read as an independent reader reads it, but for the files listed with a reason', () => {
    const different = read.map((item) => ({
      path: item.entry.path,
      format: item.entry.format,
      list: differencesOf(item)
    }))
    const wrong = different.filter(({ list }) => list.length > 0)
    const percentOf = (formats: readonly string[]): string => {
      const files = different.filter(({ format }) => formats.includes(format))
      const equal = files.filter(({ list }) => list.length === 0).length
      return `${equal} of ${files.length} = ${((100 * equal) / files.length).toFixed(2)} %`
    }
    console.info(`UBL, CII, 数电票: ${percentOf(PROMISED)}; with ZUGFeRD 1 and EIP: ${percentOf(FORMATS)}`)
    expect(wrong.filter(({ path }) => !endsIn(path, Object.keys(EXPLAINED)))).toEqual([])
    const promised = different.filter(({ format }) => PROMISED.includes(format))
    const equal = promised.filter(({ list }) => list.length === 0).length
    expect(equal / promised.length).toBeGreaterThanOrEqual(0.98)
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
