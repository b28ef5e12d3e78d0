/** Keeps a document that was read: identity, fingerprints, the sealed file, its readers, its alarms and its record in the log. */
import { randomBytes, randomUUID } from 'node:crypto'
import { hexlify } from 'ethers'
import { sealFor } from '../../domain/crypto/envelope.ts'
import { sha256, sm3 } from '../../domain/crypto/hash.ts'
import type { NormalisedInvoice, Party } from '../../domain/documents/invoice.ts'
import { DocumentRefused } from '../../domain/documents/refusal.ts'
import { documentRecord } from '../../domain/evidence/record.ts'
import { sealingContext } from '../../domain/evidence/sealed.ts'
import { contentCommitmentOf } from '../../domain/fingerprint/commitment.ts'
import { identitiesOf, partyKeyOf } from '../../domain/fingerprint/identity.ts'
import { fingerprintsOf } from '../../domain/fingerprint/keys.ts'
import { identifiersOf, withTaxCountries } from '../../domain/participant/identifiers.ts'
import { watch } from '../alarms/assess.ts'
import { listAlarms } from '../alarms/repository.ts'
import type { Services } from '../app.ts'
import type { Pool, Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import { appendRecordLast } from '../evidence/log.ts'
import { findParty, requireNoContradiction, unknownParty, type DirectoryEntry } from '../participants/directory.ts'
import { legalIdentitiesOf, namesOf } from '../participants/repository.ts'
import type { Caller } from '../plugins/auth.ts'
import { toJson } from './json.ts'
import { readersAmong } from './readers.ts'
import { mediaTypeOf } from './reading.ts'
import { findByDigest, insertDocument, type StoredDocument } from './repository.ts'

export interface Upload {
  bytes: Uint8Array
  invoice: NormalisedInvoice
  /** Who is the buyer, where the file's identifiers do not tell. */
  debtor: number | undefined
  /** Where it is known better than by the first bytes. */
  mediaType?: string
}

/** A document, and whether it was there (200) or is new (201). */
export interface Stored {
  status: 200 | 201
  body: Awaited<ReturnType<typeof shown>>
}

/**
 * Fingerprints and keeps a file that was read, sealed to its owner, the buyer and the regulators; in clear it is forgotten. The same
 * file of the same participant is the same document.
 */
export async function store(tx: Transaction, services: Services, caller: Caller, upload: Upload): Promise<Stored> {
  const { bytes, debtor } = upload
  const invoice = withTaxCountries(upload.invoice)
  const { participantId } = caller
  const digest = hexlify(sha256(bytes))
  await lockFiles(tx, participantId, [digest])
  const known = await findByDigest(tx, services.vault, participantId, digest)
  if (known) return { status: 200, body: await shown(tx, services, caller, known) }
  const sellerEntry = await sellerOf(tx, invoice, caller)
  const seller = sellerEntry.legalIdentity
  const sellerKey = (party: Party): string | undefined => (party === invoice.seller ? seller : partyKeyOf(party))
  const identities = refusing(() => identitiesOf(invoice, sellerKey))
  const salt = randomBytes(32)
  const document = {
    documentId: randomUUID(),
    participantId,
    format: invoice.format,
    sha256: digest,
    sm3: hexlify(sm3(bytes)),
    invoice: toJson(invoice),
    identity: identities[0],
    identities,
    fingerprints: fingerprintsOf(identities, services.fingerprintKeys),
    contentCommitment: contentCommitmentOf(invoice, salt, sellerKey)
  }
  const buyer = await buyerOf(tx, invoice.buyer, debtor)
  const [buyerIdentity] = buyer === undefined ? [] : await legalIdentitiesOf(tx, [buyer])
  const parties = [participantId, sellerEntry.participantId, ...(buyer === undefined ? [] : [buyer])]
  const readers = await readersAmong(tx, parties)
  if (!readers.some((reader) => reader.participantId === participantId)) throw new ApiError('ENCRYPTION_KEY_MISSING')
  const { sealed, keys } = sealFor(bytes, readers, sealingContext(digest))
  const readerKeys = keys.map((key, i) => ({ ...key, participantId: readers[i]!.participantId }))
  const mediaType = upload.mediaType ?? mediaTypeOf(bytes)
  await insertDocument(tx, services.vault, { ...document, mediaType, sealed, keys: readerKeys, contentSalt: salt })
  await watch(tx, services.vault, {
    documentId: document.documentId,
    invoice,
    sha256: digest,
    seller,
    buyer: buyerIdentity
  })
  const record = documentRecord({
    documentId: document.documentId,
    mediaType,
    format: document.format,
    byteLength: String(bytes.length),
    sha256: document.sha256,
    sm3: document.sm3,
    fingerprints: document.fingerprints,
    contentCommitment: document.contentCommitment
  })
  appendRecordLast(tx, record, { documentId: document.documentId, receivableIds: [] })
  return { status: 201, body: await shown(tx, services, caller, { ...document, receivableId: null }) }
}

/**
 * The same file twice at once: the second waits and finds the first's document. Who stores several locks all of them first, in one order,
 * so that two such do not wait for each other.
 */
export async function lockFiles(tx: Transaction, participantId: number, digests: readonly string[]): Promise<void> {
  for (const digest of [...digests].sort()) {
    await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 2))', [`${participantId} ${digest}`])
  }
}

/** Runs a reading, with its refusals as the api says them. */
export async function reading<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw asProblem(error)
  }
}

/** The same of what does not wait. */
export function refusing<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw asProblem(error)
  }
}

/** A document that is refused, as the api says it. */
export function asProblem(error: unknown): unknown {
  if (!(error instanceof DocumentRefused)) return error
  const { code, message, field, presented, required } = error.toJSON()
  return new ApiError('DOCUMENT_REFUSED', {
    ...(field === undefined ? {} : { field }),
    ...(presented === undefined ? {} : { presented }),
    ...(required === undefined ? {} : { required }),
    reason: `${code}: ${message}`
  })
}

/**
 * The seller must be the caller, by registered identifiers: the text of a document proves nothing. Who was credited may bring the credit
 * note too: the seller has no haste to tell. A debtor may bring the invoice that it owes: it issues the receivable itself.
 */
async function sellerOf(
  tx: Transaction,
  invoice: NormalisedInvoice,
  { participantId, roles }: Caller
): Promise<DirectoryEntry> {
  const found = await findParty(tx, invoice.seller, 'seller')
  if (!found) throw unknownParty(invoice.seller, 'seller')
  if (found.participantId === participantId) return found
  const mayBeBuyer = invoice.class === 'C' || roles.includes('debtor')
  const isBuyer = mayBeBuyer && (await findParty(tx, invoice.buyer, 'buyer'))?.participantId === participantId
  if (!isBuyer) throw new ApiError('SELLER_MISMATCH', { field: 'seller', presented: found.name, required: 'yourself' })
  return found
}

/** By its identifiers, else by who uploads: who is to owe a document has to be able to read it. */
async function buyerOf(tx: Transaction, buyer: Party, named: number | undefined): Promise<number | undefined> {
  const byIdentifiers = (await findParty(tx, buyer, 'buyer'))?.participantId
  if (named === undefined) return byIdentifiers
  if (byIdentifiers !== undefined && byIdentifiers !== named) {
    throw new ApiError('DEBTOR_MISMATCH', { field: 'querystring/debtor', presented: named, required: byIdentifiers })
  }
  if (!(await namesOf(tx, [named])).has(named)) {
    throw new ApiError('PARTICIPANT_UNKNOWN', { field: 'querystring/debtor', presented: named })
  }
  await requireNoContradiction(tx, buyer, named, 'querystring/debtor')
  return named
}

/** Fingerprints are of the keys in force, also for a document of before them. */
export async function shown(
  client: Pool | Transaction,
  { fingerprintKeys, vault }: Services,
  caller: Caller,
  document: StoredDocument
) {
  const { documentId, format, sha256, sm3, invoice, identity, identities, contentCommitment, receivableId } = document
  const fingerprints = fingerprintsOf(identities, fingerprintKeys)
  const identifierFaults = (['seller', 'buyer'] as const).flatMap((role) =>
    identifiersOf(invoice[role] as Party).faults.map(({ field, code, presented }) => {
      return { field: `${role}.${field}`, code, presented }
    })
  )
  const read = {
    documentId,
    format,
    sha256,
    sm3,
    invoice,
    identity,
    identities,
    fingerprint: fingerprints[0],
    fingerprints
  }
  const alarms = await listAlarms(client, vault, caller, { documentId })
  return {
    ...read,
    contentCommitment,
    receivableId,
    identifierFaults,
    alarms: alarms.map(({ alarmId, rule, score }) => ({ alarmId, rule, score }))
  }
}
