import { existsSync, readFileSync } from 'node:fs'
import type { NormalisedInvoice } from '../../../domain/documents/invoice.ts'
import { readInvoices } from '../../../domain/documents/read.ts'
import { DocumentRefused } from '../../../domain/documents/refusal.ts'
import { identityOf } from '../../../domain/fingerprint/identity.ts'

const folder = new URL('../../../../shared/data/', import.meta.url)

export const isCorpusThere = existsSync(new URL('INDEX.json', folder))

/** Real invoices that give their seller a claim, one of each identity. Empty when the corpus is not beside the project. */
export function distinctInvoices(): NormalisedInvoice[] {
  if (!isCorpusThere) return []
  const { files } = JSON.parse(readFileSync(new URL('INDEX.json', folder), 'utf8')) as {
    files: { path: string; kind: string }[]
  }
  const found = new Map<string, NormalisedInvoice>()
  for (const { path } of files.filter(({ kind }) => kind === 'invoice')) {
    for (const [key, invoice] of readable(new URL(path, folder))) {
      if (!found.has(key)) found.set(key, invoice)
    }
  }
  return [...found.values()]
}

function readable(url: URL): [string, NormalisedInvoice][] {
  try {
    return readInvoices(readFileSync(url))
      .filter((invoice) => invoice.class === 'R' && (invoice.gross ?? invoice.payable) > 0n)
      .map((invoice) => [identityOf(invoice).join('\n'), invoice])
  } catch (error) {
    if (error instanceof DocumentRefused) return []
    throw error
  }
}
