/**
 * A factor that checks documents for duplicates, a process of its own, as everywhere else: what it waits for is the api, not the crowd's
 * own work. One check after another, of documents that nobody has, until it is told to end; then it sends its times.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'

/** No factor may ask about more within the hour. */
const CHECKS_MAX = 1_900

const [apiUrl, apiKey] = process.argv.slice(2)
const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' }
const times: number[] = []
let isOver = false
process.on('message', () => (isOver = true))
process.on('disconnect', () => process.exit(0))
process.send!('ready')
while (!isOver && times.length < CHECKS_MAX) {
  const body = JSON.stringify({ documents: [{ fingerprint: `0x0001${randomBytes(30).toString('hex')}` }] })
  const begun = performance.now()
  // Told to come again, it does, and its clock goes on.
  for (;;) {
    const answer = await fetch(`${apiUrl}/v1/duplicate-checks`, { method: 'POST', headers, body })
    const text = await answer.text()
    if (answer.ok) break
    if (answer.status !== 503) throw new Error(`duplicate check: ${answer.status} ${text}`)
    await delay(20)
  }
  times.push(performance.now() - begun)
  await delay(50)
}
process.send!(times)
