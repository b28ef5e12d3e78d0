import { existsSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { stateRootOf, type Accounts } from './chain-state-root.ts'
import { readText, writeWhole } from './files.ts'
import { InstanceError } from './instance-error.ts'

/**
 * anvil rewrites its state file in place (seen with 1.7.1: open with O_TRUNC, many writes, no fsync), so a kill in
 * the middle leaves half a file; it may also be torn (see headOf). Beside it we keep the last one that was whole.
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

/** What anvil writes, as far as it matters here. */
interface ChainState {
  best_block_number: string | number
  accounts: Accounts
  blocks: { header: { number: string; timestamp: string; stateRoot: string } }[]
}

/** The number of the newest block in a state file, or undefined when the file is missing, cut off or torn. */
export function headOfState(file: string): number | undefined {
  const text = readText(file)
  return text === undefined ? undefined : headOf(text)
}

/**
 * anvil reads the blocks and then the accounts while it goes on mining (seen with 1.7.1, often under load): such a
 * file has the effects of blocks that it does not have. So the accounts must have the newest block's state root.
 */
function headOf(text: string): number | undefined {
  const state = parseState(text)
  if (!state) return undefined
  const head = Number(state.best_block_number)
  const newest = state.blocks.find(({ header }) => Number(header.number) === head)
  // The genesis is made before the accounts are; nothing is lost when it is the only block.
  return head === 0 || newest?.header.stateRoot === stateRootOf(state.accounts) ? head : undefined
}

function parseState(text: string): ChainState | undefined {
  try {
    const state = JSON.parse(text) as Partial<ChainState> | null
    const isWhole = typeof state?.accounts === 'object' && state.accounts !== null && Array.isArray(state.blocks)
    return isWhole && Number.isSafeInteger(Number(state.best_block_number)) ? (state as ChainState) : undefined
  } catch {
    return undefined
  }
}

/**
 * Puts the newest whole state where anvil reads it. A broken file is moved aside, not deleted.
 * @returns what happened, for the people who wait; undefined when the live file was fine or this is the first start
 * @throws InstanceError CHAIN_STATE_UNREADABLE when there is a copy and neither file is whole
 */
export function recoverState(files: StateFiles): string | undefined {
  const live = headOfState(files.live)
  const kept = headOfState(files.kept)
  if (live !== undefined && (kept === undefined || live >= kept)) return undefined
  if (kept === undefined && existsSync(files.kept)) {
    throw new InstanceError(
      'CHAIN_STATE_UNREADABLE',
      `the chain's state in ${files.live} is cut off or torn and there is no whole copy beside it`,
      'put a backup in its place, or begin anew with --fresh'
    )
  }
  if (existsSync(files.live)) renameSync(files.live, `${files.live}.broken`)
  // Killed before any state was whole: a first start, which has nothing to lose.
  if (kept === undefined) return undefined
  writeWhole(files.live, readFileSync(files.kept))
  return `chain state was cut off or torn; went back to the last whole copy (block ${kept})`
}

/**
 * Leaves one block 0. anvil 1.7.1 makes a new genesis at every start and dumps it beside the loaded one; with several in
 * the file, the next start may answer with another genesis hash than the chain began with. The oldest is the true one.
 */
export function keepFirstGenesis(file: string): void {
  const state = parseState(readText(file) ?? '')
  if (!state) return
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
