/**
 * The Merkle log of RFC 9162 §2.1 with SHA-256. Trees of any size are computed from stored hashes of complete
 * subtrees: node `(level, index)` covers the leaves `[index·2^level, (index+1)·2^level)` and never changes, so the log
 * only inserts rows and every root and proof needs O(log n) reads. Sizes and indexes are safe integers.
 */
import { sha256 } from '../crypto/hash.ts'

/** Reads the hash of a complete subtree; rejects when it is not stored. */
export type ReadNode = (level: number, index: number) => Promise<Uint8Array>

export interface MerkleNode {
  level: number
  index: number
  hash: Uint8Array
}

const leafPrefix = Uint8Array.of(0)
const nodePrefix = Uint8Array.of(1)

/** Hash of a leaf's data (RFC 9162 §2.1.1). */
export function leafHash(data: Uint8Array): Uint8Array {
  return sha256(leafPrefix, data)
}

/** Hash of an inner node (RFC 9162 §2.1.1). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(nodePrefix, left, right)
}

/**
 * The nodes to store when a leaf is appended to a log of `size` leaves: the leaf's own at `(0, size)`, then every
 * subtree that it completes, upwards. `read` must see what was appended before.
 */
export async function appendedNodes(size: number, leaf: Uint8Array, read: ReadNode): Promise<MerkleNode[]> {
  requireSize('size', size)
  const nodes: MerkleNode[] = [{ level: 0, index: size, hash: leaf }]
  let hash = leaf
  let index = size
  for (let level = 0; index % 2 === 1; level++) {
    hash = nodeHash(await read(level, index - 1), hash)
    index = (index - 1) / 2
    nodes.push({ level: level + 1, index, hash })
  }
  return nodes
}

/** Merkle tree hash of the first `size` leaves (RFC 9162 §2.1.1); of none, the hash of nothing. */
export async function rootOf(size: number, read: ReadNode): Promise<Uint8Array> {
  requireSize('size', size)
  return size === 0 ? sha256() : rangeRoot(0, size, read)
}

/** Audit path of leaf `index` in the tree of `size` leaves (RFC 9162 §2.1.3.1). */
export async function inclusionProof(index: number, size: number, read: ReadNode): Promise<Uint8Array[]> {
  requireSize('size', size)
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw new RangeError(`index must be within [0, ${size}), got ${index}`)
  }
  const path: Uint8Array[] = []
  let start = 0
  let end = size
  while (end - start > 1) {
    const middle = start + splitOf(end - start)
    if (index < middle) {
      path.push(await rangeRoot(middle, end, read))
      end = middle
    } else {
      path.push(await rangeRoot(start, middle, read))
      start = middle
    }
  }
  return path.reverse()
}

/** Proof that the tree of `size2` leaves extends that of `size1` (RFC 9162 §2.1.4.1). Empty when the sizes are equal. */
export async function consistencyProof(size1: number, size2: number, read: ReadNode): Promise<Uint8Array[]> {
  requireSize('size2', size2)
  if (!Number.isSafeInteger(size1) || size1 < 1 || size1 > size2) {
    throw new RangeError(`size1 must be within [1, ${size2}], got ${size1}`)
  }
  const path: Uint8Array[] = []
  let start = 0
  let end = size2
  while (end !== size1) {
    const middle = start + splitOf(end - start)
    if (size1 <= middle) {
      path.push(await rangeRoot(middle, end, read))
      end = middle
    } else {
      path.push(await rangeRoot(start, middle, read))
      start = middle
    }
  }
  // While the old tree is a left subtree of the new one, the verifier knows its root and needs no node for it.
  if (start > 0) path.push(await rangeRoot(start, end, read))
  return path.reverse()
}

/** Whether `leaf` is leaf `index` of the tree with this root (RFC 9162 §2.1.3.2). Never throws. */
export function verifyInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array
): boolean {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false
  if (![leaf, root, ...proof].every(isHash)) return false
  let node = index
  let last = size - 1
  let hash = leaf
  for (const sibling of proof) {
    if (last === 0) return false
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash)
      while (node % 2 === 0 && node !== 0) {
        node = half(node)
        last = half(last)
      }
    } else {
      hash = nodeHash(hash, sibling)
    }
    node = half(node)
    last = half(last)
  }
  return last === 0 && areEqual(hash, root)
}

/** Whether the tree of `size2` leaves extends the tree of `size1` leaves (RFC 9162 §2.1.4.2). Never throws. */
export function verifyConsistency(
  size1: number,
  size2: number,
  root1: Uint8Array,
  root2: Uint8Array,
  proof: readonly Uint8Array[]
): boolean {
  if (!Number.isSafeInteger(size1) || !Number.isSafeInteger(size2) || size1 < 0 || size1 > size2) return false
  // Every log extends the empty one, so such a proof would say nothing about root1.
  if (size1 === 0) return false
  if (size1 === size2) return proof.length === 0 && areEqual(root1, root2)
  if (proof.length === 0 || !proof.every(isHash)) return false
  const path = Number.isInteger(Math.log2(size1)) ? [root1, ...proof] : [...proof]
  let node = size1 - 1
  let last = size2 - 1
  while (node % 2 === 1) {
    node = half(node)
    last = half(last)
  }
  let first = path[0] as Uint8Array
  let second = first
  for (const hash of path.slice(1)) {
    if (last === 0) return false
    if (node % 2 === 1 || node === last) {
      first = nodeHash(hash, first)
      second = nodeHash(hash, second)
      while (node % 2 === 0 && node !== 0) {
        node = half(node)
        last = half(last)
      }
    } else {
      second = nodeHash(second, hash)
    }
    node = half(node)
    last = half(last)
  }
  return last === 0 && areEqual(first, root1) && areEqual(second, root2)
}

/** A log kept in memory, with the same nodes as a stored one. */
export class MemoryLog {
  #nodes = new Map<string, Uint8Array>()
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Appends a leaf hash and returns its index. */
  async append(leaf: Uint8Array): Promise<number> {
    for (const node of await appendedNodes(this.#size, leaf, this.read)) {
      this.#nodes.set(`${node.level}/${node.index}`, node.hash)
    }
    return this.#size++
  }

  read: ReadNode = async (level, index) => {
    const hash = this.#nodes.get(`${level}/${index}`)
    if (!hash) throw new RangeError(`node ${level}/${index} is not stored`)
    return hash
  }

  root(size: number = this.#size): Promise<Uint8Array> {
    return rootOf(size, this.read)
  }

  inclusionProof(index: number, size: number = this.#size): Promise<Uint8Array[]> {
    return inclusionProof(index, size, this.read)
  }

  consistencyProof(size1: number, size2: number = this.#size): Promise<Uint8Array[]> {
    return consistencyProof(size1, size2, this.read)
  }
}

/** Root over the leaves `[start, end)`, where `start` is a multiple of the first complete subtree's width. */
async function rangeRoot(start: number, end: number, read: ReadNode): Promise<Uint8Array> {
  const complete: Uint8Array[] = []
  for (let from = start; from < end;) {
    const level = Math.floor(Math.log2(end - from))
    complete.push(await read(level, from / 2 ** level))
    from += 2 ** level
  }
  return complete.reduceRight((right, left) => nodeHash(left, right))
}

/** Largest power of two below `count` (RFC 9162 §2.1.1: k < n ≤ 2k). */
function splitOf(count: number): number {
  return 2 ** (Math.ceil(Math.log2(count)) - 1)
}

/** Shift right by one that also works above 2^31. */
function half(value: number): number {
  return Math.floor(value / 2)
}

function isHash(bytes: Uint8Array): boolean {
  return bytes.length === 32
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

function requireSize(title: string, size: number): void {
  if (!Number.isSafeInteger(size) || size < 0 || size >= maxSize) {
    throw new RangeError(`${title} must be within [0, 2^48), got ${size}`)
  }
}

/** Below it Math.log2 tells neighbours of a power of two apart. */
const maxSize = 2 ** 48
