import { recoverAddress, Signature } from 'ethers'
import { isValidPart, type SignerPart } from '../../domain/intent/typed-data.ts'
import { ApiError } from '../errors.ts'
import type { Verifiers } from '../../domain/participant/signers.ts'
import type { Signable } from './repository.ts'

/** A secp256k1 signature tells its signer; one of another curve comes with it. */
export interface PresentedSignature {
  signer?: string
  signature: string
}

/**
 * The part of one of the account's signers, checked as its contract will check it. A key of another verifier is for the
 * chain to check, and is refused here.
 * @throws ApiError SIGNATURE_INVALID, SIGNER_UNKNOWN
 */
export function requireSignature(
  { digest, signers }: Pick<Signable, 'digest' | 'signers'>,
  presented: PresentedSignature,
  verifiers: Verifiers
): SignerPart {
  const signature = presented.signature.toLowerCase()
  const signer = (presented.signer ?? recovered(digest, signature)).toLowerCase()
  if (!signers.some((known) => known.signer.toLowerCase() === signer)) {
    throw new ApiError('SIGNER_UNKNOWN', { presented: signer, required: signers.map((known) => known.signer) })
  }
  // Whom a signature was recovered to has made it.
  if (presented.signer !== undefined && isValidPart(digest, { signer, signature }, verifiers) !== true) {
    throw new ApiError('SIGNATURE_INVALID', { field: 'body/signature', presented: signature, required: `of ${signer}` })
  }
  return { signer, signature }
}

/** Who made a secp256k1 signature. The contract takes 65 bytes with 27 or 28 at the end and a lower `s`, nothing else. */
function recovered(digest: string, signature: string): string {
  const invalid = (reason: string) => new ApiError('SIGNATURE_INVALID', { field: 'body/signature', reason })
  try {
    const parsed = Signature.from(signature)
    if (parsed.serialized === signature) return recoverAddress(digest, parsed)
  } catch (error) {
    throw invalid((error as Error).message)
  }
  throw invalid('27 or 28 is required at the end')
}
