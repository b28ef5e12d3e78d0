/** How the built console is served: what a browser is told to allow, and that nothing else of the disk is reachable. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { registerConsole } from '../../api/plugins/console.ts'
import { registerProblems } from '../../api/plugins/problem.ts'

let folder: string
let app: FastifyInstance

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tallystick-console-'))
  const dist = join(folder, 'dist')
  mkdirSync(join(dist, 'assets'), { recursive: true })
  writeFileSync(join(folder, 'secret.txt'), 'secret')
  for (const name of ['index.html', 'verify.html', 'mark.svg']) writeFileSync(join(dist, name), name)
  writeFileSync(join(dist, 'assets', 'main-1.js'), 'let a')
  writeFileSync(join(dist, 'assets', 'main-1.js.br'), brotliCompressSync('let a'))
  app = fastify()
  registerProblems(app)
  await registerConsole(app, dist)
})
afterAll(async () => {
  await app.close()
  rmSync(folder, { recursive: true })
})

describe('the console', () => {
  it.each([
    ['/', 'index.html'],
    ['/app/positions', 'index.html'],
    ['/app/notes/0xab', 'index.html'],
    ['/verify', 'verify.html']
  ])('is at %s', async (url, file) => {
    const answer = await app.inject(url)
    expect(answer.statusCode).toBe(200)
    expect(answer.body).toBe(file)
    expect(answer.headers['content-type']).toContain('text/html')
    expect(answer.headers['cache-control']).toBe('no-cache')
  })

  it('may load and ask its own origin only, runs nothing inline and is never framed', async () => {
    const { headers } = await app.inject('/')
    const policy = String(headers['content-security-policy'])
    for (const part of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self';"]) {
      expect(policy).toContain(part)
    }
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toMatch(/unsafe|\*/)
    expect(headers['x-content-type-options']).toBe('nosniff')
  })

  it('lets only the verifier ask the node of its reader', async () => {
    const { headers } = await app.inject('/verify')
    expect(headers['content-security-policy']).toContain("connect-src 'self' https:")
    expect(headers['content-security-policy']).not.toMatch(/unsafe/)
  })

  it('gives assets for ever, compressed where the browser takes it', async () => {
    const plain = await app.inject('/assets/main-1.js')
    expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect(plain.body).toBe('let a')
    const packed = await app.inject({ url: '/assets/main-1.js', headers: { 'accept-encoding': 'br' } })
    expect(packed.headers['content-encoding']).toBe('br')
  })

  it.each([
    '/assets/../../secret.txt',
    '/assets/%2e%2e/%2e%2e/secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/assets/none.js'
  ])('gives nothing else: %s', async (url) => {
    const answer = await app.inject(url)
    expect(answer.statusCode).toBe(404)
    expect(answer.json()).toMatchObject({ code: 'ROUTE_UNKNOWN' })
    expect(answer.headers['content-type']).toContain('application/problem+json')
  })
})
