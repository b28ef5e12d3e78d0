/**
 * The reference that a payment carries from the debtor's order to the payee's statement (ISO 20022 EndToEndId, 35 characters):
 * `TS`, 32 characters of the digest of what is paid, and one check character. Whoever knows note, end and payee computes it, so
 * it leads back to the note; the same debt to the same payee has the same reference in every run, so a second payment shows.
 */
import { fromHex, utf8 } from '../crypto/bytes.ts'
import { sha256 } from '../crypto/hash.ts'

/** RFC 4648 base32: letters and digits only, which every bank passes on, in any case of letters. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const FORM = /^TS[A-Z2-7]{33}$/

/** @param noteEnd End of the note's span: what is left after a part was settled is another debt with a reference of its own. */
export function endToEndIdOf(noteId: string, noteEnd: bigint, payee: number): string {
  const digest = sha256(utf8('tallystick payment\n'), fromHex(noteId.slice(2)), utf8(`\n${noteEnd}\n${payee}`))
  let bits = 0n
  for (const byte of digest.subarray(0, 20)) bits = (bits << 8n) | BigInt(byte)
  let text = ''
  for (let at = 155n; at >= 0n; at -= 5n) text += ALPHABET[Number((bits >> at) & 31n)]
  return `TS${text}${checkOf(text)}`
}

/** The reference as computed, if a bank's text is one: blanks and small letters do no harm. */
export function readEndToEndId(written: string | undefined): string | undefined {
  const text = (written ?? '').replace(/\s/g, '').toUpperCase()
  return FORM.test(text) && checkOf(text.slice(2, -1)) === text.at(-1) ? text : undefined
}

/** Every reference in a text for people, where banks put what they have no field for. */
export function endToEndIdsIn(text: string): string[] {
  const found = text.toUpperCase().matchAll(/TS[A-Z2-7]{33}/g)
  return [...found].flatMap(([one]) => readEndToEndId(one) ?? [])
}

/** Five bits of a digest: 31 of 32 mistyped references are told at once, and the others lead to no note. */
function checkOf(text: string): string {
  return ALPHABET[sha256(utf8(text))[0]! & 31]!
}
