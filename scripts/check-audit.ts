/** Recomputes the audit log from its first entry, and holds the heads in the evidence log against it: `npm run check:audit`. */
import { openServicePool } from '../api/database.ts'
import { readAudit } from '../api/access/audit.ts'
import { auditFault, type ChainedEntry } from '../domain/access/audit.ts'
import { parseRecord } from '../domain/evidence/record.ts'
import { toIndexerError } from '../indexer/errors.ts'
import { readTarget } from '../indexer/target.ts'

const PAGE = 5_000

try {
  const { databaseUrl } = await readTarget(process.argv.slice(2), process.env)
  const pool = openServicePool(databaseUrl, 1)
  try {
    const { rows } = await pool.query<{ record: Buffer; index: string }>(
      `select record, leaf_index as index from app.evidence_leaf where kind = 'audit' order by leaf_index`
    )
    const heads = rows.map(({ record, index }) => ({ index, record: parseRecord(new Uint8Array(record)) }))
    const anchored = new Map(
      heads.flatMap(({ record, index }) =>
        record.kind === 'audit' ? [[Number(record.size), { head: record.head, index }] as const] : []
      )
    )
    let before: ChainedEntry | undefined
    let fault: string | undefined
    for (;;) {
      const page: ChainedEntry[] = await readAudit(pool, {
        participantId: undefined,
        after: before?.seq ?? 0,
        limit: PAGE
      })
      for (const entry of page) {
        const leaf = anchored.get(entry.seq)
        fault = auditFault(entry, before)
        if (!fault && leaf && leaf.head !== entry.hash)
          fault = `entry ${entry.seq} is not the one of leaf ${leaf.index} of the evidence log`
        if (fault) break
        anchored.delete(entry.seq)
        before = entry
      }
      if (fault || page.length < PAGE) break
    }
    const [missing] = anchored.keys()
    if (!fault && missing !== undefined)
      fault = `the log ends at entry ${before?.seq ?? 0}, but entry ${missing} is in the evidence log`
    console.log(
      fault
        ? `✗ audit log: ${fault}`
        : `✓ audit log: ${before?.seq ?? 0} entries, ${heads.length} heads in the evidence log`
    )
    if (fault) process.exitCode = 1
  } finally {
    await pool.end()
  }
} catch (caught) {
  const { code, message } = toIndexerError(caught)
  console.error(`check:audit: ${code} ${message}`)
  process.exitCode = 1
}
