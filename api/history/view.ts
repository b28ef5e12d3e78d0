import { piecesOf, type Piece } from '../../domain/evidence/descent.ts'
import { lineageOf } from '../../domain/evidence/lineage.ts'
import type { Replayed } from '../../domain/evidence/replay.ts'
import type { Step } from '../../domain/evidence/replay-book.ts'
import { unixSeconds } from '../../domain/evidence/shape.ts'
import { noteIdToHex } from '../../domain/note/span.ts'
import type { ReceivableView } from '../receivables/repository.ts'
import type { LineageView } from './schemas.ts'

/** A tree of notes for a picture: of the whole receivable, or what is told of one note. */
export function lineageView(
  { receivableId, creditor, debtor, amount, currency, maturity, state }: ReceivableView,
  replayed: Replayed,
  noteId?: bigint
): Omit<LineageView, 'asOf'> {
  const { steps, notes } = replayed
  const lineage = noteId === undefined ? { steps, cuts: [] } : lineageOf(noteId, steps)
  const subjects = noteId === undefined ? notes : notes.filter((note) => note.noteId === noteId)
  const whole = lineage.steps.filter(({ note }) => !note)
  const terms = { receivableId, creditor, debtor, amount, currency, maturity, state }
  return {
    ...terms,
    events: whole.map((step) => ({ ...placeOf(step), name: step.event.name })),
    pieces: piecesOf(replayed, lineage, subjects).map((piece) => pieceView(piece, creditor))
  }
}

function pieceView({ note, opened, ...piece }: Piece, creditor: number): LineageView['pieces'][number] {
  return {
    noteId: noteIdToHex(piece.noteId),
    parent: piece.parent ?? null,
    start: String(piece.start),
    begunEnd: String(piece.begunEnd),
    end: String(piece.end),
    holder: note?.holder ?? creditor,
    tier: note?.tier ?? 0,
    state: (note?.state ?? 'live') as LineageView['pieces'][number]['state'],
    opened: { ...placeOf(opened), name: opened.event.name },
    cuts: piece.cuts.map(({ at, child, step }) => ({ ...placeOf(step), at: String(at), child: child ?? null })),
    moves: piece.moves.map((step) => moveView(step)),
    joinedInto: piece.joinedInto ?? null
  }
}

function moveView(step: Step): LineageView['pieces'][number]['moves'][number] {
  const { state, tier, holder, counterparty, start, end } = step.note!
  return {
    ...placeOf(step),
    name: step.event.name,
    state: state as LineageView['pieces'][number]['state'],
    tier,
    holder,
    counterparty: counterparty || null,
    start: String(start),
    end: String(end)
  }
}

function placeOf({ record: { blockNumber, blockTime, txHash } }: Step) {
  return { block: Number(blockNumber), time: unixSeconds(blockTime), txHash }
}
