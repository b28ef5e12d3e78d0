/**
 * Identifiers of a party, each in one canonical spelling, whatever place of the document it stands in and however it is
 * written there. The directory holds the same spellings. A name is no identifier, and neither is a number without scheme or
 * country: it could be anybody's.
 */
import type { Identifier, NormalisedInvoice, Party } from '../documents/invoice.ts'
import { normaliseText, numberKey } from '../fingerprint/normalise.ts'
import { isGln, isLei, isUscc } from './checksums.ts'
import {
  codeOfScheme,
  kindOfScheme,
  nationalRegisters,
  vatPrefixes,
  vatPrefixOfCountry,
  vatPrefixOfScheme
} from './schemes.ts'

/**
 * `VAT` with the country's prefix, `USCC`, `CN-TAX` (older Chinese tax numbers), `TAX` and `LEG` (`country:number`), `GLN`, `DUNS`,
 * `LEI`, `EM` (electronic mail), or the code of another scheme, e.g. `0192`.
 */
export interface CanonicalIdentifier {
  readonly scheme: string
  readonly value: string
}

/** One that a party has, and where: `vat`, `legal`, `ids[0]` … */
export interface PartyIdentifier extends CanonicalIdentifier {
  readonly field: string
}

export type IdentifierFaultCode =
  'USCC_CHECKSUM_WRONG' | 'GLN_CHECKSUM_WRONG' | 'LEI_CHECKSUM_WRONG' | 'IDENTIFIER_MALFORMED'

/** An identifier that can be nobody's. */
export interface IdentifierFault {
  readonly field: string
  readonly code: IdentifierFaultCode
  readonly scheme: string
  readonly presented: string
}

export interface PartyIdentifiers {
  readonly identifiers: readonly PartyIdentifier[]
  readonly faults: readonly IdentifierFault[]
}

type Read = CanonicalIdentifier | Pick<IdentifierFault, 'code' | 'scheme'> | undefined

/** Sweden writes "Godkänd för F-skatt" where a tax number belongs: taking that as one would make all sellers one. */
const TAX_DIGITS_MIN = 4
const LETTERS = /^[A-Z]{2}$/

/** All that a party is identified by, and what of it is wrong. Never throws. */
export function identifiersOf(party: Party): PartyIdentifiers {
  const { vat, uscc, tax, taxCountry, legal, ids, endpoint } = party
  const country = countryOf(party)
  const taxedIn = taxCountry ?? country
  // Colombia repeats the tax number as the registration, with its check digit for a scheme.
  const isTaxAgain = taxCountry !== undefined && numberKey(legal?.v ?? '') === numberKey(tax ?? '')
  const places: [field: string, presented: string | undefined, read: (text: string) => Read][] = [
    ['vat', vat, (text) => vatOf(text, country)],
    ['uscc', uscc, chineseOf],
    ['tax', tax, (text) => taxOf(text, taxedIn)],
    ['legal', legal?.v, (text) => (isTaxAgain ? taxOf(text, taxedIn) : legalOf(legal!, country))],
    ...ids.map((id, index): [string, string, () => Read] => [`ids[${index}]`, id.v, () => schemedOf(id, country)]),
    ['endpoint', endpoint?.v, () => schemedOf(endpoint!, country)]
  ]
  const identifiers: PartyIdentifier[] = []
  const faults: IdentifierFault[] = []
  for (const [field, presented, read] of places) {
    if (presented === undefined || numberKey(presented) === '') continue
    const found = read(presented)
    if (found && 'code' in found) faults.push({ field, presented, ...found })
    else if (found) identifiers.push({ field, ...found })
  }
  return { identifiers, faults }
}

/** The invoice whose parties say themselves which country gave their tax numbers, where its format says it. */
export function withTaxCountries(invoice: NormalisedInvoice): NormalisedInvoice {
  const { seller, buyer, taxedIn } = invoice
  const placed = (party: Party, taxCountry: string | undefined): Party =>
    taxCountry === undefined || party.tax === undefined ? party : { ...party, taxCountry }
  return taxedIn ? { ...invoice, seller: placed(seller, taxedIn.seller), buyer: placed(buyer, taxedIn.buyer) } : invoice
}

export function identifierText({ scheme, value }: CanonicalIdentifier): string {
  return `${scheme}:${value}`
}

/** Reads `SCHEME:value` of a directory. Throws `RangeError` on one that no document could match: not canonical, or checked wrong. */
export function parseIdentifier(text: string): CanonicalIdentifier {
  const at = text.indexOf(':')
  const identifier = { scheme: text.slice(0, at), value: text.slice(at + 1) }
  const again = at < 1 ? undefined : reread(identifier)
  if (again && 'value' in again && identifierText(again) === text) return identifier
  throw new RangeError(`${text} is not the canonical spelling of an identifier`)
}

/** As if a document had it. */
function reread({ scheme, value }: CanonicalIdentifier): Read {
  if (scheme !== 'TAX' && scheme !== 'LEG') return schemedOf({ scheme, v: value }, undefined)
  const [country = '', number = ''] = value.split(':')
  if (!LETTERS.test(country)) return undefined
  return scheme === 'TAX' ? taxOf(number, country) : legalOf({ v: number }, country)
}

/**
 * Of which a firm has one at most: its USCC, its LEI, its VAT id of one country. Undefined for the others: a firm may have several
 * GLNs or tax numbers.
 */
export function singleKindOf({ scheme, value }: CanonicalIdentifier): string | undefined {
  if (scheme === 'USCC' || scheme === 'LEI') return scheme
  return scheme === 'VAT' ? `VAT:${value.slice(0, 2)}` : undefined
}

function countryOf({ country }: Party): string | undefined {
  const letters = normaliseText(country ?? '').trim()
  return LETTERS.test(letters) ? letters : undefined
}

/** `DE 123456789` and `123456789` of a German seller are one id, as `123456789MVA` and `NO 123456789`. */
function vatOf(text: string, country: string | undefined, prefix?: string): Read {
  const key = numberKey(text)
  const first = key.slice(0, 2)
  const own = prefix ?? (country && (vatPrefixOfCountry[country] ?? country))
  const isPrefixed = LETTERS.test(first) && (vatPrefixes.has(first) || first === own || first === country)
  if (!isPrefixed && own === undefined) return undefined
  const head = isPrefixed ? (vatPrefixOfCountry[first] ?? first) : own!
  const body = isPrefixed ? key.slice(2) : key
  if (!/[0-9]/.test(body)) return undefined
  if (head === 'CN') return chineseOf(body)
  return { scheme: 'VAT', value: head + nationalVatOf(head, body) }
}

function nationalVatOf(prefix: string, body: string): string {
  if (prefix === 'NO' && /^[0-9]{9}$/.test(body)) return `${body}MVA`
  // Numbers of nine digits got a zero in front in 2008.
  if (prefix === 'BE' && /^[0-9]{9}$/.test(body)) return `0${body}`
  return prefix === 'CH' ? body.replace(/^(E?[0-9]{9})(MWST|TVA|IVA)$/, '$1') : body
}

/** USCC of 18 characters, or a tax number of before 2015. */
function chineseOf(text: string): Read {
  const value = numberKey(text).replace(/^CN(?=[0-9A-Z]{18}$)/, '')
  if (value.length === 18) return isUscc(value) ? { scheme: 'USCC', value } : wrong('USCC_CHECKSUM_WRONG', 'USCC')
  if (/^[0-9A-Z]+$/.test(value) && [15, 17, 20].includes(value.length)) return { scheme: 'CN-TAX', value }
  return wrong('IDENTIFIER_MALFORMED', 'USCC')
}

function taxOf(text: string, country: string | undefined): Read {
  const key = numberKey(text)
  if (country === undefined || (key.match(/[0-9]/g) ?? []).length < TAX_DIGITS_MIN) return undefined
  if (country === 'CN') return chineseOf(key)
  return { scheme: 'TAX', value: `${country}:${withoutCountry(key, country)}` }
}

function legalOf(legal: Identifier, country: string | undefined): Read {
  if (legal.scheme) return schemedOf(legal, country)
  const key = numberKey(legal.v)
  if (country === undefined || !/[0-9]/.test(key)) return undefined
  if (country === 'CN' && key.length === 18) return chineseOf(key)
  const number = withoutCountry(key, country)
  const register = nationalRegisters[country]?.find(([form]) => form.test(number))
  return register ? { scheme: register[1], value: number } : { scheme: 'LEG', value: `${country}:${number}` }
}

function schemedOf({ scheme: written = '', v }: Identifier, country: string | undefined): Read {
  const name = normaliseText(written).trim()
  const code = lookUp(codeOfScheme, name) ?? name
  const key = numberKey(v)
  if (code === '') return undefined
  const kind = lookUp(kindOfScheme, code)
  if (kind) return checkedOf(kind, key)
  const prefix = lookUp(vatPrefixOfScheme, code) ?? /^([A-Z]{2}):VAT$/.exec(code)?.[1]
  if (prefix !== undefined) return vatOf(v, country, vatPrefixOfCountry[prefix] ?? prefix)
  if (code === 'VAT') return vatOf(v, country)
  if (code === 'USCC' || code === 'CN-TAX') return chineseOf(v)
  if (code === '0210') return taxOf(v, 'IT')
  if (code === 'EM') return v.includes('@') ? { scheme: code, value: normaliseText(v).trim() } : undefined
  if (!/[0-9]/.test(key)) return undefined
  const home = Object.keys(nationalRegisters).find((one) => nationalRegisters[one]!.some(([, own]) => own === code))
  // A colon ends the scheme of a canonical spelling.
  return { scheme: code.replaceAll(':', '-'), value: home ? withoutCountry(key, home) : key }
}

function checkedOf(kind: 'GLN' | 'DUNS' | 'LEI', value: string): Read {
  switch (kind) {
    case 'GLN':
      if (!/^[0-9]{13}$/.test(value)) return wrong('IDENTIFIER_MALFORMED', kind)
      return isGln(value) ? { scheme: kind, value } : wrong('GLN_CHECKSUM_WRONG', kind)
    case 'DUNS':
      return /^[0-9]{9}$/.test(value) ? { scheme: kind, value } : wrong('IDENTIFIER_MALFORMED', kind)
    case 'LEI':
      if (!/^[0-9A-Z]{20}$/.test(value)) return wrong('IDENTIFIER_MALFORMED', kind)
      return isLei(value) ? { scheme: kind, value } : wrong('LEI_CHECKSUM_WRONG', kind)
  }
}

function withoutCountry(key: string, country: string): string {
  return key.startsWith(country) && /^[0-9]/.test(key.slice(2)) ? key.slice(2) : key
}

function lookUp<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}

function wrong(code: IdentifierFaultCode, scheme: string): Pick<IdentifierFault, 'code' | 'scheme'> {
  return { code, scheme }
}
