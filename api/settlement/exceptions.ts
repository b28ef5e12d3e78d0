/** What no match can put right: a person closes it, with a reason. */
import type { Static } from 'typebox'
import type { Pool, Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import type { Vault } from '../vault.ts'
import { findEntries, shownEntry, type StoredEntry } from './entries.ts'
import type { ExceptionKind, ExceptionSchema } from './schemas.ts'

interface Row {
  exceptionId: number
  kind: ExceptionKind
  entryId: number
  noteIds: string[]
  resolution: Buffer | null
  createdAt: Date
}

const columns = `x.exception_id::float8 as "exceptionId", x.kind, x.entry_id::float8 as "entryId", x.note_ids as "noteIds",
  x.resolution, x.created_at as "createdAt"`
const placeOf = (exceptionId: number) => `settlement exception ${exceptionId}`

/** Of one kind an entry has one. */
export async function openException(
  tx: Transaction,
  entry: Pick<StoredEntry, 'entryId' | 'participantId'>,
  kind: ExceptionKind,
  noteIds: readonly string[] = []
): Promise<void> {
  await tx.query(
    `insert into app.settlement_exception (participant_id, entry_id, kind, note_ids) values ($1, $2, $3, $4)
     on conflict (entry_id, kind) do nothing`,
    [entry.participantId, entry.entryId, kind, [...noteIds]]
  )
}

/** @throws ApiError EXCEPTION_NOT_FOUND, EXCEPTION_CLOSED */
export async function closeException(
  tx: Transaction,
  vault: Vault,
  participantId: number,
  exceptionId: number,
  resolution: string
): Promise<void> {
  const { rows } = await tx.query<{ isClosed: boolean }>(
    `select closed_at is not null as "isClosed" from app.settlement_exception
      where exception_id = $1 and participant_id = $2 for update`,
    [exceptionId, participantId]
  )
  if (!rows[0]) throw new ApiError('EXCEPTION_NOT_FOUND', { presented: exceptionId })
  if (rows[0].isClosed) throw new ApiError('EXCEPTION_CLOSED', { presented: exceptionId })
  await tx.query(
    `update app.settlement_exception set closed_by = $2, closed_at = now(), resolution = $3 where exception_id = $1`,
    [exceptionId, participantId, vault.seal(resolution, placeOf(exceptionId))]
  )
}

/** An exception that has come to its end by itself. */
export async function endException(
  tx: Transaction,
  vault: Vault,
  entryId: number,
  kind: ExceptionKind,
  why: string
): Promise<void> {
  const { rows } = await tx.query<{ id: number }>(
    `select exception_id::float8 as id from app.settlement_exception where entry_id = $1 and kind = $2 and closed_at is null for update`,
    [entryId, kind]
  )
  for (const { id } of rows) {
    await tx.query('update app.settlement_exception set closed_at = now(), resolution = $2 where exception_id = $1', [
      id,
      vault.seal(why, placeOf(id))
    ])
  }
}

export interface ExceptionFilter {
  exceptionId?: number | undefined
  state?: 'open' | 'closed' | undefined
  after: number
  limit: number
}

export async function listExceptions(
  client: Pool | Transaction,
  vault: Vault,
  participantId: number,
  { exceptionId, state, after, limit }: ExceptionFilter
): Promise<Static<typeof ExceptionSchema>[]> {
  const { rows } = await client.query<Row>({
    name: 'settlement-exception.list',
    text: `select ${columns} from app.settlement_exception x
            where x.participant_id = $1 and x.exception_id > $2 and ($3::bigint is null or x.exception_id = $3)
              and ($4::text is null or (x.closed_at is null) = ($4 = 'open'))
            order by x.exception_id limit $5`,
    values: [participantId, after, exceptionId ?? null, state ?? null, limit]
  })
  const entries = await findEntries(client, vault, participantId, rows.map(({ entryId }) => entryId)) // prettier-ignore
  return rows.map(({ entryId, resolution, createdAt, ...row }) => ({
    ...row,
    state: resolution === null ? ('open' as const) : ('closed' as const),
    entry: shownEntry(entries.get(entryId)!),
    resolution: resolution === null ? null : (vault.open(resolution, placeOf(row.exceptionId)) as string),
    createdAt: createdAt.toISOString()
  }))
}
