import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nodeFlags } from '../../indexer/flags.ts'
import { NOTIFY_CHANNEL } from '../../indexer/project-block.ts'
import type { Candidate, Launch, Place } from './candidate.ts'

/** A program of the repository that is told all by `--config FILE`, and started with Node's flags as where it is for work. */
const ownProgram =
  (file: string, flags: readonly string[] = []) =>
  ({ chain, databaseUrl, dir }: Place): Launch => {
    const config = join(dir, `${new URL(databaseUrl).pathname.slice(1)}.json`)
    writeFileSync(config, JSON.stringify({ rpcUrl: chain.url, databaseUrl, deployment: chain.deployment, pollMs: 50 }))
    const program = fileURLToPath(new URL(`../../${file}`, import.meta.url))
    return { program: process.execPath, args: [...flags, program, '--config', config] }
  }

export const candidates: readonly Candidate[] = [
  {
    name: 'ours',
    launch: ownProgram('indexer/main.cjs', nodeFlags),
    ready: `select state = 'settled' as ready from projection.receivable where receivable_id = $1`,
    saysReady: true,
    channel: NOTIFY_CHANNEL,
    notes: `select concat_ws(' ', note_id, lower(span), upper(span), holder, state) as row from projection.note`
  },
  {
    name: 'floor',
    launch: ownProgram('bench/indexer/floor.ts'),
    ready: `select state = 'settled' as ready from receivable where id = $1`,
    saysReady: true,
    channel: 'bench_floor',
    notes: `select concat_ws(' ', id, start, stop, holder, state) as row from note`
  }
]
