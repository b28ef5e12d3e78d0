/** Codes of the indexer's own failures. */
export type IndexerErrorCode =
  | 'CONFIG_INVALID'
  | 'CHAIN_MISMATCH'
  | 'REGISTRY_UNKNOWN'
  | 'INDEXED_OTHER_CHAIN'
  | 'FINALITY_BROKEN'
  | 'EVENT_UNKNOWN'
  | 'PROJECTION_CONFLICT'
  | 'DATABASE_REFUSED'
  | 'MIGRATION_CHANGED'
  | 'RPC_UNAVAILABLE'
  | 'BLOCK_CHANGED'
  | 'HEADER_MISMATCH'
  | 'HEADER_UNKNOWN'
  | 'LOGS_INCOMPLETE'
  | 'RECEIPTS_MISMATCH'
  | 'CURSOR_MOVED'

/** A failure with a code. `transient` ones heal by waiting and trying again; the others need a person. */
export class IndexerError extends Error {
  readonly code: IndexerErrorCode
  readonly transient: boolean

  constructor(code: IndexerErrorCode, message: string, options: { transient: boolean; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.name = 'IndexerError'
    this.code = code
    this.transient = options.transient
  }
}

/** Stored state is not what the event presupposes. Indexing stops: guessing would hide a fault in code or data. */
export class ProjectionConflictError extends IndexerError {
  constructor(event: string, rule: string) {
    super(
      'PROJECTION_CONFLICT',
      `${event}: ${rule}; stored state is not what the event presupposes. ` +
        'Run npm run verify:projection to see where, then npm run reindex',
      { transient: false }
    )
  }
}

/** SQLSTATE classes that pass by themselves: connection, resources, operator intervention, serialisation, login. */
const transientSqlClasses = new Set(['08', '28', '3D', '40', '53', '55', '57', '58'])

/** A server that only reads: a standby that is about to take over, or the old primary just after. */
const READ_ONLY = '25006'

/** What an unknown failure means: ours as it is, the database's by SQLSTATE, anything without one is the network's. */
export function toIndexerError(error: unknown): IndexerError {
  if (error instanceof IndexerError) return error
  const { code, message } = (error ?? {}) as { code?: unknown; message?: string }
  const sqlState = typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined
  const transient = sqlState
    ? transientSqlClasses.has(sqlState.slice(0, 2)) || sqlState === READ_ONLY
    : isNetworkError(code, message)
  if (sqlState?.startsWith('23')) {
    return new IndexerError('PROJECTION_CONFLICT', `${message}. Run npm run verify:projection to see where`, {
      transient: false,
      cause: error
    })
  }
  const text = message || String(code ?? error)
  return new IndexerError('DATABASE_REFUSED', `${text}${sqlState ? ` (SQLSTATE ${sqlState})` : ''}`, {
    transient,
    cause: error
  })
}

function isNetworkError(code: unknown, message: string | undefined): boolean {
  if (typeof code === 'string' && /^E[A-Z]+$/.test(code)) return true
  return /connection|terminated|timeout|not queryable/i.test(message ?? '')
}
