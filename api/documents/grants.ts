/** Grants: what the owner of a document shows of it to whom, from when to when. Each is in the evidence log, given and withdrawn. */
import { randomUUID } from 'node:crypto'
import { Type, type Static } from 'typebox'
import { grantRecord, rfc3339 } from '../../domain/evidence/record.ts'
import { asService, type Pool, type Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import { appendRecord } from '../evidence/log.ts'
import { rolesOf } from '../participants/repository.ts'
import { ParticipantId, strict, UnixSeconds, Uuid } from '../schemas.ts'
import { SectionSchema, type Section } from './masking.ts'

export const GrantBody = Type.Object(
  {
    participantId: ParticipantId,
    sections: Type.Array(SectionSchema, { minItems: 1, maxItems: 5, uniqueItems: true }),
    // Records tell times in RFC 3339, which has four digits for a year.
    until: Type.Optional({
      ...UnixSeconds,
      maximum: 253_402_300_799,
      description: 'End of the grant; without it, until you withdraw it'
    })
  },
  strict
)

export const GrantSchema = Type.Object(
  {
    grantId: Uuid,
    documentId: Uuid,
    participantId: ParticipantId,
    sections: Type.Array(SectionSchema),
    until: Type.Union([UnixSeconds, Type.Null()]),
    grantedAt: UnixSeconds,
    withdrawnAt: Type.Union([UnixSeconds, Type.Null()])
  },
  strict
)
export type Grant = Static<typeof GrantSchema>

const columns = `grant_id as "grantId", document_id as "documentId", granted_to as "participantId", sections,
  ends_at::float8 as until, granted_at::float8 as "grantedAt", withdrawn_at::float8 as "withdrawnAt"`

/** Refuses who is not the document's owner as if there were no document. */
export async function requireOwner(tx: Pool | Transaction, documentId: string, participantId: number): Promise<void> {
  const { rows } = await tx.query({
    name: 'document.is-own',
    text: 'select from app.document where document_id = $1 and participant_id = $2',
    values: [documentId, participantId]
  })
  if (rows.length === 0) throw new ApiError('DOCUMENT_NOT_FOUND', { presented: documentId })
}

export async function give(
  tx: Transaction,
  owner: number,
  documentId: string,
  { participantId, sections, until }: Static<typeof GrantBody>
): Promise<Grant> {
  await requireOwner(tx, documentId, owner)
  const at = Math.floor(Date.now() / 1000)
  if (until !== undefined && until <= at) {
    throw new ApiError('DEADLINE_INVALID', { field: 'body/until', presented: until, required: [at + 1] })
  }
  if (participantId === owner || !(await rolesOf(tx, participantId))) {
    throw new ApiError('PARTICIPANT_UNKNOWN', {
      field: 'body/participantId',
      presented: participantId,
      required: 'another participant'
    })
  }
  const { rows } = await tx.query<Grant>(
    `insert into app.document_grant (grant_id, document_id, granted_to, sections, ends_at, granted_at)
     values ($1, $2, $3, $4, $5, $6) returning ${columns}`,
    [randomUUID(), documentId, participantId, sections, until ?? null, at]
  )
  const [grant] = rows as [Grant]
  await record(tx, owner, grant, 'given')
  return grant
}

/** A withdrawn grant stays as it is. */
export async function withdraw(tx: Transaction, owner: number, documentId: string, grantId: string): Promise<Grant> {
  await requireOwner(tx, documentId, owner)
  const found = await tx.query<Grant>(
    `select ${columns} from app.document_grant where grant_id = $1 and document_id = $2 for update`,
    [grantId, documentId]
  )
  const [before] = found.rows
  if (!before) throw new ApiError('GRANT_NOT_FOUND', { presented: grantId })
  if (before.withdrawnAt !== null) return before
  const { rows } = await tx.query<Grant>(
    `update app.document_grant set withdrawn_at = greatest($2, granted_at) where grant_id = $1 returning ${columns}`,
    [grantId, Math.floor(Date.now() / 1000)]
  )
  const [grant] = rows as [Grant]
  await record(tx, owner, grant, 'withdrawn')
  return grant
}

/** Of the owner all, of anybody else those to itself; the newest first. */
export async function grantsOf(
  client: Pool | Transaction,
  documentId: string,
  participantId: number
): Promise<Grant[]> {
  const { rows } = await client.query<Grant>({
    name: 'document-grant.of-document',
    text: `select ${columns} from app.document_grant g
            where document_id = $1 and (granted_to = $2 or exists (
                  select from app.document d where d.document_id = g.document_id and d.participant_id = $2))
            order by granted_at desc, grant_id limit 500`,
    values: [documentId, participantId]
  })
  return rows
}

/**
 * A reader that was let in after the upload is given the file no more. What it has read it has read.
 * @throws ApiError READER_NOT_FOUND also for those from the upload on, whom nobody puts out
 */
export async function withdrawReader(
  tx: Transaction,
  owner: number,
  documentId: string,
  participantId: number
): Promise<number> {
  await requireOwner(tx, documentId, owner)
  const at = Math.floor(Date.now() / 1000)
  // Rows of document_key are the reader's, and who let it in is not always the owner.
  const before = await asService(tx, (service) => endReader(service, documentId, participantId, at))
  if (before === undefined) throw new ApiError('READER_NOT_FOUND', { presented: participantId })
  if (before.isNew) {
    const grant = { grantId: randomUUID(), documentId, participantId, sections: ['file' as const], until: null }
    await record(tx, owner, { ...grant, grantedAt: before.grantedAt, withdrawnAt: at }, 'withdrawn')
  }
  return before.withdrawnAt
}

/** The record of a reader that was let in. */
export function recordReader(tx: Transaction, by: number, documentId: string, participantId: number): Promise<void> {
  const grant = { grantId: randomUUID(), documentId, participantId, sections: ['file' as const], until: null }
  return record(tx, by, { ...grant, grantedAt: Math.floor(Date.now() / 1000), withdrawnAt: null }, 'given')
}

async function endReader(tx: Transaction, documentId: string, participantId: number, at: number) {
  const values = [documentId, participantId]
  const { rows } = await tx.query<{ grantedAt: number; withdrawnAt: number | null }>(
    `select floor(extract(epoch from min(created_at)))::float8 as "grantedAt", max(withdrawn_at)::float8 as "withdrawnAt"
       from app.document_key where document_id = $1 and participant_id = $2 and granted_by is not null having count(*) > 0`,
    values
  )
  if (!rows[0]) return undefined
  const { grantedAt, withdrawnAt } = rows[0]
  if (withdrawnAt !== null) return { grantedAt, withdrawnAt, isNew: false }
  await tx.query(
    `update app.document_key set withdrawn_at = $3 where document_id = $1 and participant_id = $2 and granted_by is not null`,
    [...values, at]
  )
  return { grantedAt, withdrawnAt: at, isNew: true }
}

type Recorded = Omit<Grant, 'sections'> & { sections: readonly (Section | 'file')[] }

async function record(tx: Transaction, owner: number, grant: Recorded, state: 'given' | 'withdrawn'): Promise<void> {
  const { grantId, documentId, participantId, sections, until, grantedAt, withdrawnAt } = grant
  const leaf = grantRecord({
    grantId,
    documentId,
    grantedBy: String(owner),
    grantedTo: String(participantId),
    sections: [...sections],
    state,
    at: rfc3339(state === 'given' ? grantedAt : (withdrawnAt ?? grantedAt)),
    ...(until === null ? {} : { until: rfc3339(until) })
  })
  await appendRecord(tx, leaf, { documentId, participantId, receivableIds: [] })
}
