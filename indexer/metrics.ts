import { createServer, type Server } from 'node:http'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { IndexerError, type IndexerErrorCode } from './errors.ts'
import type { Step } from './follower.ts'
import type { Meter } from './meter.ts'

/** Where the metrics are read. Without it there are none. */
export interface MetricsAddress {
  host: string
  port: number
}

export interface Metrics extends Meter {
  step(step: Step): void
  /** Something was refused or did not answer, and is tried again. */
  retry(code: IndexerErrorCode): void
  /** Whether this process holds the lock and writes. */
  leads(isLeading: boolean): void
  /** Whether the node tells new blocks by itself. */
  subscribed(isSubscribed: boolean): void
  text(): Promise<string>
}

const BATCH_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Metrics of one process in Prometheus' text format, version 0.0.4. */
export function createMetrics(): Metrics {
  const registers = [new Registry()]
  const gauge = (name: string, help: string): Gauge =>
    new Gauge({ name: `tallystick_indexer_${name}`, help, registers })
  const counter = <L extends string>(name: string, help: string, labelNames: L[] = []): Counter<L> =>
    new Counter({ name: `tallystick_indexer_${name}_total`, help, labelNames, registers })

  let head = 0
  let cursor: { block: number; time: number } | undefined
  const lead = gauge('leader', '1 while this process holds the lock and writes, 0 while it stands by')
  const told = gauge('subscribed', '1 while the node tells new blocks over the websocket, 0 while its head is polled')
  const headBlock = gauge('head_block', 'Newest block that the node told of')
  const cursorBlock = gauge('cursor_block', 'Block as of which the projection holds')
  const lagBlocks = gauge('lag_blocks', 'Blocks between the two')
  const lagSeconds = gauge('lag_seconds', 'Age of the newest projected block while blocks are missing, 0 when none is')
  const batch = new Histogram({
    name: 'tallystick_indexer_batch_seconds',
    help: 'Time of a batch of blocks by stage: fetch waits for the node, load and store read and write rows, fold folds and stores events, commit moves the cursor',
    labelNames: ['stage'],
    buckets: BATCH_SECONDS,
    registers
  })
  const blocks = counter('blocks', 'Blocks projected')
  const events = counter('events', 'Events projected')
  const reorgs = counter('reorgs', 'Forks that the projection followed')
  const reorgBlocks = counter('reorg_blocks', 'Blocks that forks took back')
  const retries = counter('retries', 'What was refused or did not answer and was tried again, by name', ['code'])

  function moved(block: number, time?: number): void {
    cursor = { block, time: time ?? cursor?.time ?? 0 }
  }

  return {
    stage: (name, seconds) => batch.observe({ stage: name }, seconds),
    head(block) {
      head = block
    },
    step(step) {
      if (step.kind === 'advanced') {
        blocks.inc(step.blocks)
        events.inc(step.events)
        moved(step.to, step.time)
      }
      if (step.kind === 'idle') moved(step.at)
      if (step.kind === 'rolled-back' || step.kind === 'reset') reorgs.inc()
      if (step.kind !== 'rolled-back') return
      reorgBlocks.inc(step.from - step.to)
      moved(step.to)
    },
    retry: (code) => retries.inc({ code }),
    leads: (isLeading) => lead.set(Number(isLeading)),
    subscribed: (isSubscribed) => told.set(Number(isSubscribed)),
    async text() {
      const lag = cursor ? Math.max(0, head - cursor.block) : 0
      headBlock.set(head)
      if (cursor) cursorBlock.set(cursor.block)
      lagBlocks.set(lag)
      lagSeconds.set(lag > 0 && cursor && cursor.time > 0 ? Math.max(0, Date.now() / 1000 - cursor.time) : 0)
      return registers[0]!.metrics()
    }
  }
}

/** Answers `GET /metrics`, and nothing else. @throws IndexerError CONFIG_INVALID when it can't listen there */
export async function serveMetrics({ host, port }: MetricsAddress, metrics: Metrics): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') return void response.writeHead(404).end()
    metrics.text().then(
      (text) => response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text),
      () => response.writeHead(500).end()
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', ({ message }) =>
      reject(new IndexerError('CONFIG_INVALID', `metrics: ${message}`, { transient: false }))
    )
    server.listen(port, host, resolve)
  })
  return server
}
