import { p256 } from '@noble/curves/p256'
import { concat, getBytes, hexlify, Wallet } from 'ethers'
import { digestOfTypedData, type ExecuteTypedData, type SignerPart } from '../../domain/intent/typed-data.ts'
import type { AccountSigner, Quorum } from '../../domain/participant/signers.ts'
import type { CastSigner } from './cast.ts'

/** A private key of the embedded world: 32 bytes, 0x-hex. */
export interface SignerKey extends CastSigner {
  privateKey: string
}

export function newPrivateKey(kind: SignerKey['kind']): string {
  return kind === 'p256' ? hexlify(p256.utils.randomPrivateKey()) : Wallet.createRandom().privateKey
}

/** The account's side of a key. Lower case, as the api keeps it. */
export function accountSignerOf(key: SignerKey, p256Verifier: string): AccountSigner {
  const signer =
    key.kind === 'p256'
      ? // Uncompressed without its first byte: x ‖ y.
        concat([p256Verifier, p256.getPublicKey(getBytes(key.privateKey), false).subarray(1)])
      : new Wallet(key.privateKey).address
  return { signer: signer.toLowerCase(), duty: key.duty }
}

/** One maker signs, and one checker where there is one. */
export function quorumOf(signers: readonly CastSigner[]): Quorum {
  return { makers: 1, checkers: signers.some(({ duty }) => duty === 'checker') ? 1 : 0 }
}

/** Signs as the owner of the key does. */
export async function signWith(key: SignerKey, data: ExecuteTypedData, p256Verifier: string): Promise<SignerPart> {
  const { signer } = accountSignerOf(key, p256Verifier)
  if (key.kind === 'p256') {
    const digest = getBytes(digestOfTypedData(data))
    return {
      signer,
      signature: hexlify(p256.sign(digest, getBytes(key.privateKey), { lowS: true }).toCompactRawBytes())
    }
  }
  const { domain, types, message } = data
  return { signer, signature: await new Wallet(key.privateKey).signTypedData(domain, types, message) }
}
