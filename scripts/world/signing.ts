import { p256 } from '@noble/curves/p256'
import { concat, getBytes, hexlify, Wallet } from 'ethers'
import { newPrivateKey as newSm2Key, publicKeyOf, sign as signBySm2 } from '../../domain/crypto/sm2.ts'
import { digestOfTypedData, type ExecuteTypedData, type SignerPart } from '../../domain/intent/typed-data.ts'
import type { AccountSigner, Quorum, Verifiers } from '../../domain/participant/signers.ts'
import type { CastSigner } from './cast.ts'

/** A private key of the embedded world: 32 bytes, 0x-hex. */
export interface SignerKey extends CastSigner {
  privateKey: string
}

export function newPrivateKey(kind: SignerKey['kind']): string {
  switch (kind) {
    case 'secp256k1':
      return Wallet.createRandom().privateKey
    case 'p256':
      return hexlify(p256.utils.randomPrivateKey())
    case 'sm2':
      return hexlify(newSm2Key())
  }
}

/** The account's side of a key. Lower case, as the api keeps it. */
export function accountSignerOf(key: SignerKey, verifiers: Verifiers): AccountSigner {
  return { signer: signerOf(key, verifiers).toLowerCase(), duty: key.duty }
}

function signerOf({ kind, privateKey }: SignerKey, { p256Verifier, sm2Verifier }: Verifiers): string {
  switch (kind) {
    case 'secp256k1':
      return new Wallet(privateKey).address
    case 'p256':
      // Uncompressed without its first byte: x ‖ y.
      return concat([p256Verifier, p256.getPublicKey(getBytes(privateKey), false).subarray(1)])
    case 'sm2':
      return concat([sm2Verifier, publicKeyOf(getBytes(privateKey))])
  }
}

/** One maker signs, and one checker where there is one. */
export function quorumOf(signers: readonly CastSigner[]): Quorum {
  return { makers: 1, checkers: signers.some(({ duty }) => duty === 'checker') ? 1 : 0 }
}

/** Signs as the owner of the key does. */
export async function signWith(key: SignerKey, data: ExecuteTypedData, verifiers: Verifiers): Promise<SignerPart> {
  const { signer } = accountSignerOf(key, verifiers)
  if (key.kind === 'secp256k1') {
    const { domain, types, message } = data
    return { signer, signature: await new Wallet(key.privateKey).signTypedData(domain, types, message) }
  }
  const [digest, secret] = [getBytes(digestOfTypedData(data)), getBytes(key.privateKey)]
  const signature =
    key.kind === 'sm2' ? signBySm2(secret, digest) : p256.sign(digest, secret, { lowS: true }).toCompactRawBytes()
  return { signer, signature: hexlify(signature) }
}
