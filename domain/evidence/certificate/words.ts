/** What a certificate says, for people. */
import { decimalFromMinor } from '../../money/amount.ts'
import { CurrencyUnknown, currencyOfNumber } from '../../money/currency.ts'
import type { Statement } from './statement.ts'

/** One line a fact. Participants are numbers but for payees, whom the registry names. */
export function statementWords(statement: Statement): string[] {
  switch (statement.kind) {
    case 'no-claim':
      return [`fingerprint ${statement.fingerprint}: no claim`]
    case 'search': {
      const { registry, claimant, reason, subject } = statement.claim
      const by = registry === 0 ? `factor ${claimant} itself` : `participant ${claimant} in registry ${registry}`
      return [`fingerprint ${statement.fingerprint}: claimed by ${by}, ${reason}, for ${subject}`]
    }
    case 'pay-to': {
      const { receivable, spans, payees, isFinal } = statement
      const names = new Map(payees.map((one) => [one.participantId, one]))
      return [
        `receivable ${statement.receivableId}: ${money(BigInt(receivable.amount), receivable.currency)}, ${receivable.state}`,
        ...spans.map(({ start, end, state, payee }) => {
          const span = `[${start}, ${end}) ${money(BigInt(end) - BigInt(start), receivable.currency)}, ${state}`
          const to = names.get(payee)
          return to ? `${span}: to ${to.name}, account ${to.account ?? 'not on record'}` : span
        }),
        isFinal ? 'final: no act of a participant changes whom to pay' : 'not final: payees may still change'
      ]
    }
    case 'provenance': {
      const { note, receivable } = statement
      const span = `[${note.start}, ${note.end}) of [0, ${receivable.amount})`
      return [
        `note ${statement.noteId}: ${span}, ${money(BigInt(note.end) - BigInt(note.start), receivable.currency)}`,
        `${note.state}, held by participant ${note.holder} after ${note.tier} transfers`,
        `of the receivable that participant ${receivable.debtor} owes, due ${receivable.maturity}`
      ]
    }
  }
}

function money(minor: bigint, currency: number): string {
  try {
    const code = currencyOfNumber(currency)
    return `${code} ${decimalFromMinor(minor, code)}`
  } catch (error) {
    if (error instanceof CurrencyUnknown) return `${minor} minor units of currency ${currency}`
    throw error
  }
}
