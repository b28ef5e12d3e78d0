/** What a bank statement says, whatever its format. Amounts are minor units without sign; `effect` has the direction. */

/** As the account holder sees it: a credit is money received. The reversal of a credit is a debit. */
export type Effect = 'credit' | 'debit'

/**
 * Only `booked` may settle anything. `pending` and `information` may never come, `interim` is an MT942 whose entries the
 * statement of the day repeats.
 */
export type EntryStatus = 'booked' | 'pending' | 'information' | 'interim'

/** One payment inside an entry. Banks leave out what they do not know. */
export interface StatementTransaction {
  readonly amount?: bigint
  /** ISO 4217; may differ from the account's. */
  readonly currency?: string
  readonly endToEndId?: string
  readonly debtor?: string
  readonly creditor?: string
  /** IBAN or what the bank writes instead, as written. */
  readonly debtorAccount?: string
  readonly creditorAccount?: string
  /** Of MT940, which does not say which side it is: the account at the other end. */
  readonly otherAccount?: string
  /** It gives back a payment that could not be credited or was recalled (camt RtrInf). */
  readonly isReturn?: true
  /** Text for people, line by line. */
  readonly remittance: readonly string[]
  /** Creditor references, RF or the bank's own. */
  readonly creditorReferences: readonly string[]
  /** Numbers of the invoices that are paid. */
  readonly documentNumbers: readonly string[]
}

export interface StatementEntry {
  readonly amount: bigint
  readonly currency: string
  readonly effect: Effect
  /** It takes back an earlier entry. */
  readonly reversal: boolean
  readonly status: EntryStatus
  /** YYYY-MM-DD. */
  readonly bookingDate?: string
  /** YYYY-MM-DD. 30 February of banks that count 30 days a month is the last day of that month. */
  readonly valueDate?: string
  /** The bank's reference of the entry. */
  readonly reference?: string
  /** The text beside an MT940 entry, in one line. */
  readonly information?: string
  readonly transactions: readonly StatementTransaction[]
  /** Whether the transactions add up to the amount; absent when they do not all name one in the entry's currency. */
  readonly addsUp?: boolean
}

export interface StatementBalance {
  /** ISO 20022 code: OPBD opening, CLBD closing booked, and others as written. */
  readonly kind: string
  readonly amount: bigint
  readonly currency: string
  readonly effect: Effect
  readonly date?: string
}

export interface Statement {
  readonly format: 'CAMT' | 'MT940' | 'CSV'
  readonly id?: string
  /** IBAN or what the bank writes instead, as written. */
  readonly account?: string
  readonly currency?: string
  readonly balances: readonly StatementBalance[]
  readonly entries: readonly StatementEntry[]
}

/** Whether an entry may settle a receivable: booked, received, no reversal, and its parts add up where they are given. */
export function maySettle({ status, effect, reversal, addsUp, amount }: StatementEntry): boolean {
  return status === 'booked' && effect === 'credit' && !reversal && addsUp !== false && amount > 0n
}
