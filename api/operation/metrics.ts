/** Prometheus metrics of an api process. */
import type { FastifyInstance } from 'fastify'
import fastify from 'fastify'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import { asService, type Pool } from '../database.ts'

export class Metrics {
  readonly registry = new Registry()
  private readonly pool: Pool
  private readonly requests = new Histogram({
    name: 'http_server_request_duration_seconds',
    help: 'Requests by route; the path’s ids are not in it',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [this.registry]
  })
  private readonly refusals = new Counter({
    name: 'tallystick_refusals_total',
    help: 'Refusals by their code (docs/ERRORS.md)',
    labelNames: ['code'],
    registers: [this.registry]
  })

  constructor(pool: Pool) {
    collectDefaultMetrics({ register: this.registry })
    this.pool = pool
    this.watchPool(pool)
  }

  /** To be called before the routes are added. */
  observe(app: FastifyInstance): void {
    app.addHook('onResponse', async (request, reply) => {
      const route = request.routeOptions.url ?? 'unknown'
      const labels = { method: request.method, route, status: String(reply.statusCode) }
      this.requests.observe(labels, reply.elapsedTime / 1000)
      if (request.refusal) this.refusals.inc({ code: request.refusal })
    })
  }

  private watchPool(pool: Pool): void {
    const gauge = new Gauge({
      name: 'tallystick_database_connections',
      help: 'Of the pool for callers: all, idle, and requests that wait for one',
      labelNames: ['state'],
      registers: [this.registry],
      collect() {
        gauge.set({ state: 'total' }, pool.totalCount)
        gauge.set({ state: 'idle' }, pool.idleCount)
        gauge.set({ state: 'waiting' }, pool.waitingCount)
      }
    })
  }

  private readonly work = new Gauge({
    name: 'tallystick_work',
    help: 'Of the whole instance: transactions that wait or are on their way and since when the oldest does (seconds), evidence leaves under no signed head, entries of the audit log, age of the newest projected block by its own time (seconds)',
    labelNames: ['what'],
    registers: [this.registry]
  })

  /** All of it in Prometheus' text. A database that does not answer leaves its figures as they were. */
  async text(): Promise<string> {
    await this.lookAtWork().catch(() => {})
    return this.registry.metrics()
  }

  private async lookAtWork(): Promise<void> {
    const { rows } = await asService(this.pool, (service) =>
      service.query<Record<string, number>>(
        `select count(*)::float8 as outbox_depth, coalesce(extract(epoch from now() - min(created_at)), 0)::float8 as outbox_oldest_seconds,
                (select coalesce(max(leaf_index) + 1, 0) - (select coalesce(max(size), 0) from app.evidence_head)
                   from app.evidence_leaf)::float8 as evidence_unanchored_leaves,
                (select coalesce(max(seq), 0) from app.audit_record)::float8 as audit_entries,
                coalesce(extract(epoch from now()) - (select block_time from projection.cursor), 0)::float8 as chain_head_age_seconds
           from app.outbox where state in ('queued', 'sent')`
      )
    )
    for (const [what, value] of Object.entries(rows[0]!)) this.work.set({ what }, value)
  }
}

/** A listener of its own: metrics tell what is going on, and are for the inside. */
export async function serveMetrics(metrics: Metrics, host: string, port: number): Promise<FastifyInstance> {
  const app = fastify({ logger: false })
  app.get('/metrics', async (_request, reply) => {
    return reply.type(metrics.registry.contentType).send(await metrics.text())
  })
  await app.listen({ host, port })
  return app
}
