import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { selfTest } from '../../domain/crypto/self-test.ts'
import { readConfig, readKey, type RelayerConfig } from '../config.ts'
import { openPool } from '../database.ts'
import { openSigner } from '../signing.ts'
import { RelayerChain } from './chain.ts'
import { anchorHead, recordStates } from './evidence.ts'
import { prepareSender, relayOnce } from './relay.ts'

/** The relayer process: `node api/relayer/main.ts --config FILE`. One of them works, others stand by. */
const RELAYER_LOCK = 7_115_003

// Rather no heads than some that others refuse.
selfTest()
const config = await readConfig<RelayerConfig>(process.argv)
const chain = new RelayerChain(config.rpcUrl, config.deployment.chainId, await readKey(config.keyFile))
const signer = await openSigner(config.signing)
const pool = openPool(config.databaseUrl, 4)
let isStopping = false
let lastComplaint = ''

function stop(): void {
  isStopping = true
}
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
process.on('disconnect', stop)

/** Says a trouble once, not at every turn. */
function complain(message: string): void {
  if (message !== lastComplaint) console.log(`${new Date().toISOString()} ${message || 'goes on'}`)
  lastComplaint = message
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
    process.send?.({ type: 'ready' })
    while (!isStopping && isHeld) {
      const moved = await relayOnce(pool, chain)
      const recorded = await recordStates(pool, chain, config.deployment)
      const anchored = await anchorHead(pool, signer, config.deployment)
      complain('')
      if (!moved && recorded === 0 && !anchored) await delay(config.pollMs)
    }
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
await pool.end()
process.exit(0)
