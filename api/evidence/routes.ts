import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import type { Subject } from '../../domain/evidence/package.ts'
import type { Services } from '../app.ts'
import { findSealed } from '../documents/readers.ts'
import { ApiError } from '../errors.ts'
import type { Caller } from '../plugins/auth.ts'
import { findNote, findReceivable } from '../receivables/repository.ts'
import { Bytes32, bytesOf, Count, NoteId, ReceivableId, refusals, strict, Uuid } from '../schemas.ts'
import { packageOf } from './package.ts'
import { originOf } from './transactions.ts'

const evidence = {
  tags: ['evidence'],
  response: { ...refusals, 200: bytesOf('The package', 'application/zip') }
}
const Since = Type.Object(
  { since: Type.Optional({ ...Count, description: 'Size of an anchored head that you keep' }) },
  strict
)

/** Evidence packages (zip): verify them offline with `tallystick verify`. */
export function evidenceRoutes({ pool, config }: Services): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/receivables/:receivableId/evidence',
      {
        schema: {
          ...evidence,
          operationId: 'getReceivableEvidence',
          summary: 'The evidence package of a receivable with all its notes, for its debtor and creditor',
          params: Type.Object({ receivableId: ReceivableId }),
          querystring: Since
        }
      },
      async ({ params: { receivableId }, query, caller }, reply) => {
        const receivable = await findReceivable(pool, receivableId, caller)
        if (!receivable) throw new ApiError('RECEIVABLE_NOT_FOUND', { presented: receivableId })

        requireOneOf(caller, [receivable.debtor, receivable.creditor], 'RECEIVABLE_PARTY_WRONG')
        return send(reply, caller, { kind: 'receivable', id: receivableId }, query.since)
      }
    )

    app.get(
      '/notes/:noteId/evidence',
      {
        schema: {
          ...evidence,
          operationId: 'getNoteEvidence',
          summary: 'The evidence package of a note: its lineage, and nothing of other branches',
          params: Type.Object({ noteId: NoteId }),
          querystring: Since
        }
      },
      async ({ params: { noteId }, query, caller }, reply) => {
        const note = await findNote(pool, noteId, caller)
        if (!note) throw new ApiError('NOTE_NOT_FOUND', { presented: noteId })
        const { holder, counterparty, assignor, payee } = note
        const receivable = await findReceivable(pool, note.receivableId, caller)
        const parties = [holder, counterparty, assignor, payee, receivable?.debtor, receivable?.creditor]
        requireOneOf(caller, parties, 'NOTE_PARTY_WRONG')
        return send(reply, caller, { kind: 'note', id: noteId }, query.since)
      }
    )

    app.get(
      '/documents/:documentId/evidence',
      {
        schema: {
          ...evidence,
          operationId: 'getDocumentEvidence',
          summary: 'The evidence package of a document that you can read: that it was recorded, and the sealed file',
          params: Type.Object({ documentId: Uuid }),
          querystring: Since
        }
      },
      async ({ params: { documentId }, query, caller }, reply) => {
        if (!(await findSealed(pool, documentId, caller.participantId))) {
          throw new ApiError('DOCUMENT_NOT_FOUND', { presented: documentId })
        }
        return send(reply, caller, { kind: 'document', id: documentId }, query.since)
      }
    )

    app.get(
      '/transactions/:txHash/evidence',
      {
        schema: {
          ...evidence,
          operationId: 'getTransactionEvidence',
          summary: 'The evidence package of a transaction that you ordered: its events and your signed command',
          params: Type.Object({ txHash: Bytes32 }),
          querystring: Since
        }
      },
      async ({ params: { txHash }, query, caller }, reply) => {
        const origin = await originOf(pool, txHash)
        const isVisible = caller.roles.includes('regulator') || origin?.participantId === caller.participantId
        if (!origin || !isVisible) throw new ApiError('TRANSACTION_NOT_FOUND', { presented: txHash })
        return send(reply, caller, { kind: 'transaction', id: txHash }, query.since)
      }
    )
  }

  async function send(
    reply: FastifyReply,
    reader: Caller,
    subject: Subject,
    since: string | undefined
  ): Promise<FastifyReply> {
    const size = since === undefined ? undefined : Number(since)
    const bytes = await packageOf(pool, config.deployment, subject, reader, size)
    return reply.type('application/zip').send(Buffer.from(bytes) as never)
  }
}

/** Regulators see everything. */
export function requireOneOf(
  { participantId, roles }: Caller,
  parties: readonly (number | null | undefined)[],
  code: 'RECEIVABLE_PARTY_WRONG' | 'NOTE_PARTY_WRONG'
): void {
  if (roles.includes('regulator') || parties.includes(participantId)) return
  throw new ApiError(code, { presented: participantId, required: 'a party of it' })
}
