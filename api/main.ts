import { getBytes } from 'ethers'
import { selfTest } from '../domain/crypto/self-test.ts'
import { buildApp } from './app.ts'
import { readConfig, readKey, type ApiConfig } from './config.ts'
import { fingerprintStored } from './documents/repository.ts'
import { openKeyRing, requireKeysOfClaims } from './fingerprints/keys.ts'
import { openPool } from './database.ts'
import { openSigner } from './signing.ts'
import { vaultOf } from './vault.ts'

/** The api process: `node api/main.ts --config FILE`. Ends by itself when its parent is gone. */
// Rather no api than one that takes for SM2 what is none.
selfTest()
const config = await readConfig<ApiConfig>(process.argv)
const fingerprintKeys = await openKeyRing(config.fingerprintKeys)
const certificateSigner = await openSigner(config.signing)
const vault = vaultOf(getBytes(await readKey(config.serviceKeyFile)))
const pool = openPool(config.databaseUrl)
await requireKeysOfClaims(pool, fingerprintKeys)
const fingerprinted = await fingerprintStored(pool, vault, fingerprintKeys)
const app = await buildApp({ pool, config, certificateSigner, vault, fingerprintKeys }, { logger: true })
if (fingerprinted > 0) app.log.info({ fingerprinted }, 'stored documents have fingerprints under every key in force')

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
