/**
 * Why cryptography was refused. Codes are stable: a client acts on `code`, the message is for people.
 * No message holds a key, a plaintext, or a part of one.
 */
export const cryptoErrors = {
  PRIVATE_KEY_INVALID: 'The private key is not 32 bytes of a number between 1 and n - 2',
  PUBLIC_KEY_INVALID: 'The public key is not a point of the SM2 curve in an accepted form',
  KEY_MALFORMED: 'The key is not in the form that was expected',
  KEY_NOT_SM2: 'The key is of another curve or algorithm',
  KEY_PAIR_MISMATCH: 'The public key in the file is not the one of the private key',
  KEY_PASSPHRASE_WRONG: 'The key could not be opened with this passphrase',
  KEY_PASSPHRASE_MISSING: 'The key is encrypted and no passphrase was given',
  KEY_PARAMETERS_REFUSED: 'The key is encrypted with parameters that are not accepted',
  KEY_ID_MISMATCH: 'The key id is not the one of the public key',
  KEY_UNKNOWN: 'The key store has no such key',
  KEY_EXISTS: 'The key store has this key already',
  KEY_USE_FORBIDDEN: 'The key is not for this use',
  KEY_STORE_MALFORMED: 'The key store file is not in the form that was expected',
  KEY_STORE_LOCKED: 'The key store could not be opened with this passphrase or key',
  USER_ID_INVALID: 'The user id is empty or longer than 8191 bytes',
  USER_ID_WRONG: 'The signature is made under another user id than the default one, or without any',
  SIGNATURE_MALFORMED: 'The signature is not in the form that was expected',
  PLAINTEXT_SIZE: 'SM2 encrypts from 1 byte to 64 KiB; documents are sealed',
  CIPHERTEXT_MALFORMED: 'The SM2 ciphertext is not in the form that was expected',
  CIPHERTEXT_POINT_INVALID: 'The first part of the SM2 ciphertext is not a point of the curve',
  CIPHERTEXT_KEY_ZERO: 'The key stream of the SM2 ciphertext is zero, which the standard refuses',
  CIPHERTEXT_MISMATCH: 'The SM2 ciphertext was altered or is for another key',
  CIPHERTEXT_OLD_ORDER: 'The SM2 ciphertext is in the order C1C2C3 of the draft of 2010; C1C3C2 is required',
  CIPHER_KEY_INVALID: 'The symmetric key or the initialisation vector has the wrong length',
  SEALED_MALFORMED: 'The sealed document is not in the form that was expected',
  SEALED_VERSION_UNKNOWN: 'The sealed document is of a version that is not known',
  SEALED_MISMATCH: 'The sealed document was altered, or the key or the context is another',
  READERS_INVALID: 'A sealed document needs at least one reader, each once',
  CMS_MALFORMED: 'The message is not in the form that was expected',
  CMS_ALGORITHM_REFUSED: 'The message uses an algorithm that is not accepted',
  CMS_SIGNER_MISSING: 'The message has not exactly one signer with its certificate',
  CMS_CONTENT_MISSING: 'The signed content is neither in the message nor given',
  CMS_CONTENT_MISMATCH: 'The content given is not the content in the message',
  CMS_DIGEST_MISMATCH: 'The signed attributes are about another content',
  CMS_CERTIFICATES_MISMATCH: 'The certificates in the message are not those that its signer named',
  CMS_SIGNATURE_INVALID: "The signature of the message is not the signer's",
  CMS_RECIPIENT_UNKNOWN: 'The message is not for this key',
  CRYPTO_SELF_TEST_FAILED: 'This Node does not compute SM2, SM3 or SM4 as the standards say'
} as const

export type CryptoErrorCode = keyof typeof cryptoErrors

/** A refusal with its code. `detail` says what was presented, never a secret. */
export class CryptoError extends Error {
  override readonly name = 'CryptoError'
  readonly code: CryptoErrorCode

  constructor(code: CryptoErrorCode, detail?: string) {
    super(detail === undefined ? cryptoErrors[code] : `${cryptoErrors[code]}: ${detail}`)
    this.code = code
  }
}
