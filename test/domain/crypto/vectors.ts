/** Where the standards' vectors are, and how the files of OpenSSL's lineage are read. They are never committed here. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fromHex, utf8 } from '../../../domain/crypto/bytes.ts'
import { fromPem } from '../../../domain/crypto/pem.ts'

const folder = join(import.meta.dirname, '../../../../shared/data/vectors')
/** Tests of vectors are skipped where the folder is missing. */
export const hasVectors = existsSync(join(folder, 'guomi'))
export const readText = (file: string): string => readFileSync(join(folder, file), 'utf8')
export const readJson = (file: string) => JSON.parse(readText(file))
export const certificatesOf = (file: string): Uint8Array[] =>
  fromPem(readText(`tongsuo/${file}`)).flatMap(({ label, der }) => (label === 'CERTIFICATE' ? [der] : []))

/** `key = value` blocks, separated by empty lines. */
export function stanzas(file: string): Record<string, string>[] {
  return readText(file)
    .replace(/^#.*\n/gm, '')
    .split(/\n\s*\n/)
    .map((block) =>
      Object.fromEntries([...block.matchAll(/^(\w+)\s*=\s*(.*)$/gm)].map(([, name, value]) => [name, value]))
    )
    .filter((stanza) => Object.keys(stanza).length > 1)
}

/** A value is quoted text or hex. */
export function valueOf(text: string): Uint8Array {
  const value = text.trim()
  return value.startsWith('"') ? utf8(value.slice(1, -1)) : fromHex(value)
}

/** The key and points of GB/T 32918.5-2017 A.2, for tests that need no file. */
export const standardKey = fromHex('3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8')

export function codeOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    return (error as { code?: string }).code ?? `without a code: ${String(error)}`
  }
  return 'not refused'
}

export async function codeOfAsync(act: () => Promise<unknown>): Promise<string> {
  try {
    await act()
  } catch (error) {
    return (error as { code?: string }).code ?? `without a code: ${String(error)}`
  }
  return 'not refused'
}
