/** Textual encodings (RFC 7468). */
import { base64Of, bytesOfBase64 } from '#encoding'
import { CryptoError } from './errors.ts'

export interface PemBlock {
  readonly label: string
  readonly der: Uint8Array
}

export function toPem(label: string, der: Uint8Array): string {
  const lines = base64Of(der).match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

/**
 * All blocks of a text, in order; what stands between them is skipped, as RFC 7468 §5.2 allows.
 * @throws CryptoError KEY_MALFORMED when a block is not closed or not base64
 */
export function fromPem(text: string): PemBlock[] {
  const blocks: PemBlock[] = []
  const pattern = /-----BEGIN ([A-Z0-9 ]{1,40})-----\r?\n([A-Za-z0-9+/=\s]*?)-----END \1-----/g
  for (const [, label, body] of text.matchAll(pattern)) {
    const base64 = body!.replace(/\s/g, '')
    if (base64.length % 4 !== 0) throw new CryptoError('KEY_MALFORMED', `the block ${label} is not base64`)
    blocks.push({ label: label!, der: bytesOfBase64(base64) })
  }
  if (blocks.length !== (text.match(/-----BEGIN /g)?.length ?? 0)) {
    throw new CryptoError('KEY_MALFORMED', 'a block is not closed or has headers')
  }
  return blocks
}
