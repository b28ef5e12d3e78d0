/**
 * Proofs in a Merkle Patricia trie (Yellow Paper, appendix D; EIP-1186), of a value or of its absence. Strict: each node has
 * the hash by which its parent names it, is in canonical form, is on the path, and none is left over. Where a proof says
 * "absent", the trie itself shows it: an empty branch slot, or a leaf or extension with another path.
 */
import { keccak256 } from 'ethers'
import { EvidenceError } from '../errors.ts'
import { decodeStrict, type RlpItem } from './rlp.ts'

/** keccak256 of the RLP of nothing: the root of a trie without entries. */
export const EMPTY_ROOT = keccak256('0x80')

/** A path of 32 bytes has 64 nibbles, so no proof has more nodes; no node is larger than a branch of 17 hashes and a value. */
export const trieLimits = { nodes: 65, nodeBytes: 1_024 } as const

/**
 * Looks `key` up by the nodes of its proof.
 * @param root keccak256 of the root node, 0x-hex
 * @param key What the trie is keyed by, before hashing: an address or a slot. 0x-hex
 * @param nodes From the root downwards, 0x-hex; those shorter than 32 bytes lie within their parents and are not listed
 * @returns the value's bytes, 0x-hex; undefined: the trie has no such entry
 * @throws EvidenceError STATE_PROOF_INVALID
 */
export function lookUp(root: string, key: string, nodes: readonly string[]): string | undefined {
  if (nodes.length > trieLimits.nodes) refuse(`proof has ${nodes.length} nodes`)
  const path = keccak256(key).slice(2)
  // A trie without entries is shown by its root; some nodes list the empty string as its only node.
  if (root === EMPTY_ROOT) {
    if (nodes.length > 0 && (nodes.length !== 1 || nodes[0] !== '0x80')) refuse('proof of an empty trie has nodes')
    return undefined
  }
  const next = new Listed(nodes)
  let node = next.take(root)
  let at = 0
  for (;;) {
    const step = stepOf(node, path, at)
    if (step.kind === 'absent' || step.kind === 'value') {
      next.requireUsed()
      return step.kind === 'value' ? step.value : undefined
    }
    at = step.at
    node = typeof step.child === 'string' ? next.take(step.child) : step.child
  }
}

type Step = { kind: 'absent' } | { kind: 'value'; value: string } | { kind: 'down'; child: RlpItem; at: number }
const absent: Step = { kind: 'absent' }

function stepOf(node: RlpItem, path: string, at: number): Step {
  if (typeof node === 'string') return refuse('node is no list')
  if (node.length === 17) {
    // Every path has 64 nibbles, so none ends at a branch.
    if (node[16] !== '0x') refuse('branch has a value')
    if (node.filter((child) => child !== '0x').length < 2) refuse('branch has less than two children')
    if (at >= path.length) refuse('path ends at a branch')
    return down(node[Number.parseInt(path[at] as string, 16)] as RlpItem, at + 1)
  }
  if (node.length !== 2) return refuse(`node has ${node.length} items`)
  const [encoded, item] = node as [RlpItem, RlpItem]
  const { isLeaf, nibbles } = compactPath(encoded)
  if (isLeaf) {
    if (at + nibbles.length !== path.length) refuse('leaf lies at another depth')
    if (typeof item !== 'string' || item === '0x') refuse('leaf has no value')
    return path.slice(at) === nibbles ? { kind: 'value', value: item as string } : absent
  }
  if (nibbles.length === 0) refuse('extension has no path')
  if (item === '0x') refuse('extension has no child')
  if (at + nibbles.length >= path.length) refuse('extension is too long')
  return path.slice(at, at + nibbles.length) === nibbles ? down(item, at + nibbles.length) : absent
}

/** A child is a hash, a whole node of less than 32 bytes, or nothing. */
function down(child: RlpItem, at: number): Step {
  if (child === '0x') return absent
  if (typeof child === 'string' && child.length !== 66) refuse('child is no hash')
  return { kind: 'down', child, at }
}

/** Hex-prefix encoding: flag nibble (2: leaf, 1: odd), then the path. */
function compactPath(encoded: RlpItem): { isLeaf: boolean; nibbles: string } {
  if (typeof encoded !== 'string' || encoded.length < 4) return refuse('node has no path')
  const flag = Number.parseInt(encoded[2] as string, 16)
  if (flag > 3) refuse('path has an unknown flag')
  const isOdd = flag % 2 === 1
  if (!isOdd && encoded[3] !== '0') refuse('path is padded')
  return { isLeaf: flag >= 2, nibbles: encoded.slice(isOdd ? 3 : 4) }
}

/** The nodes of a proof, each to be used once and in order. */
class Listed {
  readonly #nodes: readonly string[]
  #used = 0

  constructor(nodes: readonly string[]) {
    this.#nodes = nodes
  }

  take(hash: string): RlpItem {
    const node = this.#nodes[this.#used]
    if (node === undefined) return refuse('proof ends too early', undefined, hash)
    if (node.length > 2 + 2 * trieLimits.nodeBytes) refuse(`node ${this.#used} is too large`)
    const presented = keccak256(node)
    if (presented !== hash) refuse(`node ${this.#used} has another hash`, presented, hash)
    this.#used++
    return decodeStrict(node, 'STATE_PROOF_INVALID', `node ${this.#used - 1}`)
  }

  requireUsed(): void {
    if (this.#used !== this.#nodes.length) refuse(`proof has ${this.#nodes.length - this.#used} nodes too many`)
  }
}

function refuse(message: string, presented?: unknown, required?: unknown): never {
  throw new EvidenceError('STATE_PROOF_INVALID', message, { presented, required })
}
