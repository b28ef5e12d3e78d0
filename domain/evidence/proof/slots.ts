/** Where the contracts keep their words: contracts/storage-layout.json and docs/adr/0007. Slots are 32 bytes, 0x-hex. */
import { keccak256, toBeHex } from 'ethers'
import { noteIdToHex } from '../../note/span.ts'

const word = (value: bigint | number): string => toBeHex(value, 32)

/** An entry of a Solidity mapping: keccak256(key ‖ slot of the mapping). */
function entryOf(key: string, mapping: number): string {
  return keccak256(`0x${key.slice(2)}${word(mapping).slice(2)}`)
}

/** `Fingerprints._claims[fingerprint]`. */
export function claimSlot(fingerprint: string): string {
  return entryOf(fingerprint, 1)
}

/** A note's word is stored at its id. */
export function noteSlot(noteId: bigint): string {
  return noteIdToHex(noteId)
}

/** A receivable's word is stored at the id of the note that can't be. */
export function receivableSlot(receivableId: bigint): string {
  return word((receivableId << 64n) | ((1n << 64n) - 1n))
}

/** The first word of `Receivables._freezes[noteId]`: order's upper half 128, escrow 32, authority 32. */
export function freezeSlot(noteId: bigint): string {
  return entryOf(noteIdToHex(noteId), 0)
}

/** `EvidenceLog.rootOf[size]`. */
export function headSlot(size: number): string {
  return entryOf(word(size), 1)
}

/** Escrow of a freeze, from the word at {@link freezeSlot}. */
export function escrowOf(freezeWord: bigint): number {
  return Number((freezeWord >> 128n) & 0xffff_ffffn)
}
