import { recordAuditHead } from './audit.ts'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { selfTest } from '../../domain/crypto/self-test.ts'
import { readConfig, readKey, RelayerConfigSchema } from '../config.ts'
import { openServicePool } from '../database.ts'
import { startTracing } from '../operation/tracing.ts'
import { openSigner } from '../signing.ts'
import { RelayerChain } from './chain.ts'
import { anchorHead, recordStates } from './evidence.ts'
import { prepareSender, Relay } from './relay.ts'
import { tellIntents } from './traces.ts'

/** The relayer process: `node api/relayer/main.ts --config FILE`. One of them works, others stand by. */
const RELAYER_LOCK = 7_115_003
/** Evidence waits so long for commands that are being sent: both want the one thread. Milliseconds. */
const EVIDENCE_WAITS_MS = 1_000

// Rather no heads than some that others refuse.
selfTest()
const config = await readConfig(process.argv, RelayerConfigSchema)
const chain = new RelayerChain(config.rpcUrl, config.deployment, await readKey(config.keyFile))
const signer = await openSigner(config.signing)
const pool = openServicePool(config.databaseUrl, 4)
const { otlpEndpoint } = config
const tracing = otlpEndpoint === undefined ? undefined : await startTracing(otlpEndpoint, 'tallystick-relayer')
let isStopping = false
let lastComplaint = ''

function stop(): void {
  isStopping = true
}
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
process.on('disconnect', stop)
// Who started it ended before it could hear of that.
if (process.connected === false) stop()

/** Says a trouble once, not at every turn. */
function complain(message: string): void {
  if (message !== lastComplaint) console.log(`${new Date().toISOString()} ${message || 'goes on'}`)
  lastComplaint = message
}

/**
 * Repeats each work while it may lead, with a pause when a turn moved nothing. When one fails the others end after their turn,
 * so that none is left behind when all begin again.
 */
async function together(mayLead: () => boolean, works: (() => Promise<boolean>)[]): Promise<void> {
  let hasFailed = false
  const ends = await Promise.allSettled(
    works.map(async (turn) => {
      try {
        while (mayLead() && !hasFailed) {
          const hasMoved = await turn()
          complain('')
          if (!hasMoved) await delay(config.pollMs)
        }
      } catch (error) {
        hasFailed = true
        throw error
      }
    })
  )
  const failed = ends.find((end) => end.status === 'rejected')
  if (failed) throw failed.reason as Error
}

/** Works while this session holds the lock; a lost connection gives the lock to the next process. */
async function lead(): Promise<void> {
  const session = new pg.Client({ connectionString: config.databaseUrl, connectionTimeoutMillis: 5_000 })
  let isHeld = true
  session.on('error', () => (isHeld = false))
  session.on('end', () => (isHeld = false))
  await session.connect()
  try {
    while (!isStopping) {
      const { rows } = await session.query<{ won: boolean }>('select pg_try_advisory_lock($1) as won', [RELAYER_LOCK])
      if (rows[0]!.won) break
      complain('another relayer works: standing by')
      await delay(500)
    }
    await prepareSender(pool, chain)
    if (process.connected) process.send!({ type: 'ready' })
    const relay = new Relay(pool, chain)
    let evidenceAt = 0
    // Side by side: commands need not wait until the evidence of those before them is written.
    await together(
      () => !isStopping && isHeld,
      [
        () => relay.turn(),
        async () => {
          if (relay.isSending && Date.now() - evidenceAt < EVIDENCE_WAITS_MS) return false
          const recorded = await recordStates(pool, chain, config.deployment)
          await recordAuditHead(pool)
          const anchored = await anchorHead(pool, signer, config.deployment)
          evidenceAt = Date.now()
          return recorded > 0 || anchored
        },
        ...(tracing ? [() => tellIntents(pool, tracing)] : [])
      ]
    )
  } finally {
    await session.end().catch(() => {})
  }
}

while (!isStopping) {
  try {
    await lead()
  } catch (error) {
    complain(`waits: ${(error as Error).message}`)
    await delay(500)
  }
}
chain.destroy()
await Promise.all([pool.end(), tracing?.stop()])
process.exit(0)
