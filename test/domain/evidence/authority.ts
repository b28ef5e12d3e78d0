/** A small authority for tests, and keys with its certificates. */
import { getBytes, hexlify, id } from 'ethers'
import { issueCertificate, issueRoot, type KeyUsage } from '../../../domain/crypto/certificate.ts'
import { SigningKey } from '../../../domain/crypto/sm2.ts'
import type { CertifiedSigner } from '../../../domain/evidence/signed.ts'

export const sm2KeyOf = (name: string): SigningKey => new SigningKey(getBytes(id(`tallystick test SM2 key of ${name}`)))
export const hexOf = ({ publicKey }: { publicKey: Uint8Array }): string => hexlify(publicKey)

/** Unix seconds 2026-01-01 and 2030-01-01: all of the story is in between. */
const validity = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2030-01-01T00:00:00Z') }
const [rootKey, issuingKey] = [sm2KeyOf('root'), sm2KeyOf('issuing')]
export const root = await issueRoot({ commonName: 'Test root', country: 'CN' }, rootKey, validity)
export const issuing = await issueCertificate(
  {
    subject: { commonName: 'Test issuing authority' },
    publicKey: issuingKey.publicKey,
    ...validity,
    usages: ['keyCertSign'],
    authority: { pathLength: 0 }
  },
  root,
  rootKey
)
export const authorities = [hexlify(root)]

export interface Wish {
  usages?: readonly KeyUsage[]
  notBefore?: Date
  notAfter?: Date
  organizationIdentifier?: string
  /** Instead of the issuing authority: one that nobody trusts. */
  isUntrusted?: boolean
}

export const strangeRoot = await issueRoot({ commonName: 'A stranger' }, sm2KeyOf('strange root'), validity)

/** A certificate of a key, in DER. */
export function certificateOf(key: SigningKey, wish: Wish = {}): Promise<Uint8Array> {
  const { usages = ['digitalSignature', 'nonRepudiation'], organizationIdentifier, isUntrusted, ...times } = wish
  const subject = { commonName: 'Tester', ...(organizationIdentifier && { organizationIdentifier }) }
  const request = { subject, publicKey: key.publicKey, ...validity, ...times, usages }
  return isUntrusted
    ? issueCertificate(request, strangeRoot, sm2KeyOf('strange root'))
    : issueCertificate(request, issuing, issuingKey)
}

export async function certifiedSigner(name: string, wish: Wish = {}): Promise<CertifiedSigner> {
  const key = sm2KeyOf(name)
  return {
    publicKey: key.publicKey,
    sign: (message) => key.sign(message),
    certificate: await certificateOf(key, wish),
    intermediates: [issuing]
  }
}

export const logSigner = await certifiedSigner('log')
export const statementSigner = await certifiedSigner('statements')
export const strangeSigner = await certifiedSigner('a stranger')
