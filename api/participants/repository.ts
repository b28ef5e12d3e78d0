import { toPem } from '../../domain/crypto/pem.ts'
import type { NamedFirm } from '../../domain/documents/invoice-fields.ts'
import { bitsToRoles, type Role } from '../../domain/participant/roles.ts'
import type { Pool, Transaction } from '../database.ts'

export interface ParticipantView {
  participantId: number
  account: string
  name: string
  country: string
  roles: Role[]
  /** Suspended: it keeps what it holds and can do nothing. */
  state: 'active' | 'suspended'
  /** SM2 public key that documents are sealed to, x ‖ y as 0x-hex; null for who has given none. */
  encryptionKey: string | null
  /** X.509 of its SM2 keys, PEM. */
  certificates: { use: 'signature' | 'encryption'; pem: string }[]
}

type Listed = Omit<ParticipantView, 'certificates'> & {
  bits: number | null
  certificates: { use: 'signature' | 'encryption'; der: string }[]
}

/** The directory as every participant may see it. */
export async function listParticipants(pool: Pool): Promise<ParticipantView[]> {
  const { rows } = await pool.query<Listed>({
    name: 'participant.list',
    text: `select p.participant_id as "participantId", p.account, p.name, p.country, p.roles, p.encryption_key as "encryptionKey",
                  on_chain.roles as bits, coalesce(on_chain.status, 'active') as state,
                  (select coalesce(json_agg(json_build_object('use', use, 'der', encode(der, 'base64')) order by use, sha256), '[]')
                     from app.participant_certificate c where c.participant_id = p.participant_id and c.revoked_at is null) as certificates
             from app.participant p left join projection.participant on_chain using (participant_id) order by participant_id`
  })
  return rows.map(({ bits, ...row }) => ({
    ...row,
    roles: bits === null ? row.roles : bitsToRoles(bits),
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

/** Address of a participant's account; it never changes. */
export async function accountOf(client: Pool | Transaction, id: number): Promise<string> {
  const { rows } = await client.query<{ account: string }>({
    name: 'participant.account',
    text: 'select account from app.participant where participant_id = $1::bigint',
    values: [id]
  })
  if (!rows[0]) throw new Error(`participant ${id} has no account`)
  return rows[0].account
}

export async function rolesOf(client: Pool | Transaction, id: number): Promise<Role[] | undefined> {
  const { rows } = await client.query<{ roles: Role[]; bits: number | null }>({
    name: 'participant.roles',
    // Numbers have 32 bits without sign, more than Postgres' integer.
    text: `select p.roles, c.roles as bits from app.participant p left join projection.participant c using (participant_id)
            where p.participant_id = $1::bigint`,
    values: [id]
  })
  const [row] = rows
  return row && (row.bits === null ? row.roles : bitsToRoles(row.bits))
}

/** These participants as documents name firms. */
export async function firmsOf(client: Pool | Transaction, ids: readonly number[]): Promise<Map<number, NamedFirm>> {
  const { rows } = await client.query<NamedFirm & { participantId: number }>({
    name: 'participant.firms',
    text: `select participant_id as "participantId", legal_identity as "legalIdentity", name, country
             from app.participant where participant_id = any($1::bigint[])`,
    values: [ids]
  })
  return new Map(rows.map(({ participantId, ...firm }) => [participantId, firm]))
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
