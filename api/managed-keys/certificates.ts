/** Certificates of SM2 keys in custody: evidence wants one of each SM2 key that signed. */
import { getBytes, hexlify } from 'ethers'
import { CertificateError, parseCertificate, verifyChain, type Name } from '../../domain/crypto/certificate.ts'
import { CryptoError } from '../../domain/crypto/errors.ts'
import { sha256 } from '../../domain/crypto/hash.ts'
import { fromPem } from '../../domain/crypto/pem.ts'
import type { SignerDuty } from '../../domain/participant/signers.ts'
import { asService, type Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import type { ManagedKey } from './repository.ts'

/** A part of a name has so many characters. */
const PART = 64

interface Firm {
  name: string
  country: string
  legalIdentity: string
}

async function firmOf(tx: Transaction, participantId: number): Promise<Firm> {
  const { rows } = await tx.query<Firm>(
    'select name, country, legal_identity as "legalIdentity" from app.participant where participant_id = $1',
    [participantId]
  )
  return rows[0]!
}

/** Whose certificate is asked for: the firm's, by its legal identity, and which key of it. No person is named in public. */
export async function subjectOf(
  tx: Transaction,
  participantId: number,
  { managedKeyId, duty }: { managedKeyId: string; duty: SignerDuty }
): Promise<Name> {
  const { name, country, legalIdentity } = await firmOf(tx, participantId)
  const organization = [...name].slice(0, PART).join('')
  return { commonName: `${duty} ${managedKeyId}`, organization, country, organizationIdentifier: legalIdentity }
}

/**
 * Keeps the certificate of a key, PEM with those between it and an authority.
 * @throws ApiError CERTIFICATE_REFUSED
 */
export async function keepCertificate(
  tx: Transaction,
  participantId: number,
  { signer, kind }: ManagedKey,
  { certificates, authorities }: { certificates: string; authorities: readonly string[] }
): Promise<void> {
  const { legalIdentity } = await firmOf(tx, participantId)
  const publicKey = `0x${signer.slice(42)}`
  const refuse = (presented: unknown, required: string) =>
    new ApiError('CERTIFICATE_REFUSED', { field: 'body/certificates', presented, required })
  if (kind !== 'sm2') throw refuse(kind, 'an SM2 key')
  try {
    const ders = fromPem(certificates).map(({ der }) => der)
    const own = ders.find((der) => hexlify(parseCertificate(der).publicKey) === publicKey)
    if (!own) throw refuse(ders.length, `a certificate of ${publicKey}`)
    // Licensed authorities write the number alone, ours with its scheme.
    const names = [legalIdentity, legalIdentity.slice(legalIdentity.indexOf(':') + 1)]
    const named = parseCertificate(own).organizationIdentifier
    if (named === undefined || !names.includes(named)) throw refuse(named ?? null, legalIdentity)
    const between = ders.filter((der) => der !== own && parseCertificate(der).isAuthority)
    verifyChain(
      own,
      between,
      authorities.map((der) => getBytes(der)),
      { at: new Date(), usage: 'digitalSignature' }
    )
    await asService(tx, (service) =>
      service.query(
        `insert into app.participant_certificate (sha256, participant_id, public_key, use, der, intermediates)
         values ($1, $2, $3, 'signature', $4, $5) on conflict (sha256) do nothing`,
        [Buffer.from(sha256(own)), participantId, publicKey, Buffer.from(own), between.map((der) => Buffer.from(der))]
      )
    )
  } catch (error) {
    if (!(error instanceof CertificateError) && !(error instanceof CryptoError)) throw error
    throw refuse(error.code, 'a certificate in force below a known authority')
  }
}
