import type { identitiesOf, Identity } from '../../domain/fingerprint/identity.ts'
import { fingerprintsOf, type KeyRing } from '../../domain/fingerprint/keys.ts'
import { asService, inTransaction, type Pool, type Transaction } from '../database.ts'
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
  /** All that deliveries of it may have, `identity` first. */
  identities: Identities
  contentCommitment: string
  receivableId: string | null
}

export type Identities = ReturnType<typeof identitiesOf>

/** The part of a normalised invoice that commands and people need. */
export interface InvoiceJson {
  format: string
  class: 'R' | 'C'
  number: string
  /** Absent in documents of before it was kept. */
  invoiceCode?: string | null
  alias?: { invoiceCode: string; number: string }
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
  /** Under every key in force. */
  fingerprints: readonly string[]
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
  /** Beside it; absent in most. */
  others?: readonly Identity[]
  /** Hex. */
  contentSalt: string
}

type Row = Omit<StoredDocument, 'invoice' | 'identity' | 'identities'> & { fields: Buffer }

const columns = `document_id as "documentId", participant_id as "participantId", format, sha256, sm3, fields,
  content_commitment as "contentCommitment",
  (select max(r.receivable_id) from projection.receivable r
    where r.content_commitment = d.content_commitment and r.state not in ('rejected', 'withdrawn')) as "receivableId"`

/** So many are locked at once. */
const FINGERPRINT_BATCH = 500

const placeOf = (documentId: string) => `document ${documentId}`

function openFields(vault: Vault, documentId: string, fields: Buffer): Fields {
  return vault.open(fields, placeOf(documentId)) as Fields
}

function storedOf(vault: Vault, row: Row | undefined): StoredDocument | undefined {
  if (!row) return undefined
  const { fields, ...plain } = row
  const { invoice, identity, others = [] } = openFields(vault, row.documentId, fields)
  return { ...plain, invoice, identity, identities: [identity, ...others] }
}

/** What was read from a stored document. */
export function openInvoice(vault: Vault, documentId: string, fields: Buffer): InvoiceJson {
  return openFields(vault, documentId, fields).invoice
}

export async function insertDocument(tx: Transaction, vault: Vault, document: NewDocument): Promise<void> {
  const { documentId, invoice, contentSalt } = document
  const [identity, ...others] = document.identities
  const fields: Fields = { invoice, identity, others, contentSalt: Buffer.from(contentSalt).toString('hex') }
  await tx.query(
    `insert into app.document (document_id, participant_id, sealed, media_type, format, sha256, sm3, fields, fingerprints,
                               content_commitment)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      documentId,
      document.participantId,
      Buffer.from(document.sealed),
      document.mediaType,
      document.format,
      document.sha256,
      document.sm3,
      vault.seal(fields, placeOf(documentId)),
      document.fingerprints,
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

/** A receivable that stands, and a document of a certain identity behind it. */
export interface Standing {
  receivableId: string
  /** What the receivable claimed. */
  claimed: readonly string[]
  invoice: InvoiceJson
  contentCommitment: string
  contentSalt: Uint8Array
}

/** Receivables that are not ended and stand on documents of the identity that these fingerprints are of, under whichever key. */
export async function findStanding(
  tx: Transaction,
  vault: Vault,
  fingerprints: readonly string[]
): Promise<Standing[]> {
  const { rows } = await asService(tx, (service) =>
    service.query<Omit<Standing, 'invoice' | 'contentSalt'> & { documentId: string; fields: Buffer }>(
      `select r.receivable_id as "receivableId", r.fingerprints as claimed, d.document_id as "documentId", d.fields,
            d.content_commitment as "contentCommitment"
       from app.document d
       join projection.receivable r on r.content_commitment = d.content_commitment
      where d.fingerprints && $1 and r.state not in ('rejected', 'withdrawn')
      order by r.registered_block, r.receivable_id`,
      [fingerprints]
    )
  )
  return rows.map(({ documentId, fields, ...row }) => {
    const { invoice, contentSalt } = openFields(vault, documentId, fields)
    return { ...row, invoice, contentSalt: new Uint8Array(Buffer.from(contentSalt, 'hex')) }
  })
}

/** The invoices that receivables were registered from through the api, by receivable. Whoever asks has to be a party of each. */
export async function invoicesBehind(
  client: Pool | Transaction,
  vault: Vault,
  receivableIds: readonly string[]
): Promise<Map<string, InvoiceJson>> {
  const { rows } = await client.query<{ receivableId: string; documentId: string; fields: Buffer }>({
    name: 'document.invoices-behind',
    text: `select r.receivable_id as "receivableId", d.document_id as "documentId", d.fields
             from projection.receivable r join app.document d on d.content_commitment = r.content_commitment
            where r.receivable_id = any($1)`,
    values: [receivableIds]
  })
  return new Map(
    rows.map(({ receivableId, documentId, fields }) => [receivableId, openFields(vault, documentId, fields).invoice])
  )
}

/** Every fingerprint of the documents that have this one; empty when none is stored here. */
export async function fingerprintsBeside(tx: Transaction, fingerprint: string): Promise<string[]> {
  const { rows } = await asService(tx, (service) =>
    service.query<{ fingerprint: string }>(
      `select distinct unnest(fingerprints) as fingerprint from app.document where fingerprints @> array[$1]`,
      [fingerprint]
    )
  )
  return rows.map((row) => row.fingerprint)
}

/**
 * Gives each stored document its fingerprints under every key in force, from its identity: after that a document of before a rotation is
 * found as one of after it. In batches; several processes at once queue.
 * @returns how many had lacked one
 */
export async function fingerprintStored(pool: Pool, vault: Vault, ring: KeyRing): Promise<number> {
  const epochs = ring.map(({ epoch }) => epoch.toString(16).padStart(4, '0'))
  let [count, last] = [0, '00000000-0000-0000-0000-000000000000']
  for (;;) {
    const done = await inTransaction(pool, async (tx) => {
      await tx.query("select pg_advisory_xact_lock(hashtextextended('tallystick fingerprints', 0))")
      const { rows } = await tx.query<{ documentId: string; fields: Buffer; fingerprints: string[] }>(
        `select document_id as "documentId", fields, fingerprints from app.document
          where document_id > $1
            and not (select array_agg(substr(one, 3, 4)) from unnest(fingerprints) as one) @> $2::text[]
          order by document_id limit $3`,
        [last, epochs, FINGERPRINT_BATCH]
      )
      for (const { documentId, fields, fingerprints } of rows) {
        const { identity, others = [] } = openFields(vault, documentId, fields)
        const all = [...new Set([...fingerprintsOf([identity, ...others], ring), ...fingerprints])]
        await tx.query('update app.document set fingerprints = $2 where document_id = $1', [documentId, all])
      }
      return rows
    })
    count += done.length
    last = done.at(-1)?.documentId ?? last
    if (done.length < FINGERPRINT_BATCH) return count
  }
}

/** The sealed files behind a receivable, each with the data key as its readers have it. */
export async function documentsBehind(client: Pool | Transaction, receivableId: string): Promise<SealedDocument[]> {
  const { rows } = await asService(client, (service) =>
    service.query<SealedRow>({
      name: 'document.behind',
      text: `select ${sealedColumns}
             from app.document d join projection.receivable r on r.content_commitment = d.content_commitment
            where r.receivable_id = $1`,
      values: [receivableId]
    })
  )
  return rows.map(sealedOf)
}

/** One sealed file with the data key as its readers have it. */
export async function sealedDocument(
  client: Pool | Transaction,
  documentId: string
): Promise<SealedDocument | undefined> {
  const { rows } = await asService(client, (service) =>
    service.query<SealedRow>({
      name: 'document.sealed-file',
      text: `select ${sealedColumns} from app.document d where d.document_id = $1`,
      values: [documentId]
    })
  )
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
                   from app.document_key k where k.document_id = d.document_id and k.withdrawn_at is null)`

const sealedColumns = `d.document_id as "documentId", d.sha256, d.media_type as "mediaType", d.sealed, ${keysOf} as keys`

/** By which numbers the trade knows these receivables: of the invoice, its orders and contracts. */
export async function numbersBehind(
  client: Pool | Transaction,
  vault: Vault,
  receivableIds: readonly string[]
): Promise<Map<string, string[]>> {
  if (receivableIds.length === 0) return new Map()
  const { rows } = await client.query<{ receivableId: string; documentId: string; fields: Buffer }>({
    name: 'document.numbers-behind',
    text: `select r.receivable_id as "receivableId", d.document_id as "documentId", d.fields
             from app.document d join projection.receivable r on r.content_commitment = d.content_commitment
            where r.receivable_id = any($1)`,
    values: [receivableIds]
  })
  return new Map(
    rows.map(({ receivableId, documentId, fields }) => {
      const { number, orders = [], contracts = [] } = openFields(vault, documentId, fields).invoice
      return [receivableId, [number, ...orders, ...contracts]]
    })
  )
}
