import { connect } from 'node:net'
import { afterAll, describe, expect, it } from 'vitest'
import { rules } from '../../api/access/rules.ts'
import { euroStatement } from '../../domain/documents/samples/set.ts'
import { writeCamt053 } from '../../domain/documents/samples/statement.ts'
import { participantIdOf } from '../../scripts/world/cast.ts'
import {
  beyondBound,
  bodySchemaOf,
  example,
  holderOf,
  isFileRoute,
  ofWrongType,
  routesOf,
  strangerTo,
  urlOf,
  type Route
} from './bad-input.ts'
import type { Schema } from './fuzz/values.ts'
import type { Instance, Registered, Request } from './instance.ts'
import { invoice } from './invoices.ts'

/** What there is in the instance: everything is alder's, or of a receivable between alder and meridian. */
export interface Subjects {
  tally: Instance
  own: Registered
  open: Registered
}

/** Operations that take an id and show it to, or do it for, who is no party of it. */
const forStrangers: Record<string, string> = {
  getFingerprintCertificate: 'certificates of fingerprints are for everybody, also negative ones',
  getEvidenceCheck: 'who has the digest has the file',
  exportRows: 'a dataset is no object',
  getReconciliation: 'a day is no object',
  claimFingerprint: 'a fingerprint is anybody’s to claim',
  releaseFingerprint: 'answers that there is no claim of the caller',
  getApplication: 'has a secret in place of a participant'
}

/** The matrix of bad input: each way to be wrong on each route, counted. */
export function describeBadInput(subjects: () => Subjects): void {
  describe('bad input on every route', () => {
    const cells: Record<string, number> = {}
    const tokens = new Map<string, Promise<string>>()
    afterAll(() => {
      const all = Object.values(cells).reduce((sum, count) => sum + count, 0)
      console.log(
        `${all} cells of bad input: ${Object.entries(cells)
          .map(([what, count]) => `${what} ${count}`)
          .join(', ')}`
      )
    })

    const known = () => {
      const { own, open } = subjects()
      const participants = [participantIdOf('corvale'), participantIdOf('lindqvist')]
      return new Map<string, readonly unknown[]>([
        ['receivableId', [open.receivableId]],
        ['noteId', [open.rootNote]],
        ['documentId', [own.documentId]],
        ...['participantId', 'assignee', 'factor', 'debtor'].map((name) => [name, participants] as const)
      ])
    }
    /** As who may call it, by a session: it may administer too. */
    const by = async (slug: string | undefined): Promise<Request> => {
      const { tally } = subjects()
      if (!tokens.has(slug!)) tokens.set(slug!, tally.login(slug!))
      return { as: null, headers: { authorization: `Bearer ${await tokens.get(slug!)!}` } }
    }
    const callerOf = async (route: Route, but: readonly string[] = []): Promise<Request> =>
      rules[route.operation.operationId!]!.needs === 'nothing' ? { as: null } : by(holderOf(route, but))
    const bodyOf = (route: Route): Request['body'] => {
      if (route.operation.operationId === 'uploadStatement') return writeCamt053(euroStatement)
      if (route.method !== 'POST') return undefined
      const schema = bodySchemaOf(route)
      if (isFileRoute(route)) return invoice({ number: 'MATRIX-1' })
      return schema ? (example(schema, known()) as object) : {}
    }
    /** Types that say what a body is, for routes that take files. */
    const typed = (route: Route, request: Request): Request => {
      if (!isFileRoute(route)) return request
      const [type] = Object.keys(route.operation.requestBody!.content)
      return { ...request, headers: { 'content-type': type!, ...request.headers } }
    }
    const expectRefused = async (
      what: string,
      code: string | readonly string[],
      route: Route,
      url: string,
      request: Request
    ) => {
      const { tally } = subjects()
      const { body, ...rest } = typed(route, request)
      const answer = await tally.call(url, { method: route.method, ...rest, ...(body === undefined ? {} : { body }) })
      const where = `${what}: ${route.method} ${url} ${JSON.stringify(body)?.slice(0, 300)} → ${answer.text.slice(0, 300)}`
      expect([code].flat(), where).toContain(answer.body['code'])
      cells[what] = (cells[what] ?? 0) + 1
    }

    it('without a credential', async () => {
      for (const route of routesOf(subjects().tally)) {
        if (rules[route.operation.operationId!]!.needs === 'nothing') continue
        await expectRefused('no token', 'CREDENTIAL_MISSING', route, urlOf(route, known()), {
          as: null,
          body: bodyOf(route)!
        })
      }
    })

    it('of another role', async () => {
      for (const route of routesOf(subjects().tally)) {
        const slug = strangerTo(route)
        if (!slug) continue
        const request = { ...(await by(slug)), body: bodyOf(route)! }
        await expectRefused('wrong role', 'ROLE_MISSING', route, urlOf(route, known()), request)
      }
    })

    it('about what belongs to others: it does not exist', async () => {
      for (const route of routesOf(subjects().tally)) {
        const { operationId = '', parameters = [] } = route.operation
        const isOfOne = parameters.some(({ in: place }) => place === 'path')
        // Of the right role, and no party of anything. Of authorities and agents there is one, who work on what is others'.
        const slug = holderOf(route, ['alder', 'meridian', 'lindqvist', 'jiangan', 'regulator', 'registrar'])
        if (!isOfOne || !slug || forStrangers[operationId]) continue
        const request = { ...(await by(slug)), body: bodyOf(route)! }
        const answer = await subjects().tally.call(urlOf(route, known()), {
          method: route.method,
          ...typed(route, request)
        })
        expect(answer.status, `${route.method} ${route.path} by ${slug} → ${answer.text}`).toBe(404)
        expect(answer.body['code']).toMatch(/_NOT_FOUND$/)
        cells['others’ object'] = (cells['others’ object'] ?? 0) + 1
      }
    })

    it('with a field that nobody knows', async () => {
      for (const route of routesOf(subjects().tally)) {
        const request = await callerOf(route)
        if (bodySchemaOf(route)) {
          const body = { ...(bodyOf(route) as object), unknownField: 1 }
          await expectRefused('unknown field', 'REQUEST_INVALID', route, urlOf(route, known()), { ...request, body })
        }
        if ((route.operation.parameters ?? []).some(({ in: place }) => place === 'query')) {
          const url = urlOf(route, known())
          const spoiled = `${url}${url.includes('?') ? '&' : '?'}unknownField=1`
          await expectRefused('unknown field', 'REQUEST_INVALID', route, spoiled, { ...request, body: bodyOf(route)! })
        }
      }
    })

    it('of a wrong type, or just beyond a bound', async () => {
      for (const route of routesOf(subjects().tally)) {
        const request = await callerOf(route)
        const schema = bodySchemaOf(route)
        for (const [name, field] of Object.entries(schema?.properties ?? {})) {
          for (const [what, value] of [
            ['wrong type', ofWrongType(field)],
            ['bound + 1', beyondBound(field)]
          ] as const) {
            if (value === undefined) continue
            const body = { ...(bodyOf(route) as object), [name]: value }
            await expectRefused(what, 'REQUEST_INVALID', route, urlOf(route, known()), { ...request, body })
          }
        }
        if (schema) {
          await expectRefused('wrong type', 'REQUEST_INVALID', route, urlOf(route, known()), { ...request, body: [] })
        }
        for (const { name, in: place, schema: field } of route.operation.parameters ?? []) {
          if (place === 'header') continue
          const value = beyondBound(field as Schema)
          if (value === undefined && !(field as Schema).enum) continue
          const url = urlOf(route, known(), { [name]: value === undefined ? 'none-of-them' : String(value) })
          const codes =
            place === 'path' ? ['REQUEST_INVALID', 'ROUTE_UNKNOWN', 'METHOD_NOT_ALLOWED'] : 'REQUEST_INVALID'
          await expectRefused('bound + 1', codes, route, url, { ...request, body: bodyOf(route)! })
        }
      }
    })

    it('under a key that was used for another request', async () => {
      const { tally } = subjects()
      for (const [i, route] of routesOf(tally).entries()) {
        if (!(route.operation.parameters ?? []).some(({ name }) => name === 'idempotency-key')) continue
        const slug = holderOf(route)!
        const key = `matrix-key-${i}`
        await tally.sql.query(
          `insert into app.idempotency (participant_id, key, request_sha256, status, response) values ($1, $2, '\\x00', 200, '\\x00')`,
          [participantIdOf(slug), key]
        )
        const request = { ...(await by(slug)), key, body: bodyOf(route)! }
        await expectRefused('replayed key', 'IDEMPOTENCY_KEY_REUSED', route, urlOf(route, known()), request)
      }
    })

    it('larger than allowed: nothing of it is waited for', async () => {
      const { tally } = subjects()
      const length = (16 << 20) + 1
      for (const route of routesOf(tally)) {
        if (route.method !== 'POST') continue
        const { headers = {} } = await callerOf(route)
        const type = Object.keys(route.operation.requestBody?.content ?? { 'application/json': {} })[0]
        const head = [
          ...Object.entries(headers),
          ['content-type', type],
          ['content-length', length],
          ['idempotency-key', 'matrix-large']
        ]
        const answer = await answerTo(
          tally,
          `POST ${urlOf(route, known())} HTTP/1.1\r\nhost: x\r\n${head.map((one) => one.join(': ')).join('\r\n')}\r\n\r\n`
        )
        expect(answer, `${route.path}`).toMatch(/^HTTP\/1\.1 413 [^]*"code":"BODY_TOO_LARGE"/)
        cells['oversize'] = (cells['oversize'] ?? 0) + 1
      }
    })
  })
}

/** The first answer to bytes that are sent as they are. */
export function answerTo({ apiUrl }: Instance, bytes: string, patience = 20_000): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(apiUrl).port), '127.0.0.1')
    let answer = ''
    socket.setTimeout(patience, () => socket.destroy())
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
      if (answer.includes('}')) socket.destroy()
    })
    socket.on('error', () => resolve(answer))
    socket.on('close', () => resolve(answer))
    socket.write(Buffer.from(bytes, 'latin1'))
  })
}
