import { keccakOfHex } from '#keccak'
import { rlpInteger, rlpList, rlpString } from '../../domain/chain/rlp.ts'
import { trieRoot, type Entry } from '../../indexer/chain/trie-root.ts'

/** Accounts by address, as anvil dumps them: numbers and words as hex with 0x. */
export type Accounts = Record<
  string,
  { nonce: number | string; balance: string; code: string; storage: Record<string, string> }
>

/**
 * Root of the state that these accounts are, with 0x (Yellow Paper, 4.1). As anvil counts it: empty accounts and slots of
 * zero, which Ethereum leaves out, have their place.
 */
export function stateRootOf(accounts: Accounts): string {
  const entries = Object.entries(accounts).map(([address, { nonce, balance, code, storage }]): Entry => {
    const fields = [
      rlpInteger(BigInt(nonce).toString(16)),
      rlpInteger(BigInt(balance).toString(16)),
      rlpString(trieRoot(Object.entries(storage).map(slotEntry))),
      rlpString(keccakOfHex(code.slice(2)))
    ]
    return [keccakOfHex(address.slice(2)), rlpList(fields)]
  })
  return `0x${trieRoot(entries)}`
}

function slotEntry([slot, value]: [string, string]): Entry {
  return [keccakOfHex(slot.slice(2).padStart(64, '0')), rlpInteger(value.slice(2))]
}
