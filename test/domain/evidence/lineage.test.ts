import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { piecesOf } from '../../../domain/evidence/descent.ts'
import { callsToShow, lineageOf } from '../../../domain/evidence/lineage.ts'
import { logIndexOf, type PlacedRecord } from '../../../domain/evidence/record-order.ts'
import { cutRecord, type EvidenceRecord } from '../../../domain/evidence/record.ts'
import type { Step } from '../../../domain/evidence/replay-book.ts'
import { replay } from '../../../domain/evidence/replay.ts'
import { verifyPackage } from '../../../domain/evidence/verify.ts'
import { encodeNoteWord, type NoteFields } from '../../../domain/note/note-word.ts'
import { noteIdOf, noteIdToHex, startOfNote } from '../../../domain/note/span.ts'
import {
  acts,
  callIn,
  commandIn,
  deadline,
  deployment,
  documentOf,
  factorsNote,
  factorsNoteHex,
  firstNote,
  hash,
  invoice,
  makePackage,
  people,
  placeIn,
  receivableHex,
  receivableId,
  recordsOf,
  statesIn,
  suppliersNote,
  type Act
} from './story.ts'

/** What a package of the note tells: its lineage's events, and the cuts of others as the relayer records them. */
function lineageRecords(noteId: bigint, steps: readonly Step[]): PlacedRecord[] {
  const lineage = lineageOf(noteId, steps)
  const cuts = lineage.cuts.map(({ record, note }) => {
    const { txHash, blockNumber, blockHash, blockTime } = record
    const place = { txHash, blockNumber, blockHash, blockTime, logIndex: String(logIndexOf(record)) }
    return cutRecord({ ...place, receivableId: receivableHex, at: String(startOfNote(note!.noteId)) })
  })
  return [...lineage.steps.map(({ record }) => record), ...cuts]
}

const whole = replay(
  receivableId,
  acts.flatMap((act, i) => statesIn(act, i))
)
const namesOf = (records: readonly PlacedRecord[]): string[] =>
  records.map((record) => (record.kind === 'cut' ? `cut at ${record.at}` : record.event.name))

describe('the lineage of a note', () => {
  it('is what happened to its span and to the receivable', () => {
    expect(namesOf(lineageRecords(factorsNote, whole.steps))).toEqual([
      'ReceivableRegistered',
      'ReceivableConfirmed',
      'NoteOffered',
      'NoteAccepted',
      'NoteLocked',
      'NoteFinanced',
      'ReceivableSettled'
    ])
  })

  it('has a cut in place of what was done with the pieces of others', () => {
    expect(namesOf(lineageRecords(firstNote, whole.steps))).toEqual([
      'ReceivableRegistered',
      'ReceivableConfirmed',
      'NoteSettled',
      'ReceivableSettled',
      'cut at 7000'
    ])
  })

  it('refuses to be replayed without a cut that its words depend on', () => {
    const uncut = lineageRecords(firstNote, whole.steps).filter(({ kind }) => kind !== 'cut')
    expect(() => replay(receivableId, uncut, firstNote)).toThrow(expect.objectContaining({ code: 'STATE_MISMATCH' }))
  })

  it('refuses another note than the one that it leads to', () => {
    const records = lineageRecords(firstNote, whole.steps)
    expect(() => replay(receivableId, records, suppliersNote)).toThrow(
      expect.objectContaining({ code: 'LINEAGE_INCOMPLETE' })
    )
  })
})

type Move = { pick: number; amount: number; to: number; kind: 'offer' | 'accept' | 'refuse' | 'merge' }

/** A random life of the notes of a receivable: pieces offered, taken, given back and joined again. */
function liveOut(moves: readonly Move[]): Act[] {
  const notes = new Map<bigint, NoteFields>()
  const terms = { end: 10_000n, holder: people.creditor as number, counterparty: 0, assignor: 0, deadline: 0 }
  notes.set(0n, { ...terms, frozenUntil: 0, tier: 0, state: 'live', purpose: 'none', hasRecourse: false })
  const played = acts.slice(0, 2)
  const emit = (name: string, start: bigint, note: NoteFields, ...more: unknown[]): void => {
    notes.set(start, note)
    const event: [string, unknown[]] = [name, [noteIdOf(receivableId, start), encodeNoteWord(note), ...more]]
    played.push({ ...(acts[0] as Act), day: 2, events: [event] })
  }
  for (const { pick, amount, to, kind } of moves) {
    const [start, note] = [...notes].sort(([a], [b]) => (a < b ? -1 : 1))[pick % notes.size]!
    const size = note.end - start
    if (kind === 'offer' && note.state === 'live') {
      const piece = 1n + (BigInt(amount) % size)
      const others = [people.creditor, people.supplier, people.factor, people.clearing].filter(
        (id) => id !== note.holder
      )
      const counterparty = others[to % others.length]!
      const at = note.end - piece
      if (at > start) notes.set(start, { ...note, end: at })
      emit('NoteOffered', at, { ...note, state: 'offered', purpose: 'transfer', counterparty, deadline }, hash('t'))
    } else if (kind === 'accept' && note.state === 'offered') {
      const { counterparty, holder } = note
      const taken = { state: 'live', purpose: 'none', counterparty: 0, deadline: 0, hasRecourse: false } as const
      emit('NoteAccepted', start, { ...note, ...taken, holder: counterparty, assignor: holder, tier: note.tier + 1 })
    } else if (kind === 'refuse' && note.state === 'offered') {
      emit('NoteRefused', start, { ...note, state: 'live', purpose: 'none', counterparty: 0, deadline: 0 }, hash('r'))
    } else if (kind === 'merge' && note.state === 'live') {
      const next = notes.get(note.end)
      if (!next || encodeNoteWord({ ...next, end: note.end }) !== encodeNoteWord(note)) continue
      const joined = noteIdOf(receivableId, note.end)
      notes.delete(note.end)
      const event: [string, unknown[]] = [
        'NotesMerged',
        [noteIdOf(receivableId, start), encodeNoteWord({ ...note, end: next.end }), joined]
      ]
      notes.set(start, { ...note, end: next.end })
      played.push({ ...(acts[0] as Act), day: 2, events: [event] })
    }
  }
  return played
}

const moves = fc.array(
  fc.record({
    pick: fc.nat(20),
    amount: fc.nat(10_000),
    to: fc.nat(3),
    kind: fc.constantFrom('offer', 'offer', 'accept', 'accept', 'refuse', 'merge', 'merge')
  }),
  { maxLength: 40 }
) as fc.Arbitrary<Move[]>

describe('of random lives, each note', () => {
  it('has by its lineage alone what it has by the whole history', () => {
    fc.assert(
      fc.property(moves, (random) => {
        const played = liveOut(random)
        const all = replay(
          receivableId,
          played.flatMap((act, i) => statesIn(act, i))
        )
        for (const note of all.notes) {
          const alone = replay(receivableId, lineageRecords(note.noteId, all.steps), note.noteId)
          expect(alone.subjects).toEqual([note])
        }
      }),
      { numRuns: 60 }
    )
  })

  it('tells of exactly the events whose span held it, as long as nothing was joined', () => {
    fc.assert(
      fc.property(moves, (random) => {
        const played = liveOut(random.filter(({ kind }) => kind !== 'merge'))
        const all = replay(
          receivableId,
          played.flatMap((act, i) => statesIn(act, i))
        )
        for (const note of all.notes) {
          const held = all.steps.filter(({ span }) => !span || (span.start <= note.start && note.start < span.end))
          expect(lineageOf(note.noteId, all.steps).steps).toEqual(held)
        }
      }),
      { numRuns: 60 }
    )
  })

  it('shows of others at most one boundary for each thing that happened to it', () => {
    fc.assert(
      fc.property(moves, (random) => {
        const played = liveOut(random)
        const { notes, steps } = replay(
          receivableId,
          played.flatMap((act, i) => statesIn(act, i))
        )
        for (const { noteId } of notes) {
          const { steps: own, cuts } = lineageOf(noteId, steps)
          expect(cuts.length).toBeLessThanOrEqual(own.length)
          expect(cuts.some((step) => own.includes(step))).toBe(false)
        }
      }),
      { numRuns: 60 }
    )
  })
})

describe('the tree of random lives', () => {
  it('has the notes of today as its living pieces, and cuts no piece of them all', () => {
    fc.assert(
      fc.property(moves, (random) => {
        const played = liveOut(random)
        const all = replay(
          receivableId,
          played.flatMap((act, i) => statesIn(act, i))
        )
        const pieces = piecesOf(all, { steps: all.steps, cuts: [] }, all.notes)
        const living = pieces.filter(({ joinedInto }) => joinedInto === undefined)
        const shown = living.map(({ note, end, noteId }) => ({ note, end, noteId }))
        expect(shown.toSorted((a, b) => (a.noteId < b.noteId ? -1 : 1))).toEqual(
          all.notes.map((note) => ({ note, end: note.end, noteId: note.noteId }))
        )
        for (const [place, { parent, start, begunEnd, cuts }] of pieces.entries()) {
          // Each is cut off one before it, and begins where it was cut.
          if (parent === undefined) expect([place, start, begunEnd]).toEqual([0, 0n, 10_000n])
          else expect(pieces[parent]!.cuts).toContainEqual(expect.objectContaining({ at: start, child: place }))
          expect(cuts.every(({ child }) => child !== undefined && child > place)).toBe(true)
        }
      }),
      { numRuns: 60 }
    )
  })

  it('leads to one note from the root, and names of others nothing but where they begin', () => {
    fc.assert(
      fc.property(moves, (random) => {
        const played = liveOut(random)
        const all = replay(
          receivableId,
          played.flatMap((act, i) => statesIn(act, i))
        )
        for (const subject of all.notes) {
          const lineage = lineageOf(subject.noteId, all.steps)
          const pieces = piecesOf(all, lineage, [subject])
          expect(pieces.flatMap(({ moves: told }) => told).toSorted(inOrder)).toEqual(
            lineage.steps.filter(({ note }) => note)
          )
          expect(pieces.flatMap(({ cuts }) => cuts).filter(({ child }) => child === undefined)).toHaveLength(
            lineage.cuts.length
          )
          const own = pieces.filter(({ noteId, joinedInto }) => noteId === subject.noteId && joinedInto === undefined)
          expect(own).toMatchObject([{ end: subject.end, note: subject }])
        }
      }),
      { numRuns: 60 }
    )
  })
})

function inOrder({ record: a }: Step, { record: b }: Step): number {
  const [left, right] = [a, b].map((record) => [Number(record.blockNumber), Number(logIndexOf(record))] as const)
  return left![0] - right![0] || left![1] - right![1]
}

describe('a package of a note', () => {
  /** As the api makes it: lineage, commands that it came from, and of their calls those of the lineage. */
  async function packageOfNote(noteId: bigint) {
    const told = lineageRecords(noteId, whole.steps)
    const indexes = acts.flatMap((act, i) => {
      const [state] = statesIn(act, i)
      return told.some((record) => record.kind === 'state' && record.txHash === state!.txHash) ? [i] : []
    })
    const commands = indexes.map((i) => commandIn(acts[i] as Act, i))
    const subject = { kind: 'note', id: noteIdToHex(noteId) } as const
    const calls = indexes.map((i) => callIn(acts[i] as Act))
    const records: EvidenceRecord[] = [documentOf(invoice), ...commands, ...told]
    return makePackage(records, { subject, calls })
  }

  it('is verified, and says nothing of other branches', async () => {
    const { bytes, anchors } = await packageOfNote(factorsNote)
    const report = await verifyPackage(bytes, anchors)
    expect(report.checks.filter(({ ok }) => ok !== true)).toEqual([])
    expect(report.outcome?.notes).toMatchObject([{ noteId: factorsNoteHex, holderName: 'factor', tier: 1 }])
    expect(report.outcome?.receivable).toMatchObject({ settled: null, cancelled: null })
    expect(report.outcome?.history.some((line) => line.includes('note financed [9000, 10000) CNY 10.00'))).toBe(true)
    const text = Buffer.from(bytes).toString('latin1')
    expect(text).not.toContain(hash('payment 1').slice(2))
  })

  it('with a cut is verified too', async () => {
    const { bytes, anchors } = await packageOfNote(firstNote)
    const report = await verifyPackage(bytes, anchors)
    expect(report.checks.filter(({ ok }) => ok !== true)).toEqual([])
    expect(report.outcome?.notes).toMatchObject([{ start: '0', end: '7000', state: 'settled' }])
  })

  it('is refused when its cut is told elsewhere than where it was', async () => {
    const made = recordsOf(acts.slice(0, 2))
    const place = { ...placeIn(acts[2] as Act, 2), logIndex: '0', receivableId: receivableHex, at: '6999' }
    const records = [...made, cutRecord(place), commandIn(acts[6] as Act, 6), ...statesIn(acts[6] as Act, 6)]
    const { bytes, anchors } = await makePackage(records, { subject: { kind: 'note', id: noteIdToHex(firstNote) } })
    const report = await verifyPackage(bytes, anchors)
    expect(report.checks.find(({ name }) => name === 'state')).toMatchObject({ ok: false, code: 'STATE_MISMATCH' })
  })
})

describe('callsToShow', () => {
  it('gives of a batch what the package tells, and no call about anything else', () => {
    const other = { target: deployment.fingerprints, data: '0x12345678' }
    const calls = [callIn(acts[6] as Act), other, callIn(acts[7] as Act)]
    const done = whole.steps.slice(6, 8)
    const show = (isTold: (step: Step) => boolean) =>
      callsToShow(calls, deployment.receivables, receivableId, done, isTold)
    expect(show(() => true)).toEqual([calls[0], calls[2]])
    expect(show((step) => step === done[1])).toEqual([calls[2]])
    expect(show(() => false)).toEqual([])
  })
})
