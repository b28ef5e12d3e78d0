/** What a quote's acceptance locks a note for: the chain sees a commitment to the terms only, so who signs has to look before. */
import { commitmentTo } from '../domain/intent/commitment.ts'
import { noteIdToHex } from '../domain/note/span.ts'
import type { Intent } from './operations.generated.ts'
import { termsOf, type QuoteView } from './quotes.ts'
import { commandsOf, ReviewError, type Known } from './review.ts'

/**
 * Requires that the intent locks for exactly the terms that were shown, and for nothing else.
 * @throws ReviewError REVIEW_TERMS
 */
export function requireTerms(
  intent: Pick<Intent, 'intentId' | 'typedData' | 'digest'>,
  known: Known,
  quote: QuoteView
): void {
  const refuse = (what: string): never => {
    throw new ReviewError('REVIEW_TERMS', what)
  }
  const terms = termsOf(quote)
  const [command, ...others] = commandsOf(intent, known)
  if (command?.kind !== 'lock' || others.length > 0) return refuse('the intent is no lock for a quote')
  const { amount, factor, deadline, purpose, noteId } = command
  const isAsShown =
    noteIdToHex(noteId) === terms.noteId &&
    String(amount) === terms.amount &&
    factor === terms.factor &&
    deadline === terms.fundBy &&
    purpose === terms.purpose &&
    command.quote === commitmentTo(terms.receivableId, quote.text)
  if (!isAsShown) refuse('the intent does not lock for this quote')
}
