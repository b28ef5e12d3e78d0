import type { Identity } from '../../domain/fingerprint/identity.ts'
import type { Pool, Transaction } from '../database.ts'
import type { Vault } from '../vault.ts'
import { insertReader, type ReaderKey, type SealedDocument } from './readers.ts'

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
  /** Absent in documents of before they were read. */
  orders?: readonly string[]
  contracts?: readonly string[]
  attachments?: readonly object[]
  provenance: object
}

export interface NewDocument extends Omit<StoredDocument, 'receivableId'> {
  mediaType: string
  /** The file, sealed to `keys`. */
  sealed: Uint8Array
  keys: readonly ReaderKey[]
  contentSalt: Uint8Array
}

/** What is read back by the service alone, under its own key. */
interface Fields {
  invoice: InvoiceJson
  identity: Identity
  /** Hex. */
  contentSalt: string
}

type Row = Omit<StoredDocument, 'invoice' | 'identity'> & { fields: Buffer }

const columns = `document_id as "documentId", participant_id as "participantId", format, sha256, sm3, fields,
  fingerprint, content_digest as "contentDigest", content_commitment as "contentCommitment",
  (select max(r.receivable_id) from projection.receivable r
    where r.content_commitment = d.content_commitment and r.state not in ('rejected', 'withdrawn')) as "receivableId"`

const placeOf = (documentId: string) => `document ${documentId}`

function openFields(vault: Vault, documentId: string, fields: Buffer): Fields {
  return vault.open(fields, placeOf(documentId)) as Fields
}

function storedOf(vault: Vault, row: Row | undefined): StoredDocument | undefined {
  if (!row) return undefined
  const { fields, ...plain } = row
  const { invoice, identity } = openFields(vault, row.documentId, fields)
  return { ...plain, invoice, identity }
}

export async function insertDocument(tx: Transaction, vault: Vault, document: NewDocument): Promise<void> {
  const { documentId, invoice, identity, contentSalt } = document
  const fields: Fields = { invoice, identity, contentSalt: Buffer.from(contentSalt).toString('hex') }
  await tx.query(
    `insert into app.document (document_id, participant_id, sealed, media_type, format, sha256, sm3, fields, fingerprint,
                               content_digest, content_commitment)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      documentId,
      document.participantId,
      Buffer.from(document.sealed),
      document.mediaType,
      document.format,
      document.sha256,
      document.sm3,
      vault.seal(fields, placeOf(documentId)),
      document.fingerprint,
      document.contentDigest,
      document.contentCommitment
    ]
  )
  for (const key of document.keys) await insertReader(tx, documentId, key, null)
}

/** The participant's own copy of a file, by its digest. */
export async function findByDigest(
  tx: Transaction,
  vault: Vault,
  participantId: number,
  sha256: string
): Promise<StoredDocument | undefined> {
  const { rows } = await tx.query<Row>(
    `select ${columns} from app.document d where participant_id = $1 and sha256 = $2`,
    [participantId, sha256]
  )
  return storedOf(vault, rows[0])
}

export async function findDocument(
  client: Pool | Transaction,
  vault: Vault,
  documentId: string,
  participantId: number
): Promise<StoredDocument | undefined> {
  const { rows } = await client.query<Row>({
    name: 'document.find',
    text: `select ${columns} from app.document d where document_id = $1 and participant_id = $2`,
    values: [documentId, participantId]
  })
  return storedOf(vault, rows[0])
}

/** Documents of the same identity that stand behind a receivable, whose content is another. */
export async function findConflicts(
  tx: Transaction,
  vault: Vault,
  document: StoredDocument
): Promise<{ receivableId: string; invoice: InvoiceJson }[]> {
  const { rows } = await tx.query<{ receivableId: string; documentId: string; fields: Buffer }>(
    `select r.receivable_id as "receivableId", d.document_id as "documentId", d.fields
       from app.document d
       join projection.receivable r on r.content_commitment = d.content_commitment
       join projection.fingerprint_claim c on c.fingerprint = d.fingerprint and c.subject = r.receivable_id
      where d.fingerprint = $1 and d.content_digest <> $2 and c.state = 'claimed'`,
    [document.fingerprint, document.contentDigest]
  )
  return rows.map(({ receivableId, documentId, fields }) => ({
    receivableId,
    invoice: openFields(vault, documentId, fields).invoice
  }))
}

/** The sealed files behind a receivable, each with the data key as its readers have it. */
export async function documentsBehind(client: Pool | Transaction, receivableId: string): Promise<SealedDocument[]> {
  const { rows } = await client.query<SealedRow>({
    name: 'document.behind',
    text: `select ${sealedColumns}
             from app.document d join projection.receivable r on r.content_commitment = d.content_commitment
            where r.receivable_id = $1`,
    values: [receivableId]
  })
  return rows.map(sealedOf)
}

/** One sealed file with the data key as its readers have it. */
export async function sealedDocument(
  client: Pool | Transaction,
  documentId: string
): Promise<SealedDocument | undefined> {
  const { rows } = await client.query<SealedRow>({
    name: 'document.sealed-file',
    text: `select ${sealedColumns} from app.document d where d.document_id = $1`,
    values: [documentId]
  })
  return rows[0] && sealedOf(rows[0])
}

type SealedRow = Omit<SealedDocument, 'keys'> & { keys: HexKey[] }

function sealedOf(row: SealedRow): SealedDocument {
  const keys = row.keys.map(({ keyId, wrapped }) => ({ keyId, wrapped: new Uint8Array(Buffer.from(wrapped, 'hex')) }))
  return { ...row, keys }
}

interface HexKey {
  keyId: string
  wrapped: string
}

/** In a fixed order, so that a package asked for twice is the same. */
const keysOf = `(select json_agg(json_build_object('keyId', k.key_id, 'wrapped', encode(k.wrapped, 'hex')) order by k.key_id)
                   from app.document_key k where k.document_id = d.document_id)`

const sealedColumns = `d.document_id as "documentId", d.sha256, d.media_type as "mediaType", d.sealed, ${keysOf} as keys`
