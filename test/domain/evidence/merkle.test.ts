import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../../domain/crypto/hash.ts'
import {
  appendedNodes,
  inclusionProof,
  leafHash,
  MemoryLog,
  nodeHash,
  rootOf,
  verifyConsistency,
  verifyInclusion
} from '../../../domain/evidence/merkle.ts'

const vectors = join(import.meta.dirname, '../../../../shared/data/vectors/merkle')
const hasVectors = existsSync(vectors)
const read = (file: string) => JSON.parse(readFileSync(join(vectors, file), 'utf8'))
const bytes = (base64: string | null): Uint8Array => new Uint8Array(Buffer.from(base64 ?? '', 'base64'))
const filesOf = (folder: string): string[] => globSync(`transparency-dev/${folder}/**/*.json`, { cwd: vectors }).sort()
const leafOf = (i: number): Uint8Array => leafHash(Buffer.from(`leaf ${i}`))

async function logOf(size: number): Promise<MemoryLog> {
  const log = new MemoryLog()
  for (let i = 0; i < size; i++) await log.append(leafOf(i))
  return log
}

/** RFC 9162 §2.1.1 as written there, without stored nodes. */
function naiveRoot(leaves: Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256()
  if (leaves.length === 1) return leaves[0]!
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  return nodeHash(naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)))
}

const sizes = fc.integer({ min: 1, max: 200 })

describe('refusals of the Merkle log', () => {
  it('has no inclusion proof for a leaf outside the tree', async () => {
    const log = await logOf(3)
    await expect(log.inclusionProof(3)).rejects.toThrow(RangeError)
    await expect(log.inclusionProof(-1)).rejects.toThrow(RangeError)
    await expect(log.inclusionProof(0.5)).rejects.toThrow(RangeError)
  })

  it('has no consistency proof from nothing or from a larger tree', async () => {
    const log = await logOf(3)
    await expect(log.consistencyProof(0)).rejects.toThrow(RangeError)
    await expect(log.consistencyProof(4)).rejects.toThrow(RangeError)
  })

  it('gives no root of more leaves than are stored', async () => {
    await expect((await logOf(3)).root(4)).rejects.toThrow(RangeError)
  })

  it('refuses any flipped bit, other index and longer or shorter proof', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), fc.nat(), async (size, at, flip) => {
        const index = at % size
        const log = await logOf(size)
        const root = await log.root()
        const proof = await log.inclusionProof(index)
        expect(verifyInclusion(index, size, leafOf(size), proof, root)).toBe(false)
        expect(verifyInclusion((index + 1) % (size + 1), size, leafOf(index), proof, root)).toBe(false)
        expect(verifyInclusion(index, size, leafOf(index), [...proof, root], root)).toBe(false)
        expect(verifyInclusion(index, size, leafOf(index), [root, ...proof], root)).toBe(false)
        if (proof.length === 0) return
        expect(verifyInclusion(index, size, leafOf(index), proof.slice(1), root)).toBe(false)
        const bent = proof.map((hash) => hash.slice())
        bent[flip % bent.length]![flip % 32]! ^= 1
        expect(verifyInclusion(index, size, leafOf(index), bent, root)).toBe(false)
      }),
      { numRuns: 60 }
    )
  })
})

describe('the Merkle log', () => {
  it('has the root of RFC 9162 §2.1.1 for every size', async () => {
    const log = await logOf(130)
    const leaves = Array.from({ length: 130 }, (_, i) => leafOf(i))
    for (let size = 0; size <= 130; size++) expect(await log.root(size)).toEqual(naiveRoot(leaves.slice(0, size)))
  })

  it('proves every leaf of every tree', async () => {
    const log = await logOf(70)
    for (let size = 1; size <= 70; size++) {
      const root = await log.root(size)
      for (let index = 0; index < size; index++) {
        expect(verifyInclusion(index, size, leafOf(index), await log.inclusionProof(index, size), root)).toBe(true)
      }
    }
  })

  it('proves every tree to extend every smaller one, and no other', async () => {
    const log = await logOf(70)
    const roots = await Promise.all(Array.from({ length: 71 }, (_, size) => log.root(size)))
    for (let size1 = 1; size1 <= 70; size1++) {
      for (let size2 = size1; size2 <= 70; size2++) {
        const proof = await log.consistencyProof(size1, size2)
        expect(verifyConsistency(size1, size2, roots[size1]!, roots[size2]!, proof)).toBe(true)
        expect(verifyConsistency(size1, size2, roots[size1 - 1]!, roots[size2]!, proof)).toBe(false)
      }
    }
  })

  it('stores each node once and reads O(log n) of them', async () => {
    const stored = new Map<string, Uint8Array>()
    let reads = 0
    const readNode = async (level: number, index: number): Promise<Uint8Array> => {
      reads++
      return stored.get(`${level}/${index}`)!
    }
    for (let size = 0; size < 1000; size++) {
      for (const { level, index, hash } of await appendedNodes(size, leafOf(size), readNode)) {
        expect(stored.has(`${level}/${index}`)).toBe(false)
        stored.set(`${level}/${index}`, hash)
      }
    }
    expect(stored.size).toBeLessThan(2000)
    for (const work of [() => rootOf(999, readNode), () => inclusionProof(5, 999, readNode)]) {
      reads = 0
      await work()
      expect(reads).toBeLessThanOrEqual(20)
    }
  })
})

describe.skipIf(!hasVectors)('vectors of transparency-dev and RFC 6962 (skipped: shared data are absent)', () => {
  it('has the reference roots of Certificate Transparency', async () => {
    const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
    const log = new MemoryLog()
    for (const leaf of leaves) await log.append(leafHash(Buffer.from(leaf, 'hex')))
    const { roots } = read('rfc6962-roots.json')
    for (const [size, root] of roots.entries()) {
      expect(Buffer.from(await log.root(size)).toString('hex')).toBe(root)
    }
  })

  it.each(hasVectors ? filesOf('inclusion') : [])('judges %s as the vector says', (file) => {
    const { leafIdx, treeSize, root, leafHash: leaf, proof, wantErr } = read(file)
    const isValid = verifyInclusion(leafIdx, treeSize, bytes(leaf), (proof ?? []).map(bytes), bytes(root))
    expect(isValid).toBe(!wantErr)
  })

  it.each(hasVectors ? filesOf('consistency') : [])('judges %s as the vector says', (file) => {
    const { size1, size2, root1, root2, proof, wantErr } = read(file)
    const isValid = verifyConsistency(size1, size2, bytes(root1), bytes(root2), (proof ?? []).map(bytes))
    expect(isValid).toBe(!wantErr)
  })
})
