import { hexlify } from 'ethers'
import pg from 'pg'
import { parseCertificate } from '../../domain/crypto/certificate.ts'
import { sha256 } from '../../domain/crypto/hash.ts'
import { certificatesOf, derOf, type WorldCertificates } from './authority.ts'
import { participantIdOf } from './cast.ts'

/** Gives the api the certificates of the cast, as a registrar does at an admission. */
export async function seedCertificates(databaseUrl: string, certificates: WorldCertificates): Promise<void> {
  const intermediates = [Buffer.from(derOf(certificates.issuing))]
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    for (const [slug, own] of Object.entries(certificates.participants)) {
      for (const der of certificatesOf(own)) {
        const { publicKey, usages } = parseCertificate(der)
        await client.query(
          `insert into app.participant_certificate (sha256, participant_id, public_key, use, der, intermediates)
           values ($1, $2, $3, $4, $5, $6) on conflict (sha256) do nothing`,
          [
            Buffer.from(sha256(der)),
            participantIdOf(slug),
            hexlify(publicKey),
            usages?.includes('digitalSignature') ? 'signature' : 'encryption',
            Buffer.from(der),
            intermediates
          ]
        )
      }
    }
  } finally {
    await client.end()
  }
}
