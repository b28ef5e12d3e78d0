/** Writes the audit log and reads it back. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { auditHash, AUDIT_START, type AuditEntry, type ChainedEntry } from '../../domain/access/audit.ts'
import { asService, beforeCommit, beginWithLock, inTransaction, type Pool, type Transaction } from '../database.ts'
import type { ErrorCode } from '../errors.ts'
import { problemOf } from '../plugins/problem.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Writes down a request that takes its answer into its own hands, before it does. @throws when the log takes no entry */
    writeDown(request: FastifyRequest): Promise<void>
  }
  interface FastifyRequest {
    /** Of the refusal that this request got. */
    refusal?: ErrorCode
  }
}

/** One writer at a time: the chain has no gap and no fork. */
const AUDIT_LOCK = 7_115_007
/** Entries written at once. */
const BATCH = 200

interface Waiting {
  entry: AuditEntry
  done: (error?: Error) => void
}

/** Entries that come while others are being written go together in the next transaction. */
export class AuditLog {
  private readonly pool: Pool
  private readonly waiting: Waiting[] = []
  private isWriting = false

  constructor(pool: Pool) {
    this.pool = pool
  }

  /** Resolves when the entry is in the log. */
  record(entry: AuditEntry): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ entry, done: (error) => (error ? reject(error) : resolve()) })
      if (!this.isWriting) void this.write()
    })
  }

  private async write(): Promise<void> {
    this.isWriting = true
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, BATCH)
      try {
        const entries = batch.map(({ entry }) => entry)
        await asService(this.pool, (service) =>
          inTransaction(service, (tx) => append(tx, entries), beginWithLock(AUDIT_LOCK))
        )
        for (const { done } of batch) done()
      } catch (error) {
        for (const { done } of batch) done(error as Error)
      }
    }
    this.isWriting = false
  }
}

/** Writes down what a transaction does, as the last thing in it: both are there, or neither. */
export function recordLast(tx: Transaction, entry: AuditEntry): void {
  beforeCommit(tx, appendLocked, entry)
}

async function appendLocked(tx: Transaction, entries: readonly AuditEntry[]): Promise<void> {
  await tx.query({ name: 'audit.lock', text: 'select pg_advisory_xact_lock($1)', values: [AUDIT_LOCK] })
  await append(tx, entries)
}

async function append(tx: Transaction, entries: readonly AuditEntry[]): Promise<void> {
  const { rows } = await tx.query<{ seq: string; hash: Buffer }>({
    name: 'audit.last',
    text: 'select seq, hash from app.audit_record order by seq desc limit 1'
  })
  let seq = Number(rows[0]?.seq ?? 0)
  let previous = rows[0] ? `0x${rows[0].hash.toString('hex')}` : AUDIT_START
  const chained = entries.map((entry): ChainedEntry => {
    seq += 1
    const one = { ...entry, seq, previous, hash: auditHash(seq, entry, previous) }
    previous = one.hash
    return one
  })
  await tx.query({
    name: 'audit.append',
    text: `insert into app.audit_record (seq, at, participant_id, actor, request_id, operation, path, status, code, previous, hash)
     select seq, at, participant_id, actor, request_id, operation, path, status, code,
            decode(substr(previous, 3), 'hex'), decode(substr(hash, 3), 'hex')
       from json_to_recordset($1) as r (seq bigint, at timestamptz, participant_id int, actor text, request_id text,
            operation text, path text, status smallint, code text, previous text, hash text)`,
    values: [
      JSON.stringify(
        chained.map(({ participantId, requestId, ...entry }) => ({
          ...entry,
          participant_id: participantId,
          request_id: requestId
        }))
      )
    ]
  })
}

/**
 * Each write with a credential, and each read of others' data, is in the log before it is answered: what could not be written down is
 * answered 503, and a repeated command finds the answer of the first.
 */
export function registerAudit(app: FastifyInstance, pool: Pool): void {
  const log = new AuditLog(pool)
  app.decorate('writeDown', async (request) => {
    if (isAudited(request)) await log.record(entryOf(request, 200))
  })
  app.addHook('onSend', async (request, reply, payload) => {
    if (!isAudited(request)) return payload
    try {
      await log.record(entryOf(request, reply.statusCode))
      return payload
    } catch (error) {
      request.log.error({ err: error }, 'the audit log takes no entry')
      reply.code(503).type('application/problem+json').removeHeader('content-length')
      return JSON.stringify(problemOf('DATABASE_UNAVAILABLE'))
    }
  })
}

function isAudited({ caller, method, routeOptions }: FastifyRequest): boolean {
  if (!caller) return false
  if (method !== 'GET' && method !== 'HEAD') return true
  const audit = routeOptions.config.rule?.audit
  if (audit === 'never') return false
  return audit === 'always' || caller.roles.some((role) => role === 'regulator' || role === 'clearing')
}

function entryOf(request: FastifyRequest, status: number): AuditEntry {
  const { operationId } = (request.routeOptions.schema ?? {}) as { operationId?: string }
  return {
    at: new Date().toISOString(),
    participantId: request.caller.participantId,
    actor: request.caller.actor,
    requestId: request.id,
    operation: operationId ?? request.method,
    path: request.url.split('?')[0]!.slice(0, 300),
    status,
    code: request.refusal ?? null
  }
}

export interface AuditPage {
  /** Whose entries; undefined: everybody's, for a regulator. */
  participantId: number | undefined
  after: number
  limit: number
  /** Then `after` is the newest that one has; zero begins with the newest there is. */
  isNewestFirst?: boolean
}

interface Row {
  seq: string
  at: Date
  participantId: number
  actor: string
  requestId: string
  operation: string
  path: string
  status: number
  code: string | null
  previous: Buffer
  hash: Buffer
}

/** In the order of the chain. */
export async function readAudit(
  client: Pool | Transaction,
  { participantId, after, limit, isNewestFirst = false }: AuditPage
): Promise<ChainedEntry[]> {
  const { rows } = await client.query<Row>({
    name: isNewestFirst ? 'audit.page-newest' : 'audit.page',
    text: `select seq, at, participant_id as "participantId", actor, request_id as "requestId", operation, path, status, code, previous, hash
             from app.audit_record where ${isNewestFirst ? '($1 = 0 or seq < $1)' : 'seq > $1'} and ($2::integer is null or participant_id = $2)
            order by seq ${isNewestFirst ? 'desc' : ''} limit $3`,
    values: [after, participantId ?? null, limit]
  })
  return rows.map((row) => ({
    ...row,
    seq: Number(row.seq),
    at: row.at.toISOString(),
    previous: `0x${row.previous.toString('hex')}`,
    hash: `0x${row.hash.toString('hex')}`
  }))
}
