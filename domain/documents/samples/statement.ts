/** Bank statements that pay invoices: ISO 20022 camt.053 and camt.054 of version 8, and SWIFT MT940. */
import { decimalFromMinor } from '../../money/amount.ts'
import type { Effect } from '../statement.ts'
import { branch, leaf, xmlDocument } from '../xml-text.ts'
import { compactDay } from './model.ts'

export interface SamplePayment {
  /** Minor units, without sign. */
  readonly amount: bigint
  readonly effect: Effect
  /** YYYY-MM-DD, of booking and value. */
  readonly day: string
  /** Of the bank. */
  readonly reference: string
  readonly endToEndId: string
  readonly debtor: string
  readonly creditor: string
  /** Numbers of the invoices that are paid. */
  readonly documentNumbers: readonly string[]
  /** Text for people. */
  readonly remittance: string
  /** It takes back an earlier one. */
  readonly isReversal?: true
  /** Booked unless it is still to come. */
  readonly isPending?: true
  /** Accounts of the two parties, where the bank tells. */
  readonly debtorAccount?: string
  readonly creditorAccount?: string
}

export interface SampleStatement {
  readonly id: string
  /** Or the account's number at its bank. */
  readonly iban: string
  readonly currency: string
  /** Minor units before the first payment. */
  readonly opening: bigint
  readonly from: string
  readonly to: string
  readonly payments: readonly SamplePayment[]
}

function closingOf({ opening, payments }: SampleStatement): bigint {
  const booked = payments.filter(({ isPending }) => !isPending)
  return booked.reduce((sum, { amount, effect }) => sum + (effect === 'credit' ? amount : -amount), opening)
}

function indicatorOf(isCredit: boolean): string {
  return leaf('CdtDbtInd', isCredit ? 'CRDT' : 'DBIT')
}

/** camt.053 with balances. */
export function writeCamt053(statement: SampleStatement): Uint8Array {
  return camtOf(statement, '053', 'BkToCstmrStmt', 'Stmt', [
    balanceOf(statement, 'OPBD', statement.opening, statement.from),
    balanceOf(statement, 'CLBD', closingOf(statement), statement.to)
  ])
}

/** camt.054, a notification without balances. */
export function writeCamt054(statement: SampleStatement): Uint8Array {
  return camtOf(statement, '054', 'BkToCstmrDbtCdtNtfctn', 'Ntfctn', [])
}

function camtOf(
  statement: SampleStatement,
  kind: string,
  message: string,
  part: string,
  balances: readonly string[]
): Uint8Array {
  const { id, iban, currency, to, payments } = statement
  const created = leaf('CreDtTm', `${to}T18:00:00Z`)
  return xmlDocument(
    'Document',
    { xmlns: `urn:iso:std:iso:20022:tech:xsd:camt.${kind}.001.08` },
    branch(
      message,
      branch('GrpHdr', leaf('MsgId', id), created),
      branch(
        part,
        leaf('Id', id),
        created,
        branch('Acct', accountOf(iban), leaf('Ccy', currency)),
        ...balances,
        ...payments.map((payment) => entryOf(payment, currency))
      )
    )
  )
}

function accountOf(account: string | undefined): string {
  if (account === undefined) return ''
  return branch('Id', /^[A-Z]{2}/.test(account) ? leaf('IBAN', account) : branch('Othr', leaf('Id', account)))
}

function balanceOf({ currency }: SampleStatement, code: string, amount: bigint, day: string): string {
  return branch(
    'Bal',
    branch('Tp', branch('CdOrPrtry', leaf('Cd', code))),
    leaf('Amt', decimalFromMinor(amount < 0n ? -amount : amount, currency), { Ccy: currency }),
    indicatorOf(amount >= 0n),
    branch('Dt', leaf('Dt', day))
  )
}

function entryOf(payment: SamplePayment, currency: string): string {
  const { effect, day, reference, endToEndId, debtor, creditor, documentNumbers, remittance } = payment
  const amount = leaf('Amt', decimalFromMinor(payment.amount, currency), { Ccy: currency })
  const paid = documentNumbers.map((number) => branch('Strd', branch('RfrdDocInf', leaf('Nb', number))))
  return branch(
    'Ntry',
    amount,
    indicatorOf(effect === 'credit'),
    payment.isReversal ? leaf('RvslInd', 'true') : '',
    branch('Sts', leaf('Cd', payment.isPending ? 'PDNG' : 'BOOK')),
    branch('BookgDt', leaf('Dt', day)),
    branch('ValDt', leaf('Dt', day)),
    leaf('AcctSvcrRef', reference),
    branch('BkTxCd', branch('Domn', leaf('Cd', 'PMNT'), branch('Fmly', leaf('Cd', 'RCDT'), leaf('SubFmlyCd', 'ESCT')))),
    branch(
      'NtryDtls',
      branch(
        'TxDtls',
        branch('Refs', leaf('EndToEndId', endToEndId)),
        amount,
        indicatorOf(effect === 'credit'),
        branch(
          'RltdPties',
          branch('Dbtr', branch('Pty', leaf('Nm', debtor))),
          branch('DbtrAcct', accountOf(payment.debtorAccount)),
          branch('Cdtr', branch('Pty', leaf('Nm', creditor))),
          branch('CdtrAcct', accountOf(payment.creditorAccount))
        ),
        branch('RmtInf', leaf('Ustrd', remittance), ...paid)
      )
    )
  )
}

/** MT940 with the sub-fields of German banks in :86:. Lines are ended as SWIFT does. */
export function writeMt940(statement: SampleStatement): Uint8Array {
  const { id, iban, currency, opening, from, to, payments } = statement
  const money = (amount: bigint): string => {
    const decimal = decimalFromMinor(amount < 0n ? -amount : amount, currency)
    return decimal.includes('.') ? decimal.replace('.', ',') : `${decimal},`
  }
  const balance = (tag: string, amount: bigint, day: string): string =>
    `:${tag}:${amount < 0n ? 'D' : 'C'}${compactDay(day).slice(2)}${currency}${money(amount)}`
  const lines = payments.flatMap((payment) => {
    const { amount, effect, day, reference, endToEndId, debtor, creditor, remittance, isReversal } = payment
    const other = effect === 'credit' ? debtor : creditor
    // The reversal of a credit takes money: RC is a debit.
    const mark = isReversal ? (effect === 'credit' ? 'RD' : 'RC') : effect === 'credit' ? 'C' : 'D'
    return [
      `:61:${compactDay(day).slice(2)}${compactDay(day).slice(4)}${mark}${money(amount)}NTRF${reference}`,
      `:86:166?00GUTSCHRIFT?20EREF+${narrative(endToEndId)}?21SVWZ+${narrative(remittance)}?32${narrative(other)}`
    ]
  })
  const fields = [
    `:20:${id}`,
    `:25:${iban}`,
    ':28C:1/1',
    balance('60F', opening, from),
    ...lines,
    balance('62F', closingOf(statement), to),
    '-',
    ''
  ]
  return new TextEncoder().encode(fields.join('\r\n'))
}

/** A question mark would open a sub-field, a line break a field. */
function narrative(text: string): string {
  return text.replace(/[?\r\n]+/g, ' ')
}
