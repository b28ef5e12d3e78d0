import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  AMOUNT_MAX,
  cutNoteId,
  noteIdOf,
  noteIdToHex,
  receivableIdOfNote,
  receivableIdToHex,
  startOfNote
} from '../../../domain/note/span.ts'

const receivableIds = fc.bigInt({ min: 0n, max: (1n << 192n) - 1n })
const amounts = fc.bigInt({ min: 0n, max: AMOUNT_MAX })

describe('note ids', () => {
  it('refuse a start beyond an amount and a receivable id beyond 192 bits', () => {
    expect(() => noteIdOf(1n, AMOUNT_MAX + 1n)).toThrow('start must be an amount')
    expect(() => noteIdOf(1n << 192n, 0n)).toThrow('receivableId must have 192 bits')
  })

  it('give back the receivable and the start that they were made of', () => {
    fc.assert(
      fc.property(receivableIds, amounts, (receivableId, start) => {
        const id = noteIdOf(receivableId, start)
        expect(receivableIdOfNote(id)).toBe(receivableId)
        expect(startOfNote(id)).toBe(start)
      })
    )
  })

  it('begin with the receivable id in hex, so that a person sees where a note belongs', () => {
    fc.assert(
      fc.property(receivableIds, amounts, (receivableId, start) => {
        expect(noteIdToHex(noteIdOf(receivableId, start)).startsWith(receivableIdToHex(receivableId))).toBe(true)
      })
    )
  })
})

describe('a cut', () => {
  it('refuses nothing, and more than the span', () => {
    expect(() => cutNoteId(noteIdOf(7n, 10n), 20n, 0n)).toThrow('amount must be within the span')
    expect(() => cutNoteId(noteIdOf(7n, 10n), 20n, 11n)).toThrow('amount must be within the span')
  })

  it('leaves pieces that add up: the rest ends where the piece starts', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 1n << 40n }),
        fc.bigInt({ min: 1n, max: 1n << 40n }),
        fc.nat(),
        (start, length, seed) => {
          const amount = (BigInt(seed) % length) + 1n
          const piece = startOfNote(cutNoteId(noteIdOf(3n, start), start + length, amount))
          expect(start + length - piece).toBe(amount)
          expect(piece - start + amount).toBe(length)
        }
      )
    )
  })

  it('of the whole is the note itself', () => {
    expect(cutNoteId(noteIdOf(3n, 5n), 12n, 7n)).toBe(noteIdOf(3n, 5n))
  })
})
