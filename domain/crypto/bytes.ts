/** Big-endian integers, as the standards of SM2 and X.690 write them. */

/** The integer that the bytes are. */
export function bytesToBigInt(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}
