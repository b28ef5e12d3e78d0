import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import autocannon from 'autocannon'
import type { Intent } from '../../scripts/demo/client.ts'
import { freePort } from '../../scripts/instance/ports.ts'
import type { BenchInstance } from './instance.ts'
import { invoiceOf } from './invoice.ts'

/** Requests at a time. */
const CONNECTIONS = 8
/** Receivables of the supplier that reads, confirmed, so that it holds as many notes. */
const RECEIVABLES = 60

export interface Read {
  path: string
  /** Requests per second, medians of the rounds, and the median of each round's ratio. */
  ours: number
  floor: number
  ratio: number
  /** Of the rounds: the median of 99 of 100 answers, milliseconds, and the median of each round's ratio. */
  oursP99: number
  floorP99: number
  p99Ratio: number
}

interface Batch {
  intents: Intent[]
  items: { receivableId: string }[]
}

/** Registers and confirms what is read afterwards. Returns one of the receivables and its note. */
export async function prepareReads(instance: BenchInstance): Promise<{ receivableId: string; noteId: string }> {
  const [alder, meridian] = [instance.as('alder'), instance.as('meridian')]
  const items: { documentId: string; maturity: number }[] = []
  const maturity = Math.floor(Date.now() / 1000) + 20 * 86_400
  for (let i = 0; i < RECEIVABLES; i++) {
    const file = invoiceOf('DE900551209', 100_000 + i)
    const { documentId } = await alder.post<{ documentId: string }>('/v1/documents', `read-${i}/file`, file)
    items.push({ documentId, maturity })
  }
  const registered = await alder.post<Batch>('/v1/receivable-batches', 'reads/register', { items })
  for (const [i, intent] of registered.intents.entries()) await alder.followUp(intent, `reads/register-${i}`)
  const receivableIds = registered.items.map(({ receivableId }) => receivableId)
  const confirmed = await meridian.post<Batch>('/v1/confirmations', 'reads/confirm', { receivableIds })
  for (const [i, intent] of confirmed.intents.entries()) await meridian.followUp(intent, `reads/confirm-${i}`)
  const receivableId = receivableIds[0]!
  const { notes } = await alder.get<{ notes: { noteId: string }[] }>(`/v1/receivables/${receivableId}`)
  return { receivableId, noteId: notes[0]!.noteId }
}

/** The api's reads beside the floor's, in turns. */
export async function measureReads(instance: BenchInstance, rounds: number, seconds: number): Promise<Read[]> {
  const { receivableId, noteId } = await prepareReads(instance)
  const port = await freePort()
  const { sql, database, keys } = instance
  const { rows } = await sql.query(
    `select participant_id as "participantId", account, name, roles from app.participant where name like 'Alder%'`
  )
  const entry = fileURLToPath(new URL('floor.ts', import.meta.url))
  const floor = fork(entry, [database.url, String(port), JSON.stringify(rows[0])])
  await once(floor, 'message')
  const authorization = `Bearer ${keys.participants['alder']!.apiKey}`
  const paths = [
    '/v1/positions/holdings',
    '/v1/receivables',
    `/v1/receivables/${receivableId}`,
    '/v1/notes',
    `/v1/notes/${noteId}`,
    '/v1/maturities'
  ]
  const one = async (path: string, time: number) => {
    const ours = await load(instance.apiUrl + path, { authorization }, time)
    const bare = await load(`http://127.0.0.1:${port}${path}`, {}, time)
    return { ours, bare, ratio: ours.rate / bare.rate, p99Ratio: ours.p99 / bare.p99 }
  }
  try {
    const reads: Read[] = []
    for (const path of paths) {
      await one(path, 1)
      const samples: Awaited<ReturnType<typeof one>>[] = []
      for (let round = 0; round < rounds; round++) samples.push(await one(path, seconds))
      const middle = (pick: (sample: (typeof samples)[number]) => number) => median(samples.map(pick))
      reads.push({
        path: path.replace(/0x\w+/, '{id}'),
        ours: middle(({ ours }) => ours.rate),
        floor: middle(({ bare }) => bare.rate),
        ratio: middle(({ ratio }) => ratio),
        oursP99: middle(({ ours }) => ours.p99),
        floorP99: middle(({ bare }) => bare.p99),
        p99Ratio: middle(({ p99Ratio }) => p99Ratio)
      })
    }
    return reads
  } finally {
    floor.disconnect()
  }
}

interface Load {
  /** Requests per second. */
  rate: number
  /** Milliseconds. */
  p99: number
}

async function load(url: string, headers: Record<string, string>, duration: number): Promise<Load> {
  const result = await autocannon({ url, headers, connections: CONNECTIONS, duration })
  if (result.non2xx + result.errors + result.timeouts > 0) throw new Error(`${url} refused ${result.non2xx} requests`)
  return { rate: result.requests.average, p99: Math.max(1, result.latency.p99) }
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
