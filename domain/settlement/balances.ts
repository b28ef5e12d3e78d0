/** Whether a statement adds up: what was there, and what came and went, is what is there. */
import type { Statement, StatementBalance } from '../documents/statement.ts'

export interface BalanceCheck {
  /** Signed minor units: a debt to the bank is negative. Null where the statement has none. */
  opening: bigint | null
  openingDay: string | null
  closing: bigint | null
  closingDay: string | null
  /** Sum of the booked entries. */
  movement: bigint
  /** `no-balances`: a notification or report has none, so there is nothing to hold it against. */
  check: 'balanced' | 'unbalanced' | 'no-balances'
  /** Closing less opening and movement: zero when balanced, null without balances. */
  difference: bigint | null
}

/** First opening and last closing balance in the statement's currency: a statement over several pages repeats both. */
export function checkBalances(statement: Statement): BalanceCheck {
  const { currency } = statement
  const own = statement.balances.filter((one) => currency === undefined || one.currency === currency)
  const opening = own.find(({ kind }) => kind === 'OPBD') ?? own.find(({ kind }) => kind === 'PRCD')
  const closing = own.findLast(({ kind }) => kind === 'CLBD')
  const movement = statement.entries
    .filter((entry) => entry.status === 'booked' && (currency === undefined || entry.currency === currency))
    .reduce((sum, entry) => sum + signed(entry), 0n)
  const [before, after] = [signedOf(opening), signedOf(closing)]
  const difference = before === null || after === null ? null : after - before - movement
  return {
    opening: before,
    openingDay: opening?.date ?? null,
    closing: after,
    closingDay: closing?.date ?? null,
    movement,
    check: difference === null ? 'no-balances' : difference === 0n ? 'balanced' : 'unbalanced',
    difference
  }
}

/** Money received is positive, money that left negative. */
export function signed({ amount, effect }: { amount: bigint; effect: 'credit' | 'debit' }): bigint {
  return effect === 'credit' ? amount : -amount
}

function signedOf(balance: StatementBalance | undefined): bigint | null {
  return balance ? signed(balance) : null
}
