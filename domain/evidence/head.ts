/** Signed log heads: the log's operator states the root of each size it publishes, so it can't show two histories. */
import { Type, type Static } from 'typebox'
import type { TrustAnchors } from './anchors.ts'
import { EvidenceError } from './errors.ts'
import { Address, Bytes32, closed, Count, Hex, requireShape, Time, unixSeconds } from './shape.ts'
import { requireCertified, signAs, signerOfValue, type CertifiedSigner, type SignedBy } from './signed.ts'

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
  { ...headFields, algorithm: Type.Literal('sm2-cms'), signature: Hex },
  closed
)

/** State of the log: `size` leaves with this RFC 9162 root, at `time` (RFC 3339 UTC). */
export type LogHead = Static<typeof HeadShape>
/** `signature`: detached CMS SignedData of GM/T 0010 with the certificate of the log's key, DER as 0x-hex. */
export type SignedHead = Static<typeof SignedHeadShape>

const KIND = 'tallystick log head v1'

/**
 * Signs a head with the log's SM2 key.
 * @throws EvidenceError HEAD_MALFORMED
 */
export async function signHead(head: LogHead, signer: CertifiedSigner): Promise<SignedHead> {
  const plain = plainOf(head)
  requireShape(HeadShape, plain, 'HEAD_MALFORMED')
  if (Number.isNaN(unixSeconds(plain.time)))
    throw new EvidenceError('HEAD_MALFORMED', '/time is no time', { presented: plain.time })
  return { ...plain, algorithm: 'sm2-cms', signature: await signAs(KIND, plain, signer) }
}

type HeadTrust = Pick<TrustAnchors, 'logKeys' | 'authorities'> & Partial<Pick<TrustAnchors, 'heads'>>

/**
 * Who signed the head: a key of the log by the trust anchors, with a certificate that was valid when it was anchored, as far
 * as they know, else at the head's own time, where they name authorities. Without anchors any key is accepted, and the caller has to say that nobody vouches for it.
 * @throws EvidenceError HEAD_SIGNATURE_INVALID, USER_ID_WRONG, CERT_*
 */
export function requireSignedHead(head: SignedHead, anchors?: HeadTrust): SignedBy {
  const signer = signerOfValue(KIND, plainOf(head), head.signature, 'HEAD_SIGNATURE_INVALID')
  if (anchors && !anchors.logKeys.includes(signer.publicKey)) {
    throw new EvidenceError('HEAD_SIGNATURE_INVALID', "the head is not signed by a key of the log's", {
      presented: signer.publicKey,
      required: anchors.logKeys.join()
    })
  }
  if (anchors?.authorities) {
    const { certificate, intermediates } = signer
    // The signer could date a head back into a certificate's time; the block that anchored it can't.
    const anchored = anchors.heads?.find(({ size, root }) => size === head.size && root === head.root)
    const time = anchored?.time ?? head.time
    requireCertified("certificate of the log's key", certificate.der, intermediates, anchors.authorities, time)
  }
  return signer
}

/**
 * The refusal of a head whose root another one of the same size contradicts: two heads that the log's key signed are a
 * fork, and each of them proves it.
 */
export function contradicted(head: SignedHead, root: string, anchors?: TrustAnchors): EvidenceError {
  const values = { presented: head.root, required: root }
  if (anchors && isOfTheLog(head, anchors)) {
    return new EvidenceError('HEAD_FORKED', `the log's key signed another head of ${head.size} leaves`, values)
  }
  return new EvidenceError('HEAD_NOT_ANCHORED', `another root of ${head.size} leaves was anchored`, values)
}

function isOfTheLog(head: SignedHead, anchors: TrustAnchors): boolean {
  try {
    requireSignedHead(head, anchors)
    return true
  } catch (error) {
    if (error instanceof EvidenceError) return false
    throw error
  }
}

function plainOf({ logId, chainId, evidenceLog, size, root, time }: LogHead): LogHead {
  return { logId, chainId, evidenceLog, size, root, time }
}
