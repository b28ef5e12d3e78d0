import { toPem } from '../../domain/crypto/pem.ts'
import { partyKeyOf } from '../../domain/fingerprint/identity.ts'
import type { Party } from '../../domain/documents/invoice.ts'
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

export interface DirectoryEntry {
  participantId: number
  name: string
  /** By this identifier fingerprints name the participant. */
  legalIdentity: string
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

/**
 * Participants that any identifier of a party belongs to. One is the answer; none or several is for the caller to refuse.
 * The name is never an identifier.
 */
export async function findByParty(client: Pool | Transaction, party: Party): Promise<DirectoryEntry[]> {
  const { rows } = await client.query<DirectoryEntry>({
    name: 'participant.by-identifiers',
    text: `select distinct p.participant_id as "participantId", p.name, p.legal_identity as "legalIdentity"
             from app.participant_identifier i join app.participant p using (participant_id)
            where i.scheme || ':' || i.value = any($1)`,
    values: [identifierKeysOf(party)]
  })
  return rows
}

/** Every identifier of a party, normalised alike however the document spells it. */
export function identifierKeysOf(party: Party): string[] {
  const country = party.country === undefined ? {} : { country: party.country }
  const single: Party[] = [
    ...(party.vat ? [{ ...country, ids: [], vat: party.vat }] : []),
    ...(party.uscc ? [{ ...country, ids: [], uscc: party.uscc }] : []),
    ...(party.tax ? [{ ...country, ids: [], tax: party.tax }] : []),
    ...(party.legal ? [{ ...country, ids: [], legal: party.legal }] : []),
    ...party.ids.filter((id) => id.scheme).map((id) => ({ ...country, ids: [id] })),
    ...(party.endpoint?.scheme ? [{ ...country, ids: [], endpoint: party.endpoint }] : [])
  ]
  return single.map((one) => partyKeyOf(one)).filter((key) => key !== undefined)
}
