/** Bytes to text, strictly: one wrong byte refuses the document instead of becoming U+FFFD. */
import { DocumentRefused } from './refusal.ts'

const UTF8 = new Set(['utf-8', 'utf8', 'us-ascii'])
const LATIN1 = new Set(['iso-8859-1', 'iso_8859-1', 'latin1', 'latin-1'])

/**
 * Text of an XML document in UTF-8, with or without a byte order mark, or in declared ISO 8859-1.
 * UTF-16 is refused: what is hidden in it from a byte search is not worth the few senders who use it.
 */
export function decodeXml(bytes: Uint8Array): string {
  if (looksLikeUtf16(bytes)) {
    throw new DocumentRefused('ENCODING_REFUSED', { presented: 'UTF-16', required: 'UTF-8 or ISO-8859-1' })
  }
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  const declared = declaredEncoding(marked ? bytes.subarray(3) : bytes)
  if (declared === undefined || UTF8.has(declared)) return decodeUtf8(marked ? bytes.subarray(3) : bytes)
  if (LATIN1.has(declared) && !marked) return decodeLatin1(bytes)
  throw new DocumentRefused('ENCODING_REFUSED', { presented: declared, required: 'UTF-8 or ISO-8859-1' })
}

/** A byte order mark, or a zero byte among the first four: XML 1.0 appendix F. */
function looksLikeUtf16(bytes: Uint8Array): boolean {
  const [first, second] = bytes
  if ((first === 0xfe && second === 0xff) || (first === 0xff && second === 0xfe)) return true
  return bytes.subarray(0, 4).includes(0)
}

function declaredEncoding(bytes: Uint8Array): string | undefined {
  // A declaration must be the first thing in the file; most files of small senders have none.
  if (bytes[0] !== 0x3c || bytes[1] !== 0x3f) return undefined
  const head = decodeLatin1(bytes.subarray(0, 256))
  return /^<\?xml\s[^>]*?encoding\s*=\s*["']([^"']*)["']/.exec(head)?.[1]?.toLowerCase()
}

const STRICT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return STRICT.decode(bytes)
  } catch {
    throw new DocumentRefused('ENCODING_INVALID', { required: 'UTF-8' })
  }
}

/** Text of a file in a known encoding, without its byte order mark. Throws ENCODING_REFUSED for UTF-16, ENCODING_INVALID. */
export function decodeText(bytes: Uint8Array, encoding: 'utf-8' | 'latin-1' | 'gb18030'): string {
  if (looksLikeUtf16(bytes)) throw new DocumentRefused('ENCODING_REFUSED', { presented: 'UTF-16', required: encoding })
  if (encoding === 'latin-1') return decodeLatin1(bytes)
  if (encoding === 'utf-8') return decodeUtf8(bytes).replace(/^\ufeff/, '')
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    throw new DocumentRefused('ENCODING_INVALID', { required: encoding })
  }
}

/** ISO 8859-1 is the first 256 code points; `TextDecoder` would read windows-1252 instead (WHATWG Encoding §4.2). */
export function decodeLatin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}
