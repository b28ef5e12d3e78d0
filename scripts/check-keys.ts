/**
 * Says which fingerprint keys live claims still need, and under which service keys the keys in custody are sealed: `npm run check:keys`. A
 * key that none needs may leave `fingerprintKeys`; an api names its service key at the start.
 */
import { openServicePool } from '../api/database.ts'
import { epochsInUse } from '../api/fingerprints/keys.ts'
import { sealingKeysInUse } from '../api/managed-keys/custody.ts'
import { toIndexerError } from '../indexer/errors.ts'
import { readTarget } from '../indexer/target.ts'

try {
  const { databaseUrl } = await readTarget(process.argv.slice(2), process.env)
  const pool = openServicePool(databaseUrl, 1)
  try {
    const uses = await epochsInUse(pool)
    const newest = Math.max(...uses.map(({ epoch }) => epoch))
    for (const { epoch, claims, alone, example } of uses) {
      const counted = `epoch ${epoch}: ${claims} live claims`
      if (epoch === newest) console.log(`  ${counted}: the newest`)
      else if (alone === 0) console.log(`✓ ${counted}, none that needs its key: it may be retired`)
      else console.log(`  ${counted}, ${alone} under no newer key and not settled, e.g. ${example}: keep its key`)
    }
    if (uses.length === 0) console.log('  no live claims')
    for (const { keyId, count } of await sealingKeysInUse(pool)) {
      console.log(`  service key ${keyId}: ${count} keys in custody are sealed under it: keep it`)
    }
  } finally {
    await pool.end()
  }
} catch (caught) {
  const { code, message } = toIndexerError(caught)
  console.error(`check:keys: ${code} ${message}`)
  process.exitCode = 1
}
