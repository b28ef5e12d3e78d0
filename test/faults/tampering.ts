/** One cell changed by hand, in each table: `npm run verify:projection` finds it and names the table. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectionTables } from '../../indexer/digest.ts'
import { must, type Fault } from './fault.ts'

type TableName = (typeof projectionTables)[number]['name']

/** What is changed in the table's middle row. */
const cells: Record<TableName, string> = {
  cursor: 'block_time = block_time + 1',
  block: 'time = time + 1',
  event: 'tx_index = tx_index + 1',
  participant: 'roles = roles # 1',
  registry: 'changed_block = changed_block + 1',
  fingerprint_claim: 'claimant = claimant + 1',
  receivable: 'debtor = debtor + 1',
  note: 'holder = holder + 1',
  receivable_party: 'since_block = since_block + 1',
  log_head: `root = '0x' || repeat('66', 32)`
}

export const tamperings: Fault[] = projectionTables.map(({ name, key, where }) => ({
  name: `one cell of ${name} changed by hand`,
  how: `update ${name} set ${cells[name]}; found and named by verify:projection`,
  start: 'whole',
  async run(scene) {
    const { world } = scene.rig
    const file = join(world.dir, 'deployment.json')
    writeFileSync(file, JSON.stringify(world.deployment))
    const target = ['--database', scene.url, '--rpc', world.chain.url, '--deployment', file]
    await scene.query(async (client) => {
      const chosen = `select t.ctid from ${name} t where ${where} order by ${key}`
      const middle = `offset (select count(*) / 2 from ${name} t where ${where}) limit 1`
      await client.query(`create table public.kept as select * from ${name}`)
      const { rowCount } = await client.query(`update ${name} set ${cells[name]} where ctid = (${chosen} ${middle})`)
      must(rowCount === 1, `${rowCount} rows were changed`)
    })
    const { code, output } = await scene.tool('verify-projection', ...target)
    must(code === 1, `verify:projection ended with ${code}: ${output}`)
    must(output.includes(`first difference in ${name}\n`), `it did not name ${name}: ${output}`)
    // Put back what it was, so that the digest shows that nothing else was touched.
    await scene.query(async (client) => {
      await client.query(`set session_replication_role = replica`)
      await client.query(`delete from ${name}`)
      await client.query(`insert into ${name} select * from public.kept`)
    })
  }
}))
