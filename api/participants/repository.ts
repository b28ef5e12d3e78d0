import { toPem } from '../../domain/crypto/pem.ts'
import type { Role } from '../../domain/participant/roles.ts'
import type { Pool, Transaction } from '../database.ts'

export interface ParticipantView {
  participantId: number
  account: string
  name: string
  country: string
  roles: Role[]
  /** SM2 public key that documents are sealed to, x ‖ y as 0x-hex; null for who has given none. */
  encryptionKey: string | null
  /** X.509 of its SM2 keys, PEM. */
  certificates: { use: 'signature' | 'encryption'; pem: string }[]
}

type Listed = Omit<ParticipantView, 'certificates'> & {
  certificates: { use: 'signature' | 'encryption'; der: string }[]
}

/** The directory as every participant may see it. */
export async function listParticipants(pool: Pool): Promise<ParticipantView[]> {
  const { rows } = await pool.query<Listed>({
    name: 'participant.list',
    text: `select participant_id as "participantId", account, name, country, roles, encryption_key as "encryptionKey",
                  (select coalesce(json_agg(json_build_object('use', use, 'der', encode(der, 'base64')) order by use, sha256), '[]')
                     from app.participant_certificate c where c.participant_id = p.participant_id) as certificates
             from app.participant p order by participant_id`
  })
  return rows.map((row) => ({
    ...row,
    certificates: row.certificates.map(({ use, der }) => ({
      use,
      pem: toPem('CERTIFICATE', Buffer.from(der, 'base64'))
    }))
  }))
}

export async function namesOf(client: Pool | Transaction, ids: readonly number[]): Promise<Map<number, string>> {
  if (ids.length === 0) return new Map()
  const { rows } = await client.query<{ participant_id: number; name: string }>({
    name: 'participant.names',
    text: 'select participant_id, name from app.participant where participant_id = any($1::bigint[])',
    values: [ids]
  })
  return new Map(rows.map((row) => [row.participant_id, row.name]))
}

export async function rolesOf(client: Pool | Transaction, id: number): Promise<Role[] | undefined> {
  const { rows } = await client.query<{ roles: Role[] }>({
    name: 'participant.roles',
    // Numbers have 32 bits without sign, more than Postgres' integer.
    text: 'select roles from app.participant where participant_id = $1::bigint',
    values: [id]
  })
  return rows[0]?.roles
}

/** By which identifiers fingerprints and contents name these participants; those that do not exist are left out. */
export async function legalIdentitiesOf(client: Pool | Transaction, ids: readonly number[]): Promise<string[]> {
  const { rows } = await client.query<{ legalIdentity: string }>({
    name: 'participant.legal-identities',
    text: 'select legal_identity as "legalIdentity" from app.participant where participant_id = any($1::bigint[])',
    values: [ids]
  })
  return rows.map(({ legalIdentity }) => legalIdentity)
}
