import { readFileSync } from 'node:fs'

const shipped = readFileSync(new URL('../../scripts/demo/invoices/alder-finch.ubl.xml', import.meta.url), 'utf8')

/** The shipped invoice of another seller, with a number, day, order and amount of its own: alike, they would ring alarms. */
export function invoiceOf(vat: string, i: number): Uint8Array<ArrayBuffer> {
  const issued = new Date(Date.UTC(2026, 0, 1 + (i % 300))).toISOString().slice(0, 10)
  const text = shipped
    .replace('AF-2026-0481', `${vat}-${(i * 7919) % 1_000_003}`)
    .replace('2026-11-02', issued)
    .replace('PO-77120', `PO-${vat}`)
    .replaceAll('100000.00', `${1_000 + i * 13}.${String(i % 100).padStart(2, '0')}`)
    .replace('DE900551209', vat)
  return new TextEncoder().encode(text)
}
