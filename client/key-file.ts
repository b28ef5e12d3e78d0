/**
 * A signing key in a file that a person keeps: JSON, the secret sealed under a passphrase by PBKDF2-HMAC-SHA-256 and AES-256-GCM, which
 * browsers and Node both have natively. What is outside of the seal is bound to it: whoever changes a byte of it breaks the file. It names
 * the registry and the account, so that the holder signs for these alone, whatever a server says (docs/adr/0027).
 */
import { bytesOfBase64, base64Of } from '#encoding'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { utf8 } from '../domain/crypto/bytes.ts'
import { keySigner, type IntentSigner } from './signers.ts'
import type { Known } from './review.ts'

/** What OWASP asks of PBKDF2-HMAC-SHA-256; about a third of a second for one guess. */
export const KEY_FILE_ITERATIONS = 600_000
/** A file must not decide how long we compute. */
const MAX_ITERATIONS = 5_000_000

const strict = { additionalProperties: false } as const
const Address = Type.String({ pattern: '^0x[0-9a-fA-F]{40}$' })
const Base64 = Type.String({ pattern: '^[A-Za-z0-9+/]+={0,2}$', maxLength: 4096 })

const KeyFileShape = Type.Object(
  {
    format: Type.Literal('tallystick-key'),
    version: Type.Literal(1),
    participantId: Type.Integer({ minimum: 1, maximum: 4_294_967_295 }),
    participantName: Type.String({ minLength: 1, maxLength: 256 }),
    duty: Type.Enum(['maker', 'checker']),
    kind: Type.Enum(['secp256k1', 'p256', 'sm2']),
    /** ERC-7913 bytes of the key. */
    signer: Type.String({ pattern: '^0x([0-9a-f]{2}){20,84}$' }),
    account: Address,
    registry: Type.Object(
      {
        chainId: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
        receivables: Address,
        fingerprints: Address,
        p256Verifier: Address,
        sm2Verifier: Address,
        /** The directory, for who signs for it; files of before 2026-11-28 have neither. */
        participants: Type.Optional(Address),
        accountFactory: Type.Optional(Address)
      },
      strict
    ),
    sealing: Type.Object(
      {
        name: Type.Literal('PBKDF2-HMAC-SHA-256/AES-256-GCM'),
        iterations: Type.Integer({ minimum: 1000, maximum: MAX_ITERATIONS }),
        salt: Base64,
        iv: Base64
      },
      strict
    ),
    sealed: Base64
  },
  strict
)
export type KeyFile = Static<typeof KeyFileShape>

const SecretShape = Type.Object(
  { privateKey: Type.String({ pattern: '^0x[0-9a-f]{64}$' }), apiKey: Type.Optional(Type.String({ maxLength: 512 })) },
  strict
)

/** What only the passphrase opens. */
export type KeySecret = Static<typeof SecretShape>
type Subtle = typeof globalThis.crypto.subtle
export type KeyFileContent = Omit<KeyFile, 'format' | 'version' | 'sealing' | 'sealed'>

export type KeyFileErrorCode =
  'KEY_FILE_MALFORMED' | 'KEY_FILE_PASSPHRASE_WRONG' | 'KEY_FILE_MISMATCH' | 'SECURE_CONTEXT_MISSING'

/** The file can't be used; the message never holds a secret. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError'
  readonly code: KeyFileErrorCode

  constructor(code: KeyFileErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/** Reads the outside of a key file. Throws KEY_FILE_MALFORMED. */
export function parseKeyFile(text: string): KeyFile {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new KeyFileError('KEY_FILE_MALFORMED', 'the file is not JSON')
  }
  if (Value.Check(KeyFileShape, value)) return value
  const error = Value.Errors(KeyFileShape, value)[0]
  throw new KeyFileError(
    'KEY_FILE_MALFORMED',
    `${error?.instancePath || '/'} ${error?.message ?? 'has an unknown shape'}`
  )
}

/** The text of a new key file. */
export async function sealKeyFile(
  content: KeyFileContent,
  secret: KeySecret,
  passphrase: string,
  iterations = KEY_FILE_ITERATIONS
): Promise<string> {
  const [salt, iv] = [random(16), random(12)]
  const sealing = {
    name: 'PBKDF2-HMAC-SHA-256/AES-256-GCM' as const,
    iterations,
    salt: base64Of(salt),
    iv: base64Of(iv)
  }
  const head = { format: 'tallystick-key' as const, version: 1 as const, ...content, sealing }
  const key = await deriveKey(passphrase, salt, iterations)
  const algorithm = { name: 'AES-GCM', iv, additionalData: boundBytes(head) }
  const sealed = await subtle().encrypt(algorithm, key, owned(utf8(JSON.stringify(secret))))
  return `${JSON.stringify({ ...head, sealed: base64Of(new Uint8Array(sealed)) }, undefined, 2)}\n`
}

/**
 * Opens a key file.
 * @throws KeyFileError KEY_FILE_PASSPHRASE_WRONG also for a file that was changed: nobody can tell the two apart
 */
export async function openKeyFile(file: KeyFile, passphrase: string): Promise<KeySecret> {
  const { sealed, ...head } = file
  const { salt, iv, iterations } = file.sealing
  const key = await deriveKey(passphrase, bytesOfBase64(salt), iterations)
  let plain: ArrayBuffer
  try {
    const algorithm = { name: 'AES-GCM', iv: owned(bytesOfBase64(iv)), additionalData: boundBytes(head) }
    plain = await subtle().decrypt(algorithm, key, owned(bytesOfBase64(sealed)))
  } catch {
    throw new KeyFileError('KEY_FILE_PASSPHRASE_WRONG', 'the passphrase is wrong, or the file was changed')
  }
  const secret: unknown = JSON.parse(new TextDecoder().decode(plain))
  if (!Value.Check(SecretShape, secret))
    throw new KeyFileError('KEY_FILE_MALFORMED', 'the sealed part has an unknown shape')
  return secret
}

/** The signer of an opened file, after a look that the key inside is the one named outside. */
export function signerOfFile(file: KeyFile, { privateKey }: KeySecret): IntentSigner {
  const signer = keySigner(file.kind, privateKey, file.registry)
  if (signer.signer !== file.signer)
    throw new KeyFileError('KEY_FILE_MISMATCH', 'the key in the file is another one than it names')
  return signer
}

/** What the holder of the file signs for. */
export function knownOf({ registry, account }: KeyFile): Known {
  const { p256Verifier: _, ...targets } = registry
  return { ...targets, account }
}

/** Everything outside of the seal, in an order of its own, so that the order in the file does not matter. */
function boundBytes(head: Omit<KeyFile, 'sealed'>): Uint8Array<ArrayBuffer> {
  const { participantId, participantName, duty, kind, signer, account, registry, sealing } = head
  const { chainId, receivables, fingerprints, p256Verifier, sm2Verifier, participants, accountFactory } = registry
  const directory = participants === undefined && accountFactory === undefined ? [] : [participants, accountFactory]
  const place = [chainId, receivables, fingerprints, p256Verifier, sm2Verifier, ...directory]
  const { name, iterations, salt, iv } = sealing
  const parts = [head.format, head.version, participantId, participantName, duty, kind, signer, account, ...place]
  return owned(utf8(JSON.stringify([...parts, name, iterations, salt, iv])))
}

async function deriveKey(passphrase: string, salt: Uint8Array, iterations: number) {
  const material = await subtle().importKey('raw', owned(utf8(passphrase.normalize('NFKC'))), 'PBKDF2', false, [
    'deriveKey'
  ])
  const algorithm = { name: 'PBKDF2', hash: 'SHA-256', salt: owned(salt), iterations }
  return subtle().deriveKey(algorithm, material, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
}

/** Browsers give it to pages of https and of this machine only. */
function subtle(): Subtle {
  const found = (globalThis.crypto as { subtle?: Subtle }).subtle
  if (found) return found
  throw new KeyFileError('SECURE_CONTEXT_MISSING', 'key files open on pages of https or of this machine only')
}

function random(length: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(length))
}

/** In a buffer of its own, which WebCrypto's types ask for. */
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes)
}
