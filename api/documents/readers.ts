/** Who can open a document: its data key, wrapped for each reader. The service has none of their keys. */
import { getBytes } from 'ethers'
import { keyIdOf, type Reader, type WrappedKey } from '../../domain/crypto/envelope.ts'
import { asService, type Pool, type Transaction } from '../database.ts'

/** A wrapped data key and whose it is. */
export interface ReaderKey extends WrappedKey {
  participantId: number
}

export interface SealedDocument {
  documentId: string
  /** Of the file in clear, 0x-hex. */
  sha256: string
  mediaType: string
  sealed: Uint8Array
  keys: readonly WrappedKey[]
}

export interface ReadingParticipant extends Reader {
  participantId: number
}

/** Those of the participants, and every regulator, that have given an encryption key. */
export async function readersAmong(
  client: Pool | Transaction,
  participantIds: readonly number[]
): Promise<ReadingParticipant[]> {
  const { rows } = await client.query<{ participantId: number; key: string }>({
    name: 'document.readers-among',
    text: `select participant_id as "participantId", encryption_key as key
             from app.participant
            where encryption_key is not null and (participant_id = any($1::bigint[]) or 'regulator' = any(roles))
            order by participant_id`,
    values: [participantIds]
  })
  return rows.map(({ participantId, key }) => {
    const publicKey = getBytes(key)
    return { participantId, publicKey, keyId: keyIdOf(publicKey) }
  })
}

/**
 * Lets a participant read. Nobody can look into a wrapped key: where a grant turns out to be none, the document's owner makes it
 * anew, and no one else, so that no reader puts another out. Those from the upload on (`grantedBy` null) stay as they are.
 * @returns false when the participant has a key already that the granter may not replace
 */
export async function insertReader(
  tx: Transaction,
  documentId: string,
  key: ReaderKey,
  grantedBy: number | null
): Promise<boolean> {
  const { rowCount } = await asService(tx, (service) =>
    service.query(
      `insert into app.document_key as k (document_id, participant_id, key_id, wrapped, granted_by) values ($1, $2, $3, $4, $5)
     on conflict (document_id, key_id) do update set wrapped = excluded.wrapped, granted_by = excluded.granted_by, withdrawn_at = null
      where k.granted_by is not null
        and exists (select from app.document d where d.document_id = $1 and d.participant_id = $5)`,
      [documentId, key.participantId, key.keyId, Buffer.from(key.wrapped), grantedBy]
    )
  )
  return rowCount === 1
}

/** The document as one of its readers gets it; undefined for anybody else. */
export async function findSealed(
  client: Pool | Transaction,
  documentId: string,
  participantId: number
): Promise<SealedDocument | undefined> {
  const { rows } = await client.query<Omit<SealedDocument, 'keys'> & WrappedKey>({
    name: 'document.sealed',
    text: `select d.document_id as "documentId", d.sha256, d.media_type as "mediaType", d.sealed, k.key_id as "keyId", k.wrapped
             from app.document d join app.document_key k using (document_id)
            where d.document_id = $1 and k.participant_id = $2 and k.withdrawn_at is null
            order by k.created_at desc limit 1`,
    values: [documentId, participantId]
  })
  if (!rows[0]) return undefined
  const { keyId, wrapped, ...document } = rows[0]
  return { ...document, keys: [{ keyId, wrapped }] }
}
