import type { Intent } from './client.ts'
import type { Stage, StoryState } from './stage.ts'

/** What the steps of the story share. */
export interface Play extends Stage {
  state: StoryState
  step: <T>(who: string, what: string, work: () => Promise<T & { tx?: string; detail?: string }>) => Promise<T>
  /** Idempotency key of a step of this run. */
  key: (name: string) => string
}

/** An intent that must have come through. */
export function done(intent: Intent): Intent & { tx: string } {
  if (intent.state !== 'projected') throw new Error(`${intent.words.en} was refused: ${JSON.stringify(intent.refusal)}`)
  return { ...intent, tx: intent.txHash! }
}

/** The same, with what was signed as the detail. */
export function inWords(intent: Intent): Intent & { tx: string; detail: string } {
  return { ...done(intent), detail: intent.words.en }
}
