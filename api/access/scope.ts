/** On whose behalf the database is asked: row-level security shows each participant its own rows (docs/adr/0025). */
import { AsyncLocalStorage } from 'node:async_hooks'
import pg from 'pg'
import type { Role } from '../../domain/participant/roles.ts'

/** For whom a request runs. */
export interface Scope {
  participantId: number
  roles: readonly Role[]
}

const scopes = new AsyncLocalStorage<Scope>()

/** Runs `work`, and all that it starts, for one participant. */
export function runScoped<T>(scope: Scope, work: () => T): T {
  return scopes.run(scope, work)
}

/** Undefined outside of a request with a credential: then no participant's row is visible. */
export function currentScope(): Scope | undefined {
  return scopes.getStore()
}

const SCOPE_STATEMENT = 'tallystick.scope'
const SCOPE_SQL = "select set_config('tallystick.participant', $1, true), set_config('tallystick.roles', $2, true)"

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
 * connection goes back to the pool.
 */
class ScopedQuery extends pg.Query {
  private readonly scope: [string, string]
  private isScopeSet = false

  constructor(config: pg.QueryConfig, scope: Scope) {
    super(config)
    this.scope = valuesOf(scope)
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
  }

  handleCommandComplete(message: unknown, connection: Connection): void {
    if (this.isScopeSet) inside.handleCommandComplete.call(this, message, connection)
    this.isScopeSet = true
  }
}

/** The query for the current request, as the pool's `query` takes it. */
export function scoped(config: pg.QueryConfig): pg.Query | pg.QueryConfig {
  const scope = currentScope()
  return scope ? new ScopedQuery(config, scope) : config
}

/** Makes a new connection ready for scoped queries, before its first one. */
export async function prepareScopes(client: pg.ClientBase): Promise<void> {
  await client.query({ name: SCOPE_STATEMENT, text: SCOPE_SQL, values: ['', ''] })
}
