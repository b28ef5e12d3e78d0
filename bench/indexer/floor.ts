/**
 * The floor: the least that gets the same notes into Postgres. Logs by range, decoded by hand, one bulk insert and a
 * set-based projection a range, the cursor in the same transaction; then one block at a time by subscription. It believes the node: no header is
 * hashed, no bloom or receipt looked at, no fork followed, and no rule of the notes is held.
 */
import { readFileSync } from 'node:fs'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { Deployment } from '../../domain/chain/contracts.ts'
import { fingerprintsEvents, participantsEvents, receivablesEvents } from '../../domain/chain/events.generated.ts'

interface Config {
  rpcUrl: string
  databaseUrl: string
  deployment: Deployment
}
interface Log {
  address: string
  topics: string[]
  data: string
  blockNumber: string
  logIndex: string
  transactionHash: string
}

const RANGE_BLOCKS = 200
const config = JSON.parse(readFileSync(process.argv[3]!, 'utf8')) as Config
const client = new pg.Client({ connectionString: config.databaseUrl })
await client.connect()
await client.query(`
  create table cursor (block bigint not null);
  create table event (block bigint, log_index int, tx text, name text, receivable text, note text, word text, extra text,
    primary key (block, log_index));
  create table receivable (id text primary key, amount bigint, creditor int, debtor int, state text);
  create table note (id text primary key, receivable text, start bigint, stop bigint, holder int, state text);
  create index on note (receivable)`)

const events = [...receivablesEvents, ...fingerprintsEvents, ...participantsEvents]
const names = new Map(events.map(({ topic, name }) => [topic, name]))
const ours = new Set(
  [config.deployment.receivables, config.deployment.fingerprints, config.deployment.participants].map((each) =>
    each.toLowerCase()
  )
)

async function ask(method: string, params: unknown[]): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const response = await fetch(config.rpcUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  return ((await response.json()) as { result: unknown }).result
}

const states = ['none', 'live', 'offered', 'locked', 'pledged', 'settled', 'cancelled']
function lineOf(log: Log): string {
  const { topics, data } = log
  const name = names.get(topics[0]!)!
  const isNote = name.startsWith('Note')
  const about = name.startsWith('Receivable') ? `0x${topics[1]!.slice(18)}` : isNote ? topics[1]!.slice(0, 50) : '\\N'
  const word = isNote ? data.slice(2, 66) : '\\N'
  const extra = name === 'ReceivableRegistered' ? data.slice(2, 386) : data.slice(66, 130) || '\\N'
  const place = `${Number(log.blockNumber)}\t${Number(log.logIndex)}\t${log.transactionHash}`
  return `${place}\t${name}\t${about}\t${isNote ? topics[1] : '\\N'}\t${word}\t${extra}\n`
}

const number = (text: string, from: number, digits: number) =>
  `('x' || substr(${text}, ${from + 1}, ${digits}))::bit(${digits * 4})::bigint`
const stateOf = `(array['${states.join("','")}'])[(${number('word', 0, 2)} & 7) + 1]`
/** Newest first within the range, so that each row is written once. */
const project = [
  `insert into receivable select receivable, ${number('extra', 240, 16)}, ${number('extra', 120, 8)}, ${number('extra', 184, 8)}, 'registered'
   from event where block between $1 and $2 and name = 'ReceivableRegistered'`,
  `insert into note select e.receivable || repeat('0', 16), e.receivable, 0, r.amount, r.creditor, 'live'
   from event e join receivable r on r.id = e.receivable where e.block between $1 and $2 and e.name = 'ReceivableConfirmed'`,
  `update note n set stop = ${number('e.note', 50, 16)} from event e
   where e.block between $1 and $2 and e.name = 'NoteOffered' and n.receivable = e.receivable
     and n.start < ${number('e.note', 50, 16)} and n.stop = ${number('e.word', 48, 16)}`,
  `insert into note as n select distinct on (note) note, receivable, ${number('note', 50, 16)}, ${number('word', 48, 16)}, ${number('word', 40, 8)}, ${stateOf}
   from event where block between $1 and $2 and word is not null order by note, block desc, log_index desc
   on conflict (id) do update set holder = excluded.holder, state = excluded.state`,
  `update receivable r set state = e.state from (select distinct on (receivable) receivable,
     case name when 'ReceivableConfirmed' then 'confirmed' else 'settled' end as state from event
     where block between $1 and $2 and name in ('ReceivableConfirmed', 'ReceivableClosed')
     order by receivable, block desc, log_index desc) e where r.id = e.receivable`
]

async function write(logs: readonly Log[], from: number, to: number): Promise<void> {
  await client.query('begin')
  if (logs.length > 0) {
    const copy = client.query(copyFrom('copy event from stdin'))
    const done = new Promise((resolve, reject) => copy.once('finish', resolve).once('error', reject))
    copy.end(logs.map(lineOf).join(''))
    await done
    for (const [i, text] of project.entries()) await client.query({ name: `project_${i}`, text, values: [from, to] })
  }
  await client.query('delete from cursor')
  await client.query('insert into cursor values ($1)', [to])
  await client.query(`select pg_notify('bench_floor', $1)`, [String(to)])
  await client.query('commit')
}

const read = async (filter: object): Promise<Log[]> =>
  ((await ask('eth_getLogs', [filter])) as Log[]).filter(({ address }) => ours.has(address))
const hex = (value: number): string => `0x${value.toString(16)}`

const head = Number(await ask('eth_blockNumber', []))
let from = config.deployment.fromBlock
const ranges: [number, number][] = []
for (; from <= head; from += RANGE_BLOCKS) ranges.push([from, Math.min(from + RANGE_BLOCKS - 1, head)])
let next = read({ fromBlock: hex(ranges[0]![0]), toBlock: hex(ranges[0]![1]) })
for (const [i, [first, last]] of ranges.entries()) {
  const logs = await next
  const following = ranges[i + 1]
  if (following) next = read({ fromBlock: hex(following[0]), toBlock: hex(following[1]) })
  await write(logs, first, last)
}

const socket = new WebSocket(config.rpcUrl.replace('http', 'ws'))
let work = Promise.resolve()
socket.addEventListener('open', () => {
  socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_subscribe', params: ['newHeads'] }))
  process.send?.({ type: 'ready' })
})
socket.addEventListener('message', ({ data }) => {
  const { params } = JSON.parse(String(data)) as { params?: { result: { hash: string; number: string } } }
  if (!params) return
  const { hash, number: block } = params.result
  work = work.then(async () => write(await read({ blockHash: hash }), Number(block), Number(block)))
})
