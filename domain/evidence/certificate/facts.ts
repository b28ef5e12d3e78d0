/**
 * What the words of the contracts say, read as the contracts read them. The issuer and the verifier both come to a
 * certificate's facts by these functions, the one from a node, the other from proofs: so nothing of them is believed.
 */
import { decodeClaimWord } from '../../fingerprint/claim-word.ts'
import { isNoteOpen } from '../../note/note-states.ts'
import { decodeNoteWord, type NoteFields } from '../../note/note-word.ts'
import { noteIdOf, receivableIdOfNote, receivableIdToHex, startOfNote } from '../../note/span.ts'
import { decodeReceivableWord, type ReceivableFields } from '../../receivable/receivable-word.ts'
import { EvidenceError } from '../errors.ts'
import { claimSlot, escrowOf, freezeSlot, noteSlot, receivableSlot } from '../proof/slots.ts'
import { rfc3339 } from '../shape.ts'
import type { NoClaimStatement, PayToStatement, ProvenanceStatement, SearchStatement } from './statement.ts'

/** Reads a word of a contract's storage as of the certificate's block. */
export type ReadWord = (contract: 'fingerprints' | 'receivables', slot: string) => Promise<bigint>

export type ClaimFacts = Pick<SearchStatement, 'kind' | 'claim'> | Pick<NoClaimStatement, 'kind'>
export type PayToFacts = Pick<PayToStatement, 'kind' | 'receivable' | 'spans' | 'isFinal'>
export type ProvenanceFacts = Pick<ProvenanceStatement, 'kind' | 'receivable' | 'note'>

/** Whether the document is claimed, and by whom. */
export async function claimFacts(read: ReadWord, fingerprint: string): Promise<ClaimFacts> {
  const word = await read('fingerprints', claimSlot(fingerprint))
  if (word === 0n) return { kind: 'no-claim' }
  const { registry, claimant, reason, subject } = decodeClaimWord(word)
  if (reason === 'none') return mismatch('claim has no reason')
  return { kind: 'search', claim: { registry, claimant, reason, subject: receivableIdToHex(subject) } }
}

/**
 * Whom the debtor pays for each span, at `time` (unix seconds, the block's).
 * @throws EvidenceError SPANS_INCOMPLETE unless the spans partition `[0, amount)`; FACTS_MISMATCH when it was never confirmed
 */
export async function payToFacts(read: ReadWord, receivableId: bigint, time: number): Promise<PayToFacts> {
  const fields = await receivableIn(read, receivableId)
  const spans: PayToFacts['spans'] = []
  for (let start = 0n; start < fields.amount;) {
    const noteId = noteIdOf(receivableId, start)
    const note = await noteIn(read, fields, noteId, time)
    if (!note || note.end <= start || note.end > fields.amount) {
      throw new EvidenceError('SPANS_INCOMPLETE', `no note covers the receivable from ${start} on`, {
        presented: note?.end ?? 'none',
        required: `an end up to ${fields.amount}`
      })
    }
    spans.push({
      start: String(start),
      end: String(note.end),
      state: note.state as PayToFacts['spans'][number]['state'],
      tier: note.tier,
      holder: note.holder,
      payee: note.payee,
      isFinal: isPayeeFinal(note, fields, time)
    })
    start = note.end
  }
  return { kind: 'pay-to', receivable: statedOf(fields), spans, isFinal: spans.every((span) => span.isFinal) }
}

/** That the note is a span of the confirmed receivable, and what it is now. Its id says of which and from where on. */
export async function provenanceFacts(read: ReadWord, noteId: bigint, time: number): Promise<ProvenanceFacts> {
  const fields = await receivableIn(read, receivableIdOfNote(noteId))
  const note = await noteIn(read, fields, noteId, time)
  const start = startOfNote(noteId)
  if (!note || note.end <= start || note.end > fields.amount) return mismatch('there is no such note at that block')
  const { end, tier, holder, hasRecourse } = note
  const state = note.state as ProvenanceFacts['note']['state']
  return {
    kind: 'provenance',
    receivable: statedOf(fields),
    note: { start: String(start), end: String(end), state, tier, holder, hasRecourse }
  }
}

interface PaidNote extends NoteFields {
  /** Who is paid; zero for a cancelled note. */
  payee: number
}

async function receivableIn(read: ReadWord, receivableId: bigint): Promise<ReceivableFields> {
  const word = await read('receivables', receivableSlot(receivableId))
  const fields = word === 0n ? undefined : decodeReceivableWord(word)
  if (fields?.state !== 'confirmed' && fields?.state !== 'settled') {
    return mismatch(`receivable ${receivableIdToHex(receivableId)} was not confirmed at that block`)
  }
  return fields
}

/** {Ledger-_noteIn} and {Settlement-_payeeOf}. Undefined: no note starts there. */
async function noteIn(
  read: ReadWord,
  receivable: ReceivableFields,
  noteId: bigint,
  time: number
): Promise<PaidNote | undefined> {
  if (startOfNote(noteId) === 0n && receivable.rootEnd > 0n) {
    const { rootEnd: end, creditor } = receivable
    const isSettled = receivable.isRootSettled || receivable.state === 'settled'
    const root = { counterparty: 0, assignor: 0, deadline: 0, frozenUntil: 0, tier: 0, purpose: 'none' as const }
    return {
      ...root,
      end,
      holder: creditor,
      state: isSettled ? 'settled' : 'live',
      hasRecourse: false,
      payee: creditor
    }
  }
  const word = await read('receivables', noteSlot(noteId))
  const note = decodeNoteWord(word)
  if (note.state === 'none') return undefined
  if (note.frozenUntil <= time) note.frozenUntil = 0
  const payee = await payeeOf(read, noteId, note)
  // Settling the whole receivable wrote none of its notes.
  if (receivable.state === 'settled' && isNoteOpen(note.state)) note.state = 'settled'
  return { ...note, payee }
}

async function payeeOf(read: ReadWord, noteId: bigint, note: NoteFields): Promise<number> {
  if (note.state === 'cancelled') return 0
  if (note.state === 'settled') return note.counterparty
  if (note.frozenUntil !== 0) return escrowOf(await read('receivables', freezeSlot(noteId)))
  return note.state === 'pledged' ? note.counterparty : note.holder
}

/** Paid, or matured and neither frozen nor open to a return by recourse: what could still change whom to pay. */
function isPayeeFinal(note: PaidNote, receivable: ReceivableFields, time: number): boolean {
  if (!isNoteOpen(note.state)) return true
  return time >= receivable.maturity && note.frozenUntil === 0 && !note.hasRecourse
}

function statedOf(fields: ReceivableFields): PayToFacts['receivable'] {
  return {
    state: fields.state as PayToFacts['receivable']['state'],
    isDisputed: fields.isDisputed,
    amount: String(fields.amount),
    currency: fields.currency,
    creditor: fields.creditor,
    debtor: fields.debtor,
    maturity: rfc3339(fields.maturity)
  }
}

function mismatch(message: string): never {
  throw new EvidenceError('FACTS_MISMATCH', message)
}
