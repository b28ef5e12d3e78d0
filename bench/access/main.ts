/**
 * `npm run bench:access [-- SECONDS]`: what row-level security costs a read of one receivable among 200,000 rows, by how the caller is
 * told to the database. Prints a table and writes bench/results/access.json; no budget of its own (`npm run bench:api` has that).
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { runScoped } from '../../api/access/scope.ts'
import { asService, inTransaction, openPool, type Pool, type Transaction } from '../../api/database.ts'
import { everything, type Caller } from '../../api/plugins/auth.ts'
import { migrateApp } from '../../api/migrate.ts'
import { findReceivable } from '../../api/receivables/repository.ts'
import { migrateProjection } from '../../indexer/migrate.ts'
import { startDatabase } from '../../scripts/instance/database.ts'

const ROWS = 200_000
const PARTIES = 200
const CLIENTS = 8
const [seconds = 3] = process.argv.slice(2).map(Number)
const dir = mkdtempSync(join(tmpdir(), 'tallystick-bench-access-'))
const database = await startDatabase({ dir })
const caller: Caller = { ...everything, participantId: 7, roles: ['supplier'] }

try {
  await migrateProjection(database.url)
  await migrateApp(database.url)
  await fill()
  const pool = openPool(database.url, CLIENTS)
  const ways: [string, (id: string) => Promise<unknown>][] = [
    ['no row-level security (service)', (id) => asService(pool, (service) => find(service, id))],
    ['scoped query: one message', (id) => runScoped(caller, () => find(pool, id))],
    [
      'transaction, scope with its begin: three messages',
      (id) => runScoped(caller, () => inTransaction(pool, (tx) => find(tx, id)))
    ],
    [
      'transaction without row-level security',
      (id) => asService(pool, (service) => inTransaction(service, (tx) => find(tx, id)))
    ]
  ]
  const rates = new Map<string, number[]>(ways.map(([name]) => [name, []]))
  // In turns, so that another job on the machine hits all alike.
  for (let round = 0; round < 4; round++) {
    for (const [name, read] of ways) {
      const rate = await rateOf(read)
      if (round > 0) rates.get(name)!.push(rate)
    }
  }
  const median = (values: number[]): number => [...values].sort((one, other) => one - other)[values.length >> 1]!
  const floor = median(rates.get(ways[0]![0])!)
  const rows = ways.map(([name]) => ({
    name,
    readsPerSecond: Math.round(median(rates.get(name)!)),
    ratio: median(rates.get(name)!) / floor
  }))
  for (const row of rows) {
    console.log(`${row.name.padEnd(52)} ${String(row.readsPerSecond).padStart(8)}/s  ${row.ratio.toFixed(2)}`)
  }
  const file = new URL('../results/access.json', import.meta.url)
  await writeFile(file, `${JSON.stringify({ rows: ROWS, clients: CLIENTS, seconds, results: rows }, null, 2)}\n`)
  await pool.end()
} finally {
  await database.stop()
  rmSync(dir, { recursive: true, force: true })
}

/** With the api's own condition: the second net is paid on top of the first. */
async function find(client: Pool | Transaction, id: string): Promise<void> {
  if (!(await findReceivable(client, id, caller))) throw new Error(`${id} was not found`)
}

async function rateOf(read: (id: string) => Promise<unknown>): Promise<number> {
  const end = Date.now() + seconds * 1000
  let count = 0
  const begun = Date.now()
  await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      while (Date.now() < end) {
        // Every PARTIES-th is the caller's.
        await read(idOf(caller.participantId + PARTIES * Math.floor((Math.random() * ROWS) / PARTIES)))
        count++
      }
    })
  )
  return count / ((Date.now() - begun) / 1000)
}

function idOf(number: number): string {
  return `0x${number.toString(16).padStart(48, '0')}`
}

async function fill(): Promise<void> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  try {
    await client.query(
      `insert into projection.receivable (receivable_id, registry, creditor, debtor, amount, settled, cancelled, currency, maturity,
         content_commitment, fingerprints, state, disputed, registered_at, registered_block, registered_tx, changed_at, changed_block, changed_tx)
       select '0x' || lpad(to_hex(i), 48, '0'), 1, i % $2, $2, 100, 0, 0, 156, 1, '0x', '{}', 'registered', false, 1, 1, '0x', 1, 1, '0x'
         from generate_series(0, $1 - 1) i`,
      [ROWS, PARTIES]
    )
    await client.query(
      `insert into projection.receivable_party (receivable_id, participant_id, since_block, span_start, span_end)
       select receivable_id, unnest(array[creditor, debtor]), 1, 0, amount from projection.receivable`
    )
    await client.query('analyze')
  } finally {
    await client.end()
  }
}
