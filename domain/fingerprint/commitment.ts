/** What the parties agree a document says, bound by a salted hash that the debtor confirms. */
import { hmacSm3 } from '../crypto/hash.ts'
import type { NormalisedInvoice } from '../documents/invoice.ts'
import { canonicalBytes, hexOf } from './fingerprint.ts'
import { partyKeyOf, type PartyKey } from './identity.ts'
import { numberKey } from './normalise.ts'

const SALT_BYTES = 32

/** The part of an invoice that its content is made of. */
export type Contents = Pick<
  NormalisedInvoice,
  'class' | 'seller' | 'buyer' | 'number' | 'invoiceCode' | 'issueDate' | 'currency' | 'gross' | 'payable'
>

/**
 * Class, seller, buyer, number, issue date, currency, gross and payable, the amounts in minor units without sign
 * because the class carries it: a credit note written as 381 with plus says the same as 380 with minus.
 * Due date and payee stand apart, since they change lawfully. What is absent is an empty string.
 */
export function contentOf(invoice: Contents, partyKey: PartyKey = partyKeyOf): readonly string[] {
  return [
    invoice.class,
    partyKey(invoice.seller) ?? '',
    partyKey(invoice.buyer) ?? '',
    numberKey((invoice.invoiceCode ?? '') + invoice.number),
    invoice.issueDate ?? '',
    invoice.currency,
    invoice.gross === undefined ? '' : String(magnitude(invoice.gross)),
    String(magnitude(invoice.payable))
  ]
}

/** `0x` and 64 hex digits: HMAC-SM3 of the canonical content under a salt of 32 bytes, else `RangeError`. */
export function contentCommitmentOf(invoice: Contents, salt: Uint8Array, partyKey?: PartyKey): string {
  if (salt.length !== SALT_BYTES) throw new RangeError(`salt must have ${SALT_BYTES} bytes, not ${salt.length}`)
  return `0x${hexOf(hmacSm3(salt, canonicalBytes(contentOf(invoice, partyKey))))}`
}

function magnitude(amount: bigint): bigint {
  return amount < 0n ? -amount : amount
}
