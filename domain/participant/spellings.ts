/** Which registered identifiers a person may mean by what it typed: a number as it stands on paper, with or without its scheme. */
import { numberKey } from '../fingerprint/normalise.ts'
import { identifiersOf, identifierText, type CanonicalIdentifier } from './identifiers.ts'

/** ISO 6523 codes of GLN, DUNS and LEI, which are told by their form and check digits alone. */
const PLAIN_SCHEMES = ['0088', '0060', '0199']

/**
 * Canonical spellings that the text could be one of: `DE 900 417 723`, `VAT:DE900417723`, `9930:900417723`, a USCC, a GLN with blanks, a
 * tax or register number of a country (`DE:HRB 900417`). Wrong check digits give none.
 */
export function identifierGuesses(text: string): CanonicalIdentifier[] {
  const at = text.lastIndexOf(':')
  const scheme = at > 0 ? text.slice(0, at).trim() : undefined
  const number = at > 0 ? text.slice(at + 1) : text
  const country = scheme?.match(/(?:^|:)([A-Za-z]{2})$/)?.[1]?.toUpperCase()
  const ids = (schemes: readonly string[]) => schemes.map((one) => ({ scheme: one, v: number }))
  const guesses = [
    identifiersOf({ vat: text, uscc: text, ids: ids(PLAIN_SCHEMES) }),
    ...(scheme === undefined ? [] : [identifiersOf({ ids: ids([scheme]) })]),
    ...(country === undefined
      ? []
      : [identifiersOf({ country, vat: number, tax: number, legal: { v: number }, ids: [] })])
  ].flatMap(({ identifiers }) => identifiers)
  const email = text.includes('@') ? identifiersOf({ ids: [{ scheme: 'EM', v: text }] }).identifiers : []
  const found = new Map(
    [...guesses, ...email].map(({ scheme: s, value }) => [identifierText({ scheme: s, value }), { scheme: s, value }])
  )
  return [...found.values()]
}

/** The text as the number of an identifier whose scheme nobody named; undefined for what has no digit or is too short to mean one. */
export function bareNumber(text: string): string | undefined {
  const key = numberKey(text)
  return /[0-9]/.test(key) && key.length >= 5 ? key : undefined
}
