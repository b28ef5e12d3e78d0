/** 数电票 XML, blue and red, and the layout of the EIP namespace, in the shape of issued files. Unsigned, hence worthless. */
import type { Party } from '../invoice.ts'
import { branch, leaf, xmlDocument } from '../xml-text.ts'
import { decimalsOf, signed, type SampleInvoice } from './model.ts'

/** A red invoice (class C) has label N, negative totals and the number of the blue one. */
export function writeEInvoice(invoice: SampleInvoice): Uint8Array {
  const { number, issueDate, preceding, seller, buyer, item } = invoice
  const { net, tax, gross, rate } = decimalsOf(invoice)
  const isRed = invoice.class === 'C'
  const remark = preceding === undefined ? undefined : `被红冲蓝字数电票号码：${preceding}`
  return xmlDocument(
    'EInvoice',
    {},
    branch(
      'Header',
      leaf('EIid', number),
      leaf('EInvoiceTag', `SWEI${number.slice(2, 4)}00`),
      leaf('Version', '0.37'),
      branch(
        'InherentLabel',
        branch('InIssuType', leaf('LabelCode', isRed ? 'N' : 'Y'), leaf('LabelName', isRed ? '红字发票' : '蓝字发票')),
        branch('GeneralOrSpecialVAT', leaf('LabelCode', '01'), leaf('LabelName', '增值税专用发票'))
      )
    ),
    branch(
      'EInvoiceData',
      partyOf('Seller', seller),
      partyOf('Buyer', buyer),
      branch(
        'BasicInformation',
        leaf('TotalAmWithoutTax', signed(invoice, net)),
        leaf('TotalTaxAm', signed(invoice, tax)),
        leaf('TotalTax-includedAmount', signed(invoice, gross)),
        leaf('RequestTime', `${issueDate} 13:02:50`)
      ),
      branch(
        'IssuItemInformation',
        leaf('ItemName', item),
        leaf('Amount', signed(invoice, net)),
        leaf('TaxRate', rate),
        leaf('ComTaxAm', signed(invoice, tax))
      ),
      branch('SpecificInformation', branch('RedEInvoice', leaf('OriginalInvoiceCode', isRed ? preceding : undefined))),
      branch('AdditionalInformation', leaf('Remark', isRed ? remark : undefined))
    ),
    branch(
      'TaxSupervisionInfo',
      leaf('InvoiceNumber', number),
      leaf('IssueTime', `${issueDate} 13:02:50`),
      leaf('TaxBureauName', '国家税务总局样例税务局')
    )
  )
}

function partyOf(role: 'Seller' | 'Buyer', { uscc, name }: Party): string {
  return branch(`${role}Information`, leaf(`${role}IdNum`, uscc), leaf(`${role}Name`, name))
}

export function writeEipInvoice(invoice: SampleInvoice): Uint8Array {
  const { number, issueDate, seller, buyer } = invoice
  const { net, tax, gross } = decimalsOf(invoice)
  const party = (role: 'Seller' | 'Buyer', { uscc, name }: Party): string =>
    branch(`EInvoice${role}Information`, leaf(`${role}Name`, name), leaf(`${role}TaxpayerIdentificationNumber`, uscc))
  return xmlDocument(
    'eInvoice',
    { xmlns: 'http://www.chinatax.gov.cn/eip' },
    branch(
      'EInvoiceHeader',
      leaf('EInvoiceNumber', number),
      leaf('IssueDate', issueDate),
      leaf('TotalAmount', signed(invoice, net)),
      leaf('TotalTaxAmount', signed(invoice, tax)),
      leaf('AmountInFigures', signed(invoice, gross))
    ),
    party('Seller', seller),
    party('Buyer', buyer)
  )
}
