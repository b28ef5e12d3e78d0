import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { contracts } from '../../domain/chain/contracts.ts'
import { toPem } from '../../domain/crypto/pem.ts'
import { chainReader } from '../../client/chain-reader.ts'
import { logSigner, root, strangeRoot } from '../domain/evidence/authority.ts'
import { fingerprints, hash, key, makePackage, terms, type Made } from '../domain/evidence/story.ts'

const command = join(import.meta.dirname, '../../scripts/commands/verify.ts')
let folder: string
let made: Made

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tallystick-verify-'))
  made = await makePackage()
  const altered = made.bytes.slice()
  altered[altered.length >> 1]! ^= 1
  await writeFile(join(folder, 'true.zip'), made.bytes)
  await writeFile(join(folder, 'altered.zip'), altered)
  await writeFile(join(folder, 'anchors.json'), JSON.stringify(made.anchors))
  await writeFile(join(folder, 'broken.json'), '{"version":1}')
  await writeFile(join(folder, 'root.pem'), toPem('CERTIFICATE', root))
  await writeFile(join(folder, 'strange.der'), strangeRoot)
  await writeFile(join(folder, 'leaf.der'), logSigner.certificate)
})
afterAll(() => rm(folder, { recursive: true }))

interface Ran {
  code: number
  stdout: string
  stderr: string
}

/** Runs the command in a process of its own, in a folder that holds the package. */
function verify(args: string[], dataDir: string = join(folder, 'no-data')): Promise<Ran> {
  const script = `process.exitCode = await (await import(${JSON.stringify(command)})).verifyCommand(process.argv.slice(1))`
  const options = { cwd: folder, env: { ...process.env, TALLYSTICK_DATA: dataDir } }
  return new Promise((resolve) => {
    execFile(process.execPath, ['--input-type=module', '-e', script, '--', ...args], options, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr })
    )
  })
}

describe('tallystick verify', () => {
  it.each([
    ['no package', []],
    ['two packages', ['a.zip', 'b.zip']],
    ['an unknown option', ['true.zip', '--trust']],
    ['an rpc that is no URL', ['true.zip', '--rpc', 'here']]
  ])('exits 2 and shows its usage when given %s', async (_, args) => {
    const { code, stderr } = await verify(args)
    expect(code).toBe(2)
    expect(stderr).toContain('Usage: tallystick verify PACKAGE')
  })

  it.each([
    ['FILE_UNREADABLE', ['missing.zip']],
    ['FILE_UNREADABLE', ['.']],
    ['ANCHORS_UNREADABLE', ['true.zip', '--anchors', 'missing.json']],
    ['ANCHORS_MALFORMED', ['true.zip', '--anchors', 'broken.json']],
    ['ANCHORS_MALFORMED', ['true.zip', '--anchors', 'true.zip']],
    ['ANCHORS_UNREADABLE', ['true.zip', '--authority', 'root.pem']],
    ['AUTHORITY_UNREADABLE', ['true.zip', '--anchors', 'anchors.json', '--authority', 'missing.pem']],
    ['AUTHORITY_UNREADABLE', ['true.zip', '--anchors', 'anchors.json', '--authority', 'leaf.der']],
    ['CHAIN_UNREACHABLE', ['true.zip', '--anchors', 'anchors.json', '--rpc', 'http://127.0.0.1:9']]
  ])('exits 2 with %s for %j', async (expected, args) => {
    const plain = await verify(args)
    expect(plain).toMatchObject({ code: 2, stdout: '' })
    expect(plain.stderr).toContain(expected)
    const json = await verify([...args, '--json'])
    expect(json.code).toBe(2)
    expect(JSON.parse(json.stdout)).toMatchObject({ error: { code: expected } })
  })

  it('takes authorities from a file in place of those of the trust anchors', async () => {
    const anchored = ['true.zip', '--anchors', 'anchors.json']
    expect((await verify([...anchored, '--authority', 'root.pem'])).code).toBe(0)
    expect((await verify([...anchored, '--authority', 'strange.der', '--authority', 'root.pem'])).code).toBe(0)
    const { code, stdout } = await verify([...anchored, '--authority', 'strange.der'])
    expect(code).toBe(1)
    expect(stdout).toContain('CERT_UNTRUSTED')
  })

  it('exits 1 and names the reason for an altered package', async () => {
    const { code, stdout } = await verify(['altered.zip', '--anchors', 'anchors.json'])
    expect(code).toBe(1)
    expect(stdout).toMatch(/✗ package +PACKAGE_UNREADABLE: /)
    expect(stdout.trim().split('\n').at(-1)).toMatch(/^Failed: /)
  })

  it('exits 3 without anything to trust', async () => {
    const { code, stdout } = await verify(['true.zip'])
    expect(code).toBe(3)
    expect(stdout).toContain('Trust anchors: none')
    expect(stdout).toMatch(/– anchoring/)
    expect(stdout.trim().split('\n').at(-1)).toMatch(/^Consistent, not verified: /)
  })

  it('does not trust anchors that lie beside the package', async () => {
    await writeFile(join(folder, 'trust-anchors.json'), JSON.stringify(made.anchors))
    expect((await verify(['true.zip'])).code).toBe(3)
  })

  it('exits 0 with trust anchors, says whose they are and who holds what', async () => {
    const { code, stdout } = await verify(['true.zip', '--anchors', 'anchors.json'])
    expect(code).toBe(0)
    expect(stdout).toContain(`Trust anchors: ${join(folder, 'anchors.json')}`)
    expect(stdout).toContain('[9000, 10000) CNY 10.00 settled, held by factor')
    expect(stdout).not.toMatch(/[✗–] /)
    expect(stdout.trim().split('\n').at(-1)).toMatch(/^Verified: /)
  })

  it('finds the trust anchors of the data folder', async () => {
    const { code, stdout } = await verify(['true.zip', '--json'], folder)
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ result: 'verified', trustAnchors: join(folder, 'trust-anchors.json') })
    expect((await verify(['true.zip', '--data', folder])).code).toBe(0)
  })
})

describe('the chain asked by --rpc', () => {
  const receivable = { amount: 5, creditor: 1, debtor: 2, maturity: 3, currency: 156, state: 2, isDisputed: true }
  const note = {
    end: 5,
    holder: 1,
    counterparty: 2,
    assignor: 0,
    deadline: 0,
    frozenUntil: 0,
    tier: 0,
    state: 2,
    purpose: 1,
    hasRecourse: false
  }
  const encoded: Record<string, string> = {
    receivableOf: contracts.receivables.encodeFunctionResult('receivableOf', [receivable]),
    stateOf: contracts.receivables.encodeFunctionResult('stateOf', [1]),
    noteOf: contracts.receivables.encodeFunctionResult('noteOf', [note]),
    rootOf: contracts.evidenceLog.encodeFunctionResult('rootOf', [hash('root')])
  }
  const log = { address: key('x').address, topics: [hash('topic')], data: '0x', logIndex: '0x4' }
  const receipt = { blockNumber: '0x10', blockHash: hash('block'), logs: [log] }
  let server: Server
  let url: string
  /** Contracts that the node knows; at an old block it refuses, as a pruned node does. */
  const answer = (method: string, params: unknown[]): unknown => {
    if (method === 'eth_chainId') return '0x7a69'
    if (method === 'eth_getBlockByNumber') return params[0] === '0x0' ? { hash: hash('genesis') } : null
    if (method === 'eth_getTransactionReceipt') return params[0] === hash('tx') ? receipt : null
    const [{ to, data }, block] = params as [{ to: string; data: string }, string]
    if (to === key('nobody').address) return '0x'
    if (block !== 'latest') throw new Error('missing trie node')
    const call = contracts.receivables.parseTransaction({ data }) ?? contracts.evidenceLog.parseTransaction({ data })
    return encoded[call!.name]
  }

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      const { id, method, params } = JSON.parse(body)
      let outcome: object
      try {
        outcome = { result: answer(method, params) }
      } catch (error) {
        outcome = { error: { code: -32000, message: (error as Error).message } }
      }
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ jsonrpc: '2.0', id, ...outcome }))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => void server.close())

  it('answers by the contracts ABIs, and knows nothing where there is no contract or no old state', async () => {
    const chain = chainReader(url)
    const [registry, nobody] = [key('registry').address, key('nobody').address]
    expect(await chain.chainId()).toBe(31337)
    expect(await chain.genesisHash()).toBe(hash('genesis'))
    expect(await chain.blockHash(5)).toBeUndefined()
    expect(await chain.headRootOf(registry, 7)).toBe(hash('root'))
    expect(await chain.headRootOf(nobody, 7)).toBe(`0x${'00'.repeat(32)}`)
    expect(await chain.receivableOf(registry, 1n)).toEqual({ amount: 5n, isDisputed: true })
    expect(await chain.stateOf(registry, terms, fingerprints)).toBe('registered')
    expect(await chain.stateOf(registry, terms, fingerprints, 3)).toBeUndefined()
    expect(await chain.receivableOf(registry, 1n, 3)).toBeUndefined()
    expect(await chain.noteOf(registry, 1n)).toEqual({ state: 'offered', end: 5n, holder: 1, counterparty: 2 })
    expect(await chain.noteOf(nobody, 1n)).toBeUndefined()
    expect(await chain.receipt(hash('other'))).toBeUndefined()
    expect(await chain.receipt(hash('tx'))).toEqual({
      blockNumber: 16,
      blockHash: hash('block'),
      logs: [{ address: log.address, topics: log.topics, data: '0x', index: 4 }]
    })
    chain.close()
  })

  it('is held against the trust anchors: another chain is refused', async () => {
    const { code, stdout } = await verify(['true.zip', '--anchors', 'anchors.json', '--rpc', url, '--json'])
    expect(code).toBe(1)
    const codes = JSON.parse(stdout).checks.flatMap((check: { code?: string }) => check.code ?? [])
    expect(codes).toEqual(['HEAD_FORKED', 'STATE_MISMATCH'])
  })
})
