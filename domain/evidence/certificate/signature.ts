/** Who stands for a certificate: the registry's operator. The facts need no signature; names, accounts and completeness do. */
import { computeAddress, hexlify, recoverAddress, Signature, SigningKey, TypedDataEncoder } from 'ethers'
import { sha256 } from '../../crypto/hash.ts'
import { canonicalBytes } from '../shape.ts'
import type { CertificateSignature, Statement } from './statement.ts'

/** Signs with the operator's key, wherever it is kept. */
export interface CertificateSigner {
  sign(statement: Statement): Promise<CertificateSignature>
}

/** Whether an SM2 key that the verifier trusts signed the message (with Z and SM3, GB/T 32918.2). */
export type VerifySm2 = (message: Uint8Array, publicKey: string, signature: string) => boolean

/** A key in memory, 0x-hex. */
export function secp256k1Signer(privateKey: string): CertificateSigner {
  const key = new SigningKey(privateKey)
  const operator = computeAddress(key.publicKey)
  return {
    sign: async (statement) => ({
      algorithm: 'secp256k1',
      operator,
      signature: key.sign(digestOf(statement)).serialized
    })
  }
}

/** What SM2 signs: the canonical bytes of the statement. */
export function messageOf(statement: Statement): Uint8Array {
  return canonicalBytes(statement)
}

/**
 * Whether the operator signed the statement; undefined when the verifier has nothing to check that algorithm with.
 * @param operator The key that is trusted; the one that the signature names when absent
 */
export function isSignedBy(
  statement: Statement,
  signature: CertificateSignature,
  operator: string | undefined,
  verifySm2: VerifySm2 | undefined
): boolean | undefined {
  switch (signature.algorithm) {
    case 'secp256k1':
      // Both the key that is named and the one that is trusted: they are the same, or nothing is.
      return [signature.operator, operator ?? signature.operator].every((one) =>
        isSecp256k1(statement, signature.signature, one)
      )
    case 'sm2-sm3':
      return verifySm2?.(messageOf(statement), signature.publicKey, signature.signature)
  }
}

/** False also for a signature that can't be read or is not in low-s form. */
function isSecp256k1(statement: Statement, serialized: string, operator: string): boolean {
  try {
    const signature = Signature.from(serialized)
    const signer = recoverAddress(digestOf(statement), signature)
    return signature.serialized === serialized && signer.toLowerCase() === operator.toLowerCase()
  } catch {
    return false
  }
}

/** EIP-712: no signature of a head or a command can stand for a certificate, nor one of another registry. */
function digestOf(statement: Statement): string {
  const { chainId, evidenceLog } = statement.deployment
  return TypedDataEncoder.hash(
    { name: 'Tallystick Certificate', version: '1', chainId, verifyingContract: evidenceLog },
    { Certificate: [{ name: 'statement', type: 'bytes32' }] },
    { statement: hexlify(sha256(canonicalBytes(statement))) }
  )
}
