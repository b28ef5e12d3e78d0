/** Reads a notice back from its XML, as strictly as invoices are read. Only notices of this registry: others lack the supplement. */
import { only, stepsOf, valueOf, FieldReader } from '../fields.ts'
import { DocumentRefused } from '../refusal.ts'
import { parseXml, type XmlElement } from '../xml.ts'
import type { AssignmentNotice, NoticeParty } from './notice.ts'
import { TALLYSTICK_ASSIGNMENT, TSIN_008 } from './xml.ts'

const iso = stepsOf(TSIN_008)
const own = stepsOf(TALLYSTICK_ASSIGNMENT)

/** Throws `DocumentRefused`. */
export function readAssignmentNotification(bytes: Uint8Array): AssignmentNotice {
  const root = parseXml(bytes)
  if (root.name !== 'Document' || root.namespace !== TSIN_008) {
    throw new DocumentRefused('DOCUMENT_KIND_UNKNOWN', { presented: root.name, required: 'tsin.008.001.01' })
  }
  const reader = new FieldReader()
  const at = (from: XmlElement | undefined, ...names: readonly string[]): XmlElement | undefined =>
    only(from, ...names.map(iso))
  const message = at(root, 'InvcAssgnmtNtfctn')
  const header = at(message, 'Hdr')
  const list = at(message, 'NtfctnList')
  const item = at(list, 'FinItm')
  const context = at(item, 'ItmCntxt')
  const totals = at(item, 'TtlAmt')
  const supplement = only(at(item, 'PrtryDtls', 'Envlp'), own('Assignment'))
  const ours = (name: string): string => required(only(supplement, own(name)), name)
  const currency = reader.currency(at(context, 'Ccy'), undefined)
  const amount = (from: XmlElement | undefined, name: string): bigint => moneyOf(reader, at(from, name), name, currency)
  const account = at(context, 'CdtAcct')
  const payTo = valueOf(at(account, 'IBAN')) ?? valueOf(at(account, 'Othr', 'Id'))
  const party = (role: string): NoticeParty => partyOf(at(header, role), role)
  return {
    debtor: party('PmryRcpt'),
    assignor: party('Orgtr'),
    assignee: party('OthrPty'),
    receivableId: ours('ReceivableId'),
    invoice: {
      number: required(at(context, 'Idr'), 'Idr'),
      issueDate: reader.requiredDate('IsseDt', at(context, 'IsseDt')),
      ...(ours('TaxKnown') === 'true' ? { tax: amount(totals, 'TtlTaxAmt') } : {})
    },
    faceAmount: amount(totals, 'TtlInvcAmt'),
    noteId: ours('NoteId'),
    span: { start: integer(ours('SpanStart'), 'SpanStart'), end: integer(ours('SpanEnd'), 'SpanEnd') },
    amount: amount(item, 'DueAmt'),
    currency,
    maturity: reader.requiredDate('PmtDueDt', at(totals, 'PmtDueDt')),
    assignedOn: reader.requiredDate('IsseDt', at(list, 'IsseDt')),
    issuedOn: reader.requiredDate('Dt', at(header, 'Dt')),
    ...(payTo === undefined ? {} : { payTo }),
    block: integer(ours('Block'), 'Block'),
    transaction: ours('Transaction'),
    logHead: { size: integer(ours('LogSize'), 'LogSize'), root: ours('LogRoot') },
    verifyAt: ours('VerifyAt')
  }
}

function required(element: XmlElement | undefined, field: string): string {
  const value = valueOf(element)
  if (value !== undefined) return value
  throw new DocumentRefused('FIELD_MISSING', { field })
}

function integer(text: string, field: string): bigint {
  if (/^[0-9]{1,30}$/.test(text)) return BigInt(text)
  throw new DocumentRefused('NUMBER_MALFORMED', { field, presented: text, required: 'digits' })
}

/** ISO 20022 gives the currency of each amount as @Ccy: it must be the item's. */
function moneyOf(reader: FieldReader, element: XmlElement | undefined, field: string, currency: string): bigint {
  const presented = element?.attributes.get('Ccy')
  if (presented !== currency) {
    throw new DocumentRefused('FIELD_CONTRADICTORY', { field, presented: presented ?? '', required: currency })
  }
  return reader.requiredAmount(field, element, currency)
}

function partyOf(role: XmlElement | undefined, field: string): NoticeParty {
  const base = only(role, iso('Pty'), iso('BasePty'))
  const other = only(base, iso('PtyId'), iso('Id'), iso('OrgId'), iso('Othr'))
  const identifier = valueOf(only(other, iso('Id')))
  const scheme = valueOf(only(other, iso('SchmeNm'), iso('Prtry')))
  return {
    name: required(only(base, iso('LglOrg'), iso('Nm')), field),
    ...(identifier === undefined ? {} : { identifier }),
    ...(scheme === undefined ? {} : { scheme })
  }
}
