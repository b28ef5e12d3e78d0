import { BESU_BFT_MIX_HASH, headerFields } from '../../domain/evidence/proof/header-fields.ts'
import { IndexerError } from '../errors.ts'
import { isHex } from './hex.ts'
import { keccakOfHex } from '#keccak'
import { rlpInteger, rlpList, rlpString } from '../../domain/chain/rlp.ts'

/** A block's header, whose fields make its hash. */
export interface Header {
  number: number
  hash: string
  parentHash: string
  /** Unix seconds. */
  time: number
  bloom: Uint8Array
  receiptsRoot: string
}

type RawBlock = Record<string, unknown>

/** What JSON-RPC adds to the header's own fields. */
const besides = new Set(['hash', 'size', 'totalDifficulty', 'transactions', 'uncles', 'withdrawals', 'author'])
const known = new Set([...headerFields.map(([name]) => name), ...besides])

/**
 * Reads a block as JSON-RPC gives it. Its hash is computed from its fields: a node can't give another bloom, parent or
 * time under a true hash.
 * @throws IndexerError RPC_UNAVAILABLE for half a block and HEADER_MISMATCH for one whose fields make another hash, which
 *   pass by asking again; HEADER_UNKNOWN for a kind of header that this version can't hash
 */
export async function toHeader(value: unknown): Promise<Header | undefined> {
  if (!value) return undefined
  const raw = value as RawBlock
  const { number, hash, parentHash, timestamp, logsBloom, receiptsRoot } = raw
  const isWhole =
    isHex(hash, 32) &&
    isHex(parentHash, 32) &&
    isHex(receiptsRoot, 32) &&
    isHex(logsBloom, 256) &&
    isHex(number) &&
    isHex(timestamp)
  if (!isWhole) throw new IndexerError('RPC_UNAVAILABLE', 'the node gave half a block', { transient: true })
  await requireHash(raw, hash)
  return {
    number: Number(number),
    hash,
    parentHash,
    time: Number(timestamp),
    bloom: Buffer.from(logsBloom.slice(2), 'hex'),
    receiptsRoot
  }
}

async function requireHash(raw: RawBlock, required: string): Promise<void> {
  const rlp = encodeHeader(raw)
  const presented = rlp && (await hashOf(raw, rlp))
  if (presented === required) return
  const strange = Object.keys(raw).filter((name) => !known.has(name))
  if (strange.length > 0) {
    throw new IndexerError(
      'HEADER_UNKNOWN',
      `block ${Number(raw.number)} ${required}: its header has ${strange.join(', ')}, which this version does not know. ` +
        "Run a version that knows the chain's fork, or open an issue with the block",
      { transient: false }
    )
  }
  throw new IndexerError(
    'HEADER_MISMATCH',
    `block ${Number(raw.number)}: its fields make the hash ${presented ?? 'of no header'}, the node says ${required}`,
    { transient: true }
  )
}

/**
 * Besu's QBFT leaves the seals out of the hash; its headers tell themselves by their mix hash. So do those of its IBFT 2.0,
 * whose extra data has another form.
 */
async function hashOf(raw: RawBlock, rlp: string): Promise<string> {
  if (raw.mixHash !== BESU_BFT_MIX_HASH) return `0x${keccakOfHex(rlp)}`
  // What reads seals is much to load, and only for a chain that has them.
  const [{ decodeHeader }, { qbftHash }] = await Promise.all([
    import('../../domain/evidence/proof/header.ts'),
    import('../../domain/evidence/proof/qbft.ts')
  ])
  try {
    return qbftHash(decodeHeader(`0x${rlp}`))
  } catch (cause) {
    const { message } = cause as Error
    throw new IndexerError('HEADER_UNKNOWN', `block ${Number(raw.number)} is sealed, and not as by QBFT: ${message}`, {
      transient: false,
      cause
    })
  }
}

function encodeHeader(raw: RawBlock): string | undefined {
  const items: string[] = []
  for (const [name, kind] of headerFields) {
    const value = raw[name]
    if (value === undefined || value === null) break
    if (typeof value !== 'string' || !value.startsWith('0x')) return undefined
    // Whatever is no hex digit ends the bytes that are hashed, and so makes another hash.
    const digits = value.slice(2).toLowerCase()
    items.push(kind === 'quantity' ? rlpInteger(digits) : rlpString(digits))
  }
  return rlpList(items)
}
