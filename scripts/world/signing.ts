import { p256 } from '@noble/curves/p256'
import { getBytes, hexlify, Wallet } from 'ethers'
import { keySigner } from '../../client/signers.ts'
import { newPrivateKey as newSm2Key, sign as signBySm2 } from '../../domain/crypto/sm2.ts'
import type { ExecuteTypedData, SignerPart } from '../../domain/intent/typed-data.ts'
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
export function accountSignerOf({ kind, privateKey, duty }: SignerKey, verifiers: Verifiers): AccountSigner {
  return { signer: keySigner(kind, privateKey, verifiers).signer, duty }
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
  const { signer } = accountSignerOf(key, verifiers)
  const [bytes, secret] = [getBytes(digest), getBytes(key.privateKey)]
  switch (key.kind) {
    case 'secp256k1':
      return { signer, signature: new Wallet(key.privateKey).signingKey.sign(digest).serialized }
    case 'p256':
      return { signer, signature: hexlify(p256.sign(bytes, secret, { lowS: true }).toCompactRawBytes()) }
    case 'sm2':
      return { signer, signature: hexlify(signBySm2(secret, bytes)) }
  }
}
