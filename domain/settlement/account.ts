/** Accounts at banks: as the registry has them, and as statements write them. */

export type BankAccount =
  | { readonly scheme: 'IBAN'; readonly iban: string }
  /** 大额支付系统行号 of 12 digits, and the account at that bank. */
  | { readonly scheme: 'CN'; readonly bankCode: string; readonly number: string }

const IBAN = /^IBAN:([A-Z]{2}[0-9]{2}[A-Z0-9]{10,30})$/
const CNAPS = /^CN:([0-9]{12}):([0-9]{6,34})$/

/** Of `IBAN:…` or `CN:bank code:number`; undefined for any other form, which no payment can be sent to. */
export function parseAccount(text: string): BankAccount | undefined {
  const iban = IBAN.exec(text)?.[1]
  if (iban) return { scheme: 'IBAN', iban }
  const [, bankCode, number] = CNAPS.exec(text) ?? []
  return bankCode && number ? { scheme: 'CN', bankCode, number } : undefined
}

/**
 * The account of a statement in one spelling: without blanks and signs, in capital letters, and without the currency that some
 * banks write behind an IBAN.
 */
export function keyOfAccount(written: string): string {
  const plain = written.toUpperCase().replace(/[^A-Z0-9]/g, '')
  return /^[A-Z]{2}[0-9]{2}[A-Z0-9]{10,28}[0-9][A-Z]{3}$/.test(plain) ? plain.slice(0, -3) : plain
}

/** Every key by which a statement may name the account. */
export function keysOf(account: BankAccount): string[] {
  if (account.scheme === 'IBAN') return [account.iban]
  return [account.number, account.bankCode + account.number]
}
