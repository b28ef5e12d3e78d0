import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Services } from '../app.ts'
import { ApiError } from '../errors.ts'
import { once } from '../plugins/idempotency.ts'
import { findReceivable } from '../receivables/repository.ts'
import { CommandHeaders, ParticipantId, ReceivableId, refusals, strict, UnixSeconds, Uuid } from '../schemas.ts'
import { give, GrantBody, GrantSchema, grantsOf, requireOwner, withdraw, withdrawReader, type Grant } from './grants.ts'
import { DocumentViewSchema, viewOf, viewsBehind } from './masking.ts'

/** Who sees what of documents (docs/adr/0036). */
export function grantRoutes({ pool, vault }: Services): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/documents/:documentId/view',
      {
        schema: {
          operationId: 'getDocumentView',
          tags: ['document'],
          summary:
            'A document as far as you may see it: whole to who has its file, masked to parties of its receivable and whom something was granted to',
          params: Type.Object({ documentId: Uuid }),
          response: { ...refusals, 200: DocumentViewSchema }
        }
      },
      async ({ params: { documentId }, caller }) => {
        const view = await viewOf(pool, vault, documentId, caller)
        if (!view) throw new ApiError('DOCUMENT_NOT_FOUND', { presented: documentId })
        return view
      }
    )

    app.get(
      '/receivables/:receivableId/documents',
      {
        schema: {
          operationId: 'listDocumentsBehind',
          tags: ['document'],
          summary: 'The documents that a receivable stands on, each as far as you may see it',
          params: Type.Object({ receivableId: ReceivableId }),
          response: { ...refusals, 200: Type.Object({ items: Type.Array(DocumentViewSchema) }, strict) }
        }
      },
      async ({ params: { receivableId }, caller }) => {
        const receivable = await findReceivable(pool, receivableId, caller)
        if (!receivable) throw new ApiError('RECEIVABLE_NOT_FOUND', { presented: receivableId })
        return { items: await viewsBehind(pool, vault, receivableId, caller) }
      }
    )

    app.get(
      '/documents/:documentId/grants',
      {
        schema: {
          operationId: 'listDocumentGrants',
          tags: ['document'],
          summary:
            'Who may see what of a document of yours, withdrawn grants too; of another’s what was granted to you',
          params: Type.Object({ documentId: Uuid }),
          response: { ...refusals, 200: Type.Object({ items: Type.Array(GrantSchema) }, strict) }
        }
      },
      async ({ params: { documentId }, caller }) => {
        const items = await grantsOf(pool, documentId, caller.participantId)
        if (items.length === 0) await requireOwner(pool, documentId, caller.participantId)
        return { items }
      }
    )

    app.post(
      '/documents/:documentId/grants',
      {
        schema: {
          operationId: 'grantDocument',
          tags: ['document'],
          summary:
            'Show sections of what was read from a document of yours to another participant, until you withdraw it',
          headers: CommandHeaders,
          params: Type.Object({ documentId: Uuid }),
          body: GrantBody,
          response: { ...refusals, 201: GrantSchema }
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => ({
          status: 201,
          body: await give(tx, request.caller.participantId, request.params.documentId, request.body)
        }))) as Grant
    )

    app.post(
      '/documents/:documentId/grants/:grantId/withdrawal',
      {
        schema: {
          operationId: 'withdrawDocumentGrant',
          tags: ['document'],
          summary: 'Withdraw a grant: from now on the sections are masked again',
          headers: CommandHeaders,
          params: Type.Object({ documentId: Uuid, grantId: Uuid }),
          response: { ...refusals, 200: GrantSchema }
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          const { documentId, grantId } = request.params
          return { status: 200, body: await withdraw(tx, request.caller.participantId, documentId, grantId) }
        })) as Grant
    )

    app.post(
      '/documents/:documentId/readers/:participantId/withdrawal',
      {
        schema: {
          operationId: 'withdrawDocumentReader',
          tags: ['document'],
          summary: 'Give the file no more to a reader that was let in after the upload. What it has read it has read',
          headers: CommandHeaders,
          params: Type.Object({
            documentId: Uuid,
            participantId: Type.String({ pattern: '^[1-9][0-9]{0,9}$', description: 'The reader' })
          }),
          response: {
            ...refusals,
            200: Type.Object({ documentId: Uuid, participantId: ParticipantId, withdrawnAt: UnixSeconds }, strict)
          }
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          const { documentId } = request.params
          const participantId = Number(request.params.participantId)
          const withdrawnAt = await withdrawReader(tx, request.caller.participantId, documentId, participantId)
          return { status: 200, body: { documentId, participantId, withdrawnAt } }
        })) as { documentId: string; participantId: number; withdrawnAt: number }
    )
  }
}
