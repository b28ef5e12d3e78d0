/** SM2 signatures in DER (GM/T 0009-2012 §7.3, X.690): SEQUENCE { r INTEGER, s INTEGER }. One encoding, no other is read. */

/** From r ‖ s, 64 bytes. Throws RangeError for another length. */
export function derOfSignature(signature: Uint8Array): Uint8Array {
  if (signature.length !== 64) throw new RangeError(`a signature is 64 bytes, not ${signature.length}`)
  const content = [...integerOf(signature.subarray(0, 32)), ...integerOf(signature.subarray(32))]
  return Uint8Array.of(0x30, content.length, ...content)
}

/** r ‖ s, 64 bytes; undefined for anything but the one DER encoding of two positive integers of at most 256 bits. */
export function signatureOfDer(der: Uint8Array): Uint8Array | undefined {
  const signature = new Uint8Array(64)
  if (der[0] !== 0x30 || der.length < 8 || der[1] !== der.length - 2) return undefined
  let at = 2
  for (const end of [32, 64]) {
    const length = der[at + 1] ?? 0
    const content = der.subarray(at + 2, at + 2 + length)
    if (der[at] !== 0x02 || length === 0 || length > 33 || content.length !== length) return undefined
    const isPadded = content[0] === 0 && length > 1
    // A leading zero stands only where the sign bit would else be set; without one the sign bit is clear.
    if (isPadded ? (content[1] as number) < 0x80 : (content[0] as number) >= 0x80) return undefined
    const value = isPadded ? content.subarray(1) : content
    if (value.length > 32) return undefined
    signature.set(value, end - value.length)
    at += 2 + length
  }
  return at === der.length ? signature : undefined
}

function integerOf(bytes: Uint8Array): number[] {
  let first = 0
  while (first < bytes.length - 1 && bytes[first] === 0) first++
  const value = [...bytes.subarray(first)]
  if ((value[0] as number) >= 0x80) value.unshift(0)
  return [0x02, value.length, ...value]
}
