/** Signed log heads: the log's operator states the root of each size it publishes, so it can't show two histories. */
import { recoverAddress, Signature, SigningKey, TypedDataEncoder, computeAddress, type TypedDataField } from 'ethers'
import { Type, type Static } from 'typebox'
import { Address, Bytes32, closed, Count, Hex, requireShape, Time, unixSeconds } from './shape.ts'
import { EvidenceError } from './errors.ts'

const headFields = {
  logId: Type.String({ minLength: 1, maxLength: 128 }),
  chainId: Count,
  evidenceLog: Address,
  size: Count,
  root: Bytes32,
  time: Time
}
const HeadShape = Type.Object(headFields, closed)
export const SignedHeadShape = Type.Object(
  { ...headFields, algorithm: Type.Literal('secp256k1-eip712'), operator: Address, signature: Hex },
  closed
)

/** State of the log: `size` leaves with this RFC 9162 root, at `time` (RFC 3339 UTC). */
export type LogHead = Static<typeof HeadShape>
/** `algorithm` names the digest and the curve; each new one gets its own name. */
export type SignedHead = Static<typeof SignedHeadShape>

const headTypes: Record<string, TypedDataField[]> = {
  LogHead: [
    { name: 'logId', type: 'string' },
    { name: 'size', type: 'uint64' },
    { name: 'root', type: 'bytes32' },
    { name: 'time', type: 'string' }
  ]
}

/** Signs a head with the log operator's secp256k1 key. The same head and key give the same bytes (RFC 6979). */
export function signHead(head: LogHead, privateKey: string): SignedHead {
  const { logId, chainId, evidenceLog, size, root, time } = head
  const plain = { logId, chainId, evidenceLog, size, root, time }
  requireShape(HeadShape, plain, 'HEAD_MALFORMED')
  if (Number.isNaN(unixSeconds(time)))
    throw new EvidenceError('HEAD_MALFORMED', '/time is no time', { presented: time })
  const key = new SigningKey(privateKey)
  const signature = key.sign(digestOfHead(plain)).serialized
  return { ...plain, algorithm: 'secp256k1-eip712', operator: computeAddress(key.publicKey), signature }
}

/** Whether `operator` signed the head. False also for a signature that can't be read or is not in low-s form. */
export function verifyHead(signed: SignedHead, operator: string): boolean {
  try {
    const signature = Signature.from(signed.signature)
    return (
      signature.serialized === signed.signature &&
      recoverAddress(digestOfHead(signed), signature).toLowerCase() === operator.toLowerCase()
    )
  } catch {
    return false
  }
}

/** EIP-712 digest; chain and log contract are in the domain. */
function digestOfHead(head: LogHead): string {
  return TypedDataEncoder.hash(
    { name: 'Tallystick Evidence Log', version: '1', chainId: head.chainId, verifyingContract: head.evidenceLog },
    headTypes,
    { logId: head.logId, size: head.size, root: head.root, time: head.time }
  )
}
