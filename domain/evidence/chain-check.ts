/** Checks against a live chain: what the package says happened is what the chain holds. */
import { contracts } from '../chain/contracts.ts'
import { isNoteOpen, type NoteState } from '../note/note-states.ts'
import { noteIdOf, noteIdToHex } from '../note/span.ts'
import type { ReceivableState } from '../receivable/receivable-states.ts'
import type { Terms } from '../receivable/terms.ts'
import { EvidenceError } from './errors.ts'
import type { Manifest } from './package.ts'
import { eventOf, type CutRecord, type StateEvent } from './record.ts'
import { logIndexOf, type PlacedRecord } from './record-order.ts'
import type { Replayed } from './replay.ts'
import { isSameAddress, canonicalBytes, rfc3339, type EvidenceDeployment } from './shape.ts'
import { contractAt, type ReadDeployment } from './versions.ts'

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
  /** Unix seconds. */
  blockTime(blockNumber: number): Promise<number | undefined>
  /** Root anchored for exactly `size` leaves; 32 zero bytes when none is. */
  headRootOf(evidenceLog: string, size: number): Promise<string>
  /**
   * State of the receivable of these terms, as of a block or now; undefined when the node no longer knows that block's state.
   * Only the terms can be asked for a registered one: it is the claim on its fingerprints and nothing else.
   */
  stateOf(
    receivables: string,
    terms: Terms,
    fingerprints: readonly string[],
    blockNumber?: number
  ): Promise<ReceivableState | undefined>
  /** All zero for a registered one. */
  receivableOf(receivables: string, id: bigint, blockNumber?: number): Promise<ChainReceivable | undefined>
  noteOf(receivables: string, id: bigint, blockNumber?: number): Promise<ChainNote | undefined>
  receipt(txHash: string): Promise<ChainReceipt | undefined>
  /** Runtime code as 0x-hex; `0x` where no contract is. */
  codeOf(address: string): Promise<string>
}

export interface ChainReceivable {
  amount: bigint
  isDisputed: boolean
}

export interface ChainNote {
  state: NoteState
  end: bigint
  holder: number
  /** Whom an open note waits for. */
  counterparty: number
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

/**
 * Holds records against the chain: each event is in its transaction's receipt at that place and says the same, each cut is
 * the event of a piece that begins there. Events for which `mustBeTold` holds
 * are all told, so that none can be left out.
 * @throws EvidenceError STATE_MISMATCH
 */
export async function requireOnChain(
  chain: ChainReader,
  records: readonly PlacedRecord[],
  deployment: ReadDeployment,
  mustBeTold: (event: StateEvent) => boolean
): Promise<void> {
  for (const [txHash, told] of Map.groupBy(records, (record) => record.txHash)) {
    const [{ blockNumber, blockHash, blockTime }] = told as [PlacedRecord]
    const receipt = await chain.receipt(txHash)
    if (!receipt || String(receipt.blockNumber) !== blockNumber || receipt.blockHash !== blockHash) {
      throw new EvidenceError('STATE_MISMATCH', `transaction ${txHash} is not on the chain in that block`, {
        presented: `${blockNumber} ${blockHash}`,
        required: receipt && `${receipt.blockNumber} ${receipt.blockHash}`
      })
    }
    const time = await chain.blockTime(receipt.blockNumber)
    if (time === undefined || rfc3339(time) !== blockTime || told.some((one) => one.blockTime !== blockTime)) {
      throw new EvidenceError('STATE_MISMATCH', `block ${blockNumber} has another time on the chain`, {
        presented: blockTime,
        required: time && rfc3339(time)
      })
    }
    const there = new Map(receipt.logs.map((log) => [BigInt(log.index), eventAt(log, deployment)]))
    for (const record of told) {
      const event = there.get(logIndexOf(record))
      if (!event || !(record.kind === 'cut' ? isCut(record, event) : isSame(record.event, event))) {
        const name = record.kind === 'cut' ? 'cut' : record.event.name
        throw new EvidenceError('STATE_MISMATCH', `transaction ${txHash} did not do that on the chain: ${name}`)
      }
    }
    const known = new Set(told.map(logIndexOf))
    const untold = [...there].find(([index, event]) => event && mustBeTold(event) && !known.has(index))
    if (untold) {
      throw new EvidenceError('STATE_MISMATCH', `transaction ${txHash} had another event on the chain`, {
        required: untold[1]?.name
      })
    }
  }
}

/** Undefined for a log of another contract. */
function eventAt(log: ChainReceipt['logs'][number], deployment: ReadDeployment): StateEvent | undefined {
  const name = contractAt(log.address, deployment)
  const description = name && contracts[name].parseLog(log)
  return name && description ? eventOf(name, log.index, description) : undefined
}

function isCut({ receivableId, at }: CutRecord, event: StateEvent): boolean {
  const { noteId } = event.args
  return typeof noteId === 'string' && BigInt(noteId) === noteIdOf(BigInt(receivableId), BigInt(at))
}

/**
 * Compares the replayed state with the chain's: now, and unless that is the same, at the block of its newest event.
 * @param isHistoric Whether it is enough that it was so then
 * @throws EvidenceError STATE_MISMATCH, PACKAGE_STALE
 */
export async function compareWithChain(
  chain: ChainReader,
  replayed: Replayed,
  receivables: string,
  isHistoric: boolean
): Promise<string> {
  const now = await differenceOf(chain, replayed, receivables)
  if (now === '') return 'the chain has the same state now'
  const block = Number(replayed.last.blockNumber)
  const then = await differenceOf(chain, replayed, receivables, block)
  if (then) throw new EvidenceError('STATE_MISMATCH', `the chain's state at block ${block} is another: ${then}`)
  const known = then === undefined ? 'the node no longer knows the state of' : 'the chain had the same state at'
  const detail = `${known} block ${block} and has moved on since: ${now}`
  if (!isHistoric) throw new EvidenceError('PACKAGE_STALE', detail)
  return detail
}

/** First difference in words, empty for none, undefined when the node does not know the block's state. */
async function differenceOf(
  chain: ChainReader,
  replayed: Replayed,
  receivables: string,
  block?: number
): Promise<string | undefined> {
  const { receivableId, terms, fingerprints, state, isDisputed } = replayed
  const stateThere = await chain.stateOf(receivables, terms, fingerprints, block)
  if (!stateThere) return undefined
  if (stateThere !== state) return `receivable is ${stateThere}`
  if (state !== 'registered') {
    const receivable = await chain.receivableOf(receivables, receivableId, block)
    if (!receivable) return undefined
    if (receivable.amount !== terms.amount || receivable.isDisputed !== isDisputed) {
      return `receivable is of ${receivable.amount}${receivable.isDisputed ? ', disputed' : ''}`
    }
  }
  for (const note of replayed.subjects) {
    const there = await chain.noteOf(receivables, note.noteId, block)
    if (!there) return undefined
    const isBoundAlike = !isNoteOpen(note.state) || there.counterparty === note.counterparty
    if (there.state !== note.state || there.end !== note.end || there.holder !== note.holder || !isBoundAlike) {
      const bound = there.counterparty === 0 ? '' : `, bound to ${there.counterparty}`
      return `note ${noteIdToHex(note.noteId)} is ${there.state} to ${there.end}, held by ${there.holder}${bound}`
    }
  }
  return ''
}

function isSame(a: unknown, b: unknown): boolean {
  const [left, right] = [canonicalBytes(a), canonicalBytes(b)]
  return left.length === right.length && left.every((byte, i) => byte === right[i])
}
