/** The rules of a receivable as a whole: contracts/receivables/Registration.sol and half of Settlement.sol. */
import { isNoteOpen } from '../note/note-states.ts'
import { AMOUNT_MAX, noteIdOf, receivableIdToHex } from '../note/span.ts'
import { receivableIdOf, type Terms } from '../receivable/terms.ts'
import type { StateEvent } from './record.ts'
import { mismatch, moveReceivable, openTerms, payeeAt, requireThat, type Book, type Deed } from './replay-book.ts'

/** No policy allows a longer tenor; what a registry's own is, no record says. Seconds. */
export const MAX_TENOR = 366 * 86_400

/** Applies an event that names no note. Throws STATE_MISMATCH for what the contract refuses. */
export function applyToReceivable(book: Book, event: StateEvent, time: number): Deed {
  if (event.name === 'ReceivableRegistered' || event.name === 'ReceivableIssued') return register(book, event, time)
  const terms = openTerms(book, event)
  const whole = { span: undefined }
  switch (event.name) {
    case 'ReceivableConfirmed':
      moveReceivable(book, 'confirmed', event)
      requireThat(time < terms.maturity, event, 'is after maturity', time, terms.maturity)
      openRootNote(book, terms)
      return { actors: [terms.debtor], ...whole }
    case 'ReceivableRejected':
      moveReceivable(book, 'rejected', event)
      return { actors: [terms.debtor], ...whole }
    case 'ReceivableWithdrawn':
      moveReceivable(book, 'withdrawn', event)
      return { actors: [terms.creditor], ...whole }
    case 'ReceivableDisputed':
    case 'ReceivableDisputeLifted': {
      const isDispute = event.name === 'ReceivableDisputed'
      requireThat(book.state === 'confirmed', event, 'needs a confirmed receivable', book.state, 'confirmed')
      requireThat(book.isDisputed !== isDispute, event, 'changes nothing')
      book.isDisputed = isDispute
      // A regulator may lift it too.
      return { actors: isDispute ? [terms.debtor] : undefined, ...whole }
    }
    case 'ReceivableSettled':
      moveReceivable(book, 'settled', event)
      requireThat(time >= terms.maturity, event, 'is before maturity', time, terms.maturity)
      settleOpenNotes(book, time)
      return { actors: undefined, ...whole }
    case 'ReceivableClosed': {
      moveReceivable(book, 'settled', event)
      // Of a lineage the other notes' ends are not known.
      const open = !book.isLineage && [...book.notes.values()].find(({ state }) => isNoteOpen(state))
      requireThat(!open, event, 'leaves a note open', open ? open.state : undefined, 'settled or cancelled')
      return { actors: undefined, ...whole }
    }
    default:
      return mismatch(`${event.name} is not an event the replay knows`)
  }
}

function register(book: Book, event: StateEvent, time: number): Deed {
  const terms = termsOf(event)
  const fingerprints = event.args['fingerprints'] as string[]
  const id = receivableIdOf(terms, fingerprints)
  requireThat(id === book.id, event, 'has terms of another id', receivableIdToHex(id), receivableIdToHex(book.id))
  const isWithin =
    terms.amount > 0n &&
    terms.amount <= AMOUNT_MAX &&
    terms.creditor !== terms.debtor &&
    terms.currency > 0 &&
    terms.currency <= 999 &&
    terms.maturity <= time + MAX_TENOR
  requireThat(isWithin, event, 'has terms the contract refuses')
  const { length } = fingerprints
  requireThat(length > 0 && length <= 4, event, 'has too few or too many fingerprints', length)
  requireThat(time < terms.maturity, event, 'is after maturity', time, terms.maturity)
  const isIssued = event.name === 'ReceivableIssued'
  moveReceivable(book, isIssued ? 'confirmed' : 'registered', event)
  book.terms = terms
  book.fingerprints = fingerprints
  if (isIssued) openRootNote(book, terms)
  return { actors: [isIssued ? terms.debtor : terms.creditor], span: undefined }
}

/** Confirmation opens the root note `[0, amount)` in the hands of the creditor. */
function openRootNote(book: Book, terms: Terms): void {
  const noteId = noteIdOf(book.id, 0n)
  book.notes.set(noteId, {
    noteId,
    start: 0n,
    end: terms.amount,
    holder: terms.creditor,
    counterparty: 0,
    assignor: 0,
    deadline: 0,
    frozenUntil: 0,
    tier: 0,
    state: 'live',
    purpose: 'none',
    hasRecourse: false,
    payee: 0,
    freeze: undefined
  })
}

/** One payment for every open note, each to its payee of that moment; the rest of each stays as it is. */
function settleOpenNotes(book: Book, time: number): void {
  for (const note of book.notes.values()) {
    if (isNoteOpen(note.state)) Object.assign(note, { payee: payeeAt(note, time), state: 'settled' })
  }
}

function termsOf(event: StateEvent): Terms {
  const terms = event.args['terms'] as Record<keyof Terms, string>
  return {
    creditor: Number(terms.creditor),
    debtor: Number(terms.debtor),
    amount: BigInt(terms.amount),
    currency: Number(terms.currency),
    maturity: Number(terms.maturity),
    contentCommitment: terms.contentCommitment
  }
}
