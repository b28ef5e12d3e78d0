import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { issueCertificate, type CertificateSubject } from '../../domain/evidence/certificate/issue.ts'
import { certificateBytes, type PayToStatement } from '../../domain/evidence/certificate/statement.ts'
import { EvidenceError } from '../../domain/evidence/errors.ts'
import { receivableIdOfNote, receivableIdToHex } from '../../domain/note/span.ts'
import type { Services } from '../app.ts'
import { asService } from '../database.ts'
import { ApiError } from '../errors.ts'
import { isAskedFor } from '../factoring/repository.ts'
import { everything, type Caller } from '../plugins/auth.ts'
import { findNote, findReceivable } from '../receivables/repository.ts'
import { versionOf } from '../receivables/versions.ts'
import { Fingerprint, NoteId, ReceivableId, refusals } from '../schemas.ts'
import { anchorStatement } from './anchor.ts'
import { NodeUnavailable, stateNode } from './node.ts'

const certificate = { tags: ['certificate'] }
const response = { ...refusals, 200: Type.Any({ description: 'Canonical JSON: keep the bytes as they are' }) }

/** Certificates: signed statements that anyone verifies with `tallystick verify`, offline or against a node. */
export function certificateRoutes(services: Services): FastifyPluginAsyncTypebox {
  const { pool, config, certificateSigner: signer } = services
  const node = stateNode(config.rpcUrl)

  return async (app) => {
    app.get(
      '/fingerprints/:fingerprint/certificate',
      {
        schema: {
          ...certificate,
          operationId: 'getFingerprintCertificate',
          summary: 'Who has claimed a document, or that nobody has, proven as of the newest block',
          params: Type.Object({ fingerprint: Fingerprint }),
          response
        }
      },
      async (request, reply) => {
        const { fingerprint } = request.params
        await requireInterest(request.caller, fingerprint)
        return reply.type('application/json').send((await issue({ kind: 'fingerprint', fingerprint })) as never)
      }
    )

    app.get(
      '/receivables/:receivableId/pay-to',
      {
        schema: {
          ...certificate,
          operationId: 'getPayToStatement',
          summary: 'Whom the debtor pays for each span, proven as of the newest block',
          params: Type.Object({ receivableId: ReceivableId }),
          response
        }
      },
      async (request, reply) => {
        const { receivableId } = request.params
        const { caller } = request
        const isAgent = caller.roles.includes('clearing') || caller.roles.includes('regulator')
        const receivable = await findReceivable(pool, receivableId, isAgent ? everything : caller)
        if (!receivable) throw new ApiError('RECEIVABLE_NOT_FOUND', { presented: receivableId })
        if (!isAgent && receivable.debtor !== caller.participantId) {
          throw new ApiError('RECEIVABLE_PARTY_WRONG', { presented: caller.participantId, required: 'the debtor' })
        }
        if (receivable.state !== 'confirmed' && receivable.state !== 'settled') {
          throw new ApiError('RECEIVABLE_STATE_WRONG', { presented: receivable.state, required: 'confirmed' })
        }
        return reply.type('application/json').send((await issue({ kind: 'pay-to', receivableId })) as never)
      }
    )

    app.get(
      '/notes/:noteId/provenance',
      {
        schema: {
          ...certificate,
          operationId: 'getNoteProvenance',
          summary: 'That a note is a span of a confirmed receivable, proven without any other holder',
          params: Type.Object({ noteId: NoteId }),
          response
        }
      },
      async (request, reply) => {
        const { noteId } = request.params
        const { caller } = request
        // A factor that is asked to finance it is no party yet, and needs just this.
        const isAsked = caller.roles.includes('factor') && (await isAskedFor(pool, noteId, caller))
        const note = isAsked
          ? await asService(pool, (service) => findNote(service, noteId, everything))
          : await findNote(pool, noteId, caller)
        if (!note) throw new ApiError('NOTE_NOT_FOUND', { presented: noteId })
        if (!isAsked && !caller.roles.includes('regulator') && note.holder !== caller.participantId) {
          throw new ApiError('NOTE_PARTY_WRONG', { presented: caller.participantId, required: 'the holder' })
        }
        return reply.type('application/json').send((await issue({ kind: 'provenance', noteId })) as never)
      }
    )
  }

  /**
   * Factors check a document that they are offered and regulators any; whoever else asks must have the document or be a
   * party of what it founded, so that nobody learns by trying who claimed what.
   */
  async function requireInterest(caller: Caller, fingerprint: string): Promise<void> {
    if (caller.roles.includes('factor') || caller.roles.includes('regulator')) return
    const { rows } = await pool.query<{ known: boolean }>({
      name: 'certificate.interest',
      text: `select exists (select from app.document where fingerprints @> array[$1] and participant_id = $2)
                 or exists (select from projection.receivable r
                              join projection.receivable_party v using (receivable_id)
                             where $1 = any(r.fingerprints) and v.participant_id = $2)
                 or exists (select from projection.fingerprint_claim c where c.fingerprint = $1 and c.claimant = $2) as known`,
      values: [fingerprint, caller.participantId]
    })
    if (!rows[0]!.known) throw new ApiError('DOCUMENT_NOT_FOUND', { presented: fingerprint })
  }

  async function issue(subject: CertificateSubject): Promise<Buffer> {
    const { deployment } = config
    try {
      const receivableId = receivableOf(subject)
      const issued = await issueCertificate(subject, {
        deployment,
        version: receivableId && (await asService(pool, (service) => versionOf(service, deployment, receivableId))),
        node,
        signer,
        payees,
        anchor: (statement) => anchorStatement(pool, statement),
        now: Math.floor(Date.now() / 1000)
      })
      return Buffer.from(certificateBytes(issued))
    } catch (error) {
      // The chain has moved between the projection and the newest block; or it does not answer.
      if (error instanceof NodeUnavailable) throw new ApiError('CHAIN_UNAVAILABLE', { reason: error.message })
      if (error instanceof EvidenceError && error.code === 'STATE_PROOF_INVALID') {
        throw new ApiError('CHAIN_UNAVAILABLE', { reason: error.message })
      }
      if (error instanceof EvidenceError && error.code === 'FACTS_MISMATCH') {
        throw new ApiError('PROJECTION_BEHIND', { reason: error.message })
      }
      throw error
    }
  }

  async function payees(ids: readonly number[]): Promise<PayToStatement['payees']> {
    const { rows } = await asService(pool, (service) =>
      service.query<PayToStatement['payees'][number]>({
        name: 'certificate.payees',
        text: `select i.id::float8 as "participantId", coalesce(p.name, '') as name, p.payment_account as account
               from unnest($1::bigint[]) i (id) left join app.participant p on p.participant_id = i.id order by i.id`,
        values: [ids]
      })
    )
    return rows
  }
}

/** The receivable whose words a certificate shows; a claim's are Fingerprints' own. */
function receivableOf(subject: CertificateSubject): string | undefined {
  if (subject.kind === 'pay-to') return subject.receivableId
  return subject.kind === 'provenance' ? receivableIdToHex(receivableIdOfNote(BigInt(subject.noteId))) : undefined
}
