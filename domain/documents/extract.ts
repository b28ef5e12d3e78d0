/**
 * One invoice of a file that holds several, as a file of its own: the header and its row, or the header and its body. So that who may
 * read one of them reads nothing of the others. An extract is read as the file it is from: the same invoice, in another place.
 */
import { SaxesParser } from 'saxes'
import type { LedgerRow } from './ledger.ts'
import type { LedgerMapping } from './ledger-mapping.ts'
import { decodeXml } from './text.ts'

const UTF8 = new TextEncoder()

/** CSV in UTF-8 of the ledger's header and one row, with its delimiter. */
export function ledgerExtract({
  header,
  cells,
  delimiter
}: Pick<LedgerRow, 'header' | 'cells' | 'delimiter'>): Uint8Array {
  const lines = header.length === 0 ? [cells] : [header, cells]
  return UTF8.encode(lines.map((line) => `${line.map((cell) => quoted(cell, delimiter)).join(delimiter)}\r\n`).join(''))
}

/** The mapping by which the extract of a ledger is read. */
export function extractMapping(mapping: LedgerMapping): LedgerMapping {
  return { ...mapping, encoding: 'utf-8', headerRow: Math.min(mapping.headerRow ?? 1, 1) }
}

function quoted(cell: string, delimiter: string): string {
  return /["\r\n]/.test(cell) || cell.includes(delimiter) ? `"${cell.replaceAll('"', '""')}"` : cell
}

/** Children of the root, as they stand in the text. */
interface Child {
  readonly name: string
  readonly start: number
  readonly end: number
}

/**
 * The file with each of its bodies alone, one after another: root and header as they stand, in UTF-8. A signature of the whole is left out, as it is none of
 * a part. `bytes` are well-formed and within the limits, which {@link parseXml} tells.
 */
export function* fatturaPaExtracts(bytes: Uint8Array): Generator<Uint8Array> {
  const text = decodeXml(bytes)
  const { opening, name, children } = partsOf(text)
  const textOf = ({ start, end }: Child): string => text.slice(start, end)
  const head = children
    .filter((child) => child.name === 'FatturaElettronicaHeader')
    .map(textOf)
    .join('\n')
  for (const child of children) {
    if (child.name !== 'FatturaElettronicaBody') continue
    yield UTF8.encode(`<?xml version="1.0" encoding="UTF-8"?>\n${opening}\n${head}\n${textOf(child)}\n</${name}>\n`)
  }
}

function partsOf(text: string): { opening: string; name: string; children: Child[] } {
  const parser = new SaxesParser({ xmlns: true, position: true })
  const children: Child[] = []
  let [opening, name, start, depth] = ['', '', 0, 0]
  parser.on('opentag', (tag) => {
    // A value has no `<`, so that the tag begins at the last one.
    const at = text.lastIndexOf('<', parser.position - 1)
    if (depth === 0) [opening, name] = [text.slice(at, parser.position), tag.name]
    if (depth === 1) start = at
    depth += 1
  })
  parser.on('closetag', (tag) => {
    depth -= 1
    if (depth === 1) children.push({ name: tag.local, start, end: parser.position })
  })
  parser.write(text).close()
  return { opening, name, children }
}
