/** ISO 20022 bank to customer cash management: camt.052 report, camt.053 statement, camt.054 notification, .01 to .14. */
import { all, FieldReader, first, only, present, stepsOf, valueOf, type Step } from './fields.ts'
import { DocumentRefused } from './refusal.ts'
import type {
  Effect,
  EntryStatus,
  Statement,
  StatementBalance,
  StatementEntry,
  StatementTransaction
} from './statement.ts'
import type { XmlElement } from './xml.ts'

const NAMESPACE = /^urn:iso:std:iso:20022:tech:xsd:camt\.05[234]\.001\.[0-9]{2}$/
/** Message and its parts. Version 1 adds V01 to the message's name. */
const MESSAGES: readonly (readonly [string, string])[] = [
  ['BkToCstmrAcctRpt', 'Rpt'],
  ['BkToCstmrStmt', 'Stmt'],
  ['BkToCstmrDbtCdtNtfctn', 'Ntfctn']
]
const STATUSES: Readonly<Record<string, EntryStatus>> = {
  BOOK: 'booked',
  PDNG: 'pending',
  INFO: 'information',
  // Not yet final, from version 8 on.
  FUTR: 'information'
}

type Steps = (name: string) => Step

export function isCamt(root: XmlElement): boolean {
  return root.name === 'Document' && NAMESPACE.test(root.namespace)
}

/** Every statement of a root for which `isCamt` holds. Throws `DocumentRefused`, STATEMENT_MISSING among others. */
export function readCamt(root: XmlElement): Statement[] {
  const at = stepsOf(root.namespace)
  const statements = MESSAGES.flatMap(([message, part]) =>
    [message, `${message}V01`].flatMap((name) => all(root, at(name), at(part)))
  )
  if (statements.length === 0) throw new DocumentRefused('STATEMENT_MISSING', { presented: root.path })
  return statements.map((statement) => readStatement(statement, at))
}

function readStatement(statement: XmlElement, at: Steps): Statement {
  const reader = new FieldReader()
  const account = only(statement, at('Acct'))
  return {
    format: 'CAMT',
    balances: all(statement, at('Bal')).map((balance) => balanceOf(reader, balance, at)),
    entries: all(statement, at('Ntry')).map((entry) => entryOf(reader, entry, at)),
    ...present({
      id: valueOf(only(statement, at('Id'))),
      account: accountOf(account, at),
      currency: valueOf(only(account, at('Ccy')))
    })
  }
}

function accountOf(account: XmlElement | undefined, at: Steps): string | undefined {
  const id = only(account, at('Id'))
  return (
    valueOf(only(id, at('IBAN'))) ??
    valueOf(only(id, at('Othr'), at('Id'))) ??
    valueOf(only(id, at('PrtryAcct'), at('Id')))
  )
}

/** Without sign: a negative amount beside an indicator would say two things. */
function amountOf(reader: FieldReader, field: string, element: XmlElement | undefined) {
  const currency = reader.currency(undefined, element, 'Ccy')
  const amount = reader.requiredAmount(field, element, currency)
  if (amount < 0n) throw new DocumentRefused('AMOUNT_MALFORMED', { field, required: 'an amount without sign' })
  return { amount, currency }
}

function effectOf(element: XmlElement | undefined): Effect {
  const indicator = valueOf(element)
  if (indicator === 'CRDT') return 'credit'
  if (indicator === 'DBIT') return 'debit'
  throw new DocumentRefused('FIELD_MISSING', {
    field: 'CdtDbtInd',
    presented: indicator ?? '',
    required: 'CRDT or DBIT'
  })
}

function dayOf(reader: FieldReader, field: string, date: XmlElement | undefined, at: Steps): string | undefined {
  return reader.date(field, only(date, at('Dt')) ?? only(date, at('DtTm')))
}

function balanceOf(reader: FieldReader, balance: XmlElement, at: Steps): StatementBalance {
  const type = only(balance, at('Tp'))
  const code = only(type, at('CdOrPrtry'), at('Cd')) ?? only(type, at('CdOrPrtry'), at('Prtry')) ?? only(type, at('Cd'))
  return {
    kind: valueOf(code) ?? '',
    ...amountOf(reader, 'balance', only(balance, at('Amt'))),
    effect: effectOf(only(balance, at('CdtDbtInd'))),
    ...present({ date: dayOf(reader, 'balance date', only(balance, at('Dt')), at) })
  }
}

/** A status that is not known is refused: taking it as booked would settle what never came. */
function statusOf(element: XmlElement | undefined, at: Steps): EntryStatus {
  const code = valueOf(element && element.children.length > 0 ? only(element, at('Cd')) : element)
  const status = STATUSES[code ?? '']
  if (status) return status
  throw new DocumentRefused('FIELD_MISSING', {
    field: 'Sts',
    presented: code ?? '',
    required: 'BOOK, PDNG, INFO or FUTR'
  })
}

function entryOf(reader: FieldReader, entry: XmlElement, at: Steps): StatementEntry {
  const { amount, currency } = amountOf(reader, 'entry', only(entry, at('Amt')))
  // Version 1 has TransactionDetails in the entry itself.
  const details = [...all(entry, at('NtryDtls'), at('TxDtls')), ...all(entry, at('TxDtls'))]
  const transactions = details.map((each) => transactionOf(reader, each, at))
  const complete = transactions.length > 0 && transactions.every((each) => each.amount && each.currency === currency)
  const sum = transactions.reduce((total, each) => total + (each.amount ?? 0n), 0n)
  return {
    amount,
    currency,
    effect: effectOf(only(entry, at('CdtDbtInd'))),
    reversal: valueOf(only(entry, at('RvslInd'))) === 'true' || valueOf(only(entry, at('RvslInd'))) === '1',
    status: statusOf(only(entry, at('Sts')), at),
    transactions,
    ...present({
      addsUp: complete ? sum === amount : undefined,
      bookingDate: dayOf(reader, 'booking date', only(entry, at('BookgDt')), at),
      valueDate: dayOf(reader, 'value date', only(entry, at('ValDt')), at),
      reference: valueOf(only(entry, at('AcctSvcrRef'))) ?? valueOf(only(entry, at('NtryRef')))
    })
  }
}

function transactionOf(reader: FieldReader, details: XmlElement, at: Steps): StatementTransaction {
  // The transaction's own amount is in the currency of the entry; the one instructed before exchange may not be.
  const amount = only(details, at('Amt')) ?? only(details, at('AmtDtls'), at('TxAmt'), at('Amt'))
  const parties = only(details, at('RltdPties'))
  const remittance = only(details, at('RmtInf'))
  const structured = all(remittance, at('Strd'))
  const values = (path: readonly string[]): string[] =>
    structured.flatMap((each) => all(each, ...path.map(at)).flatMap((found) => valueOf(found) ?? []))
  return {
    remittance: all(remittance, at('Ustrd')).flatMap((each) => valueOf(each) ?? []),
    creditorReferences: [...values(['CdtrRefInf', 'Ref']), ...values(['CdtrRefInf', 'CdtrRef'])],
    documentNumbers: [...values(['RfrdDocInf', 'Nb']), ...values(['RfrdDocInf', 'RfrdDocNb'])],
    ...(amount ? amountOf(reader, 'transaction', amount) : {}),
    ...present({
      endToEndId: valueOf(only(details, at('Refs'), at('EndToEndId'))),
      debtor: nameOf(only(parties, at('Dbtr')), at),
      creditor: nameOf(only(parties, at('Cdtr')), at),
      debtorAccount: accountOf(only(parties, at('DbtrAcct')), at),
      creditorAccount: accountOf(only(parties, at('CdtrAcct')), at),
      isReturn: only(details, at('RtrInf')) ? (true as const) : undefined
    })
  }
}

/** From version 8 on the name stands in a party inside the role. */
function nameOf(role: XmlElement | undefined, at: Steps): string | undefined {
  return valueOf(first(role, at('Nm')) ?? first(role, at('Pty'), at('Nm')))
}
