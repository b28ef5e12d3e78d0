/** Block headers, and the hash that names them. */
import { keccak256 } from 'ethers/crypto'
import { encodeRlp } from 'ethers/utils'
import { EvidenceError } from '../errors.ts'
import { headerFields, type HeaderFieldKind } from './header-fields.ts'
import { decodeStrict, integerOf, quantity, type RlpItem } from './rlp.ts'

const sizes: Partial<Record<HeaderFieldKind, number>> = { hash: 32, address: 20, bloom: 256, nonce: 8 }
/** How many fields a header has by fork: Frontier, London, Shanghai, Cancun (also without the beacon's root), Prague. */
const lengths = new Set([15, 16, 17, 19, 20, 21])
export const EXTRA_DATA_AT = 12

export interface BlockHeader {
  number: number
  /** Unix seconds. */
  time: number
  parentHash: string
  stateRoot: string
  extraData: string
  /** keccak256 of the whole header; a chain with seals in its headers names blocks otherwise: see `qbft.ts`. */
  hash: string
  /** The fields as RLP items. */
  items: readonly string[]
}

/** Reads a header's RLP. Throws HEADER_MISMATCH for what is none. */
export function decodeHeader(rlp: string): BlockHeader {
  const items = decodeStrict(rlp, 'HEADER_MISMATCH', 'header')
  if (!Array.isArray(items) || !lengths.has(items.length)) return refuse('header has an unknown number of fields')
  items.forEach((item, i) => requireField(item, ...(headerFields[i] as readonly [string, HeaderFieldKind])))
  const values = items as string[]
  return {
    number: countOf(values, 8),
    time: countOf(values, 11),
    parentHash: values[0] as string,
    stateRoot: values[3] as string,
    extraData: values[EXTRA_DATA_AT] as string,
    hash: keccak256(rlp),
    items: values
  }
}

/** RLP of a block as JSON-RPC gives it; fields of forks that the chain does not have are absent. */
export function encodeHeader(block: Record<string, unknown>): string {
  const items: string[] = []
  for (const [name, kind] of headerFields) {
    const value = block[name]
    if (value === undefined || value === null) break
    if (typeof value !== 'string') refuse(`${name} is no hex string`)
    items.push(kind === 'quantity' ? quantity(BigInt(value)) : value.toLowerCase())
  }
  return encodeRlp(items)
}

/** Throws HEADER_MISMATCH unless the item can be that field. */
function requireField(item: RlpItem, name: string, kind: HeaderFieldKind): void {
  if (typeof item !== 'string') refuse(`${name} is a list`)
  const size = sizes[kind]
  if (size !== undefined && item.length !== 2 + 2 * size) refuse(`${name} has another length`)
  if (kind === 'quantity' && integerOf(item) === undefined) refuse(`${name} has leading zeros`)
}

function countOf(values: readonly string[], at: number): number {
  const value = integerOf(values[at]) as bigint
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) refuse(`${headerFields[at]?.[0]} is too large`)
  return Number(value)
}

function refuse(message: string): never {
  throw new EvidenceError('HEADER_MISMATCH', message)
}
