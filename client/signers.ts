/** Keys that sign intents, quotes and logins: SM2, P-256, secp256k1, in Node and in browsers. */
import { quoteDigest, type QuoteTypedData } from '../domain/factoring/signing.ts'
import { digestOfTypedData, type ExecuteTypedData, type SignerPart } from '../domain/intent/typed-data.ts'
import { loginDigest, type LoginTypedData } from '../domain/participant/login.ts'
import { signDigest, signerOf, type KeyKind } from '../domain/participant/private-key.ts'
import type { Verifiers } from '../domain/participant/signers.ts'

export { keyKinds, type KeyKind } from '../domain/participant/private-key.ts'

/** What a key of an account is asked to sign: an order, an offer, or that it is there. */
export type Signable = ExecuteTypedData | QuoteTypedData | LoginTypedData

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
  const signer = signerOf(kind, privateKey, verifiers)
  return {
    signer,
    sign: (data) => ({ signer, signature: signDigest(kind, privateKey, digestOf(data)) })
  }
}

function digestOf(data: Signable): string {
  switch (data.primaryType) {
    case 'Login':
      return loginDigest(data)
    case 'Quote':
      return quoteDigest(data)
    case 'Execute':
      return digestOfTypedData(data)
  }
}

/** The body of `signIntent` and `signQuote`: a secp256k1 signature tells its signer, others come with it. */
export function signatureBody({ signer, signature }: SignerPart): { signature: string; signer?: string } {
  return signer.length === 42 ? { signature } : { signer, signature }
}
