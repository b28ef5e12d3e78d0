/**
 * A debtor's order to its bank: ISO 20022 customer credit transfer initiation, pain.001.001.09. One payment block for each
 * currency and payment day, one transfer for each note.
 */
import { branch, leaf, xmlDocument } from '../documents/xml-text.ts'
import { decimalFromMinor } from '../money/amount.ts'
import type { BankAccount } from './account.ts'
import { totalsOf, type Payment } from './payments.ts'

export interface PaymentOrder {
  /** 35 characters at most. */
  readonly messageId: string
  /** RFC 3339, UTC. */
  readonly createdAt: string
  readonly debtor: string
  readonly debtorAccount: BankAccount
  readonly payments: readonly Payment[]
}

/** Longest name that the message takes (Max140Text). */
const NAME_MAX = 140

/** The order as UTF-8. Throws `RangeError` for an order without payments or with a message id that is too long. */
export function writePain001(order: PaymentOrder): Uint8Array {
  const { messageId, createdAt, debtor, debtorAccount, payments } = order
  if (payments.length === 0) throw new RangeError('an order has at least one payment')
  if (messageId.length > 31 || messageId === '') throw new RangeError('a message id has 1 to 31 characters')
  const groups = totalsOf(payments)
  const blocks = groups.map(({ currency, paymentDay, count, amount }, index) => {
    const own = payments.filter((one) => one.currency === currency && one.paymentDay === paymentDay)
    return branch(
      'PmtInf',
      leaf('PmtInfId', `${messageId}-${String(index + 1).padStart(3, '0')}`),
      leaf('PmtMtd', 'TRF'),
      leaf('NbOfTxs', String(count)),
      leaf('CtrlSum', decimalFromMinor(amount, currency)),
      branch('ReqdExctnDt', leaf('Dt', paymentDay)),
      branch('Dbtr', leaf('Nm', nameOf(debtor))),
      accountOf('DbtrAcct', debtorAccount),
      agentOf('DbtrAgt', debtorAccount),
      // SEPA knows no other than SLEV; elsewhere each side bears its own.
      leaf('ChrgBr', currency === 'EUR' && debtorAccount.scheme === 'IBAN' ? 'SLEV' : 'SHAR'),
      ...own.map(transferOf)
    )
  })
  return xmlDocument(
    'Document',
    { xmlns: 'urn:iso:std:iso:20022:tech:xsd:pain.001.001.09' },
    branch(
      'CstmrCdtTrfInitn',
      branch(
        'GrpHdr',
        leaf('MsgId', messageId),
        leaf('CreDtTm', createdAt),
        leaf('NbOfTxs', String(payments.length)),
        branch('InitgPty', leaf('Nm', nameOf(debtor)))
      ),
      ...blocks
    )
  )
}

function transferOf({ endToEndId, currency, amount, account, payeeName, noteId }: Payment): string {
  return branch(
    'CdtTrfTxInf',
    branch('PmtId', leaf('EndToEndId', endToEndId)),
    branch('Amt', leaf('InstdAmt', decimalFromMinor(amount, currency), { Ccy: currency })),
    // A bank code is the payee's bank; an IBAN names it by itself.
    account.scheme === 'CN' ? agentOf('CdtrAgt', account) : '',
    branch('Cdtr', leaf('Nm', nameOf(payeeName))),
    accountOf('CdtrAcct', account),
    branch('RmtInf', leaf('Ustrd', `Tallystick ${endToEndId} note ${noteId}`))
  )
}

/** By characters, so that none is cut in half. */
function nameOf(name: string): string {
  return [...name].slice(0, NAME_MAX).join('')
}

function accountOf(element: string, account: BankAccount): string {
  const id = account.scheme === 'IBAN' ? leaf('IBAN', account.iban) : branch('Othr', leaf('Id', account.number))
  return branch(element, branch('Id', id))
}

/** CNAPS is the code of China's clearing system in ISO's external list; NOTPROVIDED where the IBAN tells the bank. */
function agentOf(element: string, account: BankAccount): string {
  const bank =
    account.scheme === 'CN'
      ? branch('ClrSysMmbId', branch('ClrSysId', leaf('Cd', 'CNAPS')), leaf('MmbId', account.bankCode))
      : branch('Othr', leaf('Id', 'NOTPROVIDED'))
  return branch(element, branch('FinInstnId', bank))
}
