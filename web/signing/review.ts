/** What an intent says to the person who signs: read in the page from the bytes that are signed. */
import { commandsOf, ReviewError, type Known } from '../../client/review.ts'
import type { Intent } from '../../client/operations.generated.ts'
import type { Command } from '../../domain/intent/commands.ts'
import { wordsOf, type Words } from '../../domain/intent/words.ts'
import { receivableIdOfNote, receivableIdToHex } from '../../domain/note/span.ts'
import { receivableIdOf } from '../../domain/receivable/terms.ts'
import { nameOf, nameOfAccount } from '../directory/directory.ts'
import { api } from '../login/session.ts'

export interface Reviewed {
  intent: Intent
  /** One for each command, in their order. */
  lines: readonly Words[]
}

/**
 * Checks the intent against what its signer knows (registry, account) and puts its commands into words. Names are the directory's, so
 * numbers stand beside them.
 * @throws ReviewError, CallUnknown: it must not be signed
 */
export async function reviewOf(intent: Intent, known: Known): Promise<Reviewed> {
  const commands = commandsOf(intent, known)
  const lines: Words[] = []
  for (const command of commands) {
    const currency = 'amount' in command ? await currencyOfNote(command.noteId) : 0
    lines.push(wordsOf(command, { currency, nameOf: (id) => `${nameOf(id)} (#${id})`, nameOfAccount }))
  }
  return { intent, lines }
}

/**
 * A call about a part of a note names minor units alone. The currency is told by the api, and proven by the id of the receivable, which
 * commits to its terms.
 */
async function currencyOfNote(noteId: Extract<Command, { noteId: bigint }>['noteId']): Promise<number> {
  const receivableId = receivableIdToHex(receivableIdOfNote(noteId))
  const { receivable } = await api.call('getReceivable', { receivableId })
  const { creditor, debtor, amount, currency, maturity, contentCommitment, fingerprints } = receivable
  const terms = { creditor, debtor, amount: BigInt(amount), currency, maturity, contentCommitment }
  if (receivableIdToHex(receivableIdOf(terms, fingerprints)) !== receivableId) {
    throw new ReviewError('REVIEW_TERMS', 'the terms that the api tells are not those of the receivable')
  }
  return currency
}
