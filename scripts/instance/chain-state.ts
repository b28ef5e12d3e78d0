import { existsSync, readFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readText, writeWhole } from './files.ts'
import { InstanceError } from './instance-error.ts'

/**
 * anvil rewrites its state file in place (seen with 1.7.1: open with O_TRUNC, many writes, no fsync), so a kill in
 * the middle leaves half a file. Beside it we keep the last one that was whole.
 */
export interface StateFiles {
  /** Written by anvil. */
  readonly live: string
  /** Written by us, whole or not at all. */
  readonly kept: string
}

export function stateFiles(chainDir: string): StateFiles {
  return { live: join(chainDir, 'state.json'), kept: join(chainDir, 'state.kept.json') }
}

/** The number of the newest block in a state file, or undefined when the file is missing or not whole. */
export function headOfState(file: string): number | undefined {
  const text = readText(file)
  return text === undefined ? undefined : headOf(text)
}

function headOf(text: string): number | undefined {
  try {
    const state: unknown = JSON.parse(text)
    if (typeof state !== 'object' || state === null) return undefined
    const { best_block_number: head, accounts, blocks } = state as Record<string, unknown>
    if (typeof accounts !== 'object' || accounts === null || !Array.isArray(blocks)) return undefined
    const number = typeof head === 'string' ? Number(head) : head
    return Number.isSafeInteger(number) ? (number as number) : undefined
  } catch {
    return undefined
  }
}

/**
 * Puts the newest whole state where anvil reads it. A broken file is moved aside, not deleted.
 * @returns what happened, for the people who wait; undefined when the live file was fine or this is the first start
 * @throws InstanceError CHAIN_STATE_UNREADABLE when there are files but none is whole
 */
export function recoverState(files: StateFiles): string | undefined {
  const live = headOfState(files.live)
  const kept = headOfState(files.kept)
  if (live !== undefined && (kept === undefined || live >= kept)) return undefined
  if (live === undefined && kept === undefined) {
    if (!existsSync(files.live) && !existsSync(files.kept)) return undefined
    // A first start that was killed before any block was mined has nothing to lose.
    if (existsSync(files.live) && statSync(files.live).size === 0 && !existsSync(files.kept)) return undefined
    throw new InstanceError(
      'CHAIN_STATE_UNREADABLE',
      `the chain's state in ${files.live} is cut off and there is no whole copy beside it`,
      'put a backup in its place, or begin anew with --fresh'
    )
  }
  if (existsSync(files.live)) renameSync(files.live, `${files.live}.broken`)
  writeWhole(files.live, readFileSync(files.kept))
  return `chain state was cut off; went back to the last whole copy (block ${kept})`
}

/**
 * Leaves one block 0. anvil 1.7.1 makes a new genesis at every start and dumps it beside the loaded one; with several in
 * the file, the next start may answer with another genesis hash than the chain began with. The oldest is the true one.
 */
export function keepFirstGenesis(file: string): void {
  const text = readText(file)
  if (text === undefined) return
  const state = JSON.parse(text) as { blocks: { header: { number: string; timestamp: string } }[] }
  const genesis = state.blocks.filter((block) => Number(block.header.number) === 0)
  if (genesis.length < 2) return
  const first = genesis.reduce((a, b) => (Number(b.header.timestamp) < Number(a.header.timestamp) ? b : a))
  state.blocks = state.blocks.filter((block) => Number(block.header.number) !== 0 || block === first)
  writeWhole(file, JSON.stringify(state))
}

/** Copies anvil's file if it is whole and newer than the copy. Returns the head of the copy after that. */
export function keepState(files: StateFiles, keptHead: number | undefined): number | undefined {
  const text = readText(files.live)
  if (text === undefined || !text.endsWith('}')) return keptHead
  const head = headOf(text)
  if (head === undefined || head === keptHead) return keptHead
  writeWhole(files.kept, text)
  return head
}
