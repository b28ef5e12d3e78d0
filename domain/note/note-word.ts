import { noteStates, type NoteState } from './note-states.ts'

/**
 * What the counterparty of an offered, locked or pledged note may do with it. Order and spelling equal `NotePurpose` in
 * contracts/libraries/NoteWords.sol, in kebab case.
 */
export const notePurposes = [
  'none',
  'transfer',
  'trade-transfer',
  'dilution',
  'return',
  'assignment',
  'recourse-assignment',
  'pledge'
] as const
export type NotePurpose = (typeof notePurposes)[number]

/** The fields of a note as the contract stores them. Parties are participant numbers, zero for none; times unix seconds. */
export interface NoteFields {
  end: bigint
  holder: number
  counterparty: number
  assignor: number
  deadline: number
  frozenUntil: number
  tier: number
  state: NoteState
  purpose: NotePurpose
  hasRecourse: boolean
}

/** Unpacks the word of a note's event, laid out as contracts/libraries/NoteWords.sol says. Throws on an unknown state. */
export function decodeNoteWord(word: bigint): NoteFields {
  const bits = (offset: bigint, width: bigint): bigint => (word >> offset) & ((1n << width) - 1n)
  const state = noteStates[Number(bits(248n, 3n))]
  if (state === undefined) throw new RangeError(`note word has no known state: ${word}`)
  return {
    end: bits(0n, 64n),
    holder: Number(bits(64n, 32n)),
    counterparty: Number(bits(96n, 32n)),
    assignor: Number(bits(128n, 32n)),
    deadline: Number(bits(160n, 40n)),
    frozenUntil: Number(bits(200n, 40n)),
    tier: Number(bits(240n, 8n)),
    state,
    purpose: notePurposes[Number(bits(251n, 3n))]!,
    hasRecourse: bits(254n, 1n) === 1n
  }
}

/** Packs a note's fields into the contract's word: the inverse of {@link decodeNoteWord}. */
export function encodeNoteWord(note: NoteFields): bigint {
  return (
    note.end |
    (BigInt(note.holder) << 64n) |
    (BigInt(note.counterparty) << 96n) |
    (BigInt(note.assignor) << 128n) |
    (BigInt(note.deadline) << 160n) |
    (BigInt(note.frozenUntil) << 200n) |
    (BigInt(note.tier) << 240n) |
    (BigInt(noteStates.indexOf(note.state)) << 248n) |
    (BigInt(notePurposes.indexOf(note.purpose)) << 251n) |
    (note.hasRecourse ? 1n << 254n : 0n)
  )
}
