/** What a replay came to, in words and as JSON. */
import { decimalFromMinor } from '../money/amount.ts'
import { CurrencyUnknown, currencyOfNumber } from '../money/currency.ts'
import { noteIdToHex, receivableIdToHex } from '../note/span.ts'
import type { TrustAnchors } from './anchors.ts'
import { payeeAt, type ReplayedNote, type Step } from './replay-book.ts'
import type { Replayed } from './replay.ts'
import { rfc3339, unixSeconds } from './shape.ts'

/** Plain JSON: amounts and bounds of spans are minor units as decimal strings. */
export interface Outcome {
  receivable: {
    receivableId: string
    state: string
    isDisputed: boolean
    amount: string
    /** Null in the lineage of one note, which does not know of the others. */
    settled: string | null
    cancelled: string | null
    currency: string
    creditor: number
    debtor: number
    maturity: string
  }
  notes: {
    noteId: string
    start: string
    end: string
    state: string
    holder: number
    holderName: string
    /** Who was paid, or at the package's newest block would be; zero for a cancelled note. */
    payee: number
    payeeName: string
    tier: number
    hasRecourse: boolean
    /** Unix seconds; zero when no freeze was in force at the package's newest block. */
    frozenUntil: number
  }[]
  /** The newest transaction that the package tells of. */
  asOf: { blockNumber: string; blockTime: string }
  /** What happened, oldest first. */
  history: string[]
}

/** The state and history after a replay. */
export function outcomeOf(replayed: Replayed, anchors: TrustAnchors | undefined): Outcome {
  const { terms } = replayed
  const name = namesOf(anchors)
  return {
    receivable: {
      receivableId: receivableIdToHex(replayed.receivableId),
      state: replayed.state,
      isDisputed: replayed.isDisputed,
      amount: String(terms.amount),
      settled: replayed.settled === undefined ? null : String(replayed.settled),
      cancelled: replayed.cancelled === undefined ? null : String(replayed.cancelled),
      currency: currencyName(terms.currency),
      creditor: terms.creditor,
      debtor: terms.debtor,
      maturity: rfc3339(terms.maturity)
    },
    notes: replayed.subjects.map((one) => noteOutcome(one, unixSeconds(replayed.last.blockTime), name)),
    asOf: { blockNumber: replayed.last.blockNumber, blockTime: replayed.last.blockTime },
    history: replayed.steps.map((step) => stepWords(step, terms.currency, name))
  }
}

function noteOutcome(note: ReplayedNote, time: number, name: (id: number) => string): Outcome['notes'][number] {
  const payee = payeeOf(note, time)
  return {
    noteId: noteIdToHex(note.noteId),
    start: String(note.start),
    end: String(note.end),
    state: note.state,
    holder: note.holder,
    holderName: name(note.holder),
    payee,
    payeeName: payee === 0 ? '' : name(payee),
    tier: note.tier,
    hasRecourse: note.hasRecourse,
    frozenUntil: note.frozenUntil > time ? note.frozenUntil : 0
  }
}

function payeeOf(note: ReplayedNote, time: number): number {
  if (note.state === 'cancelled') return 0
  return note.payee || payeeAt(note, time)
}

/** Who holds which span, in one line. */
export function holdingsOf(replayed: Replayed, anchors: TrustAnchors | undefined): string {
  const name = namesOf(anchors)
  const { terms } = replayed
  const time = unixSeconds(replayed.last.blockTime)
  const held = (note: ReplayedNote): string => {
    const payee = payeeOf(note, time)
    const paid = payee === 0 || payee === note.holder ? '' : `, payable to ${name(payee)}`
    return `${spanWords(note, terms.currency)} ${note.state}, held by ${name(note.holder)}${paid}`
  }
  const disputed = replayed.isDisputed ? ', disputed' : ''
  const whole = `${moneyWords(terms.amount, terms.currency)} owed by ${name(terms.debtor)}, ${replayed.state}${disputed}`
  const notes = replayed.subjects.length === 0 ? '' : `: ${replayed.subjects.map(held).join('; ')}`
  return `${whole}${notes} (as of block ${replayed.last.blockNumber}, ${replayed.last.blockTime})`
}

function stepWords({ record, event, span, note }: Step, currency: number, name: (id: number) => string): string {
  const words = event.name.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()
  const parties = note ? partiesOf(note).map(([role, id]) => `${role} ${name(id)}`) : []
  const where = span ? ` ${spanWords(span, currency)}` : ''
  return [`${record.blockTime} block ${record.blockNumber}: ${words}${where}`, ...parties].join(', ')
}

/** Who is named in a note, by what the note calls them. */
function partiesOf({ state, purpose, holder, counterparty, assignor, payee }: ReplayedNote): [string, number][] {
  const roles = { transfer: 'assignee', 'trade-transfer': 'assignee', dilution: 'debtor', return: 'assignor' } as const
  const bound = purpose in roles ? roles[purpose as keyof typeof roles] : state === 'pledged' ? 'lender' : 'factor'
  const named: [string, number][] = [
    ['holder', holder],
    [bound, purpose === 'none' ? 0 : counterparty],
    ['assignor', purpose === 'return' ? 0 : assignor],
    ['payee', payee]
  ]
  return named.filter(([, id]) => id !== 0)
}

function spanWords({ start, end }: { start: bigint; end: bigint }, currency: number): string {
  return `[${start}, ${end}) ${moneyWords(end - start, currency)}`
}

function moneyWords(minor: bigint, currency: number): string {
  const code = currencyCode(currency)
  return code ? `${code} ${decimalFromMinor(minor, code)}` : `${minor} minor units of currency ${currency}`
}

function currencyName(currency: number): string {
  return currencyCode(currency) ?? String(currency)
}

/** Undefined for a number that ISO 4217 does not have: the contract takes any but zero. */
function currencyCode(currency: number): string | undefined {
  try {
    return currencyOfNumber(currency)
  } catch (error) {
    if (error instanceof CurrencyUnknown) return undefined
    throw error
  }
}

function namesOf(anchors: TrustAnchors | undefined): (id: number) => string {
  const names = new Map(anchors?.participants.map(({ id, name }) => [id, name]))
  return (id) => names.get(id) ?? `participant ${id}`
}
