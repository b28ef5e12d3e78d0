/** Normal forms of names and numbers, so that writing them another way does not make another invoice. */

/** Unicode default ignorables: zero-width, soft hyphen, variation selectors, tags; bidi controls are among them. */
const IGNORABLE = /[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}]/gu
const DASH = /[\p{Dash_Punctuation}\u2212\u2043\u02d7]/gu
const NOT_LETTER_OR_DIGIT = /[^\p{Letter}\p{Number}]/gu

/** NFKC, without ignorable characters, every dash "-", upper case without a locale. */
export function normaliseText(text: string): string {
  // Of ASCII all that is left to do.
  if (/^[\x20-\x7e]*$/.test(text)) return text.toUpperCase()
  const plain = text.normalize('NFKC').replace(IGNORABLE, '').replace(DASH, '-')
  // Upper-casing may take a character apart (U+0390), so that it is composed once more.
  return plain.toUpperCase().normalize('NFKC')
}

/** Letters and digits of the normal form. */
export function numberKey(text: string): string {
  const plain = normaliseText(text)
  if (/^[A-Z0-9]*$/.test(plain)) return plain
  return plain.replace(NOT_LETTER_OR_DIGIT, '')
}

/**
 * A document number as part of its identity: ASCII digits only lose their leading zeros, because real exports of
 * one ledger differ by them. Not for Chinese numbers, whose length is fixed.
 */
export function idNumberKey(text: string): string {
  const key = numberKey(text)
  return /^[0-9]+$/.test(key) ? key.replace(/^0+(?=.)/, '') : key
}

/** Look-alikes, after upper-casing: Latin against digits, then Greek and Cyrillic capitals against Latin. */
const LOOKALIKES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '0': 'OQD\u039f\u041e',
    '1': 'IL|\u0399\u0406',
    '2': 'Z\u0396',
    '5': 'S\u0405',
    '6': 'G',
    '8': 'B\u0392\u0412',
    A: '\u0391\u0410',
    C: '\u0421',
    E: '\u0395\u0415',
    H: '\u0397\u041d',
    J: '\u0408',
    K: '\u039a\u041a',
    M: '\u039c\u041c',
    N: '\u039d',
    P: '\u03a1\u0420',
    T: '\u03a4\u0422',
    X: '\u03a7\u0425',
    Y: '\u03a5\u0423'
  }).flatMap(([plain, likes]) => [...likes].map((like) => [like, plain] as const))
)

/** A number as people see it at a glance: look-alikes folded, zeros dropped unless kept. For alarms, never for identity. */
export function skeleton(text: string, zeros: 'drop-zeros' | 'keep-zeros' = 'drop-zeros'): string {
  const folded = [...normaliseText(text)].map((character) => LOOKALIKES.get(character) ?? character)
  const plain = folded.join('').replace(NOT_LETTER_OR_DIGIT, '')
  return zeros === 'drop-zeros' ? plain.replaceAll('0', '') : plain
}
