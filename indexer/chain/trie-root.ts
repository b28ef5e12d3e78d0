/** Roots of Merkle Patricia tries (Yellow Paper, appendix D) that are built whole, as of a block's receipts. */
import { keccakOfHex } from '#keccak'
import { rlpInteger, rlpList, rlpString } from '../../domain/chain/rlp.ts'

/** An entry: its path in nibbles, as hex digits, and its value as hex digits. */
export type Entry = readonly [path: string, value: string]

/**
 * Root of the trie that has these entries, as 64 hex digits. No path may be the beginning of another one: hashes, as of the
 * state's accounts and slots, never are.
 */
export function trieRoot(entries: readonly Entry[]): string {
  return keccakOfHex(entries.length === 0 ? '80' : node(entries, 0))
}

/** Root of the trie that has values under the RLP of 0, 1, 2 … As 64 hex digits; values are hex digits too. */
export function orderedTrieRoot(values: readonly string[]): string {
  return trieRoot(values.map((value, i) => [rlpInteger(i.toString(16)), value]))
}

/** RLP of the node under which all entries lie, which agree up to `depth`. */
function node(entries: readonly Entry[], depth: number): string {
  const [first] = entries as readonly [Entry]
  if (entries.length === 1) return rlpList([rlpString(compact(first[0].slice(depth), true)), rlpString(first[1])])
  const shared = sharedPrefix(entries, depth)
  if (shared > 0) {
    const child = node(entries, depth + shared)
    return rlpList([rlpString(compact(first[0].slice(depth, depth + shared), false)), reference(child)])
  }
  const slots: Entry[][] = Array.from({ length: 16 }, () => [])
  for (const entry of entries) slots[Number.parseInt(entry[0][depth]!, 16)]!.push(entry)
  // RLP tells its own length, so that no key is the beginning of another one and no value lies at a branch.
  return rlpList([...slots.map((slot) => (slot.length === 0 ? '80' : reference(node(slot, depth + 1)))), '80'])
}

function sharedPrefix(entries: readonly Entry[], depth: number): number {
  const [first] = entries as readonly [Entry]
  let shared = first[0].length - depth
  for (const [path] of entries) {
    let i = 0
    while (i < shared && path[depth + i] === first[0][depth + i]) i++
    shared = i
  }
  return shared
}

/** A node of less than 32 bytes stands in its parent itself. */
function reference(rlp: string): string {
  return rlp.length < 64 ? rlp : rlpString(keccakOfHex(rlp))
}

/** Hex-prefix encoding. */
function compact(nibbles: string, isLeaf: boolean): string {
  const isOdd = nibbles.length % 2 === 1
  return `${(isLeaf ? 2 : 0) + (isOdd ? 1 : 0)}${isOdd ? '' : '0'}${nibbles}`
}
