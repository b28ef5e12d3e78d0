import { changedBy, requireState, type Handlers } from './handler.ts'

/** Anchored heads: only ever larger. */
export const evidenceLogHandlers: Handlers<'HeadAnchored'> = {
  HeadAnchored(event, { logHeads }) {
    const size = BigInt(event.args.size)
    for (const head of logHeads.values())
      requireState(head.size < size, event, () => `a head of size ${head.size} is anchored`)
    logHeads.put({ size, root: event.args.root, anchored_at: event.blockTime, ...changedBy(event) })
  }
}
