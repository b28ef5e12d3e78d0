import { getBytes } from 'ethers'
import { selfTest } from '../domain/crypto/self-test.ts'
import { buildApp } from './app.ts'
import { readConfig, readKey, type ApiConfig } from './config.ts'
import { openPool } from './database.ts'
import { openSigner } from './signing.ts'
import { vaultOf } from './vault.ts'

/** The api process: `node api/main.ts --config FILE`. Ends by itself when its parent is gone. */
// Rather no api than one that takes for SM2 what is none.
selfTest()
const config = await readConfig<ApiConfig>(process.argv)
const key = getBytes(await readKey(config.fingerprintKeyFile))
const certificateSigner = await openSigner(config.signing)
const vault = vaultOf(getBytes(await readKey(config.serviceKeyFile)))
const pool = openPool(config.databaseUrl)
const app = await buildApp(
  { pool, config, certificateSigner, vault, fingerprintKey: { key, epoch: config.fingerprintKeyEpoch } },
  { logger: true }
)

async function stop(): Promise<void> {
  await app.close()
  await pool.end()
  process.exit(0)
}
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
process.on('disconnect', stop)

await app.listen({ host: config.host, port: config.port })
process.send?.({ type: 'ready' })
