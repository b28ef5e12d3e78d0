import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { checkNotice, NoticeRefused } from '../../domain/documents/notification/notice.ts'
import { notificationXml } from '../../domain/documents/notification/xml.ts'
import type { Services } from '../app.ts'
import { inSnapshot } from '../database.ts'
import { ApiError } from '../errors.ts'
import { findNote, findReceivable } from '../receivables/repository.ts'
import { bytesOf, NoteId, refusals, strict } from '../schemas.ts'
import { noticeOf } from './assignment.ts'
import { pdfOf } from './pdf.ts'

/** Notices to the debtor. */
export function noticeRoutes({ pool, vault }: Services): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/notes/:noteId/assignment-notice',
      {
        schema: {
          operationId: 'getAssignmentNotice',
          tags: ['note'],
          summary:
            'Notice to the debtor of who holds a note now: ISO 20022 tsin.008 shape, or a PDF in Chinese and English',
          params: Type.Object({ noteId: NoteId }),
          querystring: Type.Object({ format: Type.Optional(Type.Enum(['xml', 'pdf'])) }, strict),
          response: { ...refusals, 200: bytesOf('The notice', 'application/xml', 'application/pdf') }
        }
      },
      async (request, reply) => {
        const { noteId } = request.params
        const origin = `${request.protocol}://${request.host}`
        const notice = await inSnapshot(pool, async (tx) => {
          const note = await findNote(tx, noteId, request.caller)
          const receivable = note && (await findReceivable(tx, note.receivableId, request.caller))
          if (!receivable) throw new ApiError('NOTE_NOT_FOUND', { presented: noteId })
          const parties = [receivable.debtor, note.holder, note.assignor]
          if (!request.caller.roles.includes('regulator') && !parties.includes(request.caller.participantId)) {
            const required = 'the debtor, the holder or its assignor'
            throw new ApiError('NOTE_PARTY_WRONG', { presented: request.caller.participantId, required })
          }
          return noticeOf(tx, vault, note, receivable, origin)
        })
        const isPdf = request.query.format === 'pdf'
        try {
          // Here, since the PDF's thread can give but a plain error back.
          checkNotice(notice)
          const bytes = isPdf ? await pdfOf(notice) : notificationXml(notice)
          return reply.type(isPdf ? 'application/pdf' : 'application/xml').send(Buffer.from(bytes) as never)
        } catch (error) {
          if (!(error instanceof NoticeRefused)) throw error
          throw new ApiError('NOTICE_REFUSED', { field: error.field, required: error.required })
        }
      }
    )
  }
}
