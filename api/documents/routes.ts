import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { getBytes, hexlify } from 'ethers'
import { Type } from 'typebox'
import type { Services } from '../app.ts'
import type { Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import { once } from '../plugins/idempotency.ts'
import { Bytes32, CommandHeaders, fileBody, ParticipantId, refusals, strict, Uuid } from '../schemas.ts'
import { BatchSchema, DocumentBatches } from './batch.ts'
import { findSealed, insertReader, readersAmong } from './readers.ts'
import { recordReader } from './grants.ts'
import { DocumentReading } from './reading.ts'
import { findDocument } from './repository.ts'
import { Debtor, DocumentSchema, Mapping, MEDIA_TYPES } from './schemas.ts'
import { reading as asRead, shown, store } from './store.ts'

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

export function documentRoutes(services: Services): FastifyPluginAsyncTypebox {
  const { pool, vault } = services
  return async (app) => {
    const reading = new DocumentReading()
    const batches = new DocumentBatches(services, reading)
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
          body: fileBody(MEDIA_TYPES),
          headers: CommandHeaders,
          querystring: Type.Object({ debtor: Type.Optional(Debtor) }, strict),
          response: { ...refusals, 200: DocumentSchema, 201: DocumentSchema }
        }
      },
      async (request, reply) => {
        const bytes = fileOf(request)
        const debtor = request.query.debtor === undefined ? undefined : Number(request.query.debtor)
        // Before the transaction: no connection waits for a file to be read.
        const invoice = await asRead(() => reading.read(bytes))
        return (await once(pool, request, reply, (tx) =>
          store(tx, services, request.caller, { bytes, invoice, debtor })
        )) as never
      }
    )

    app.post(
      '/document-batches',
      {
        schema: {
          operationId: 'uploadDocumentBatch',
          tags: ['document'],
          summary:
            'Read a file of up to 1,000 invoices of yours (CSV ledger, FatturaPA): each becomes a document of its own, or has a problem',
          body: fileBody(MEDIA_TYPES),
          headers: CommandHeaders,
          querystring: Type.Object({ debtor: Type.Optional(Debtor), mapping: Type.Optional(Mapping) }, strict),
          response: { ...refusals, 200: BatchSchema, 201: BatchSchema }
        }
      },
      async (request, reply) => {
        const { debtor, mapping } = request.query
        const bytes = fileOf(request)
        return (await batches.upload(request, reply, {
          bytes,
          mapping,
          debtor: debtor === undefined ? undefined : Number(debtor)
        })) as never
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
          summary: 'Let another participant read: the data key, wrapped by you for its encryption key',
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
  await recordReader(tx, request.caller.participantId, documentId, participantId)
  return { status: 201, body: { documentId, participantId } }
}

function fileOf({ body }: { body: unknown }): Uint8Array {
  if (body instanceof Uint8Array && body.length > 0) return body
  throw new ApiError('MEDIA_TYPE_UNSUPPORTED', {
    field: 'body',
    required: 'the file as application/xml, application/pdf, text/csv or application/octet-stream'
  })
}
