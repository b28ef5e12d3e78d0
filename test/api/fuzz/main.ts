/** `npm run test:fuzz`: the api against its own description, longer than CI has time for. `SEED=n` repeats a run, `ROUNDS=n` is how long. */
import { randomInt } from 'node:crypto'
import { startInstance } from '../instance.ts'
import { fuzz } from './fuzz.ts'

const seed = Number(process.env['SEED'] ?? randomInt(1 << 30))
const rounds = Number(process.env['ROUNDS'] ?? 8)
console.log(`SEED=${seed} ROUNDS=${rounds}`)
const limits = { requestsPerMinute: 1_000_000, loginsPerMinute: 1_000_000 }
const tally = await startInstance({ limits })
let isGood = false
try {
  const given = [await tally.register(), await tally.confirmed(), await tally.confirmed()]
  const { requests, operations, callers, byStatus, findings } = await fuzz(tally, given, { seed, rounds })
  console.log(`${requests} requests, ${operations} operations, ${callers} callers`)
  console.log(
    Object.entries(byStatus)
      .map(([status, count]) => `${status}: ${count}`)
      .join('  ')
  )
  for (const finding of findings) console.error(`✗ ${finding}`)
  const troubles = tally.troubles()
  for (const trouble of troubles) console.error(`✗ the api’s log: ${trouble.slice(0, 1_000)}`)
  isGood = findings.length === 0 && troubles.length === 0
} finally {
  await tally.stop()
}
process.exitCode = isGood ? 0 : 1
