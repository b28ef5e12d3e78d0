/** A receivable's notes as a tree: each piece, what it was cut off, what left it and what happened to it. For a picture. */
import { noteIdOf } from '../note/span.ts'
import type { Lineage } from './lineage.ts'
import type { Replayed } from './replay.ts'
import type { ReplayedNote, Step } from './replay-book.ts'

/** A note from its beginning to where another took it in. An id that was merged away may begin a second piece later. */
export interface Piece {
  noteId: bigint
  /** Place in the list of the piece that it was cut off; undefined for the root. */
  parent: number | undefined
  /** Of the event that began it: the confirmation for the root, else the cut. */
  opened: Step
  /** The span that it began with, minor units. */
  start: bigint
  begunEnd: bigint
  /** As the newest event that is told left it; undefined for a root that nothing happened to. */
  note: ReplayedNote | undefined
  /** Where its span ends after all that is told. */
  end: bigint
  /** What left it, in order. `child` is the place of the piece in the list, undefined where it is other people's business. */
  cuts: { at: bigint; child: number | undefined; step: Step }[]
  moves: Step[]
  /** Place of the piece that it was merged into. */
  joinedInto: number | undefined
}

/**
 * The pieces that a lineage tells of, each after the one that it was cut off.
 * @param lineage `{ steps, cuts: [] }` with all steps for the whole receivable
 * @param subjects What it is told of: a payment for all notes at once names none of them
 */
export function piecesOf(
  { receivableId, terms, steps }: Replayed,
  lineage: Lineage,
  subjects: readonly ReplayedNote[]
): Piece[] {
  const [told, cut] = [new Set(lineage.steps), new Set(lineage.cuts)]
  const pieces: Piece[] = []
  /** Places of the pieces that are notes now. */
  const living = new Map<bigint, number>()
  const open = (noteId: bigint, opened: Step, parent: number | undefined, start: bigint, end: bigint): number => {
    const at = pieces.length
    const begun = { noteId, parent, opened, start, begunEnd: end, end, note: undefined }
    pieces.push({ ...begun, cuts: [], moves: [], joinedInto: undefined })
    living.set(noteId, at)
    return at
  }
  for (const step of steps) {
    const { note, from, joined } = step
    if (!note || from === undefined) {
      const isOpening = step.event.name === 'ReceivableConfirmed' || step.event.name === 'ReceivableIssued'
      if (isOpening) open(noteIdOf(receivableId, 0n), step, undefined, 0n, terms.amount)
      continue
    }
    const source = living.get(from)
    if (source === undefined || (!told.has(step) && !cut.has(step))) continue
    const isPiece = from !== note.noteId
    const child = told.has(step) && isPiece ? open(note.noteId, step, source, note.start, note.end) : undefined
    if (isPiece) {
      pieces[source]!.cuts.push({ at: note.start, child, step })
      pieces[source]!.end = note.start
    }
    if (cut.has(step)) continue
    const place = child ?? source
    Object.assign(pieces[place]!, { note, end: note.end })
    pieces[place]!.moves.push(step)
    if (joined === undefined) continue
    const gone = living.get(joined)
    if (gone !== undefined) pieces[gone]!.joinedInto = place
    living.delete(joined)
  }
  for (const subject of subjects) {
    const place = living.get(subject.noteId)
    if (place !== undefined) pieces[place]!.note = subject
  }
  return pieces
}
