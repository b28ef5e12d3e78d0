/** Headers as Besu's QBFT makes them, sealed by keys of ours: written from its source, since no Besu is here. */
import {
  computeAddress,
  concat,
  encodeRlp,
  id,
  keccak256,
  SigningKey,
  toBeHex,
  ZeroHash,
  type RlpStructuredData
} from 'ethers'

export const validatorKeys = [0, 1, 2, 3].map((i) => new SigningKey(id(`tallystick test validator ${i}`)))

export interface SealedOptions {
  round: number
  sealers: readonly SigningKey[]
  /** What the seals are about, where it is another than the header's. */
  sealedRound?: number
  stateRoot?: string
  sealedRoot?: string
  number?: number
  time?: number
  extraData?: string
}

const scalar = (value: number): string => (value === 0 ? '0x' : toBeHex(value))

export function qbftHeader(options: SealedOptions): string {
  const { round, sealers, stateRoot = id('state'), number = 77, time = 1_795_000_000 } = options
  const validators = validatorKeys.map((key) => computeAddress(key.publicKey).toLowerCase())
  const extra = (atRound: number, seals: RlpStructuredData) =>
    encodeRlp([`0x${'00'.repeat(32)}`, validators, [], scalar(atRound), seals])
  const header = (root: string, extraData: string) =>
    encodeRlp([
      id('parent'),
      id('uncles'),
      `0x${'00'.repeat(20)}`,
      root,
      id('transactions'),
      id('receipts'),
      `0x${'00'.repeat(256)}`,
      '0x01',
      scalar(number),
      '0x01c9c380',
      '0x',
      scalar(time),
      extraData,
      '0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365',
      '0x0000000000000000',
      '0x',
      ZeroHash
    ])
  const digest = keccak256(header(options.sealedRoot ?? stateRoot, extra(options.sealedRound ?? round, [])))
  const seals = sealers.map((key) => {
    const { r, s, yParity } = key.sign(digest)
    return concat([r, s, toBeHex(yParity, 1)])
  })
  return header(stateRoot, options.extraData ?? extra(round, seals))
}
