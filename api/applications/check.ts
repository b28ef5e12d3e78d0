/** What can be said of an application without asking anybody: check digits, keys on their curves, a quorum that can be reached, certificates. */
import { p256 } from '@noble/curves/p256'
import { getBytes, hexlify, isAddress } from 'ethers'
import { CertificateError, parseCertificate, verifyChain } from '../../domain/crypto/certificate.ts'
import { fromPem } from '../../domain/crypto/pem.ts'
import { requirePublicKey } from '../../domain/crypto/sm2.ts'
import { parseIdentifier, singleKindOf } from '../../domain/participant/identifiers.ts'
import type { AccountSigner, Quorum, Verifiers } from '../../domain/participant/signers.ts'
import { ApiError } from '../errors.ts'

export interface Application {
  name: string
  country: string
  roles: string[]
  /** `SCHEME:value`; the first is the legal identity. */
  identifiers: string[]
  signers: AccountSigner[]
  quorum: Quorum
  /** SM2 public key, x ‖ y. */
  encryptionKey: string
  /** PEM: certificates of its SM2 keys, and those between them and an authority. */
  certificates?: string
}

/** @throws ApiError APPLICATION_INVALID that names the field */
export function requireSound(
  application: Application,
  verifiers: Verifiers,
  authorities: readonly string[],
  now = new Date()
): void {
  requireIdentifiers(application.identifiers)
  requireSigners(application, verifiers)
  requireKey('body/encryptionKey', application.encryptionKey, () =>
    requirePublicKey(getBytes(application.encryptionKey))
  )
  if (application.certificates !== undefined) requireCertificates(application.certificates, authorities, now)
}

type Refusal = 'APPLICATION_INVALID' | 'KEYS_INVALID'

function refuse(field: string, presented: unknown, required: string, code: Refusal = 'APPLICATION_INVALID'): never {
  throw new ApiError(code, { field, presented, required })
}

function requireIdentifiers(identifiers: readonly string[]): void {
  const kinds = new Set<string>()
  identifiers.forEach((text, i) => {
    const field = `body/identifiers/${i}`
    let kind: string | undefined
    try {
      kind = singleKindOf(parseIdentifier(text))
    } catch {
      refuse(field, text, 'SCHEME:value in its canonical spelling, with right check digits')
    }
    if (kind !== undefined && kinds.has(kind)) refuse(field, text, `one ${kind} at most`)
    if (kind !== undefined) kinds.add(kind)
  })
}

/** @throws ApiError with the code, naming the key that can not sign, or the quorum that nobody reaches */
export function requireSigners(
  { signers, quorum }: Pick<Application, 'signers' | 'quorum'>,
  verifiers: Verifiers,
  code: Refusal = 'APPLICATION_INVALID'
): void {
  const seen = new Set<string>()
  const wrong = (field: string, presented: unknown, required: string): never => refuse(field, presented, required, code)
  signers.forEach(({ signer }, i) => {
    const field = `body/signers/${i}/signer`
    const text = signer.toLowerCase()
    if (seen.has(text)) wrong(field, signer, 'each key once')
    seen.add(text)
    if (text.length === 42) {
      // Of precompiled contracts one would approve anything.
      if (!isAddress(text) || BigInt(text) < 0x10000n) wrong(field, signer, 'the address of a key')
      return
    }
    const key = getBytes(`0x${text.slice(42)}`)
    const verifier = text.slice(0, 42)
    if (verifier === verifiers.sm2Verifier.toLowerCase()) requireKey(field, signer, () => requirePublicKey(key), code)
    else if (verifier === verifiers.p256Verifier.toLowerCase())
      requireKey(field, signer, () => p256.ProjectivePoint.fromHex(Uint8Array.of(4, ...key)).assertValidity(), code)
    else wrong(field, signer, 'a verifier of this registry')
  })
  const count = (duty: string): number => signers.filter((one) => one.duty === duty).length
  if (count('maker') < quorum.makers) wrong('body/quorum/makers', quorum.makers, `at most ${count('maker')}`)
  if (count('checker') < quorum.checkers) wrong('body/quorum/checkers', quorum.checkers, `at most ${count('checker')}`)
}

function requireKey(field: string, presented: string, check: () => void, code: Refusal = 'APPLICATION_INVALID'): void {
  try {
    check()
  } catch {
    refuse(field, presented, 'a public key on its curve', code)
  }
}

function requireCertificates(pem: string, authorities: readonly string[], at: Date): void {
  const field = 'body/certificates'
  try {
    const ders = fromPem(pem).map(({ der }) => der)
    const leaves = ders.filter((der) => !parseCertificate(der).isAuthority)
    if (leaves.length === 0) refuse(field, null, 'a certificate of a key')
    for (const leaf of leaves) {
      const usage = parseCertificate(leaf).usages?.includes('digitalSignature') ? 'digitalSignature' : 'keyEncipherment'
      verifyChain(
        leaf,
        ders.filter((der) => der !== leaf),
        authorities.map((der) => getBytes(der)),
        { at, usage }
      )
    }
  } catch (error) {
    if (error instanceof ApiError) throw error
    refuse(
      field,
      error instanceof CertificateError ? error.code : hexlify(new Uint8Array()),
      'certificates in force below a known authority'
    )
  }
}
