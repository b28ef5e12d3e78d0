/** Proofs of storage words against a block's state root (EIP-1186). */
import { Type, type Static } from 'typebox'
import { EvidenceError } from '../errors.ts'
import { Address, Bytes32, closed } from '../shape.ts'
import { decodeStrict, integerOf } from './rlp.ts'
import { lookUp, trieLimits } from './trie.ts'

const Node = Type.String({ pattern: '^0x([0-9a-f]{2})*$', maxLength: 2 + 2 * trieLimits.nodeBytes })
const Nodes = Type.Array(Node, { maxItems: trieLimits.nodes })

/** Words of one contract. The words themselves are not stated: they are what the proofs show. */
export const StateProofShape = Type.Object(
  {
    address: Address,
    accountProof: Nodes,
    slots: Type.Array(Type.Object({ slot: Bytes32, proof: Nodes }, closed), { maxItems: 4_096 })
  },
  closed
)
export type StateProof = Static<typeof StateProofShape>

/**
 * The words that a proof shows, by slot; zero where the storage trie has no entry.
 * @throws EvidenceError STATE_PROOF_INVALID, also for an account that does not exist or a slot told twice
 */
export function wordsOf(stateRoot: string, proof: StateProof): Map<string, bigint> {
  const { storageRoot } = accountOf(stateRoot, proof)
  const words = new Map<string, bigint>()
  for (const { slot, proof: nodes } of proof.slots) {
    if (words.has(slot)) refuse('slot is proven twice', slot)
    const value = lookUp(storageRoot, slot, nodes)
    words.set(slot, value === undefined ? 0n : wordOf(value))
  }
  return words
}

/**
 * Keccak-256 of the code that the proof shows at its address.
 * @throws EvidenceError STATE_PROOF_INVALID
 */
export function codeHashOf(stateRoot: string, proof: StateProof): string {
  return accountOf(stateRoot, proof).codeHash
}

/** An account is nonce, balance, storage root and code hash. */
function accountOf(
  stateRoot: string,
  { address, accountProof }: StateProof
): { storageRoot: string; codeHash: string } {
  const account = lookUp(stateRoot, address.toLowerCase(), accountProof)
  // An account that does not exist has no storage either, but a registry's contract is never missing.
  if (account === undefined) return refuse('there is no such account', address)
  const parts = decodeStrict(account, 'STATE_PROOF_INVALID', 'account')
  const isAccount =
    Array.isArray(parts) &&
    parts.length === 4 &&
    integerOf(parts[0]) !== undefined &&
    integerOf(parts[1]) !== undefined &&
    [parts[2], parts[3]].every((part) => typeof part === 'string' && part.length === 66)
  if (!isAccount) return refuse('account has another form')
  return { storageRoot: parts[2] as string, codeHash: parts[3] as string }
}

function wordOf(value: string): bigint {
  const word = integerOf(decodeStrict(value, 'STATE_PROOF_INVALID', 'word'))
  // By the Yellow Paper a zero word has no entry; anvil 1.7.1 keeps one for a word that was set to zero. It says the same.
  if (word === undefined || word >= 1n << 256n) return refuse('word has another form', value)
  return word
}

function refuse(message: string, presented?: unknown): never {
  throw new EvidenceError('STATE_PROOF_INVALID', message, { presented })
}
