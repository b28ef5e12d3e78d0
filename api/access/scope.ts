/** On whose behalf the database is asked: row-level security shows each participant its own rows (docs/adr/0025). */
import { AsyncLocalStorage } from 'node:async_hooks'
import pg from 'pg'
import type { Role } from '../../domain/participant/roles.ts'

/** For whom a request runs. */
export interface Scope {
  participantId: number
  roles: readonly Role[]
}

/** The newest block that the projection had at some moment. */
export interface SeenBlock {
  block: number
  hash: string
  /** Unix seconds. */
  time: number
}

/** A request's own: for whom it runs, and the block of its first query. */
interface Running {
  readonly scope: Scope
  firstSeen?: SeenBlock | undefined
}

const running = new AsyncLocalStorage<Running>()

/** Runs `work`, and all that it starts, for one participant. */
export function runScoped<T>(scope: Scope, work: () => T): T {
  return running.run({ scope }, work)
}

/** Undefined outside of a request with a credential: then no participant's row is visible. */
export function currentScope(): Scope | undefined {
  return running.getStore()?.scope
}

/** As of which block the projection was when this request asked it first: what it has read is of that block or of a later one. */
export function firstSeenBlock(): SeenBlock | undefined {
  return running.getStore()?.firstSeen
}

const SCOPE_STATEMENT = 'tallystick.scope'
const SCOPE_SQL = `select set_config('tallystick.participant', $1, true), set_config('tallystick.roles', $2, true),
         c.block_number, c.block_hash, c.block_time
    from (values (1)) as one left join projection.cursor c on true`

function valuesOf({ participantId, roles }: Scope): [string, string] {
  if (!Number.isSafeInteger(participantId)) throw new RangeError('a participant is an integer')
  if (!roles.every((role) => /^[a-z-]{1,32}$/.test(role))) throw new RangeError('a role is a plain word')
  return [String(participantId), roles.join()]
}

/** Appended to the `begin` of a transaction, in the same message: no round trip of its own. */
export function scopeSql(scope: Scope): string {
  const [participant, roles] = valuesOf(scope)
  return `select set_config('tallystick.participant', '${participant}', true), set_config('tallystick.roles', '${roles}', true)`
}

/** What pg's query and connection have for its own use; the version is pinned, and test/api/isolation.test.ts shows that they fit. */
interface Connection {
  bind(message: { statement: string; portal: string; values: string[] }): void
  execute(message: { portal: string; rows: number }): void
}
interface QueryInside {
  queryMode: string
  prepare(connection: Connection): void
  handleDataRow(message: unknown): void
  handleCommandComplete(message: unknown, connection: Connection): void
}
const inside = pg.Query.prototype as unknown as QueryInside

/**
 * One query with its scope: two executions before one Sync are one transaction and one round trip, so the settings are gone when the
 * connection goes back to the pool. The first one also brings the block as of which the second is at least.
 */
class ScopedQuery extends pg.Query {
  private readonly running: Running
  private readonly scope: [string, string]
  private isScopeSet = false

  constructor(config: pg.QueryConfig, running: Running) {
    super(config)
    this.running = running
    this.scope = valuesOf(running.scope)
    const own = this as unknown as QueryInside
    own.queryMode = 'extended'
  }

  prepare(connection: Connection): void {
    connection.bind({ statement: SCOPE_STATEMENT, portal: '', values: this.scope })
    connection.execute({ portal: '', rows: 0 })
    inside.prepare.call(this, connection)
  }

  handleDataRow(message: unknown): void {
    if (this.isScopeSet) inside.handleDataRow.call(this, message)
    else this.running.firstSeen ??= blockIn(message as DataRow)
  }

  handleCommandComplete(message: unknown, connection: Connection): void {
    if (this.isScopeSet) inside.handleCommandComplete.call(this, message, connection)
    this.isScopeSet = true
  }
}

interface DataRow {
  fields: (string | null)[]
}

/** Undefined while nothing is projected. */
function blockIn({ fields: [, , block, hash, time] }: DataRow): SeenBlock | undefined {
  return hash ? { block: Number(block), hash, time: Number(time) } : undefined
}

/** The query for the current request, as the pool's `query` takes it. */
export function scoped(config: pg.QueryConfig): pg.Query | pg.QueryConfig {
  const own = running.getStore()
  return own ? new ScopedQuery(config, own) : config
}

/** Makes a new connection ready for scoped queries, before its first one. */
export async function prepareScopes(client: pg.ClientBase): Promise<void> {
  await client.query({ name: SCOPE_STATEMENT, text: SCOPE_SQL, values: ['', ''] })
}
