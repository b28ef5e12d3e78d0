/**
 * Seals of Besu's QBFT in a header's extra data: RLP [vanity, [validators], vote, round, [seals]]. The block's hash leaves
 * the seals out and counts the round as zero; validators seal the header with its round and without seals. (Besu,
 * `QbftExtraDataCodec` and `BftBlockHashing`; block 0 is hashed as it is and has no seals.)
 */
import { keccak256, Signature } from 'ethers/crypto'
import { recoverAddress } from 'ethers/transaction'
import { encodeRlp } from 'ethers/utils'
import { EvidenceError } from '../errors.ts'
import { EXTRA_DATA_AT, type BlockHeader } from './header.ts'
import { decodeStrict, integerOf, type RlpItem } from './rlp.ts'

export interface QbftExtraData {
  /** Addresses, as the header itself lists them: to be held against those that one trusts. */
  validators: string[]
  round: bigint
  /** 65 bytes each: r ‖ s ‖ recovery id. */
  seals: string[]
  items: readonly RlpItem[]
}

/** Throws HEADER_MISMATCH for extra data of another form. */
export function decodeQbftExtraData(extraData: string): QbftExtraData {
  const items = decodeStrict(extraData, 'HEADER_MISMATCH', 'extra data')
  if (!Array.isArray(items) || items.length !== 5) return refuse('extra data is not of QBFT')
  const [vanity, validators, vote, round, seals] = items as [RlpItem, RlpItem, RlpItem, RlpItem, RlpItem]
  if (typeof vanity !== 'string' || !Array.isArray(vote)) refuse('extra data is not of QBFT')
  const number = integerOf(round)
  if (number === undefined || number >= 1n << 31n) return refuse('round is no number')
  return { validators: strings(validators, 20), round: number, seals: strings(seals, 65), items }
}

/** The hash by which a QBFT chain names the block. */
export function qbftHash(header: BlockHeader): string {
  if (header.number === 0) return header.hash
  const { items } = decodeQbftExtraData(header.extraData)
  return hashWith(header, [...items.slice(0, 3), '0x', []])
}

/**
 * Who sealed the header, each once: lower-case addresses.
 * @throws EvidenceError HEADER_MISMATCH for a seal that can't be read
 */
export function qbftSealers(header: BlockHeader): string[] {
  const { items, seals } = decodeQbftExtraData(header.extraData)
  const digest = hashWith(header, [...items.slice(0, 4), []])
  return [...new Set(seals.map((seal) => sealerOf(digest, seal)))]
}

/** Seals that make a block final: two thirds of the validators, rounded up, of which more than a third is honest. */
export function qbftQuorum(validators: number): number {
  return Math.ceil((2 * validators) / 3)
}

function hashWith(header: BlockHeader, extraData: RlpItem[]): string {
  const items = [...header.items]
  items[EXTRA_DATA_AT] = encodeRlp(extraData)
  return keccak256(encodeRlp(items))
}

/** Besu writes the recovery id as 0 or 1. */
function sealerOf(digest: string, seal: string): string {
  try {
    const id = Number.parseInt(seal.slice(130), 16)
    if (id > 1) return refuse('seal has an unknown recovery id')
    const signature = Signature.from({ r: seal.slice(0, 66), s: `0x${seal.slice(66, 130)}`, yParity: id as 0 | 1 })
    return recoverAddress(digest, signature).toLowerCase()
  } catch (error) {
    return refuse(`seal can't be read: ${(error as Error).message}`)
  }
}

function strings(item: RlpItem, bytes: number): string[] {
  const isRight = Array.isArray(item) && item.every((one) => typeof one === 'string' && one.length === 2 + 2 * bytes)
  return isRight ? (item as string[]) : refuse('extra data is not of QBFT')
}

function refuse(message: string): never {
  throw new EvidenceError('HEADER_MISMATCH', message)
}
