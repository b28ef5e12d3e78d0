import { recoverAddress, Signature } from 'ethers'
import { Type } from 'typebox'
import { isValidPart, type SignerPart } from '../../domain/intent/typed-data.ts'
import type { AccountSigner, Verifiers } from '../../domain/participant/signers.ts'
import { ApiError } from '../errors.ts'
import { strict, Uuid } from '../schemas.ts'
import type { Signable } from './repository.ts'

export const SignatureBody = Type.Union(
  [
    Type.Object(
      { signature: Type.String({ pattern: '^0x[0-9a-fA-F]{130}$', description: 'r ‖ s ‖ v; tells its signer' }) },
      { ...strict, description: 'secp256k1' }
    ),
    Type.Object(
      {
        signer: Type.String({ pattern: '^0x[0-9a-fA-F]{168}$', description: 'verifier ‖ x ‖ y' }),
        signature: Type.String({ pattern: '^0x[0-9a-fA-F]{128}$', description: 'r ‖ s, s in the lower half' })
      },
      { ...strict, description: 'P-256 or SM2' }
    ),
    Type.Object(
      { managedKey: { ...Uuid, description: 'Your key in custody' } },
      { ...strict, description: 'The service signs the same digest with a key that it keeps for you' }
    )
  ],
  { description: 'Over the EIP-712 digest of the typed data' }
)

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

/** A signer whose signature came in a session of the user, and whether it is a key in custody. */
export interface SignerOfUser {
  signer: string
  isManaged: boolean
}

/**
 * Who has signed in one duty signs in the other with no key in custody, nor with another key beside one.
 * @param before What the same user has signed of the same thing
 * @throws ApiError SIGNER_SAME_USER
 */
export function requireOtherPerson(
  signers: readonly AccountSigner[],
  before: readonly SignerOfUser[],
  { signer, isManaged }: SignerOfUser
): void {
  const dutyOf = (one: string) => signers.find((known) => known.signer.toLowerCase() === one)?.duty
  const same = before.find((one) => dutyOf(one.signer) !== dutyOf(signer) && (isManaged || one.isManaged))
  if (same)
    throw new ApiError('SIGNER_SAME_USER', { presented: signer, required: `another user than that of ${same.signer}` })
}
