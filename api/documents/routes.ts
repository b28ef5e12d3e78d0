import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { getBytes, hexlify } from 'ethers'
import { Type } from 'typebox'
import type { NormalisedInvoice } from '../../domain/documents/invoice.ts'
import type { Services } from '../app.ts'
import { AlarmRuleSchema, Score } from '../alarms/view.ts'
import type { Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import { once } from '../plugins/idempotency.ts'
import { Bytes32, CommandHeaders, ParticipantId, refusals, strict, Uuid } from '../schemas.ts'
import { findSealed, insertReader, readersAmong } from './readers.ts'
import { DocumentReading } from './reading.ts'
import { findDocument } from './repository.ts'
import { asProblem, shown, store } from './store.ts'

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

async function read(reading: DocumentReading, bytes: Uint8Array): Promise<NormalisedInvoice> {
  try {
    return await reading.read(bytes)
  } catch (error) {
    throw asProblem(error)
  }
}
