/** Private keys of an account's signers, of the three kinds that accounts take: 32 bytes, 0x-hex. */
import { p256 } from '@noble/curves/p256'
import { secp256k1 } from '@noble/curves/secp256k1'
import { computeAddress, concat, getBytes, hexlify, SigningKey } from 'ethers'
import { newPrivateKey as newSm2Key, publicKeyOf, sign as signBySm2 } from '../crypto/sm2.ts'
import type { Verifiers } from './signers.ts'

export const keyKinds = ['secp256k1', 'p256', 'sm2'] as const
export type KeyKind = (typeof keyKinds)[number]

export function newPrivateKey(kind: KeyKind): string {
  switch (kind) {
    case 'secp256k1':
      return hexlify(secp256k1.utils.randomPrivateKey())
    case 'p256':
      return hexlify(p256.utils.randomPrivateKey())
    case 'sm2':
      return hexlify(newSm2Key())
  }
}

/** The account's name for a key: ERC-7913 bytes, lower-case 0x-hex. An address, or verifier ‖ x ‖ y. */
export function signerOf(kind: KeyKind, privateKey: string, { p256Verifier, sm2Verifier }: Verifiers): string {
  switch (kind) {
    case 'secp256k1':
      return computeAddress(privateKey).toLowerCase()
    case 'p256':
      // Uncompressed without its first byte: x ‖ y.
      return concat([p256Verifier, p256.getPublicKey(getBytes(privateKey), false).subarray(1)]).toLowerCase()
    case 'sm2':
      return concat([sm2Verifier, publicKeyOf(getBytes(privateKey))]).toLowerCase()
  }
}

/** Signs a 32-byte digest, 0x-hex, in the form that accounts take: r ‖ s ‖ v, or r ‖ s (P-256 with the lower s, SM2 over the digest as the message). */
export function signDigest(kind: KeyKind, privateKey: string, digest: string): string {
  switch (kind) {
    case 'secp256k1':
      return new SigningKey(privateKey).sign(digest).serialized
    case 'p256':
      return hexlify(p256.sign(getBytes(digest), getBytes(privateKey), { lowS: true }).toCompactRawBytes())
    case 'sm2':
      return hexlify(signBySm2(getBytes(privateKey), getBytes(digest)))
  }
}
