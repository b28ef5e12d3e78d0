/** What a block header has, by fork. */

export type HeaderFieldKind = 'hash' | 'address' | 'bloom' | 'quantity' | 'bytes' | 'nonce'

/** In the order of the RLP list, by the names of JSON-RPC. */
export const headerFields: readonly (readonly [name: string, kind: HeaderFieldKind])[] = [
  ['parentHash', 'hash'],
  ['sha3Uncles', 'hash'],
  ['miner', 'address'],
  ['stateRoot', 'hash'],
  ['transactionsRoot', 'hash'],
  ['receiptsRoot', 'hash'],
  ['logsBloom', 'bloom'],
  ['difficulty', 'quantity'],
  ['number', 'quantity'],
  ['gasLimit', 'quantity'],
  ['gasUsed', 'quantity'],
  ['timestamp', 'quantity'],
  ['extraData', 'bytes'],
  ['mixHash', 'hash'],
  ['nonce', 'nonce'],
  // London, EIP-1559
  ['baseFeePerGas', 'quantity'],
  // Shanghai, EIP-4895
  ['withdrawalsRoot', 'hash'],
  // Cancun, EIP-4844 and EIP-4788
  ['blobGasUsed', 'quantity'],
  ['excessBlobGas', 'quantity'],
  ['parentBeaconBlockRoot', 'hash'],
  // Prague, EIP-7685
  ['requestsHash', 'hash']
]

/** The mix hash of every block that Besu's Byzantine fault tolerant consensus makes: "tical byzantine fault tolerance". */
export const BESU_BFT_MIX_HASH = '0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365'
