/** Bytes, hex and numbers. */
import { bytesOfHex, hexOf, newBytes } from '#encoding'

export { newBytes } from '#encoding'

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const out = newBytes(length)
  let offset = 0
  for (const part of parts) {
    out.set(part, offset)
    offset += part.length
  }
  return out
}

/** Lower case hex without a prefix. */
export function toHex(bytes: Uint8Array): string {
  return hexOf(bytes)
}

/** @throws RangeError when the text is not hex of whole bytes. */
export function fromHex(hex: string): Uint8Array {
  if (hex.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(hex)) throw new RangeError('not hex of whole bytes')
  return bytesOfHex(hex)
}

/** Big-endian, unsigned. */
export function toNumber(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${toHex(bytes)}`)
}

/** 32 bytes, big-endian; the number is below 2^256. */
export function to32Bytes(number: bigint): Uint8Array {
  return fromHex(number.toString(16).padStart(64, '0'))
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
