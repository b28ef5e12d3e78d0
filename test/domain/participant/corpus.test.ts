import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Party } from '../../../domain/documents/invoice.ts'
import { readInvoices } from '../../../domain/documents/read.ts'
import { identifiersOf, identifierText, parseIdentifier } from '../../../domain/participant/identifiers.ts'
import { resolveParty, type Registered } from '../../../domain/participant/resolve.ts'

const folder = new URL('../../../../shared/data/', import.meta.url)
const present = existsSync(new URL('INDEX.json', folder))
if (!present) console.warn('skipped: the corpus of real invoices is not beside the project (../shared/data)')

const FORMATS = ['UBL', 'CII', 'ZF1', 'CN-EINVOICE-XML', 'CN-EIP-VARIANT', 'CN-OFD-fp2019', 'FatturaPA', 'EDIFACT']

interface Entry {
  readonly path: string
  readonly kind: string
  readonly format: string
}

const all: readonly Entry[] = present ? JSON.parse(readFileSync(new URL('INDEX.json', folder), 'utf8')).files : []
const invoices = all
  .filter(({ kind, format }) => kind === 'invoice' && FORMATS.includes(format))
  .flatMap(({ path }) => readInvoices(readFileSync(new URL(path, folder))).map((invoice) => ({ path, invoice })))
const textsOf = (party: Party) => identifiersOf(party).identifiers.map(identifierText)
const mainOf = (party: Party) => textsOf(party).find((text) => /^(VAT|USCC|CN-TAX):/.test(text))

/**
 * A seller is who has one VAT id or Chinese number, and has registered everything that its documents say; a document without
 * either is its too where its other identifiers point to nobody else. What the samples of several sellers share (authors reuse
 * numbers) a registrar gives to none.
 */
function directoryOf(sellers: readonly Party[]): readonly Registered[] {
  const numbers = new Map<string, number>()
  const owners = new Map<string, Set<number>>()
  const ownersOf = (text: string) => owners.get(text) ?? new Set<number>()
  const isWithout = (seller: Party) => (mainOf(seller) === undefined ? 1 : 0)
  for (const seller of [...sellers].sort((one, other) => isWithout(one) - isWithout(other))) {
    const texts = textsOf(seller)
    const known = new Set(texts.flatMap((text) => [...ownersOf(text)]))
    const main = mainOf(seller) ?? texts[0]
    if (main === undefined) continue
    const isOfOne = mainOf(seller) === undefined && known.size === 1
    const participantId = isOfOne ? [...known][0]! : (numbers.get(main) ?? numbers.size + 1)
    if (!isOfOne) numbers.set(main, participantId)
    for (const text of texts) owners.set(text, ownersOf(text).add(participantId))
  }
  return [...owners].flatMap(([text, ids]) =>
    ids.size === 1 ? [{ ...parseIdentifier(text), participantId: [...ids][0]! }] : []
  )
}

describe.skipIf(!present)('parties of the corpus', () => {
  it('all have canonical identifiers, each its own spelling, whatever is written', () => {
    for (const { path, invoice } of invoices) {
      for (const party of [invoice.seller, invoice.buyer, ...(invoice.payee ? [invoice.payee] : [])]) {
        for (const text of textsOf(party)) expect(() => parseIdentifier(text), path).not.toThrow()
      }
    }
  })

  it('with the seller’s VAT id left out, are found by any other registered identifier, and never as somebody else', () => {
    const directory = directoryOf(invoices.map(({ invoice }) => invoice.seller))
    const owners = new Map(directory.map((one) => [identifierText(one), one.participantId]))
    const counts = { withVat: 0, withAnother: 0, sharedOnly: 0, found: 0, unknown: 0, contradictory: 0, wrong: 0 }
    for (const { path, invoice } of invoices) {
      const { vat, ...without } = invoice.seller
      const main = mainOf(invoice.seller)
      if (vat === undefined || main === undefined || owners.get(main) === undefined) continue
      counts.withVat++
      const others = textsOf(without).filter((text) => owners.has(text))
      if (others.length > 0) counts.withAnother++
      else if (textsOf(without).length > 0) counts.sharedOnly++
      const verdict = resolveParty(identifiersOf(without), directory)
      if (verdict.kind === 'one') {
        counts.found++
        if (verdict.participantId !== owners.get(main)) counts.wrong++
      } else counts[verdict.kind]++
      if (others.length > 0) expect(verdict.kind, path).toBe('one')
    }
    console.table([counts])
    expect(counts).toMatchObject({ wrong: 0, contradictory: 0, found: counts.withAnother })
    expect(counts.withAnother).toBeGreaterThan(100)
  })
})
