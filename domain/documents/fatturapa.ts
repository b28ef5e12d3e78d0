/** FatturaPA 1.2 of the Agenzia delle Entrate, ordinary invoices. One file may hold several invoices of one seller. */
import { all, FieldReader, first, only, present, stepsOf, valueOf } from './fields.ts'
import type { NormalisedInvoice, Party } from './invoice.ts'
import { DocumentRefused } from './refusal.ts'
import { classOf } from './sign.ts'
import type { XmlElement } from './xml.ts'

/** Only the root is in the namespace. */
const NAMESPACES = ['1.0', '1.1', '1.2'].map(
  (each) => `http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v${each}`
)
const plain = stepsOf('')
/** TipoDocumento: TD04 nota di credito, TD08 its simplified form. */
const CREDITS = new Set(['TD04', 'TD08'])
const INVOICES_MAX = 1000

export function isFatturaPa(root: XmlElement): boolean {
  return root.name === 'FatturaElettronica' && NAMESPACES.includes(root.namespace)
}

/** Every invoice of a root for which `isFatturaPa` holds. Throws `DocumentRefused`. */
export function readFatturaPa(root: XmlElement): NormalisedInvoice[] {
  const header = only(root, plain('FatturaElettronicaHeader'))
  const bodies = all(root, plain('FatturaElettronicaBody'))
  if (bodies.length === 0) throw new DocumentRefused('FIELD_MISSING', { field: 'FatturaElettronicaBody' })
  if (bodies.length > INVOICES_MAX) {
    throw new DocumentRefused('DOCUMENT_TOO_LARGE', { presented: `${bodies.length} invoices` })
  }
  return bodies.map((body) => readBody(header, body))
}

function readBody(header: XmlElement | undefined, body: XmlElement): NormalisedInvoice {
  const reader = new FieldReader()
  const general = only(body, plain('DatiGenerali'))
  const document = only(general, plain('DatiGeneraliDocumento'))
  const currency = reader.currency(only(document, plain('Divisa')), undefined)
  const gross = grossOf(reader, document, body, currency)
  const payments = all(body, plain('DatiPagamento'), plain('DettaglioPagamento'))
  const payable = payableOf(reader, payments, currency) ?? gross
  const typeCode = reader.text('type', only(document, plain('TipoDocumento')))
  const references = (name: string): string[] =>
    all(general, plain(name), plain('IdDocumento')).flatMap((each) => valueOf(each) ?? [])
  return {
    format: 'FATTURAPA',
    class: classOf(typeCode !== undefined && CREDITS.has(typeCode), gross, payable),
    number: reader.number(only(document, plain('Numero'))),
    issueDate: reader.requiredDate('issueDate', only(document, plain('Data'))),
    currency,
    payable,
    gross,
    seller: partyOf(reader, 'seller', only(header, plain('CedentePrestatore'), plain('DatiAnagrafici'))),
    buyer: partyOf(reader, 'buyer', only(header, plain('CessionarioCommittente'), plain('DatiAnagrafici'))),
    // A CodiceFiscale is Italy's, also that of a firm whose VAT id is of another country.
    taxedIn: { seller: 'IT', buyer: 'IT' },
    preceding: references('DatiFattureCollegate'),
    ...present({
      dueDate: dueDateOf(reader, payments),
      orders: reader.texts('orders', all(general, plain('DatiOrdineAcquisto'), plain('IdDocumento'))),
      contracts: reader.texts('contracts', all(general, plain('DatiContratto'), plain('IdDocumento')))
    }),
    provenance: reader.provenance
  }
}

/** ImportoTotaleDocumento is optional: without it the summaries by rate add up to it. */
function grossOf(reader: FieldReader, document: XmlElement | undefined, body: XmlElement, currency: string): bigint {
  const total = reader.amount('gross', only(document, plain('ImportoTotaleDocumento')), currency)
  if (total !== undefined) return total
  const summaries = all(body, plain('DatiBeniServizi'), plain('DatiRiepilogo'))
  if (summaries.length === 0) throw new DocumentRefused('FIELD_MISSING', { field: 'gross', required: 'DatiRiepilogo' })
  return summaries.reduce(
    (sum, summary) =>
      sum +
      reader.requiredAmount('gross', only(summary, plain('ImponibileImporto')), currency) +
      reader.requiredAmount('gross', only(summary, plain('Imposta')), currency),
    0n
  )
}

/** Instalments add up to what is to be paid. */
function payableOf(reader: FieldReader, payments: readonly XmlElement[], currency: string): bigint | undefined {
  const amounts = payments.map((each) =>
    reader.requiredAmount('payable', only(each, plain('ImportoPagamento')), currency)
  )
  return amounts.length === 0 ? undefined : amounts.reduce((sum, amount) => sum + amount, 0n)
}

/** The day the last instalment is due. */
function dueDateOf(reader: FieldReader, payments: readonly XmlElement[]): string | undefined {
  const days = payments.flatMap((each) => reader.date('dueDate', only(each, plain('DataScadenzaPagamento'))) ?? [])
  return days.sort().at(-1)
}

function partyOf(reader: FieldReader, field: string, party: XmlElement | undefined): Party {
  const vat = only(party, plain('IdFiscaleIVA'))
  const country = valueOf(only(vat, plain('IdPaese'))) ?? ''
  const code = reader.text(`${field}.vat`, only(vat, plain('IdCodice')))
  const person = only(party, plain('Anagrafica'))
  const names = [only(person, plain('Nome')), only(person, plain('Cognome'))].flatMap((each) => valueOf(each) ?? [])
  const name = reader.text(`${field}.name`, first(person, plain('Denominazione')))
  return {
    ids: [],
    ...present({
      vat: code === undefined ? undefined : country + code,
      tax: reader.text(`${field}.tax`, only(party, plain('CodiceFiscale'))),
      name: name ?? (names.join(' ') || undefined)
    })
  }
}
