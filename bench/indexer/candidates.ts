import { nodeFlags } from '../../indexer/flags.ts'
import { NOTIFY_CHANNEL } from '../../indexer/project-block.ts'
import type { Candidate } from './candidate.ts'

/** Every story ends with a root note of the supplier and a piece of the factor, both settled. */
const isRight = (receivable: string, note: string) =>
  `select count(*) > 0 and (select count(*) from ${note}) = 2 * count(*)
     and (select count(*) from ${note} where state = 'settled' and holder in (2, 4)) = 2 * count(*)
     and bool_and(state = 'settled') as right from ${receivable}`

export const candidates: readonly Candidate[] = [
  {
    name: 'ours',
    file: 'indexer/main.ts',
    flags: nodeFlags,
    channel: NOTIFY_CHANNEL,
    check: isRight('projection.receivable', 'projection.note')
  },
  { name: 'floor', file: 'bench/indexer/floor.ts', channel: 'bench_floor', check: isRight('receivable', 'note') }
]
