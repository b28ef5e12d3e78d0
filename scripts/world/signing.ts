import { keySigner } from '../../client/signers.ts'
import type { ExecuteTypedData, SignerPart } from '../../domain/intent/typed-data.ts'
import { signDigest as signatureBy, signerOf } from '../../domain/participant/private-key.ts'
import type { AccountSigner, Quorum, Verifiers } from '../../domain/participant/signers.ts'
import type { CastSigner } from './cast.ts'

export { newPrivateKey } from '../../domain/participant/private-key.ts'

/** A private key of the embedded world: 32 bytes, 0x-hex. */
export interface SignerKey extends CastSigner {
  privateKey: string
}

/** The account's side of a key. Lower case, as the api keeps it. */
export function accountSignerOf({ kind, privateKey, duty }: SignerKey, verifiers: Verifiers): AccountSigner {
  return { signer: signerOf(kind, privateKey, verifiers), duty }
}

/** One maker signs, and one checker where there is one. */
export function quorumOf(signers: readonly CastSigner[]): Quorum {
  return { makers: 1, checkers: signers.some(({ duty }) => duty === 'checker') ? 1 : 0 }
}

/** Signs as the owner of the key does. */
export async function signWith(key: SignerKey, data: ExecuteTypedData, verifiers: Verifiers): Promise<SignerPart> {
  return keySigner(key.kind, key.privateKey, verifiers).sign(data)
}

/** Signs a 32-byte digest, 0x-hex, as the owner of the key does. */
export function signDigest(key: SignerKey, digest: string, verifiers: Verifiers): SignerPart {
  return {
    signer: signerOf(key.kind, key.privateKey, verifiers),
    signature: signatureBy(key.kind, key.privateKey, digest)
  }
}
