/**
 * The notice in the shape of ISO 20022 tsin.008.001.01, InvoiceAssignmentNotification. No XSD of it is public: elements, their
 * order, lengths and which are required are those of the class models that two open projects generated from the
 * schema (prowide-iso20022, Apache-2.0; python-iso20022 0.3.0, MIT). No bank's reader has seen it.
 * What the message has no element for (note, span, block, log) stands in its supplementary data in a namespace of ours.
 * Own choices: the assignor is originator and the party that is authenticated; an invoice is DBIT. Where the tax is not known, the
 * whole is given as taxable with a tax of 0, since both elements are required.
 */
import { decimalFromMinor } from '../../money/amount.ts'
import { branch, leaf, xmlDocument } from '../xml-text.ts'
import { checkNotice, type AssignmentNotice, type NoticeParty } from './notice.ts'

export const TSIN_008 = 'urn:iso:std:iso:20022:tech:xsd:tsin.008.001.01'
export const TALLYSTICK_ASSIGNMENT = 'urn:tallystick:assignment:1'
const IBAN = /^[A-Z]{2}[0-9]{2}[a-zA-Z0-9]{1,30}$/

/** Throws `NoticeRefused`. Characters that XML cannot hold become U+FFFD. */
export function notificationXml(notice: AssignmentNotice): Uint8Array {
  checkNotice(notice)
  const { invoice, currency, issuedOn, assignedOn, amount } = notice
  const assigned = decimalFromMinor(amount, currency)
  return xmlDocument(
    'Document',
    { xmlns: TSIN_008 },
    branch(
      'InvcAssgnmtNtfctn',
      branch(
        'Hdr',
        leaf('ApplCntxt', 'TALLYSTICK'),
        branch('LttrIdr', leaf('Id', 'letter'), leaf('Dt', issuedOn), leaf('ElctrncOrgnl', 'true')),
        leaf('Dt', issuedOn),
        partyOf('Orgtr', 'assignor', notice.assignor),
        partyOf('PmryRcpt', 'debtor', notice.debtor),
        partyOf('AuthstnUsr', 'authenticated', notice.assignor),
        partyOf('OthrPty', 'assignee', notice.assignee),
        branch(
          'AssoctdDoc',
          leaf('Id', 'invoice'),
          leaf('ItmIdr', invoice.number),
          leaf('Dt', invoice.issueDate),
          leaf('ElctrncOrgnl', 'true'),
          leaf('DocTp', 'CINV')
        )
      ),
      branch(
        'NtfctnList',
        leaf('Idr', notice.transaction.slice(2, 34)),
        leaf('IsseDt', assignedOn),
        leaf('RltdDoc', 'invoice'),
        leaf('Assgne', 'assignee'),
        leaf('Assgnr', 'assignor'),
        branch('NtfctnInf', leaf('NtifngPty', 'assignor'), leaf('NtfctnRcvr', 'debtor'), leaf('AckRcvr', 'assignee')),
        itemOf(notice),
        leaf('ItmCnt', '1'),
        leaf('CtrlSum', assigned)
      ),
      leaf('NtfctnCnt', '1'),
      leaf('ItmCnt', '1'),
      leaf('CtrlSum', assigned)
    )
  )
}

/** PtyId/Nm holds 35 characters only; the legal name stands in LglOrg in any case. */
function partyOf(element: string, id: string, { name, identifier, scheme }: NoticeParty): string {
  const other = branch(
    'Othr',
    leaf('Id', identifier),
    identifier === undefined ? '' : branch('SchmeNm', leaf('Prtry', scheme))
  )
  const identification = branch('Id', branch('OrgId', other))
  const short = leaf('Nm', name.length <= 35 ? name : undefined)
  const base = branch('BasePty', `<PtyId>${identification}${short}</PtyId>`, branch('LglOrg', leaf('Nm', name)))
  return branch(element, leaf('Id', id), branch('Pty', base))
}

function itemOf(notice: AssignmentNotice): string {
  const { invoice, currency, faceAmount, maturity, payTo, amount } = notice
  const money = (element: string, minor: bigint): string =>
    leaf(element, decimalFromMinor(minor, currency), { Ccy: currency })
  const account = payTo !== undefined && IBAN.test(payTo) ? leaf('IBAN', payTo) : branch('Othr', leaf('Id', payTo))
  const tax = invoice.tax ?? 0n
  return branch(
    'FinItm',
    branch(
      'ItmCntxt',
      leaf('Idr', invoice.number),
      leaf('IsseDt', invoice.issueDate),
      leaf('Buyr', 'debtor'),
      leaf('Ccy', currency),
      branch('CdtAcct', account)
    ),
    leaf('FinDocRef', 'invoice'),
    leaf('CdtDbtInd', 'DBIT'),
    branch(
      'TtlAmt',
      money('TtlTaxblAmt', faceAmount - tax),
      money('TtlTaxAmt', tax),
      money('TtlInvcAmt', faceAmount),
      leaf('PmtDueDt', maturity)
    ),
    money('DueAmt', amount),
    branch('PrtryDtls', branch('Envlp', supplementOf(notice)))
  )
}

function supplementOf({
  receivableId,
  noteId,
  span,
  block,
  transaction,
  logHead,
  invoice,
  verifyAt
}: AssignmentNotice) {
  const fields = [
    leaf('ReceivableId', receivableId),
    leaf('NoteId', noteId),
    leaf('SpanStart', String(span.start)),
    leaf('SpanEnd', String(span.end)),
    leaf('TaxKnown', String(invoice.tax !== undefined)),
    leaf('Block', String(block)),
    leaf('Transaction', transaction),
    leaf('LogSize', String(logHead.size)),
    leaf('LogRoot', logHead.root),
    leaf('VerifyAt', verifyAt)
  ]
  return `<Assignment xmlns="${TALLYSTICK_ASSIGNMENT}">${fields.join('')}</Assignment>`
}
