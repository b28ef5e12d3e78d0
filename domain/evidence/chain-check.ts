/** Checks against a live chain: what the package says happened is what the chain holds. */
import { contracts } from '../chain/contracts.ts'
import type { NoteState } from '../note/note-states.ts'
import { noteIdToHex } from '../note/span.ts'
import type { ReceivableState } from '../receivable/receivable-states.ts'
import { isSameAddress } from './command-check.ts'
import { EvidenceError } from './errors.ts'
import type { Manifest } from './package.ts'
import { eventOf, type StateEvent, type StateRecord } from './record.ts'
import type { Replayed } from './replay.ts'
import { canonicalBytes, type EvidenceDeployment } from './shape.ts'

/** A transaction's result as nodes give it. `index` counts the logs of the block. */
export interface ChainReceipt {
  blockNumber: number
  blockHash: string
  logs: readonly { address: string; topics: readonly string[]; data: string; index: number }[]
}

/** Reads of a chain. Each rejects when the chain does not answer: a check is never left out in silence. */
export interface ChainReader {
  chainId(): Promise<number>
  genesisHash(): Promise<string>
  blockHash(blockNumber: number): Promise<string | undefined>
  /** Root anchored for exactly `size` leaves; 32 zero bytes when none is. */
  headRootOf(evidenceLog: string, size: number): Promise<string>
  /** As of a block, or now; undefined when the node no longer knows the state of that block. */
  receivableOf(receivables: string, id: bigint, blockNumber?: number): Promise<ChainReceivable | undefined>
  noteOf(receivables: string, id: bigint, blockNumber?: number): Promise<ChainNote | undefined>
  receipt(txHash: string): Promise<ChainReceipt | undefined>
}

export interface ChainReceivable {
  state: ReceivableState
  amount: bigint
  settled: bigint
}

export interface ChainNote {
  state: NoteState
  end: bigint
  holder: number
}

/** Throws DEPLOYMENT_MISMATCH unless the chain is the one of the deployment. */
export async function requireSameChain(chain: ChainReader, deployment: EvidenceDeployment): Promise<void> {
  const [chainId, genesisHash] = [await chain.chainId(), await chain.genesisHash()]
  if (chainId !== deployment.chainId || genesisHash !== deployment.genesisHash) {
    throw new EvidenceError('DEPLOYMENT_MISMATCH', 'the chain asked is another one', {
      presented: `${chainId} ${genesisHash}`,
      required: `${deployment.chainId} ${deployment.genesisHash}`
    })
  }
}

/** Throws HEAD_NOT_ANCHORED unless the log contract at `evidenceLog` holds the head and the named transaction put it there. */
export async function requireAnchoredOnChain(
  chain: ChainReader,
  manifest: Manifest,
  evidenceLog: string
): Promise<void> {
  const { head, anchor } = manifest
  const root = await chain.headRootOf(evidenceLog, head.size)
  if (root !== head.root) {
    throw new EvidenceError('HEAD_NOT_ANCHORED', `the chain has another root or none for ${head.size} leaves`, {
      presented: head.root,
      required: root
    })
  }
  if (!anchor) return
  const receipt = await chain.receipt(anchor.txHash)
  const isThere =
    receipt?.blockNumber === anchor.blockNumber &&
    receipt.blockHash === anchor.blockHash &&
    receipt.logs.some((log) => {
      const event = isSameAddress(log.address, evidenceLog) && contracts.evidenceLog.parseLog(log)
      return (
        event && event.name === 'HeadAnchored' && event.args[0] === BigInt(head.size) && event.args[1] === head.root
      )
    })
  if (!isThere) {
    throw new EvidenceError('HEAD_NOT_ANCHORED', 'the named transaction did not anchor the head in that block', {
      presented: anchor.txHash
    })
  }
}

/** Throws STATE_MISMATCH unless every transaction is on the chain with exactly these events of Receivables. */
export async function requireOnChain(chain: ChainReader, records: StateRecord[], receivables: string): Promise<void> {
  for (const record of records) {
    const receipt = await chain.receipt(record.txHash)
    if (!receipt || String(receipt.blockNumber) !== record.blockNumber || receipt.blockHash !== record.blockHash) {
      throw new EvidenceError('STATE_MISMATCH', `transaction ${record.txHash} is not on the chain in that block`, {
        presented: `${record.blockNumber} ${record.blockHash}`,
        required: receipt && `${receipt.blockNumber} ${receipt.blockHash}`
      })
    }
    const events: StateEvent[] = []
    for (const log of receipt.logs) {
      const description = isSameAddress(log.address, receivables) ? contracts.receivables.parseLog(log) : null
      if (description) events.push(eventOf('receivables', log.index, description))
    }
    const told = record.events.filter(({ contract }) => contract === 'receivables')
    if (!isSame(inOrder(told), inOrder(events))) {
      throw new EvidenceError('STATE_MISMATCH', `transaction ${record.txHash} had other events on the chain`)
    }
  }
}

/**
 * Compares the replayed state with the chain's of the same block, and tells whether the chain has moved on since.
 * @throws EvidenceError STATE_MISMATCH
 */
export async function compareWithChain(chain: ChainReader, replayed: Replayed, receivables: string): Promise<string> {
  const now = await differenceOf(chain, replayed, receivables)
  if (now === '') return 'the chain has the same state now'
  const block = Number(replayed.last.blockNumber)
  const then = await differenceOf(chain, replayed, receivables, block)
  if (then === undefined)
    return `the chain has moved on since block ${block} (${now}); the node no longer knows that block's state`
  if (then !== '') throw new EvidenceError('STATE_MISMATCH', `the chain's state at block ${block} is another: ${then}`)
  return `the chain had the same state at block ${block} and has moved on since: ${now}`
}

/** First difference in words, empty for none, undefined when the node does not know the block's state. */
async function differenceOf(
  chain: ChainReader,
  replayed: Replayed,
  receivables: string,
  block?: number
): Promise<string | undefined> {
  const receivable = await chain.receivableOf(receivables, replayed.receivableId, block)
  if (!receivable) return undefined
  const { state, amount, settled } = receivable
  if (state !== replayed.state || amount !== replayed.terms.amount || settled !== replayed.settled) {
    return `receivable is ${state}, ${settled} of ${amount} settled`
  }
  for (const note of replayed.notes) {
    const there = await chain.noteOf(receivables, note.noteId, block)
    if (!there) return undefined
    if (there.state !== note.state || there.end !== note.end || there.holder !== note.holder) {
      return `note ${noteIdToHex(note.noteId)} is ${there.state} to ${there.end}, held by ${there.holder}`
    }
  }
  return ''
}

function inOrder(events: StateEvent[]): StateEvent[] {
  return [...events].sort((a, b) => Number(BigInt(a.logIndex) - BigInt(b.logIndex)))
}

function isSame(a: unknown, b: unknown): boolean {
  const [left, right] = [canonicalBytes(a), canonicalBytes(b)]
  return left.length === right.length && left.every((byte, i) => byte === right[i])
}
