import { selfTest } from '../domain/crypto/self-test.ts'
import { audienceOf, openTokens } from './access/tokens.ts'
import { buildApp } from './app.ts'
import { ApiConfigSchema, readConfig } from './config.ts'
import { fingerprintStored } from './documents/repository.ts'
import { openKeyRing, requireKeysOfClaims } from './fingerprints/keys.ts'
import { asService, openPool, openServicePool } from './database.ts'
import { resealKeys } from './managed-keys/custody.ts'
import { Metrics, serveMetrics } from './operation/metrics.ts'
import { startTracing } from './operation/tracing.ts'
import { startKeeper } from './registrar/keeper.ts'
import { accountNode } from './registrar/node.ts'
import { openSigner } from './signing.ts'
import { openVault } from './vault.ts'
import { startDeliverer } from './webhooks/deliverer.ts'
import { webhookDefaults } from './webhooks/settings.ts'

/** The api process: `node api/main.ts --config FILE`. Ends by itself when its parent is gone. */
// Rather no api than one that takes for SM2 what is none.
selfTest()
const config = await readConfig(process.argv, ApiConfigSchema)
const fingerprintKeys = await openKeyRing(config.fingerprintKeys)
const certificateSigner = await openSigner(config.signing)
const vault = await openVault(config)
const tokens = await openTokens(config.sessionKeyFile, audienceOf(config.deployment))
const pool = openPool(config.databaseUrl)
const fingerprinted = await asService(pool, async (service) => {
  await requireKeysOfClaims(service, fingerprintKeys)
  return fingerprintStored(service, vault, fingerprintKeys)
})
const resealed = await asService(pool, (service) => resealKeys(service, vault))
let isStopping = false
const metrics = new Metrics(pool)
const { otlpEndpoint } = config
const tracing = otlpEndpoint === undefined ? undefined : await startTracing(otlpEndpoint, 'tallystick-api')
const app = await buildApp(
  { pool, config, certificateSigner, vault, fingerprintKeys, tokens },
  { logger: true, metrics, tracing }
)
if (fingerprinted > 0) app.log.info({ fingerprinted }, 'stored documents have fingerprints under every key in force')
app.log.info({ serviceKey: vault.keyId, resealed }, 'keys in custody are sealed under the service key')

// Delivers to everybody, so under no caller's eyes.
const servicePool = openServicePool(config.databaseUrl, 2)
const deliverer = startDeliverer({
  pool: servicePool,
  vault,
  databaseUrl: config.databaseUrl,
  tail: app.tail,
  settings: { ...webhookDefaults, ...config.webhooks },
  complain: (trouble) => app.log.warn({ trouble }, 'webhooks wait')
})

const keeper = startKeeper({
  pool: servicePool,
  vault,
  node: accountNode(config.rpcUrl, config.deployment.accountFactory),
  complain: (trouble) => app.log.warn({ trouble }, 'the directory waits')
})

/** What has no answer by then is cut off, and connections that never asked anything: a server waits for those too. */
const GRACE_MS = 3_000

/** Takes no new request, ends those that run, and gives the database back. */
async function stop(): Promise<void> {
  if (isStopping) return
  isStopping = true
  setTimeout(() => app.server.closeAllConnections(), GRACE_MS).unref()
  await deliverer.stop()
  await keeper.stop()
  await app.close()
  await inside?.close()
  await Promise.all([pool.end(), servicePool.end(), tracing?.stop()])
  process.exit(0)
}
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
process.on('disconnect', stop)

const inside =
  config.metricsPort === undefined ? undefined : await serveMetrics(metrics, config.host, config.metricsPort)
await app.listen({ host: config.host, port: config.port })
// Who started it may have ended before it could hear of that.
if (process.connected === false) await stop()
else process.send?.({ type: 'ready' })
