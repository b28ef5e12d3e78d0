import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { TrustAnchors } from '../../domain/evidence/anchors.ts'
import { evidenceDeployment } from '../../domain/evidence/shape.ts'
import type { Services } from '../app.ts'
import { ApiError } from '../errors.ts'
import { findNote, findReceivable } from '../receivables/repository.ts'
import { NoteId, ReceivableId, refusals } from '../schemas.ts'
import { newestAnchoredHead, packageOf } from './package.ts'

export function evidenceRoutes({ pool, config }: Services): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/receivables/:receivableId/evidence',
      {
        schema: {
          operationId: 'getReceivableEvidence',
          tags: ['evidence'],
          summary: 'The evidence package of a receivable (zip): verify it offline',
          params: Type.Object({ receivableId: ReceivableId }),
          produces: ['application/zip'],
          response: refusals
        }
      },
      async (request, reply) => {
        const { receivableId } = request.params
        if (!(await findReceivable(pool, receivableId, request.caller))) {
          throw new ApiError('RECEIVABLE_NOT_FOUND', { presented: receivableId })
        }
        const bytes = await packageOf(pool, config.deployment, { kind: 'receivable', id: receivableId }, receivableId)
        return reply.type('application/zip').send(Buffer.from(bytes) as never)
      }
    )

    app.get(
      '/notes/:noteId/evidence',
      {
        schema: {
          operationId: 'getNoteEvidence',
          tags: ['evidence'],
          summary: 'The evidence package of a note (zip)',
          params: Type.Object({ noteId: NoteId }),
          produces: ['application/zip'],
          response: refusals
        }
      },
      async (request, reply) => {
        const note = await findNote(pool, request.params.noteId, request.caller)
        if (!note) throw new ApiError('NOTE_NOT_FOUND', { presented: request.params.noteId })
        const bytes = await packageOf(pool, config.deployment, { kind: 'note', id: note.noteId }, note.receivableId)
        return reply.type('application/zip').send(Buffer.from(bytes) as never)
      }
    )

    app.get(
      '/log/head',
      {
        config: { isPublic: true },
        schema: {
          operationId: 'getLogHead',
          tags: ['evidence'],
          summary: 'The newest anchored head of the evidence log',
          security: [],
          response: { ...refusals, 200: Type.Any() }
        }
      },
      async () => {
        const head = await newestAnchoredHead(pool)
        if (!head) throw new ApiError('EVIDENCE_PENDING')
        return head
      }
    )

    app.get(
      '/trust-anchors',
      {
        config: { isPublic: true },
        schema: {
          operationId: 'getTrustAnchors',
          tags: ['evidence'],
          summary: 'What an offline verification trusts: take it once, from a place that you trust',
          security: [],
          response: { ...refusals, 200: Type.Any() }
        }
      },
      async () => trustAnchors()
    )
  }

  async function trustAnchors(): Promise<TrustAnchors> {
    const people = await pool.query<TrustAnchors['participants'][number]>(
      `select participant_id as id, account, name,
              (select json_agg(s ->> 'signer') from jsonb_array_elements(signers) s) as signers
         from app.participant order by participant_id`
    )
    const heads = await pool.query<TrustAnchors['heads'][number]>(
      `select size::float8 as size, root, changed_block::float8 as "blockNumber", changed_tx as "txHash"
         from projection.log_head order by size`
    )
    return {
      version: 1,
      deployment: evidenceDeployment(config.deployment),
      logOperator: config.logOperator,
      participants: people.rows,
      heads: heads.rows
    }
  }
}
