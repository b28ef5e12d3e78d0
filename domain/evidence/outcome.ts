/** What a replay came to, in words and as JSON. */
import { decimalFromMinor } from '../money/amount.ts'
import { CurrencyUnknown, currencyOfNumber } from '../money/currency.ts'
import { noteIdToHex, receivableIdToHex } from '../note/span.ts'
import type { TrustAnchors } from './anchors.ts'
import type { Replayed, ReplayedNote, Step } from './replay.ts'
import { rfc3339 } from './shape.ts'

/** Plain JSON: amounts and bounds of spans are minor units as decimal strings. */
export interface Outcome {
  receivable: {
    receivableId: string
    state: string
    amount: string
    settled: string
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
    tier: number
  }[]
  /** The newest transaction that the package tells of. */
  asOf: { blockNumber: string; blockTime: string }
  /** What happened, oldest first; of a note only what touched its span. */
  history: string[]
}

/** The state and history after a replay; of one note only when `noteId` is given. */
export function outcomeOf(replayed: Replayed, anchors: TrustAnchors | undefined, noteId?: bigint): Outcome {
  const { terms } = replayed
  const name = namesOf(anchors)
  const note = replayed.notes.find((one) => one.noteId === noteId)
  const touches = ({ span }: Step): boolean => !note || !span || (span.start < note.end && note.start < span.end)
  return {
    receivable: {
      receivableId: receivableIdToHex(replayed.receivableId),
      state: replayed.state,
      amount: String(terms.amount),
      settled: String(replayed.settled),
      currency: currencyName(terms.currency),
      creditor: terms.creditor,
      debtor: terms.debtor,
      maturity: rfc3339(terms.maturity)
    },
    notes: (note ? [note] : replayed.notes).map((one) => ({
      noteId: noteIdToHex(one.noteId),
      start: String(one.start),
      end: String(one.end),
      state: one.state,
      holder: one.holder,
      holderName: name(one.holder),
      tier: one.tier
    })),
    asOf: { blockNumber: replayed.last.blockNumber, blockTime: replayed.last.blockTime },
    history: replayed.steps.filter(touches).map((step) => stepWords(step, terms.currency, name))
  }
}

/** Who holds which span, in one line. */
export function holdingsOf(replayed: Replayed, anchors: TrustAnchors | undefined): string {
  const name = namesOf(anchors)
  const { terms } = replayed
  const held = (note: ReplayedNote): string =>
    `${spanWords(note, terms.currency)} ${note.state}, held by ${name(note.holder)}`
  const whole = `${moneyWords(terms.amount, terms.currency)} owed by ${name(terms.debtor)}, ${replayed.state}`
  const notes = replayed.notes.length === 0 ? '' : `: ${replayed.notes.map(held).join('; ')}`
  return `${whole}${notes} (as of block ${replayed.last.blockNumber}, ${replayed.last.blockTime})`
}

function stepWords({ record, event, span }: Step, currency: number, name: (id: number) => string): string {
  const words = event.name.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()
  const parties = ['holder', 'assignee', 'factor', 'assignor']
    .filter((role) => role in event.args && event.args[role] !== '0')
    .map((role) => `${role} ${name(Number(event.args[role]))}`)
  const where = span ? ` ${spanWords(span, currency)}` : ''
  return [`${record.blockTime} block ${record.blockNumber}: ${words}${where}`, ...parties].join(', ')
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
