import { lowIntegerOf, numberAt } from '../chain/hex-word.ts'
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
  return decodeNoteHex(`0x${word.toString(16).padStart(64, '0')}`)
}

/** Unpacks the word as 0x and 64 hex digits, as a log has it. Throws on an unknown state. */
export function decodeNoteHex(hex: string): NoteFields {
  const flags = numberAt(hex, 0, 2)
  const state = noteStates[flags & 7]
  if (state === undefined) throw new RangeError(`note word has no known state: ${hex}`)
  return {
    end: lowIntegerOf(hex),
    holder: numberAt(hex, 40, 48),
    counterparty: numberAt(hex, 32, 40),
    assignor: numberAt(hex, 24, 32),
    deadline: numberAt(hex, 14, 24),
    frozenUntil: numberAt(hex, 4, 14),
    tier: numberAt(hex, 2, 4),
    state,
    purpose: notePurposes[(flags >> 3) & 7]!,
    hasRecourse: ((flags >> 6) & 1) === 1
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
