/** Which events a note descends from, and which it need not show: other notes' lives are other people's business. */
import { isSameAddress } from './shape.ts'
import type { Call } from '../intent/commands.ts'
import { orderOf } from './orders.ts'
import type { Step } from './replay-book.ts'

export interface Lineage {
  /** What happened to the note, to the notes it descends from as long as it was part of them, and to the receivable. */
  steps: Step[]
  /** Cuts of others' pieces that the ends in those events depend on: shown as cut records, not as events. */
  cuts: Step[]
}

/**
 * The lineage of a note out of the steps of its whole receivable, in chain order. Of several cuts between two events only
 * the last is needed, so that the sizes of others' pieces stay theirs.
 */
export function lineageOf(noteId: bigint, steps: readonly Step[]): Lineage {
  /** Notes that hold the span at the moment looked at, and whether a later cut already tells their end. */
  const isEndTold = new Map<bigint, boolean>([[noteId, false]])
  const own: Step[] = []
  const cuts: Step[] = []
  for (const step of steps.toReversed()) {
    const { note, from } = step
    if (!note || from === undefined) {
      own.push(step)
    } else if (isEndTold.has(note.noteId)) {
      own.push(step)
      if (from !== note.noteId) isEndTold.delete(note.noteId)
      isEndTold.set(from, false)
      if (step.joined !== undefined) isEndTold.set(step.joined, false)
    } else if (isEndTold.get(from) === false) {
      cuts.push(step)
      isEndTold.set(from, true)
    }
  }
  return { steps: own.reverse(), cuts: cuts.reverse() }
}

/**
 * The calls of a command that a package of a receivable shows: those whose events it tells.
 * @param done What the command did to the receivable, in order
 * @param isTold Whether the package tells that event
 */
export function callsToShow(
  calls: readonly Call[],
  receivables: string,
  receivableId: bigint,
  done: readonly Step[],
  isTold: (step: Step) => boolean
): Call[] {
  const about = calls.filter(({ target, data }) => {
    return isSameAddress(target, receivables) && orderOf('receivables', data)?.receivableId === receivableId
  })
  return about.filter((_, i) => done[i] !== undefined && isTold(done[i]))
}
