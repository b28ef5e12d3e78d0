/** Which payments a debtor has to make, and to whom: one for each open note. */
import { dayOfSeconds } from '../calendar/day.ts'
import { paymentDayOf } from '../calendar/payment-day.ts'
import { currencyOfNumber } from '../money/currency.ts'
import { isNoteOpen, type NoteState } from '../note/note-states.ts'
import { parseAccount, type BankAccount } from './account.ts'
import { endToEndIdOf } from './end-to-end.ts'

/** A note as far as it decides whom to pay. */
export interface PayableNote {
  noteId: string
  receivableId: string
  /** End of the span, and its size: minor units. */
  end: bigint
  amount: bigint
  /** ISO 4217 number. */
  currency: number
  /** Unix seconds. */
  maturity: number
  state: NoteState
  holder: number
  counterparty: number | null
  frozenUntil: number | null
  freezeEscrow: number | null
}

/** What the directory says of a payee. */
export interface PayeeRecord {
  name: string
  /** `SCHEME:value`; null: not on record. */
  account: string | null
}

export const unpayableReasons = [
  'payee-is-operator',
  'payee-is-debtor',
  'payee-unknown',
  'account-missing',
  'account-unusable',
  'in-another-run'
] as const
/**
 * payee-is-operator: the registry never takes money. payee-is-debtor: nothing has to move. account-missing, account-unusable:
 * the payee has none on record, or one in a form that no order can name. in-another-run: ordered already, and not cancelled.
 */
export type UnpayableReason = (typeof unpayableReasons)[number]

export interface Payment {
  endToEndId: string
  noteId: string
  noteEnd: bigint
  receivableId: string
  payee: number
  payeeName: string
  account: BankAccount
  amount: bigint
  /** ISO 4217 letters. */
  currency: string
  /** YYYY-MM-DD. */
  paymentDay: string
  /** False: the calendar of that year is not published, so the day may still move. */
  isDayPublished: boolean
}

export interface Unpayable {
  noteId: string
  receivableId: string
  payee: number
  amount: bigint
  currency: string
  reason: UnpayableReason
}

/**
 * Whom the debtor pays for an open note: the escrow of a freeze in force, the lender of a pledge, else the holder, as
 * contracts/receivables/Settlement.sol has it. `time` in unix seconds: a freeze ends by itself.
 */
export function payeeOf(
  note: Pick<PayableNote, 'state' | 'holder' | 'counterparty' | 'frozenUntil' | 'freezeEscrow'>,
  time: number
): number {
  if (note.frozenUntil !== null && note.frozenUntil > time) return note.freezeEscrow!
  return note.state === 'pledged' ? note.counterparty! : note.holder
}

export interface PaymentPlan {
  payments: Payment[]
  unpayable: Unpayable[]
}

/**
 * One payment for each open note to its payee at `time`; what can not be paid is listed with the reason, never left out.
 * @param operators Participants that run the registry
 * @param ordered References that are in another run already
 */
export function planPayments(
  notes: readonly PayableNote[],
  context: {
    time: number
    debtor: number
    payees: ReadonlyMap<number, PayeeRecord>
    operators: ReadonlySet<number>
    ordered: ReadonlySet<string>
  }
): PaymentPlan {
  const plan: PaymentPlan = { payments: [], unpayable: [] }
  for (const note of notes.filter(({ state }) => isNoteOpen(state))) {
    const payee = payeeOf(note, context.time)
    const { noteId, receivableId, amount } = note
    const currency = currencyOfNumber(note.currency)
    const endToEndId = endToEndIdOf(noteId, note.end, payee)
    const record = context.payees.get(payee)
    const account = record?.account ? parseAccount(record.account) : undefined
    const reason = reasonOf()
    if (reason) {
      plan.unpayable.push({ noteId, receivableId, payee, amount, currency, reason })
      continue
    }
    const { day, isPublished } = paymentDayOf(currency, dayOfSeconds(note.maturity))
    const payment = { endToEndId, noteId, noteEnd: note.end, receivableId, payee, payeeName: record!.name }
    plan.payments.push({
      ...payment,
      account: account!,
      amount,
      currency,
      paymentDay: day,
      isDayPublished: isPublished
    })

    function reasonOf(): UnpayableReason | undefined {
      if (context.operators.has(payee)) return 'payee-is-operator'
      if (payee === context.debtor) return 'payee-is-debtor'
      if (!record) return 'payee-unknown'
      if (record.account === null) return 'account-missing'
      if (!account) return 'account-unusable'
      return context.ordered.has(endToEndId) ? 'in-another-run' : undefined
    }
  }
  return plan
}

export interface PaymentTotal {
  currency: string
  paymentDay: string
  count: number
  amount: bigint
}

/** Sums by payment day and currency, in that order: each is one group of the order to the bank. */
export function totalsOf(payments: readonly Pick<Payment, 'currency' | 'paymentDay' | 'amount'>[]): PaymentTotal[] {
  const totals = new Map<string, PaymentTotal>()
  for (const { currency, paymentDay, amount } of payments) {
    const key = `${paymentDay} ${currency}`
    const total = totals.get(key) ?? { currency, paymentDay, count: 0, amount: 0n }
    totals.set(key, { ...total, count: total.count + 1, amount: total.amount + amount })
  }
  return [...totals].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, total]) => total)
}
