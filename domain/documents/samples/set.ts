/** A coherent set of documents of invented firms: the same few invoices in every format that is read. */
import { writeCii } from './cii.ts'
import { writeEdifact } from './edifact.ts'
import { writeEInvoice, writeEipInvoice } from './einvoice.ts'
import { writeFacturX } from './factur-x.ts'
import { writeFatturaPa } from './fatturapa.ts'
import { writeChineseLedger, writeLedger } from './ledger.ts'
import type { SampleInvoice } from './model.ts'
import { writeOfdAttached, writeOfdTagged } from './ofd.ts'
import { writeCamt053, writeCamt054, writeMt940, type SampleStatement } from './statement.ts'
import { writeUbl } from './ubl.ts'
import { writeVatQr } from './vat-qr.ts'

export const euroInvoice: SampleInvoice = {
  class: 'R',
  number: 'LM-2026/0017',
  issueDate: '2026-03-05',
  dueDate: '2026-06-03',
  currency: 'EUR',
  gross: 119000n,
  tax: 19000n,
  seller: { vat: 'DE811907980', name: 'Lindenmoor Feinguss GmbH', country: 'DE', ids: [] },
  buyer: { vat: 'DE811907999', name: 'Hafenkran Werke AG', country: 'DE', ids: [] },
  order: 'PO-4711',
  item: 'Castings, 12 pieces'
}

/** Credits a part of the first. */
export const euroCredit: SampleInvoice = {
  ...euroInvoice,
  class: 'C',
  number: 'LM-2026/0021',
  issueDate: '2026-03-20',
  gross: 11900n,
  tax: 1900n,
  preceding: euroInvoice.number,
  item: 'One casting returned'
}

/** Freight that the first left out. */
export const euroDebit: SampleInvoice = {
  ...euroInvoice,
  number: 'LM-2026/0023',
  issueDate: '2026-03-23',
  gross: 5950n,
  tax: 950n,
  preceding: euroInvoice.number,
  item: 'Freight'
}

export const blueInvoice: SampleInvoice = {
  class: 'R',
  number: '26312000009990000017',
  issueDate: '2026-03-05',
  currency: 'CNY',
  gross: 1130000n,
  tax: 130000n,
  // No check character of GB 32100 fits, so that no firm can have them.
  seller: { uscc: '91310000TEST0000X1', name: '临港云杉铸造有限公司', ids: [] },
  buyer: { uscc: '91310000TEST0000X2', name: '东海起重机械有限公司', ids: [] },
  item: '*铸件*球墨铸铁件'
}

export const redInvoice: SampleInvoice = {
  ...blueInvoice,
  class: 'C',
  number: '26312000009990000031',
  issueDate: '2026-03-20',
  gross: 113000n,
  tax: 13000n,
  preceding: blueInvoice.number
}

/** Of the years before 数电票: code and number. */
export const vatInvoice: SampleInvoice = { ...blueInvoice, invoiceCode: '031001900511', number: '00004875' }

/** The buyer pays the invoice less its credit, and the freight. */
export const euroStatement: SampleStatement = {
  id: 'SAMPLE-2026-06-03',
  iban: 'DE89370400440532013000',
  currency: 'EUR',
  opening: 500000n,
  from: '2026-06-03',
  to: '2026-06-03',
  payments: [
    {
      amount: euroInvoice.gross - euroCredit.gross,
      effect: 'credit',
      day: '2026-06-03',
      reference: 'SAMPLE0001',
      endToEndId: 'HKW-88120',
      debtor: 'Hafenkran Werke AG',
      creditor: 'Lindenmoor Feinguss GmbH',
      documentNumbers: [euroInvoice.number, euroCredit.number],
      remittance: 'LM-2026/0017 less credit LM-2026/0021'
    },
    {
      amount: euroDebit.gross,
      effect: 'credit',
      day: '2026-06-03',
      reference: 'SAMPLE0002',
      endToEndId: 'HKW-88121',
      debtor: 'Hafenkran Werke AG',
      creditor: 'Lindenmoor Feinguss GmbH',
      documentNumbers: [euroDebit.number],
      remittance: 'LM-2026/0023'
    }
  ]
}

/** File names to bytes. */
export async function sampleSet(): Promise<Readonly<Record<string, Uint8Array>>> {
  return {
    'invoice.ubl.xml': writeUbl(euroInvoice),
    'invoice.cii.xml': writeCii(euroInvoice),
    'invoice.factur-x.pdf': await writeFacturX(euroInvoice),
    'invoice.fatturapa.xml': writeFatturaPa(euroInvoice),
    'invoice.edi': writeEdifact(euroInvoice),
    'credit-note.ubl.xml': writeUbl(euroCredit),
    'credit-note.cii.xml': writeCii(euroCredit),
    'debit-note.ubl.xml': writeUbl(euroDebit, 'DebitNote'),
    'ledger.csv': writeLedger(euroInvoice, euroCredit, euroDebit),
    'blue.einvoice.xml': writeEInvoice(blueInvoice),
    'blue.eip.xml': writeEipInvoice(blueInvoice),
    'blue.ofd': writeOfdTagged(blueInvoice),
    'blue.qr.txt': writeVatQr(blueInvoice),
    'red.einvoice.xml': writeEInvoice(redInvoice),
    'red.ofd': writeOfdTagged(redInvoice),
    'vat.ofd': writeOfdAttached(vatInvoice),
    'vat.qr.txt': writeVatQr(vatInvoice),
    'ledger.zh.csv': writeChineseLedger(blueInvoice, redInvoice, vatInvoice),
    'statement.camt053.xml': writeCamt053(euroStatement),
    'statement.camt054.xml': writeCamt054(euroStatement),
    'statement.mt940': writeMt940(euroStatement)
  }
}
