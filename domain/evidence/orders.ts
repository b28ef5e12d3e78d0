/** What a call orders, and whether an event of the replay is what was ordered. */
import type { Result } from 'ethers'
import { contracts } from '../chain/contracts.ts'
import { notePurposes } from '../note/note-word.ts'
import { receivableIdOfNote } from '../note/span.ts'
import { receivableIdOf, type Terms } from '../receivable/terms.ts'
import type { Step } from './replay-book.ts'

/** A call as its event must show it. */
export interface Order {
  receivableId: bigint
  event: string
  isDone(step: Step): boolean
}

type Reader = (args: Result) => Order

/** Whether the event was ordered so. */
export function isDeedOf(order: Order, step: Step): boolean {
  return step.event.name === order.event && order.isDone(step)
}

/**
 * What a call orders. Undefined for what is no command; without a receivable for a factor's own claims.
 * Arguments are read by place: their names are not part of what was signed.
 */
export function orderOf(
  contract: 'receivables' | 'fingerprints',
  data: string
): Order | { receivableId: undefined } | undefined {
  const call = parseCall(contract, data)
  if (!call) return undefined
  if (contract === 'fingerprints') {
    return ['claim', 'release'].includes(call.name) ? { receivableId: undefined } : undefined
  }
  return readers[call.name]?.(call.args)
}

/** The event's commitment equals the ordered one. */
const says = (name: string, value: unknown) => (step: Step) => step.event.args[name] === String(value)

function onReceivable(event: string, receivableId: bigint, isDone: Order['isDone'] = () => true): Order {
  return { receivableId, event, isDone }
}

/** These restate terms and fingerprints, which the id commits to. */
const byTerms =
  (event: string): Reader =>
  ([terms, fingerprints, reason]) =>
    onReceivable(
      event,
      receivableIdOf((terms as Result).toObject() as Terms, [...(fingerprints as Result)] as string[]),
      reason === undefined ? undefined : says('reason', reason)
    )

function onNote(event: string, noteId: bigint, isDone: Order['isDone'] = () => true): Order {
  const isOf = (step: Step) => step.from === noteId && step.note?.noteId === noteId
  return { receivableId: receivableIdOfNote(noteId), event, isDone: (step) => isOf(step) && isDone(step) }
}

/** About `amount` off the end of a note. */
function onPiece(event: string, noteId: bigint, amount: bigint, isDone: Order['isDone']): Order {
  const isOf = ({ from, span }: Step) => from === noteId && span !== undefined && span.end - span.start === amount
  return { receivableId: receivableIdOfNote(noteId), event, isDone: (step) => isOf(step) && isDone(step) }
}

/** An offer or a lock: `[noteId, counterparty, amount, deadline, purpose, document]`. */
const binding =
  (event: string, document: string): Reader =>
  ([noteId, counterparty, amount, deadline, purpose, commitment]) =>
    onPiece(event, noteId, amount, (step) => {
      const { note } = step
      return (
        note?.counterparty === Number(counterparty) &&
        note.deadline === Number(deadline) &&
        note.purpose === notePurposes[Number(purpose)] &&
        says(document, commitment)(step)
      )
    })

/** `[noteId]`, or `[noteId, document]`. */
const byNote =
  (event: string, document?: string): Reader =>
  ([noteId, commitment]) =>
    onNote(event, noteId, document === undefined ? undefined : says(document, commitment))

const readers: Record<string, Reader | undefined> = {
  register: byTerms('ReceivableRegistered'),
  issue: byTerms('ReceivableIssued'),
  confirm: byTerms('ReceivableConfirmed'),
  reject: byTerms('ReceivableRejected'),
  withdraw: byTerms('ReceivableWithdrawn'),
  dispute: ([id, reason]) => onReceivable('ReceivableDisputed', id, says('reason', reason)),
  liftDispute: ([id, reason]) => onReceivable('ReceivableDisputeLifted', id, says('reason', reason)),
  transfer: binding('NoteOffered', 'tradeDocument'),
  accept: byNote('NoteAccepted'),
  // The fingerprint that a trade transfer claimed stands between; the contract compares it, and no event repeats it.
  refuse: ([noteId, , reason]) => onNote('NoteRefused', noteId, says('reason', reason)),
  recall: byNote('NoteRecalled'),
  merge: ([noteId, nextId]) => onNote('NotesMerged', noteId, says('mergedId', nextId)),
  offerDilution: ([noteId, amount, deadline, creditNote]) =>
    onPiece(
      'NoteDilutionOffered',
      noteId,
      amount,
      (step) => step.note?.deadline === Number(deadline) && says('creditNote', creditNote)(step)
    ),
  acceptDilution: byNote('NoteCancelled'),
  lock: binding('NoteLocked', 'quote'),
  unlock: byNote('NoteUnlocked'),
  finance: byNote('NoteFinanced', 'disbursement'),
  release: byNote('NoteReleased', 'repayment'),
  foreclose: byNote('NoteForeclosed'),
  returnNote: ([noteId, deadline, demand]) =>
    onNote(
      'NoteReturnOffered',
      noteId,
      (step) => step.note?.deadline === Number(deadline) && says('demand', demand)(step)
    ),
  acceptReturn: byNote('NoteReturned'),
  settle: ([noteId, amount, payment]) => onPiece('NoteSettled', noteId, amount, says('payment', payment)),
  settleReceivable: ([id, payment]) => onReceivable('ReceivableSettled', id, says('payment', payment)),
  close: ([id]) => onReceivable('ReceivableClosed', id),
  freeze: ([noteId, amount, until, escrow, order]) =>
    onPiece('NoteFrozen', noteId, amount, ({ note, event }) => {
      const said = event.args['freeze'] as Record<string, string>
      return note?.frozenUntil === Number(until) && said['escrow'] === String(escrow) && said['order'] === String(order)
    }),
  unfreeze: byNote('NoteUnfrozen', 'order')
}

/** Null for a function that the ABI lacks, and for arguments that are cut. */
function parseCall(contract: 'receivables' | 'fingerprints', data: string) {
  try {
    const call = contracts[contract].parseTransaction({ data })
    // Reads every argument: ethers decodes them when they are asked for.
    call?.args.toArray(true)
    return call
  } catch {
    return null
  }
}
