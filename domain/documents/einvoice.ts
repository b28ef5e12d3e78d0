/**
 * 数电票 XML: `EInvoice` without a namespace, versions 0.2 to 0.37, and the `eInvoice` of the EIP namespace.
 * Field names were read from issued files; the tax administration has published no schema.
 */
import { FieldReader, only, present, stepsOf, valueOf } from './fields.ts'
import type { NormalisedInvoice, Party } from './invoice.ts'
import { DocumentRefused } from './refusal.ts'
import { classOf } from './sign.ts'
import type { XmlElement } from './xml.ts'

const CURRENCY = 'CNY'
const EIP = 'http://www.chinatax.gov.cn/eip'
/** Of the blue invoice, in the remark of a red one that has no element for it. */
const REVERSED = /被红冲蓝字数电(?:发)?票号码[：:]\s*([0-9]{20})/
const plain = stepsOf('')
const eip = stepsOf(EIP)

export function isEInvoice(root: XmlElement): boolean {
  return root.name === 'EInvoice' && root.namespace === ''
}

export function isEipInvoice(root: XmlElement): boolean {
  return root.name === 'eInvoice' && root.namespace === EIP
}

/** Reads a root for which `isEInvoice` holds. Does not check the signature in the file. Throws `DocumentRefused`. */
export function readEInvoice(root: XmlElement): NormalisedInvoice {
  const reader = new FieldReader()
  const data = only(root, plain('EInvoiceData'))
  const supervision = only(root, plain('TaxSupervisionInfo'))
  const totals = only(data, plain('BasicInformation'))
  const gross = reader.requiredAmount('payable', only(totals, plain('TotalTax-includedAmount')), CURRENCY)
  reader.provenance['gross'] = reader.provenance['payable']!
  const red = only(data, plain('SpecificInformation'), plain('RedEInvoice'))
  const label = only(root, plain('Header'), plain('InherentLabel'), plain('InIssuType'), plain('LabelCode'))
  const remark = valueOf(only(data, plain('AdditionalInformation'), plain('Remark')))
  const original = valueOf(only(red, plain('OriginalInvoiceCode'))) ?? REVERSED.exec(remark ?? '')?.[1]
  checkSign(gross, valueOf(label))
  return {
    format: 'CN-EINVOICE-XML',
    class: classOf(false, gross, gross),
    number: numberOf(reader, only(root, plain('Header'), plain('EIid')), only(supervision, plain('InvoiceNumber'))),
    currency: CURRENCY,
    payable: gross,
    gross,
    seller: partyOf(reader, only(data, plain('SellerInformation')), 'Seller'),
    buyer: partyOf(reader, only(data, plain('BuyerInformation')), 'Buyer'),
    preceding: original === undefined ? [] : [original],
    ...present({ issueDate: reader.date('issueDate', only(supervision, plain('IssueTime'))) }),
    provenance: reader.provenance
  }
}

/** A red invoice (label N) has negative totals and a blue one has not; a file that says both is not read. */
function checkSign(gross: bigint, label: string | undefined): void {
  if ((label === 'N' && gross > 0n) || (label === 'Y' && gross < 0n)) {
    const required = label === 'N' ? 'a negative total on a red invoice' : 'a positive total on a blue invoice'
    throw new DocumentRefused('FIELD_CONTRADICTORY', { field: 'InIssuType', presented: label, required })
  }
}

/** The number stands twice in most files: both must say the same 20 digits. */
function numberOf(reader: FieldReader, id: XmlElement | undefined, issued: XmlElement | undefined): string {
  const number = reader.number(valueOf(issued) === undefined ? id : issued)
  const other = valueOf(id)
  if (other !== undefined && other !== number) {
    throw new DocumentRefused('FIELD_CONTRADICTORY', { field: 'EIid', presented: other, required: number })
  }
  return twentyDigits(number)
}

function twentyDigits(number: string): string {
  if (/^[0-9]{20}$/.test(number)) return number
  throw new DocumentRefused('NUMBER_MALFORMED', { field: 'number', presented: number, required: '20 digits' })
}

function partyOf(reader: FieldReader, party: XmlElement | undefined, role: 'Seller' | 'Buyer'): Party {
  const field = role.toLowerCase()
  return {
    ids: [],
    ...present({
      uscc: reader.text(`${field}.uscc`, only(party, plain(`${role}IdNum`))),
      name: reader.text(`${field}.name`, only(party, plain(`${role}Name`)))
    })
  }
}

/** Reads a root for which `isEipInvoice` holds. Throws `DocumentRefused`. */
export function readEipInvoice(root: XmlElement): NormalisedInvoice {
  const reader = new FieldReader()
  const header = only(root, eip('EInvoiceHeader'))
  const gross = reader.requiredAmount('payable', only(header, eip('AmountInFigures')), CURRENCY)
  reader.provenance['gross'] = reader.provenance['payable']!
  return {
    format: 'CN-EIP-VARIANT',
    class: classOf(false, gross, gross),
    number: twentyDigits(reader.number(only(header, eip('EInvoiceNumber')))),
    issueDate: reader.requiredDate('issueDate', only(header, eip('IssueDate'))),
    currency: CURRENCY,
    payable: gross,
    gross,
    seller: eipPartyOf(reader, root, 'Seller'),
    buyer: eipPartyOf(reader, root, 'Buyer'),
    preceding: [],
    provenance: reader.provenance
  }
}

function eipPartyOf(reader: FieldReader, root: XmlElement, role: 'Seller' | 'Buyer'): Party {
  const field = role.toLowerCase()
  const party = only(root, eip(`EInvoice${role}Information`))
  return {
    ids: [],
    ...present({
      uscc: reader.text(`${field}.uscc`, only(party, eip(`${role}TaxpayerIdentificationNumber`))),
      name: reader.text(`${field}.name`, only(party, eip(`${role}Name`)))
    })
  }
}
