import { randomBytes, randomUUID } from 'node:crypto'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { getBytes, hexlify } from 'ethers'
import { Type } from 'typebox'
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
import type { Services } from '../app.ts'
import { watch } from '../alarms/assess.ts'
import { listAlarms } from '../alarms/repository.ts'
import { AlarmRuleSchema, Score } from '../alarms/view.ts'
import type { Pool, Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import { appendRecord } from '../evidence/log.ts'
import { findParty, requireNoContradiction, unknownParty } from '../participants/directory.ts'
import { legalIdentitiesOf, namesOf } from '../participants/repository.ts'
import type { Caller } from '../plugins/auth.ts'
import { once } from '../plugins/idempotency.ts'
import { Bytes32, CommandHeaders, ParticipantId, refusals, strict, Uuid } from '../schemas.ts'
import { toJson } from './json.ts'
import { findSealed, insertReader, readersAmong } from './readers.ts'
import { DocumentReading, mediaTypeOf } from './reading.ts'
import { findByDigest, findDocument, insertDocument, type StoredDocument } from './repository.ts'

const DocumentSchema = Type.Object(
  {
    documentId: Uuid,
    format: Type.String(),
    sha256: Bytes32,
    sm3: Bytes32,
    invoice: Type.Any(),
    identity: Type.Array(Type.String()),
    fingerprint: { ...Bytes32, description: 'Under the current key' },
    fingerprints: Type.Array(Bytes32, {
      description: 'Under every key in force, the current one first: a registration claims all'
    }),
    contentCommitment: Bytes32,
    receivableId: Type.Union([Type.String(), Type.Null()]),
    identifierFaults: Type.Array(
      Type.Object({ field: Type.String(), code: Type.String(), presented: Type.String() }, strict),
      { description: 'Identifiers of seller and buyer that can be nobody’s: they were left out of account' }
    ),
    alarms: Type.Array(Type.Object({ alarmId: Type.Integer(), rule: AlarmRuleSchema, score: Score }, strict), {
      description: 'What it rings, or would ring once it is registered'
    })
  },
  strict
)

const Debtor = Type.String({
  pattern: '^[1-9][0-9]{0,9}$',
  description: 'The participant that is the buyer, where the file has none of its identifiers: it can read the file'
})

const Wrapped = Type.String({ pattern: '^0x([0-9a-f]{2}){32,512}$', description: 'DER of GM/T 0009, C1C3C2' })

const SealedSchema = Type.Object(
  {
    documentId: Uuid,
    sha256: Bytes32,
    mediaType: Type.String(),
    sealed: Type.String({ contentEncoding: 'base64' }),
    keyId: Type.String(),
    wrapped: Wrapped
  },
  strict
)

const MEDIA_TYPES = [
  'application/xml',
  'text/xml',
  'application/pdf',
  'application/ofd',
  'application/zip',
  'application/edifact',
  'application/octet-stream'
]

export function documentRoutes(services: Services): FastifyPluginAsyncTypebox {
  const { pool, vault } = services
  return async (app) => {
    const reading = new DocumentReading()
    app.addHook('onClose', () => reading.close())
    // Files come as they are; the reader decides what they are, not the header.
    for (const type of MEDIA_TYPES) {
      app.addContentTypeParser(type, { parseAs: 'buffer', bodyLimit: 5 << 20 }, (_request, body, done) =>
        done(null, body)
      )
    }

    app.post(
      '/documents',
      {
        schema: {
          operationId: 'uploadDocument',
          tags: ['document'],
          summary: 'Read an e-invoice of yours (the body is the file): fields, identity and fingerprint',
          consumes: MEDIA_TYPES,
          headers: CommandHeaders,
          querystring: Type.Object({ debtor: Type.Optional(Debtor) }, strict),
          response: { ...refusals, 200: DocumentSchema, 201: DocumentSchema }
        }
      },
      async (request, reply) => {
        const bytes = request.body
        if (!(bytes instanceof Uint8Array) || bytes.length === 0) {
          throw new ApiError('MEDIA_TYPE_UNSUPPORTED', {
            field: 'body',
            required: 'the file as application/xml, application/pdf or application/octet-stream'
          })
        }
        const debtor = request.query.debtor === undefined ? undefined : Number(request.query.debtor)
        // Before the transaction: no connection waits for a file to be read.
        const invoice = await read(reading, bytes)
        return (await once(pool, request, reply, (tx) =>
          store(tx, services, request.caller, { bytes, invoice, debtor })
        )) as never
      }
    )

    app.get(
      '/documents/:documentId',
      {
        schema: {
          operationId: 'getDocument',
          tags: ['document'],
          summary: 'A document of yours as it was read',
          params: Type.Object({ documentId: Uuid }),
          response: { ...refusals, 200: DocumentSchema }
        }
      },
      async (request) => {
        const document = await findDocument(pool, vault, request.params.documentId, request.caller.participantId)
        if (!document) throw new ApiError('DOCUMENT_NOT_FOUND', { presented: request.params.documentId })
        return (await shown(pool, services, request.caller, document)) as never
      }
    )

    app.get(
      '/documents/:documentId/sealed',
      {
        schema: {
          operationId: 'getSealedDocument',
          tags: ['document'],
          summary: 'A document as sealed to you, with its data key under your encryption key: open it on your side',
          params: Type.Object({ documentId: Uuid }),
          response: { ...refusals, 200: SealedSchema }
        }
      },
      async (request) => {
        const { documentId } = request.params
        const found = await findSealed(pool, documentId, request.caller.participantId)
        if (!found) throw new ApiError('DOCUMENT_NOT_FOUND', { presented: documentId })
        const { sha256, mediaType, sealed, keys } = found
        return {
          documentId,
          sha256,
          mediaType,
          sealed: Buffer.from(sealed).toString('base64'),
          keyId: keys[0]!.keyId,
          wrapped: hexlify(keys[0]!.wrapped)
        }
      }
    )

    app.post(
      '/documents/:documentId/readers',
      {
        schema: {
          operationId: 'addDocumentReader',
          tags: ['document'],
          summary:
            'Let another participant read: the data key, wrapped by you for its encryption key. Not to be taken back',
          headers: CommandHeaders,
          params: Type.Object({ documentId: Uuid }),
          body: Type.Object({ participantId: ParticipantId, wrapped: Wrapped }, strict),
          response: { ...refusals, 201: Type.Object({ documentId: Uuid, participantId: ParticipantId }, strict) }
        }
      },
      async (request, reply) => (await once(pool, request, reply, (tx) => addReader(tx, request))) as never
    )
  }
}

/** Only who can read can let read: anybody else has no data key to wrap. */
async function addReader(
  tx: Transaction,
  request: {
    params: { documentId: string }
    body: { participantId: number; wrapped: string }
    caller: { participantId: number }
  }
) {
  const { documentId } = request.params
  const { participantId, wrapped } = request.body
  if (!(await findSealed(tx, documentId, request.caller.participantId))) {
    throw new ApiError('DOCUMENT_NOT_FOUND', { presented: documentId })
  }
  const reader = (await readersAmong(tx, [participantId])).find((one) => one.participantId === participantId)
  if (!reader) {
    throw new ApiError('PARTICIPANT_UNKNOWN', {
      field: 'body/participantId',
      presented: participantId,
      required: 'a participant with an encryption key'
    })
  }
  const key = { participantId, keyId: reader.keyId, wrapped: getBytes(wrapped) }
  if (!(await insertReader(tx, documentId, key, request.caller.participantId))) {
    throw new ApiError('READER_EXISTS', { field: 'body/participantId', presented: participantId })
  }
  return { status: 201, body: { documentId, participantId } }
}

interface Upload {
  bytes: Uint8Array
  invoice: NormalisedInvoice
  /** Who is the buyer, where the file's identifiers do not tell. */
  debtor: number | undefined
}

/**
 * Fingerprints and keeps a file that was read, sealed to its owner, the buyer and the regulators; in clear it is forgotten. The same
 * file of the same participant is the same document.
 */
async function store(tx: Transaction, services: Services, caller: Caller, { bytes, invoice, debtor }: Upload) {
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

async function read(reading: DocumentReading, bytes: Uint8Array): Promise<NormalisedInvoice> {
  try {
    return await reading.read(bytes)
  } catch (error) {
    throw asProblem(error)
  }
}

function refusing<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw asProblem(error)
  }
}

function asProblem(error: unknown): unknown {
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
async function shown(
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
