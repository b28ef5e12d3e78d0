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
import { identityOf, partyKeyOf } from '../../domain/fingerprint/identity.ts'
import { fingerprintsOf } from '../../domain/fingerprint/keys.ts'
import { identifiersOf } from '../../domain/participant/identifiers.ts'
import { watch } from '../alarms/assess.ts'
import { listAlarms } from '../alarms/repository.ts'
import type { Services } from '../app.ts'
import type { Pool, Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import { appendRecord } from '../evidence/log.ts'
import { findParty, requireNoContradiction, unknownParty } from '../participants/directory.ts'
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
}

/**
 * Fingerprints and keeps a file that was read, sealed to its owner, the buyer and the regulators; in clear it is forgotten. The same
 * file of the same participant is the same document.
 */
export async function store(tx: Transaction, services: Services, caller: Caller, { bytes, invoice, debtor }: Upload) {
  const { participantId } = caller
  const digest = hexlify(sha256(bytes))
  // The same file twice at once: the second waits and finds the first's document.
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 2))', [`${participantId} ${digest}`])
  const known = await findByDigest(tx, services.vault, participantId, digest)
  if (known) return { status: 200, body: await shown(tx, services, caller, known) }
  const seller = await sellerOf(tx, invoice, participantId)
  const sellerKey = (party: Party): string | undefined => (party === invoice.seller ? seller : partyKeyOf(party))
  const identity = refusing(() => identityOf(invoice, sellerKey))
  const salt = randomBytes(32)
  const document = {
    documentId: randomUUID(),
    participantId,
    format: invoice.format,
    sha256: digest,
    sm3: hexlify(sm3(bytes)),
    invoice: toJson(invoice),
    identity,
    fingerprints: fingerprintsOf(identity, services.fingerprintKeys),
    contentCommitment: contentCommitmentOf(invoice, salt, sellerKey)
  }
  const buyer = await buyerOf(tx, invoice.buyer, debtor)
  const [buyerIdentity] = buyer === undefined ? [] : await legalIdentitiesOf(tx, [buyer])
  const readers = await readersAmong(tx, [participantId, ...(buyer === undefined ? [] : [buyer])])
  if (!readers.some((reader) => reader.participantId === participantId)) throw new ApiError('ENCRYPTION_KEY_MISSING')
  const { sealed, keys } = sealFor(bytes, readers, sealingContext(digest))
  const readerKeys = keys.map((key, i) => ({ ...key, participantId: readers[i]!.participantId }))
  const mediaType = mediaTypeOf(bytes)
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
  await appendRecord(tx, record, { documentId: document.documentId, receivableIds: [] })
  return { status: 201, body: await shown(tx, services, caller, { ...document, receivableId: null }) }
}

function refusing<T>(work: () => T): T {
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
 * note too: the seller has no haste to tell.
 */
async function sellerOf(tx: Transaction, invoice: NormalisedInvoice, participantId: number): Promise<string> {
  const found = await findParty(tx, invoice.seller, 'seller')
  if (!found) throw unknownParty(invoice.seller, 'seller')
  const isCredited = async (): Promise<boolean> =>
    invoice.class === 'C' && (await findParty(tx, invoice.buyer, 'buyer'))?.participantId === participantId
  if (found.participantId !== participantId && !(await isCredited())) {
    throw new ApiError('SELLER_MISMATCH', { field: 'seller', presented: found.name, required: 'yourself' })
  }
  return found.legalIdentity
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
  const { documentId, format, sha256, sm3, invoice, identity, contentCommitment, receivableId } = document
  const fingerprints = fingerprintsOf(identity, fingerprintKeys)
  const identifierFaults = (['seller', 'buyer'] as const).flatMap((role) =>
    identifiersOf(invoice[role] as Party).faults.map(({ field, code, presented }) => {
      return { field: `${role}.${field}`, code, presented }
    })
  )
  const read = { documentId, format, sha256, sm3, invoice, identity, fingerprint: fingerprints[0], fingerprints }
  const alarms = await listAlarms(client, vault, caller, { documentId })
  return {
    ...read,
    contentCommitment,
    receivableId,
    identifierFaults,
    alarms: alarms.map(({ alarmId, rule, score }) => ({ alarmId, rule, score }))
  }
}
