import { describe, expect, it } from 'vitest'
import type { StateRecord } from '../../../domain/evidence/record.ts'
import { replay } from '../../../domain/evidence/replay.ts'
import { cutNoteId, noteIdOf } from '../../../domain/note/span.ts'
import { receivableIdOf, type Terms } from '../../../domain/receivable/terms.ts'
import {
  acts,
  factorsNote,
  fingerprints,
  firstNote,
  hash,
  people,
  receivableId,
  stateIn,
  suppliersNote,
  terms,
  type Act
} from './story.ts'

const [register, confirm, transfer, accept, lock] = acts as [Act, Act, Act, Act, Act]
const told = (...played: Act[]): StateRecord[] => played.map((act, i) => stateIn(act, i) as StateRecord)
const act = (day: number, ...events: Act['events']): Act => ({ ...register, day, events })
const mismatch = expect.objectContaining({ code: 'STATE_MISMATCH' })
const incomplete = expect.objectContaining({ code: 'LINEAGE_INCOMPLETE' })
const deadline = terms.maturity - 60 * 86_400

describe('the replay refuses', () => {
  it.each<[string, Partial<Terms>]>([
    ['an amount of zero', { amount: 0n }],
    ['a creditor that is its own debtor', { creditor: people.debtor }]
  ])('terms with %s, though the id fits them', (_, change) => {
    const changed = { ...terms, ...change }
    const id = receivableIdOf(changed, fingerprints)
    expect(() => replay(id, told(act(0, ['ReceivableRegistered', [id, changed, fingerprints]])))).toThrow(mismatch)
  })

  it('a registration after maturity', () => {
    expect(() => replay(receivableId, told({ ...register, day: 90 }))).toThrow(mismatch)
  })

  it('a second first note, and one that does not start at zero', () => {
    expect(() => replay(receivableId, told(register, confirm, act(2, confirm.events[1]!)))).toThrow(mismatch)
    const late: Act = {
      ...confirm,
      events: [confirm.events[0]!, ['NoteOpened', [noteIdOf(receivableId, 5n), 10_000, 1]]]
    }
    expect(() => replay(receivableId, told(register, late))).toThrow(mismatch)
    expect(() => replay(receivableId, told(register, act(1, confirm.events[1]!)))).toThrow(mismatch)
  })

  it('a cut from a note that is on offer', () => {
    const piece = cutNoteId(suppliersNote, 10_000n, 1_000n)
    const cut = act(3, [
      'NoteLocked',
      [piece, suppliersNote, 10_000, people.creditor, people.factor, deadline, hash('q')]
    ])
    expect(() => replay(receivableId, told(register, confirm, transfer, cut))).toThrow(mismatch)
  })

  it('an offer at the second of maturity', () => {
    const args = [...transfer.events[0]![1]]
    args[5] = terms.maturity
    expect(() => replay(receivableId, told(register, confirm, act(90, ['NoteOffered', args])))).toThrow(mismatch)
  })

  it('an offer whose deadline is over', () => {
    const args = [...transfer.events[0]![1]]
    args[5] = terms.maturity - 89 * 86_400
    expect(() => replay(receivableId, told(register, confirm, act(2, ['NoteOffered', args])))).toThrow(mismatch)
  })

  it('a financing of an offer, an acceptance of a lock, and a recall of a lock', () => {
    const finance = act(3, ['NoteFinanced', [suppliersNote, people.supplier, people.creditor, hash('d')]])
    expect(() => replay(receivableId, told(register, confirm, transfer, finance))).toThrow(mismatch)
    const locked = [register, confirm, transfer, accept, lock]
    const taken = act(5, ['NoteAccepted', [factorsNote, people.factor, people.supplier, 2]])
    expect(() => replay(receivableId, told(...locked, taken))).toThrow(mismatch)
    expect(() => replay(receivableId, told(...locked, act(5, ['NoteRecalled', [factorsNote]])))).toThrow(mismatch)
    expect(() => replay(receivableId, told(...locked, act(5, ['NoteRefused', [factorsNote, hash('r')]])))).toThrow(
      mismatch
    )
  })

  it('an acceptance from another than the holder, and one at the second of maturity', () => {
    const other = act(3, ['NoteAccepted', [suppliersNote, people.supplier, people.factor, 1]])
    expect(() => replay(receivableId, told(register, confirm, transfer, other))).toThrow(mismatch)
    const args = [...transfer.events[0]![1]]
    args[5] = terms.maturity
    const late = [register, confirm, act(2, ['NoteOffered', args]), { ...accept, day: 90 }]
    expect(() => replay(receivableId, told(...late))).toThrow(mismatch)
  })

  it('a second settlement of a note', () => {
    const settle = acts[6] as Act
    expect(() => replay(receivableId, told(...acts.slice(0, 7), { ...settle, day: 91 }))).toThrow(mismatch)
  })

  it('moves of a receivable that was rejected or withdrawn', () => {
    for (const end of [
      act(1, ['ReceivableRejected', [receivableId, hash('r')]]),
      act(1, ['ReceivableWithdrawn', [receivableId]])
    ]) {
      expect(() => replay(receivableId, told(register, end, { ...confirm, day: 2 }))).toThrow(mismatch)
    }
  })

  it('to say anything of a receivable that no record opens', () => {
    expect(() => replay(receivableId, [])).toThrow(incomplete)
    expect(() => replay(receivableId, told(transfer))).toThrow(incomplete)
    expect(() => replay(receivableId + 1n, told(...acts))).toThrow(incomplete)
  })
})

describe('the replay', () => {
  it('gives a refused, recalled or unlocked piece back to its holder', () => {
    const refused = act(3, ['NoteRefused', [suppliersNote, hash('r')]])
    const recalled = act(3, ['NoteRecalled', [suppliersNote]])
    for (const end of [refused, recalled]) {
      const { notes } = replay(receivableId, told(register, confirm, transfer, end))
      expect(notes.map(({ start, end, state, holder }) => [start, end, state, holder])).toEqual([
        [0n, 7_000n, 'live', people.creditor],
        [7_000n, 10_000n, 'live', people.creditor]
      ])
    }
    const unlocked = act(5, ['NoteUnlocked', [factorsNote]])
    const { notes } = replay(receivableId, told(register, confirm, transfer, accept, lock, unlocked))
    expect(notes.at(-1)).toMatchObject({ noteId: factorsNote, state: 'live', holder: people.supplier, counterparty: 0 })
  })

  it('offers a note whole without a cut', () => {
    const args = [firstNote, firstNote, 10_000, people.creditor, people.supplier, deadline, hash('t')]
    const { notes } = replay(receivableId, told(register, confirm, act(2, ['NoteOffered', args])))
    expect(notes).toMatchObject([{ noteId: firstNote, start: 0n, end: 10_000n, state: 'offered' }])
  })

  it('opens an issued receivable in one transaction', () => {
    const issued = act(0, ['ReceivableIssued', [receivableId, terms, fingerprints]], confirm.events[1]!)
    expect(replay(receivableId, told(issued))).toMatchObject({ state: 'confirmed', notes: [{ state: 'live' }] })
  })

  it('leaves out what the same transactions did to other receivables', () => {
    const other = { ...terms, amount: 1n }
    const id = receivableIdOf(other, fingerprints)
    const batch = act(0, ...register.events, ['ReceivableRegistered', [id, other, fingerprints]])
    expect(replay(receivableId, told(batch)).steps).toHaveLength(1)
    expect(replay(id, told(batch)).terms.amount).toBe(1n)
  })

  it('names who may have caused each event', () => {
    const { steps } = replay(receivableId, told(...acts))
    expect(steps.map(({ event, actors }) => [event.name, actors])).toEqual([
      ['ReceivableRegistered', [people.creditor]],
      ['ReceivableConfirmed', [people.debtor]],
      ['NoteOpened', null],
      ['NoteOffered', [people.creditor]],
      ['NoteAccepted', [people.supplier]],
      ['NoteLocked', [people.supplier]],
      ['NoteFinanced', [people.factor]],
      ['NoteSettled', undefined],
      ['NoteSettled', undefined],
      ['NoteSettled', undefined],
      ['ReceivableSettled', null]
    ])
  })

  it('lets the holder unlock only after the deadline', () => {
    const unlock = (day: number) => act(day, ['NoteUnlocked', [factorsNote]])
    const actors = (day: number) =>
      replay(receivableId, told(register, confirm, transfer, accept, lock, unlock(day))).steps.at(-1)?.actors
    expect(actors(5)).toEqual([people.factor])
    expect(actors(31)).toEqual([people.factor, people.supplier])
  })
})
