/** The least that anybody can do with the bytes: the library's parser over them, with nothing kept. */
import { unzipSync } from 'fflate'
import { SaxesParser } from 'saxes'
import { embeddedInvoicesOf } from '../../domain/documents/pdf.ts'

const NOTHING = (): void => undefined

/** With the events that any reader needs, since saxes skips work that nobody listens to. */
function parseXml(bytes: Uint8Array): void {
  const parser = new SaxesParser({ xmlns: true, position: false })
  for (const event of ['opentag', 'closetag', 'text', 'cdata'] as const) parser.on(event, NOTHING)
  parser.write(new TextDecoder().decode(bytes).replace(/^\ufeff/, '')).close()
}

/** Finding the attachment is the work itself: the floor is that and the bare parse of what was found. */
function parsePdf(bytes: Uint8Array): void {
  for (const embedded of embeddedInvoicesOf(bytes)) parseXml(embedded)
}

/** Inflates what the reader needs and parses it. */
function parseOfd(bytes: Uint8Array): void {
  const wanted = /^OFD\.xml$|Document\.xml$|Attachments\.xml$|original_invoice\.xml$/
  for (const content of Object.values(unzipSync(bytes, { filter: ({ name }) => wanted.test(name) }))) parseXml(content)
}

/** Text formats: decoded and cut into lines or segments. */
function splitText(bytes: Uint8Array): void {
  new TextDecoder('latin1').decode(bytes).split(/\r\n|\n|'/)
}

export const TEXT_FORMATS = ['MT940', 'EDIFACT', 'CN-VAT-QR']

export function floorOf(format: string): (bytes: Uint8Array) => void {
  if (format === 'PDF') return parsePdf
  if (format === 'CN-OFD') return parseOfd
  return TEXT_FORMATS.includes(format) ? splitText : parseXml
}
