import { describe, expect, it } from 'vitest'
import type { Party } from '../../../domain/documents/invoice.ts'
import { readDocument } from '../../../domain/documents/read.ts'
import { writeFatturaPa } from '../../../domain/documents/samples/fatturapa.ts'
import type { SampleInvoice } from '../../../domain/documents/samples/model.ts'
import { writeUbl } from '../../../domain/documents/samples/ubl.ts'
import { isGln, isLei, isUscc } from '../../../domain/participant/checksums.ts'
import {
  identifiersOf,
  identifierText,
  parseIdentifier,
  withTaxCountries
} from '../../../domain/participant/identifiers.ts'
import { cast, operator } from '../../../scripts/world/cast.ts'

const textsOf = (party: Partial<Party>) => identifiersOf({ ids: [], ...party }).identifiers.map(identifierText)
const faultsOf = (party: Partial<Party>) =>
  identifiersOf({ ids: [], ...party }).faults.map(({ field, code }) => `${field} ${code}`)

describe('an identifier has one spelling', () => {
  it.each<[Partial<Party>, string]>([
    [{ vat: 'DE 123456789', country: 'DE' }, 'VAT:DE123456789'],
    [{ vat: '123456789', country: 'de' }, 'VAT:DE123456789'],
    [{ vat: 'NL8200.98.395.B.01' }, 'VAT:NL820098395B01'],
    [{ vat: '123456789MVA', country: 'NO' }, 'VAT:NO123456789MVA'],
    [{ vat: 'NO 123 456 789', country: 'NO' }, 'VAT:NO123456789MVA'],
    [{ vat: 'GR061828591', country: 'GR' }, 'VAT:EL061828591'],
    [{ vat: '061828591', country: 'GR' }, 'VAT:EL061828591'],
    [{ vat: 'BE 428.759.497', country: 'BE' }, 'VAT:BE0428759497'],
    [{ vat: 'CHE-123.456.788 MWST', country: 'CH' }, 'VAT:CHE123456788'],
    [{ vat: 'FR90343434346', country: 'RE' }, 'VAT:FR90343434346'],
    [{ vat: 'A12345674', country: 'ES' }, 'VAT:ESA12345674'],
    [{ vat: 'ATU123456789', country: 'DE' }, 'VAT:ATU123456789'],
    [{ endpoint: { scheme: '9930', v: 'DE900551209' } }, 'VAT:DE900551209'],
    [{ endpoint: { scheme: '9930', v: '900551209' } }, 'VAT:DE900551209'],
    [{ endpoint: { scheme: '9933', v: '061828591' } }, 'VAT:EL061828591'],
    [{ endpoint: { scheme: 'NO:VAT', v: '987654321' } }, 'VAT:NO987654321MVA'],
    [{ endpoint: { scheme: '0211', v: 'IT90077120482' } }, 'VAT:IT90077120482'],
    [{ uscc: '91350100m000100y43' }, 'USCC:91350100M000100Y43'],
    [{ uscc: '９１３５０１００Ｍ０００１００Ｙ４３' }, 'USCC:91350100M000100Y43'],
    [{ vat: 'CN91350100M000100Y43', country: 'CN' }, 'USCC:91350100M000100Y43'],
    [{ tax: '91350100M000100Y43', country: 'CN' }, 'USCC:91350100M000100Y43'],
    [{ legal: { v: '91350100-M000100Y43' }, country: 'CN' }, 'USCC:91350100M000100Y43'],
    [{ uscc: '911101012020012' }, 'CN-TAX:911101012020012'],
    [{ uscc: '91110101202001201' }, 'CN-TAX:91110101202001201'],
    [{ tax: '201/113/40209', country: 'DE' }, 'TAX:DE:20111340209'],
    [{ tax: 'NL16356706', country: 'NL' }, 'TAX:NL:16356706'],
    [{ tax: '09876543210', taxCountry: 'IT', country: 'DE' }, 'TAX:IT:09876543210'],
    [{ tax: '800197268', taxCountry: 'CO' }, 'TAX:CO:800197268'],
    [{ endpoint: { scheme: 'IT:CF', v: '09876543210' } }, 'TAX:IT:09876543210'],
    [{ ids: [{ scheme: '0088', v: '7300010000001' }] }, 'GLN:7300010000001'],
    [{ endpoint: { scheme: '0088', v: '7300010000001' } }, 'GLN:7300010000001'],
    [{ legal: { scheme: 'GLN', v: '73 00010 00000 1' } }, 'GLN:7300010000001'],
    [{ ids: [{ scheme: '0060', v: '12-345-6789' }] }, 'DUNS:123456789'],
    [{ ids: [{ scheme: '0199', v: '5493 001K JTII GC8Y 1R12' }] }, 'LEI:5493001KJTIIGC8Y1R12'],
    [{ legal: { v: '987654321' }, country: 'NO' }, '0192:987654321'],
    [{ legal: { scheme: '0192', v: 'NO 987654321' } }, '0192:987654321'],
    [{ endpoint: { scheme: '9908', v: '987654321' } }, '0192:987654321'],
    [{ legal: { v: 'HRB 123' }, country: 'DE' }, 'LEG:DE:HRB123'],
    [{ ids: [{ scheme: 'PE-6', v: '20000000001' }] }, 'PE-6:20000000001'],
    [{ endpoint: { scheme: 'EM', v: 'Seller@email.de' } }, 'EM:SELLER@EMAIL.DE']
  ])('%j is %s, and its own spelling', (party, text) => {
    expect(textsOf(party)).toEqual([text])
    expect(identifierText(parseIdentifier(text))).toBe(text)
  })

  it.each<Partial<Party>>([
    { name: 'Alder & Finch Castings GmbH', trading: 'AFC' },
    { tax: 'Godkänd för F-skatt', country: 'SE' },
    { tax: '20111340209' },
    { vat: '123456789' },
    { vat: 'DEXXXXXXXXX', country: 'DE' },
    { legal: { v: 'HRB 123' } },
    { legal: { v: '[HRA-Eintrag]' }, country: 'DE' },
    { ids: [{ v: '549910' }], country: 'DE' },
    { endpoint: { v: 'seller@email.de' } },
    { ids: [{ scheme: '0100', v: 'Seller identifier' }] },
    { vat: '   ', uscc: '', legal: { v: '-', scheme: '0007' } }
  ])('none is in %j', (party) => {
    expect(identifiersOf({ ids: [], ...party })).toEqual({ identifiers: [], faults: [] })
  })

  it.each<[Partial<Party>, string]>([
    [{ uscc: '91350100M000100Y4Z' }, 'uscc USCC_CHECKSUM_WRONG'],
    [{ uscc: '91350100M000100Y34' }, 'uscc USCC_CHECKSUM_WRONG'],
    [{ uscc: '123' }, 'uscc IDENTIFIER_MALFORMED'],
    [{ legal: { v: '91350100M000100Y44' }, country: 'CN' }, 'legal USCC_CHECKSUM_WRONG'],
    [{ ids: [{ v: 'A1' }, { scheme: '0088', v: '7300010000002' }] }, 'ids[1] GLN_CHECKSUM_WRONG'],
    [{ endpoint: { scheme: '0088', v: '730001000000' } }, 'endpoint IDENTIFIER_MALFORMED'],
    [{ ids: [{ scheme: '0199', v: '5493001KJTIIGC8Y1R13' }] }, 'ids[0] LEI_CHECKSUM_WRONG'],
    [{ ids: [{ scheme: '0060', v: 'DUNS1235487' }] }, 'ids[0] IDENTIFIER_MALFORMED']
  ])('%j names nobody and is reported', (party, fault) => {
    expect(faultsOf(party)).toEqual([fault])
    expect(textsOf(party)).toEqual([])
  })

  it.each([
    'VAT:900551209',
    'VAT:GR061828591',
    'USCC:91350100M000100Y44',
    'GLN:1',
    '0088:7300010000001',
    'LEG:NO:987654321',
    'TAX:DE:1',
    'DE900551209',
    ':1',
    'EM:a@b.example'
  ])('a directory does not take %s', (text) => {
    expect(() => parseIdentifier(text)).toThrow(RangeError)
  })
})

describe('check characters', () => {
  it('of a USCC are those of GB 32100', () => {
    expect(isUscc('91350100M000100Y43')).toBe(true)
    expect(isUscc('91350100M000100Y4Z')).toBe(false)
  })

  it.each([
    ['USCC', '91350100M000100Y43', isUscc, '0123456789ABCDEFGHJKLMNPQRTUWXY'],
    ['GLN', '7300010000001', isGln, '0123456789'],
    ['LEI', '5493001KJTIIGC8Y1R12', isLei, '0123456789']
  ] as const)('of a %s change with any one character', (_kind, right, check, alphabet) => {
    expect(check(right)).toBe(true)
    for (let at = 0; at < right.length; at++) {
      for (const other of alphabet) {
        // A letter counts as two digits, so that one for the other is caught in 96 of 97 cases only.
        const isAlike = check !== isLei || /[0-9]/.test(right[at]!)
        if (other !== right[at] && isAlike) expect(check(right.slice(0, at) + other + right.slice(at + 1))).toBe(false)
      }
    }
  })
})

describe('the cast', () => {
  const all = cast.flatMap(({ identifiers }) => identifiers)

  it('has several identifiers each, canonical, checked and nobody else’s', () => {
    for (const text of [...all, operator.organizationIdentifier]) expect(() => parseIdentifier(text)).not.toThrow()
    expect(new Set(all).size).toBe(all.length)
    for (const { slug, identifiers } of cast) expect(identifiers.length, slug).toBeGreaterThanOrEqual(3)
  })
})

describe('a tax number without an address', () => {
  const sellerTexts = (bytes: Uint8Array) =>
    identifiersOf(withTaxCountries(readDocument(bytes)).seller).identifiers.map(identifierText)

  it('of a FatturaPA is Italian', () => {
    const seller = { ids: [], vat: 'IT90077120482', tax: '90077120482', name: 'Tormel Stampaggi S.r.l.' }
    const invoice = { ...sample, seller }
    expect(sellerTexts(writeFatturaPa(invoice))).toEqual(['VAT:IT90077120482', 'TAX:IT:90077120482'])
    const abroad = { ...seller, vat: 'DE900551209' }
    expect(sellerTexts(writeFatturaPa({ ...invoice, seller: abroad }))).toEqual([
      'VAT:DE900551209',
      'TAX:IT:90077120482'
    ])
  })

  it('of a Colombian invoice is a NIT, and its registration the same, whatever its check digit says as a scheme', () => {
    const id = (digit: string) =>
      `<cbc:CompanyID schemeAgencyID="195" schemeID="${digit}" schemeName="31">800197268</cbc:CompanyID>`
    const party = `<cac:PartyTaxScheme>${id('4')}<cac:TaxScheme><cbc:ID>01</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
      <cac:PartyLegalEntity>${id('9')}</cac:PartyLegalEntity>`
    const text = new TextDecoder().decode(writeUbl(sample))
    const parties = text.split(/<cac:Party>.*?<\/cac:Party>/s)
    expect(parties).toHaveLength(3)
    const bytes = new TextEncoder().encode(parties.join(`<cac:Party>${party}</cac:Party>`))
    expect(sellerTexts(bytes)).toEqual(['TAX:CO:800197268', 'TAX:CO:800197268'])
  })
})

const sample: SampleInvoice = {
  class: 'R',
  number: 'T-1',
  issueDate: '2026-03-05',
  currency: 'EUR',
  gross: 122_000n,
  tax: 22_000n,
  seller: { ids: [], vat: 'IT90077120482', name: 'Tormel' },
  buyer: { ids: [], vat: 'DE900417723', name: 'Meridian' },
  item: 'Bolts'
}
