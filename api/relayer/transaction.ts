import { secp256k1 } from '@noble/curves/secp256k1'
import { keccakOfHex } from '#keccak'
import { rlpInteger, rlpList, rlpString } from '../../domain/chain/rlp.ts'

/** A legacy transaction at price zero that calls a contract and carries no value. */
export interface CallTransaction {
  chainId: number
  nonce: number
  gasLimit: bigint
  /** Address and call data, hex with 0x. */
  to: string
  data: string
}

export interface SignedTransaction {
  raw: string
  hash: string
}

/**
 * Signs it for its chain (EIP-155). Ethers gives the same bytes at twice the processor time, which is a large part of what the relayer
 * spends on a command: test/api/transaction.test.ts holds them against each other.
 * @param key 32 bytes
 */
export function signTransaction(key: Uint8Array, transaction: CallTransaction): SignedTransaction {
  const { chainId, nonce, gasLimit, to, data } = transaction
  const fields = [integer(nonce), nothing, integer(gasLimit), stringOf(to), nothing, stringOf(data)]
  const digest = keccakOfHex(rlpList([...fields, integer(chainId), nothing, nothing]))
  const { r, s, recovery } = secp256k1.sign(digest, key)
  const v = BigInt(chainId) * 2n + 35n + BigInt(recovery)
  const signed = rlpList([...fields, integer(v), integer(r), integer(s)])
  return { raw: `0x${signed}`, hash: `0x${keccakOfHex(signed)}` }
}

const nothing = rlpString('')
const integer = (value: number | bigint): string => rlpInteger(value.toString(16))

function stringOf(hex: string): string {
  // What has another digit would be cut short in silence where it is hashed.
  if (!/^0x(?:[0-9a-f]{2})*$/i.test(hex)) throw new TypeError('not hex with 0x')
  return rlpString(hex.slice(2).toLowerCase())
}
