import type { LiveOptions } from '../live/live.ts'

/** Applications, and what moves only an account's keys, make no event of the feed. */
export const directoryPace: LiveOptions = { everyMs: 3000 }
