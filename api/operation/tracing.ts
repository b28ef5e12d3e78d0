/**
 * Traces by OpenTelemetry, where an endpoint is configured: only then are its packages loaded (docs/adr/0038). Spans say what was done and how
 * long it took, and nothing of whom: no paths with ids, no participants, users, addresses or credentials.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import type { Attributes, Context, Span, Tracer } from '@opentelemetry/api'
import type { FastifyInstance, FastifyRequest } from 'fastify'

/** For the last spans of a process. */
const STOP_MS = 1_000

const running = new AsyncLocalStorage<string>()

/** W3C traceparent of the span that the current request is; null where nobody traces. */
export function currentTraceParent(): string | null {
  return running.getStore() ?? null
}

/** A span that is over. */
export interface PastSpan {
  name: string
  /** W3C traceparent of the span that it is part of. */
  parent: string
  startedAt: Date
  endedAt: Date
  attributes?: Attributes
  hasFailed?: boolean
}

export interface Tracing {
  /** One span for each request. To be called before the routes are added. */
  observe(app: FastifyInstance): void
  /** @returns Its traceparent, for spans that are part of it */
  tell(span: PastSpan): string
  /** Sends what is not sent yet, if it can be sent at once: no process waits for a receiver that is not there. */
  stop(): Promise<void>
}

/**
 * @param endpoint Base URL of an OTLP/HTTP receiver, as `OTEL_EXPORTER_OTLP_ENDPOINT` is elsewhere. One that is not there costs spans, and
 *   nothing else.
 * @throws Error when the optional packages are not installed
 */
export async function startTracing(endpoint: string, service: string): Promise<Tracing> {
  const [api, { BatchSpanProcessor, TracerProvider }, { OTLPTraceExporter }, { resourceFromAttributes }] =
    await loaded()
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces`, timeoutMillis: 5_000 })
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: 1_000 })]
  })
  const tracer: Tracer = provider.getTracer('tallystick')
  const spans = new WeakMap<FastifyRequest, Span>()

  /** Within which a new span is: a caller may be part of a trace itself. */
  function contextOf(traceParent: unknown): Context {
    const parts = typeof traceParent === 'string' ? FORM.exec(traceParent) : null
    if (!parts) return api.ROOT_CONTEXT
    const [, traceId = '', spanId = '', flags = ''] = parts
    const context = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true }
    return api.isSpanContextValid(context) ? api.trace.setSpanContext(api.ROOT_CONTEXT, context) : api.ROOT_CONTEXT
  }

  return {
    observe(app) {
      app.addHook('onRequest', async (request) => {
        const { method, headers } = request
        const attributes = { 'http.request.method': method }
        const options = { kind: api.SpanKind.SERVER, attributes }
        spans.set(request, tracer.startSpan(method, options, contextOf(headers['traceparent'])))
      })
      // Last before the handler: reading the body begins a chain of its own.
      app.addHook('preHandler', (request, _reply, done) => running.run(traceParentOf(spans.get(request)!), done))
      app.addHook('onResponse', async (request, reply) => {
        const span = spans.get(request)!
        const { url, schema } = request.routeOptions
        const { operationId } = (schema ?? {}) as { operationId?: string }
        span.updateName(`${request.method} ${url ?? 'unknown'}`)
        span.setAttribute('http.response.status_code', reply.statusCode)
        if (url !== undefined) span.setAttribute('http.route', url)
        if (operationId !== undefined) span.setAttribute('tallystick.operation', operationId)
        if (request.refusal) span.setAttribute('error.type', request.refusal)
        if (reply.statusCode >= 500) span.setStatus({ code: api.SpanStatusCode.ERROR })
        span.end()
      })
    },
    tell({ name, parent, startedAt, endedAt, attributes = {}, hasFailed = false }) {
      const span = tracer.startSpan(name, { startTime: startedAt, attributes }, contextOf(parent))
      if (hasFailed) span.setStatus({ code: api.SpanStatusCode.ERROR })
      span.end(endedAt)
      return traceParentOf(span)
    },
    async stop() {
      await Promise.race([provider.shutdown().catch(() => {}), delay(STOP_MS, undefined, { ref: false })])
    }
  }
}

/** W3C Trace Context, version 00. */
const FORM = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/

function traceParentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext()
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
}

async function loaded() {
  try {
    return await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources')
    ])
  } catch (error) {
    throw new Error('otlpEndpoint needs the optional packages @opentelemetry/*: npm install', { cause: error })
  }
}
