import type { Identity } from '../../domain/fingerprint/identity.ts'
import type { Pool, Transaction } from '../database.ts'

export interface StoredDocument {
  documentId: string
  participantId: number
  format: string
  sha256: string
  sm3: string
  /** Normalised invoice as JSON: amounts as decimal strings of minor units. */
  invoice: InvoiceJson
  identity: Identity
  fingerprint: string
  contentDigest: string
  contentCommitment: string
  receivableId: string | null
}

/** The part of a normalised invoice that commands and people need. */
export interface InvoiceJson {
  format: string
  class: 'R' | 'C'
  number: string
  issueDate: string | null
  dueDate: string | null
  currency: string
  payable: string
  gross: string | null
  seller: object
  buyer: object
  payee: object | null
  preceding: readonly string[]
  provenance: object
}

export interface NewDocument extends Omit<StoredDocument, 'receivableId'> {
  bytes: Uint8Array
  contentSalt: Uint8Array
}

const columns = `document_id as "documentId", participant_id as "participantId", format, sha256, sm3, invoice, identity,
  fingerprint, content_digest as "contentDigest", content_commitment as "contentCommitment",
  (select max(r.receivable_id) from projection.receivable r
    where r.content_commitment = d.content_commitment and r.state not in ('rejected', 'withdrawn')) as "receivableId"`

export async function insertDocument(tx: Transaction, document: NewDocument): Promise<void> {
  await tx.query(
    `insert into app.document (document_id, participant_id, bytes, format, sha256, sm3, invoice, identity, fingerprint,
                               content_digest, content_salt, content_commitment)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      document.documentId,
      document.participantId,
      Buffer.from(document.bytes),
      document.format,
      document.sha256,
      document.sm3,
      JSON.stringify(document.invoice),
      JSON.stringify(document.identity),
      document.fingerprint,
      document.contentDigest,
      Buffer.from(document.contentSalt),
      document.contentCommitment
    ]
  )
}

/** The participant's own copy of a file, by its digest. */
export async function findByDigest(
  tx: Transaction,
  participantId: number,
  sha256: string
): Promise<StoredDocument | undefined> {
  const { rows } = await tx.query<StoredDocument>(
    `select ${columns} from app.document d where participant_id = $1 and sha256 = $2`,
    [participantId, sha256]
  )
  return rows[0]
}

export async function findDocument(
  client: Pool | Transaction,
  documentId: string,
  participantId: number
): Promise<StoredDocument | undefined> {
  const { rows } = await client.query<StoredDocument>({
    name: 'document.find',
    text: `select ${columns} from app.document d where document_id = $1 and participant_id = $2`,
    values: [documentId, participantId]
  })
  return rows[0]
}

/** Documents of the same identity that stand behind a receivable, whose content is another. */
export async function findConflicts(
  tx: Transaction,
  document: StoredDocument
): Promise<{ receivableId: string; invoice: InvoiceJson }[]> {
  const { rows } = await tx.query<{ receivableId: string; invoice: InvoiceJson }>(
    `select r.receivable_id as "receivableId", d.invoice
       from app.document d
       join projection.receivable r on r.content_commitment = d.content_commitment
       join projection.fingerprint_claim c on c.fingerprint = d.fingerprint and c.subject = r.receivable_id
      where d.fingerprint = $1 and d.content_digest <> $2 and c.state = 'claimed'`,
    [document.fingerprint, document.contentDigest]
  )
  return rows
}

/** The files behind a receivable. */
export async function documentsBehind(
  client: Pool | Transaction,
  receivableId: string
): Promise<{ documentId: string; bytes: Buffer }[]> {
  const { rows } = await client.query<{ documentId: string; bytes: Buffer }>({
    name: 'document.behind',
    text: `select d.document_id as "documentId", d.bytes
             from app.document d join projection.receivable r on r.content_commitment = d.content_commitment
            where r.receivable_id = $1`,
    values: [receivableId]
  })
  return rows
}
