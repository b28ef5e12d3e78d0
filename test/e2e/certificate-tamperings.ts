/** What somebody may do to the certificates of a true package, each with the code that the verifier has to give for it. */
import { getBytes, hexlify } from 'ethers'
import {
  issueCertificate,
  parseCertificate,
  type Certificate,
  type CertificateRequest
} from '../../domain/crypto/certificate.ts'
import { sha256 } from '../../domain/crypto/hash.ts'
import { strangeRoot, sm2KeyOf } from '../domain/evidence/authority.ts'
import { edited, isCommand, relogged, type Files, type Tampered, type Tampering, type True } from './tamperings.ts'

/** Puts other certificates in place of the participants' own. */
function certified(
  original: True,
  change: (own: Certificate, all: readonly Certificate[]) => Uint8Array[] | Promise<Uint8Array[]>
): Promise<Tampered> {
  const put = async (files: Files, paths: string[]): Promise<string[]> => {
    const all = paths.map((path) => parseCertificate(files[path]!))
    const kept: Uint8Array[] = []
    for (const one of all) kept.push(...(one.isAuthority ? [one.der] : await change(one, all)))
    for (const path of paths) delete files[path]
    const named = kept.map((der) => [`certificates/${hexlify(sha256(der)).slice(2)}.der`, der] as const)
    for (const [path, der] of named) files[path] = der as Uint8Array<ArrayBuffer>
    return [...new Set(named.map(([path]) => path))].sort()
  }
  const work = async (files: Files, manifest: { certificates?: string[] }): Promise<void> => {
    manifest.certificates = await put(files, manifest.certificates ?? [])
  }
  return Promise.resolve(edited(original, work, true))
}

const year = 365 * 86_400_000
const identifierOf = ({ organizationIdentifier = '' }: Certificate): string => organizationIdentifier

/** The same key certified again, by the same authority unless another is given, with something else in the certificate. */
const reissued =
  (change: Partial<CertificateRequest>, issuer?: True['issuing']) =>
  (original: True): Promise<Tampered> => {
    const { certificate, key } = issuer ?? original.issuing
    return certified(original, async (own) => [
      await issueCertificate(
        {
          subject: { commonName: 'again', organizationIdentifier: identifierOf(own) },
          publicKey: own.publicKey,
          notBefore: own.notBefore,
          notAfter: own.notAfter,
          usages: ['digitalSignature'],
          ...change
        },
        certificate,
        key
      )
    ])
  }

export const certificateTamperings: readonly Tampering[] = [
  {
    name: 'certificates that had ended',
    code: 'CERT_EXPIRED',
    make: reissued({ notBefore: new Date(Date.now() - 2 * year), notAfter: new Date(Date.now() - year) })
  },
  {
    name: 'certificates that had not begun',
    code: 'CERT_NOT_YET_VALID',
    make: reissued({ notBefore: new Date(Date.now() + year), notAfter: new Date(Date.now() + 2 * year) })
  },
  { name: 'certificates for encryption', code: 'CERT_USAGE', make: reissued({ usages: ['keyEncipherment'] }) },
  {
    name: 'certificates in another firm’s name',
    code: 'CERT_MISMATCH',
    make: reissued({ subject: { commonName: 'again', organizationIdentifier: 'USCC:91310000MA1OTHER0N' } })
  },
  {
    name: 'the firm’s certificate for another of its keys',
    code: 'CERT_MISMATCH',
    make: reissued({ publicKey: sm2KeyOf('another').publicKey })
  },
  { name: 'no certificates', code: 'CERT_MISSING', make: (original) => certified(original, () => []) },
  {
    name: 'certificates of an authority that nobody trusts',
    code: 'CERT_UNTRUSTED',
    make: reissued({}, { certificate: strangeRoot, key: sm2KeyOf('strange root') })
  },
  {
    name: 'a byte of the authority’s signature',
    code: 'CERT_SIGNATURE_INVALID',
    make: (original) =>
      certified(original, ({ der }) => {
        const copy = der.slice()
        copy[copy.length - 1]! ^= 1
        return [copy]
      })
  },
  {
    name: 'what is no certificate',
    code: 'CERT_MALFORMED',
    make: (original) => certified(original, () => [getBytes('0x3000')])
  },
  {
    name: 'a signature under the empty user id',
    code: 'USER_ID_WRONG',
    make: (original) =>
      relogged(original, (records) => {
        const { digest, signatures } = records.find(isCommand)!
        const part = signatures[0]!
        const key = original.keys.find(({ publicKey }) => part.signer.endsWith(hexlify(publicKey).slice(2)))!
        part.signature = hexlify(key.sign(getBytes(digest), { userId: '', allowsEmptyUserId: true }))
      })
  }
]
