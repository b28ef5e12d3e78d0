import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findings } from '../../../domain/settlement/match.ts'
import {
  accountBook,
  chainBook,
  lineKinds,
  type BookedEntry,
  type SettledNote
} from '../../../domain/settlement/report.ts'

const part = (amount: bigint, state: 'accepted' | 'settling' | 'settled' = 'settled') => ({
  noteId: '0x01',
  receivableId: '0x02',
  amount,
  state,
  settledNoteId: state === 'settled' ? '0x03' : null,
  txHash: state === 'settled' ? '0x04' : null,
  block: state === 'settled' ? 7 : null
})
const entry = (fields: Partial<BookedEntry> = {}): BookedEntry => ({
  entryId: 1,
  digest: '0x0a',
  effect: 'credit',
  amount: 1000n,
  finding: 'matched',
  remark: null,
  reversal: null,
  parts: [part(1000n)],
  proposed: 0n,
  ...fields
})
const kindsOf = (...entries: BookedEntry[]) =>
  accountBook(entries, { opening: null, closing: null }).lines.map(({ kind, amount }) => [kind, amount])

describe('the book of an account', () => {
  it('tells of each entry what it became', () => {
    expect(kindsOf(entry())).toEqual([['settled', 1000n]])
    expect(kindsOf(entry({ parts: [part(300n), part(600n, 'settling')] }))).toEqual([
      ['settled', 300n],
      ['settling', 600n],
      ['unapplied', 100n]
    ])
    expect(kindsOf(entry({ parts: [], finding: 'proposed', proposed: 800n }))).toEqual([
      ['proposed', 800n],
      ['unapplied', 200n]
    ])
    expect(kindsOf(entry({ parts: [], finding: 'no-open-note' }))).toEqual([['not-ours', 1000n]])
    expect(kindsOf(entry({ parts: [], finding: 'debit', effect: 'debit' }))).toEqual([['not-ours', -1000n]])
    expect(kindsOf(entry({ parts: [], finding: 'duplicate-payment' }))).toEqual([['unapplied', 1000n]])
    expect(kindsOf(entry({ parts: [], reversal: 2 }))).toEqual([['taken-back', 1000n]])
    expect(kindsOf(entry({ parts: [], reversal: 1, finding: 'reversal', effect: 'debit' }))).toEqual([
      ['taking-back', -1000n]
    ])
  })

  it('has a line for what the balances say and the entries do not', () => {
    const book = accountBook([entry()], { opening: 50n, closing: 1060n })
    expect(book).toMatchObject({ movement: 1000n, isBalanced: false })
    expect(book.lines.at(-1)).toMatchObject({ kind: 'difference', amount: 10n })
    expect(accountBook([entry()], { opening: 50n, closing: 1050n }).isBalanced).toBe(true)
    expect(accountBook([entry()], { opening: null, closing: 1050n }).isBalanced).toBeNull()
  })

  it('refuses an entry that was applied beyond its amount', () => {
    expect(() => accountBook([entry({ parts: [part(1001n)] })], { opening: null, closing: null })).toThrow(RangeError)
  })

  it('always balances to the cent: each entry by its lines, the day by its closing balance', () => {
    const amounts = fc.bigInt(0n, 10n ** 17n)
    const entries = fc.array(
      fc.record({
        effect: fc.constantFrom('credit', 'debit'),
        finding: fc.constantFrom(...findings),
        shares: fc.array(amounts, { maxLength: 4 }),
        over: amounts,
        proposed: amounts,
        isBack: fc.boolean()
      }),
      { maxLength: 12 }
    )
    fc.assert(
      fc.property(entries, fc.bigInt(-(10n ** 17n), 10n ** 17n), fc.bigInt(-1000n, 1000n), (drawn, opening, error) => {
        const states = ['accepted', 'settling', 'settled'] as const
        const booked = drawn.map(({ effect, finding, shares, over, proposed, isBack }, entryId): BookedEntry => {
          // Only money that came is applied to notes.
          const parts =
            effect === 'credit' && finding !== 'reversal' ? shares.map((one, i) => part(one, states[i % 3])) : []
          const amount = parts.reduce((sum, one) => sum + one.amount, over)
          const waits = effect === 'credit' ? proposed : 0n
          return { entryId, digest: `${entryId}`, effect, amount, finding, remark: null, reversal: isBack ? 1 : null, parts, proposed: waits } // prettier-ignore
        })
        const signed = (one: BookedEntry) => (one.effect === 'credit' ? one.amount : -one.amount)
        const movement = booked.reduce((sum, one) => sum + signed(one), 0n)
        const closing = opening + movement + error
        const book = accountBook(booked, { opening, closing })
        const sum = book.lines.reduce((total, line) => total + line.amount, 0n)
        expect(opening + sum).toBe(closing)
        expect(lineKinds.reduce((total, kind) => total + book.totals[kind], 0n)).toBe(sum)
        expect(book.isBalanced).toBe(error === 0n)
        expect(book.lines.filter(({ kind }) => kind === 'difference')).toHaveLength(error === 0n ? 0 : 1)
        for (const one of booked) {
          const own = book.lines.filter(({ entryId }) => entryId === one.entryId)
          expect(own.reduce((total, line) => total + line.amount, 0n)).toBe(signed(one))
        }
      })
    )
  })
})

describe('the chain’s side', () => {
  const note = (amount: bigint, paid: bigint | null): SettledNote => ({
    noteId: '0x01',
    receivableId: '0x02',
    amount,
    payee: 5,
    txHash: '0x04',
    block: 7,
    entry: paid === null ? null : { entryId: 1, digest: '0x0a', amount: paid }
  })

  it('tells the notes that no entry paid, and a difference by a line of its own', () => {
    const book = chainBook([note(100n, 100n), note(30n, null), note(50n, 49n)])
    expect(book).toMatchObject({ settled: 180n, withEntry: 149n, withoutEntry: 30n, difference: 1n, isBalanced: false })
    expect(book.lines.map(({ kind }) => kind)).toEqual(['with-entry', 'without-entry', 'with-entry', 'difference'])
    expect(chainBook([note(100n, 100n), note(30n, null)]).isBalanced).toBe(true)
    // Differences that cancel each other out are still differences.
    expect(chainBook([note(50n, 49n), note(50n, 51n)])).toMatchObject({ difference: 0n, isBalanced: false })
  })

  it('adds up to what was settled', () => {
    const notes = fc.array(fc.tuple(fc.bigInt(1n, 10n ** 18n), fc.option(fc.bigInt(1n, 10n ** 18n))))
    fc.assert(
      fc.property(notes, (drawn) => {
        const book = chainBook(drawn.map(([amount, paid]) => note(amount, paid)))
        expect(book.settled).toBe(drawn.reduce((sum, [amount]) => sum + amount, 0n))
        expect(book.withEntry + book.withoutEntry + book.difference).toBe(book.settled)
      })
    )
  })
})
