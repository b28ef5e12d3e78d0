import {
  digestOfTypedData,
  isValidPart,
  recoverSigner,
  type ExecuteTypedData,
  type SignerPart
} from '../../domain/intent/typed-data.ts'
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
  { typedData, signers }: Signable,
  presented: PresentedSignature,
  verifiers: Verifiers
): SignerPart {
  const signature = presented.signature.toLowerCase()
  const signer = (presented.signer ?? recovered(typedData, signature)).toLowerCase()
  if (!signers.some((known) => known.signer.toLowerCase() === signer)) {
    throw new ApiError('SIGNER_UNKNOWN', { presented: signer, required: signers.map((known) => known.signer) })
  }
  if (isValidPart(digestOfTypedData(typedData), { signer, signature }, verifiers) !== true) {
    throw new ApiError('SIGNATURE_INVALID', { field: 'body/signature', presented: signature, required: `of ${signer}` })
  }
  return { signer, signature }
}

function recovered(typedData: ExecuteTypedData, signature: string): string {
  try {
    return recoverSigner(typedData, signature)
  } catch (error) {
    throw new ApiError('SIGNATURE_INVALID', { field: 'body/signature', reason: (error as Error).message })
  }
}
