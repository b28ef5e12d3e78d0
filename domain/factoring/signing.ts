/**
 * What a factor's key signs to stand by a quote: EIP-712 typed data of a domain of its own over the quote's one text, so that it can never
 * pass for an order to an account or for a login. One changed byte breaks every signature: add a version instead.
 */
import { TypedDataEncoder, type TypedDataField } from 'ethers'

/** What a document record says the text of a quote is. */
export const QUOTE_FORMAT = 'TALLYSTICK-QUOTE-1'

export const quoteTypes: { Quote: TypedDataField[] } = {
  Quote: [
    { name: 'statement', type: 'string' },
    { name: 'account', type: 'address' },
    { name: 'text', type: 'string' }
  ]
}

const STATEMENT = 'We offer to finance the note on exactly these terms. 我方承诺按以下全部条款为该票据提供融资。'

/** Plain JSON, as wallets take it. */
export interface QuoteTypedData {
  domain: { name: string; version: string; chainId: number; verifyingContract: string }
  types: { Quote: TypedDataField[] }
  primaryType: 'Quote'
  message: { statement: string; account: string; text: string }
}

/**
 * @param registry Address of the deployment's `Fingerprints`, which creates every version of the registry: a signature for one registry is
 *   none for another.
 * @param account Of the factor: a key may be of several accounts, and signs for one.
 * @param text The quote's one text (`quoteText`).
 */
export function quoteTypedData(chainId: number, registry: string, account: string, text: string): QuoteTypedData {
  return {
    domain: { name: 'Tallystick Quote', version: '1', chainId, verifyingContract: registry },
    types: quoteTypes,
    primaryType: 'Quote',
    message: { statement: STATEMENT, account, text }
  }
}

/** The 32-byte EIP-712 digest, 0x-hex. P-256 signs it as it is, SM2 takes it as the message. */
export function quoteDigest({ domain, types, message }: QuoteTypedData): string {
  return TypedDataEncoder.hash(domain, types, message)
}
