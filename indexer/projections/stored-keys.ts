import { numberAt } from '../../domain/chain/hex-word.ts'

/** A power of two: 4 MB, in which 300,000 keys make one of 650,000 others look stored, a million one of 6,000. */
const BITS = 2 ** 25
const BITS_A_KEY = 4
/** Digits that one bit is chosen by. */
const DIGITS = 8

/**
 * Which receivables and claims may be stored, where one process stored all that there are: a Bloom filter over their ids, which are hashes
 * already. What it lacks is certainly not stored and need not be looked up; what it has may be there or not.
 */
export class StoredKeys {
  readonly #bits = new Uint8Array(BITS / 8)

  /** @param key A receivable's id or a claim's fingerprint: 0x and at least 32 hex digits */
  add(key: string): void {
    for (let i = 1; i <= BITS_A_KEY; i++) {
      const bit = bitOf(key, i)
      this.#bits[bit >> 3]! |= 1 << (bit & 7)
    }
  }

  mayHave(key: string): boolean {
    for (let i = 1; i <= BITS_A_KEY; i++) {
      const bit = bitOf(key, i)
      if ((this.#bits[bit >> 3]! & (1 << (bit & 7))) === 0) return false
    }
    return true
  }
}

function bitOf(key: string, part: number): number {
  const from = key.length - 2 - part * DIGITS
  return numberAt(key, from, from + DIGITS) & (BITS - 1)
}
