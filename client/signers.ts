/** Keys that sign intents and logins: SM2, P-256, secp256k1, in Node and in browsers. */
import { p256 } from '@noble/curves/p256'
import { concat, getBytes, hexlify, SigningKey as EthersKey, computeAddress } from 'ethers'
import { publicKeyOf, sign as signBySm2 } from '../domain/crypto/sm2.ts'
import { digestOfTypedData, type ExecuteTypedData, type SignerPart } from '../domain/intent/typed-data.ts'
import { loginDigest, type LoginTypedData } from '../domain/participant/login.ts'
import type { Verifiers } from '../domain/participant/signers.ts'

export const keyKinds = ['secp256k1', 'p256', 'sm2'] as const
export type KeyKind = (typeof keyKinds)[number]

/** What a key of an account is asked to sign: an order, or that it is there. */
export type Signable = ExecuteTypedData | LoginTypedData

/** Whatever signs: a key in memory, a smart card, a wallet. */
export interface IntentSigner {
  /** ERC-7913 bytes, lower-case 0x-hex: an address, or verifier ‖ x ‖ y. */
  readonly signer: string
  sign(data: Signable): Promise<SignerPart> | SignerPart
}

/**
 * A signer by a private key (32 bytes, 0x-hex) in memory.
 * @param verifiers Of the registry's deployment: what a signer that is no plain address begins with.
 */
export function keySigner(kind: KeyKind, privateKey: string, verifiers: Verifiers): IntentSigner {
  const signer = signerOf(kind, privateKey, verifiers).toLowerCase()
  return {
    signer,
    sign: (data) => ({ signer, signature: signDigest(kind, privateKey, digestOf(data)) })
  }
}

function digestOf(data: Signable): string {
  return data.primaryType === 'Login' ? loginDigest(data) : digestOfTypedData(data)
}

function signerOf(kind: KeyKind, privateKey: string, { p256Verifier, sm2Verifier }: Verifiers): string {
  switch (kind) {
    case 'secp256k1':
      return computeAddress(privateKey)
    case 'p256':
      // Uncompressed without its first byte: x ‖ y.
      return concat([p256Verifier, p256.getPublicKey(getBytes(privateKey), false).subarray(1)])
    case 'sm2':
      return concat([sm2Verifier, publicKeyOf(getBytes(privateKey))])
  }
}

function signDigest(kind: KeyKind, privateKey: string, digest: string): string {
  switch (kind) {
    case 'secp256k1':
      return new EthersKey(privateKey).sign(digest).serialized
    case 'p256':
      return hexlify(p256.sign(getBytes(digest), getBytes(privateKey), { lowS: true }).toCompactRawBytes())
    case 'sm2':
      return hexlify(signBySm2(getBytes(privateKey), getBytes(digest)))
  }
}

/** The body of `signIntent`: a secp256k1 signature tells its signer, others come with it. */
export function signatureBody({ signer, signature }: SignerPart): { signature: string; signer?: string } {
  return signer.length === 42 ? { signature } : { signer, signature }
}
