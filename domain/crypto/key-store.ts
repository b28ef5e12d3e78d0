/**
 * The one interface by which anything of ours signs or unwraps. Here is the software store; an HSM stands behind the
 * same interface (docs/KEYS.md). No method gives a private key away, and nothing that prints a store shows one.
 */
import { base64Of, bytesOfBase64 } from '#encoding'
import { pbkdf2, randomBytes } from '#native'
import { fromHex, toHex, utf8 } from './bytes.ts'
import { keyIdOf } from './envelope.ts'
import { CryptoError } from './errors.ts'
import { PBKDF2_ITERATIONS } from './pbes2.ts'
import { newPrivateKey, requirePrivateKey, SigningKey, type UserIdOptions } from './sm2.ts'
import { decryptWith } from './sm2-encryption.ts'
import { DATA_KEY_BYTES, open, seal } from './sm4.ts'
import { parseCertificate } from './x509-parse.ts'

/** China issues two certificates, one for signing and one for encryption; a key may be for both. */
export type KeyUse = 'sign' | 'unwrap'

export interface KeyInfo {
  /** SM3 of the public key, lower case hex. */
  readonly keyId: string
  /** 64 bytes x‖y. */
  readonly publicKey: Uint8Array
  /** For people. */
  readonly label: string
  readonly uses: readonly KeyUse[]
}

export interface KeyOptions {
  readonly label?: string
  readonly uses?: readonly KeyUse[]
}

/** Promises, because an HSM is asked over a wire. Unknown keys are refused with KEY_UNKNOWN, wrong uses with KEY_USE_FORBIDDEN. */
export interface KeyStore {
  list(): Promise<readonly KeyInfo[]>
  publicKeyOf(keyId: string): Promise<Uint8Array>
  /** The DER of the key's certificate, where it has one. */
  certificateOf(keyId: string): Promise<Uint8Array | undefined>
  /** r‖s over SM3(Z‖message). */
  sign(keyId: string, message: Uint8Array, userId?: UserIdOptions): Promise<Uint8Array>
  /** Decrypts what was encrypted to the key, DER of GM/T 0009. */
  unwrap(keyId: string, wrapped: Uint8Array): Promise<Uint8Array>
  create(options?: KeyOptions): Promise<KeyInfo>
  /** @throws CryptoError KEY_EXISTS, PRIVATE_KEY_INVALID; an HSM may refuse */
  import(privateKey: Uint8Array, options?: KeyOptions): Promise<KeyInfo>
  /** @throws CryptoError KEY_PAIR_MISMATCH when the certificate is about another key */
  setCertificate(keyId: string, certificate: Uint8Array): Promise<void>
}

/** What opens a software store: a passphrase, or 32 bytes that another system keeps. */
export type StoreSecret = { readonly passphrase: string } | { readonly keyEncryptionKey: Uint8Array }

interface Entry {
  readonly info: KeyInfo
  readonly privateKey: Uint8Array
  readonly signingKey: SigningKey
  certificate: Uint8Array | undefined
}

/** One key inside the sealed file. */
interface StoredKey {
  privateKey: string
  label: string
  uses: KeyUse[]
  certificate?: string
}

interface StoreFile {
  version: 1
  kdf: { name: 'pbkdf2-hmac-sm3'; iterations: number; salt: string } | null
  sealed: string
}

const MAX_ITERATIONS = 5_000_000

/** Keys in the memory of this process; at rest a sealed JSON text, which the caller reads and writes. */
export class SoftwareKeyStore implements KeyStore {
  readonly #entries = new Map<string, Entry>()

  /**
   * Opens the content of a file made by {@link toFile}.
   * @throws CryptoError KEY_STORE_MALFORMED, KEY_STORE_LOCKED
   */
  static fromFile(content: Uint8Array, secret: StoreSecret): SoftwareKeyStore {
    const file = readFile(content)
    const plain = openFile(file, secret)
    const store = new SoftwareKeyStore()
    for (const key of JSON.parse(new TextDecoder().decode(plain)) as StoredKey[]) {
      const { keyId } = store.#add(bytesOfBase64(key.privateKey), key)
      if (key.certificate !== undefined) {
        store.#entry(keyId).certificate = bytesOfBase64(key.certificate)
      }
    }
    plain.fill(0)
    return store
  }

  /** The sealed content, under a fresh salt each time. Iterations count for a passphrase only. */
  toFile(secret: StoreSecret, iterations: number = PBKDF2_ITERATIONS): Uint8Array {
    const kdf =
      'passphrase' in secret ? { name: 'pbkdf2-hmac-sm3' as const, iterations, salt: toHex(randomBytes(16)) } : null
    const keys = [...this.#entries.values()].map(({ info, privateKey, certificate }): StoredKey => ({
      privateKey: base64Of(privateKey),
      label: info.label,
      uses: [...info.uses],
      ...(certificate ? { certificate: base64Of(certificate) } : {})
    }))
    const plain = utf8(JSON.stringify(keys))
    const sealed = seal(keyOf(secret, kdf), plain, contextOf(kdf))
    plain.fill(0)
    const file: StoreFile = { version: 1, kdf, sealed: base64Of(sealed) }
    return utf8(`${JSON.stringify(file, undefined, 2)}\n`)
  }

  async list(): Promise<readonly KeyInfo[]> {
    return [...this.#entries.values()].map(({ info }) => info)
  }

  async publicKeyOf(keyId: string): Promise<Uint8Array> {
    return this.#entry(keyId).info.publicKey
  }

  async certificateOf(keyId: string): Promise<Uint8Array | undefined> {
    return this.#entry(keyId).certificate
  }

  async sign(keyId: string, message: Uint8Array, userId: UserIdOptions = {}): Promise<Uint8Array> {
    return this.#entry(keyId, 'sign').signingKey.sign(message, userId)
  }

  async unwrap(keyId: string, wrapped: Uint8Array): Promise<Uint8Array> {
    return decryptWith(this.#entry(keyId, 'unwrap').privateKey, wrapped)
  }

  async create(options: KeyOptions = {}): Promise<KeyInfo> {
    return this.#add(newPrivateKey(), options)
  }

  async import(privateKey: Uint8Array, options: KeyOptions = {}): Promise<KeyInfo> {
    return this.#add(requirePrivateKey(privateKey).slice(), options)
  }

  async setCertificate(keyId: string, certificate: Uint8Array): Promise<void> {
    const entry = this.#entry(keyId)
    if (keyIdOf(parseCertificate(certificate).publicKey) !== keyId) throw new CryptoError('KEY_PAIR_MISMATCH')
    entry.certificate = certificate.slice()
  }

  /** What a log or an answer may show. */
  toJSON(): { keys: string[] } {
    return { keys: [...this.#entries.keys()] }
  }

  #add(privateKey: Uint8Array, { label = '', uses = ['sign', 'unwrap'] }: KeyOptions): KeyInfo {
    const signingKey = new SigningKey(privateKey)
    const { publicKey } = signingKey
    const keyId = keyIdOf(publicKey)
    if (this.#entries.has(keyId)) throw new CryptoError('KEY_EXISTS', keyId)
    const info: KeyInfo = { keyId, publicKey, label, uses: [...uses] }
    this.#entries.set(keyId, { info, privateKey, signingKey, certificate: undefined })
    return info
  }

  #entry(keyId: string, use?: KeyUse): Entry {
    const entry = this.#entries.get(keyId)
    if (!entry) throw new CryptoError('KEY_UNKNOWN', keyId.slice(0, 64))
    if (use && !entry.info.uses.includes(use)) throw new CryptoError('KEY_USE_FORBIDDEN', use)
    return entry
  }
}

function readFile(content: Uint8Array): StoreFile {
  try {
    const file = JSON.parse(new TextDecoder().decode(content)) as StoreFile
    const { kdf } = file
    const isKdf =
      kdf === null ||
      (kdf.name === 'pbkdf2-hmac-sm3' &&
        Number.isInteger(kdf.iterations) &&
        kdf.iterations >= 1 &&
        kdf.iterations <= MAX_ITERATIONS &&
        /^[0-9a-f]{32}$/.test(kdf.salt))
    if (file.version !== 1 || !isKdf || typeof file.sealed !== 'string') throw new TypeError('shape')
    return file
  } catch {
    throw new CryptoError('KEY_STORE_MALFORMED')
  }
}

function openFile(file: StoreFile, secret: StoreSecret): Uint8Array {
  try {
    const sealed = bytesOfBase64(file.sealed)
    return open(keyOf(secret, file.kdf), sealed, contextOf(file.kdf))
  } catch (error) {
    if (error instanceof CryptoError && error.code === 'SEALED_MALFORMED') throw new CryptoError('KEY_STORE_MALFORMED')
    throw new CryptoError('KEY_STORE_LOCKED')
  }
}

function keyOf(secret: StoreSecret, kdf: StoreFile['kdf']): Uint8Array {
  if ('keyEncryptionKey' in secret) {
    if (kdf !== null) throw new CryptoError('KEY_STORE_LOCKED')
    return secret.keyEncryptionKey
  }
  if (kdf === null) throw new CryptoError('KEY_STORE_LOCKED')
  return pbkdf2(secret.passphrase, fromHex(kdf.salt), kdf.iterations, DATA_KEY_BYTES, 'sm3')
}

/** Binds the parameters of the passphrase to the sealed keys. */
function contextOf(kdf: StoreFile['kdf']): Uint8Array {
  return utf8(`tallystick key store v1 ${kdf ? `${kdf.name} ${kdf.iterations} ${kdf.salt}` : 'key'}`)
}

/** A {@link Signer} of certificates and messages by one key of a store. */
export async function signerOf(
  store: KeyStore,
  keyId: string
): Promise<{ publicKey: Uint8Array; sign: (message: Uint8Array) => Promise<Uint8Array> }> {
  return { publicKey: await store.publicKeyOf(keyId), sign: (message) => store.sign(keyId, message) }
}
