import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Interface, JsonRpcProvider, Wallet } from 'ethers'
import { strFromU8, unzipSync, zipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chainReader } from '../../client/chain-reader.ts'
import { contracts } from '../../domain/chain/contracts.ts'
import { registryAddresses } from '../../domain/chain/registries.ts'
import type { TrustAnchors } from '../../domain/evidence/anchors.ts'
import { verifyCertificate, type CertificateTrust } from '../../domain/evidence/certificate/verify.ts'
import type { Certificate } from '../../domain/evidence/certificate/statement.ts'
import { openPackage, type Manifest } from '../../domain/evidence/package.ts'
import { canonicalBytes } from '../../domain/evidence/shape.ts'
import { verifyPackage } from '../../domain/evidence/verify.ts'
import { askChain } from '../../scripts/instance/chain.ts'
import { contractArtifact } from '../../scripts/world/artifacts.ts'
import { participantIdOf } from '../../scripts/world/prepare.ts'
import { startInstance, until, type Instance, type Registered } from './instance.ts'

/** Two registry versions behind one api: what lives on the first goes on there, what is new is registered on the second. */
let tally: Instance
let chain: ReturnType<typeof chainReader>
let addresses: readonly string[]
/** As somebody keeps them who last looked before there was a second version; heads are what one fetches anew. */
let anchorsOfBefore: TrustAnchors
let maturity: number
let old: Registered
let young: Registered
let waiting: Registered
let moved: Registered

const DAY = 86_400
const [corvale, lindqvist] = [participantIdOf('corvale'), participantIdOf('lindqvist')]

function run(script: string, ...args: string[]): Promise<{ code: number | null; output: string }> {
  const file = fileURLToPath(new URL(`../../scripts/${script}.ts`, import.meta.url))
  const child = spawn(process.execPath, [file, '--data', tally.dir, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  return once(child, 'close').then(([code]) => ({ code: code as number | null, output }))
}

const versions = (...args: string[]) => run('registry-versions', ...args)
const time = async () =>
  Number(
    ((await askChain(tally.chain.url, 'eth_getBlockByNumber', ['latest', false])) as { timestamp: string }).timestamp
  )

async function registries(): Promise<number> {
  const { rows } = await tally.sql.query<{ count: number }>('select count(*)::int as count from projection.registry')
  return rows[0]!.count
}

beforeAll(async () => {
  tally = await startInstance()
  chain = chainReader(tally.chain.url)
  const { deployment } = tally.config
  addresses = registryAddresses(deployment.fingerprints)
  writeFileSync(join(tally.dir, 'deployment.json'), JSON.stringify(deployment))
  writeFileSync(
    join(tally.dir, 'instance.json'),
    JSON.stringify({ rpcUrl: tally.chain.url, databaseUrl: tally.database.url })
  )
  writeFileSync(join(tally.dir, 'governor.key'), tally.keys.deployer, { mode: 0o600 })
  maturity = (await time()) + 40 * DAY
  old = await tally.confirmed(maturity)
  waiting = await tally.register({}, maturity)
  moved = await tally.register({}, maturity)
  await tally.done('alder', `/v1/receivables/${moved.receivableId}/withdrawal`)
  anchorsOfBefore = await tally.as('alder').get<TrustAnchors>('/v1/trust-anchors')
})
afterAll(async () => {
  chain?.close()
  const troubles = tally?.troubles()
  await tally?.stop()
  expect(troubles).toEqual([])
})

const anchorsNow = async (): Promise<TrustAnchors> => {
  const { heads } = await tally.as('alder').get<TrustAnchors>('/v1/trust-anchors')
  return { ...anchorsOfBefore, heads }
}

describe('governance', () => {
  const key = () => ['--key', join(tally.dir, 'governor.key')]

  it('announces a version, which every member can hold against its own code, and creates it after its delay', async () => {
    expect((await versions()).output).toMatch(/^✓ version 1 0x\w+: tenor ≤ 31622400 s.*\n$/)
    const policy = { maxTenor: 300 * DAY, minAcceptanceWindow: 1, maxTier: 4, requiresTradeClaim: false }
    writeFileSync(join(tally.dir, 'policy.json'), JSON.stringify(policy))
    expect(await versions('propose')).toMatchObject({ code: 1, output: expect.stringContaining('--key FILE') })
    const proposed = await versions('propose', ...key(), '--policy', join(tally.dir, 'policy.json'))
    expect(proposed, proposed.output).toMatchObject({ code: 0 })
    expect(proposed.output).toMatch(/… proposed by 0x\w+, can be created from 20\S+: .*tiers ≤ 4/)
    expect(await versions('create', ...key())).toMatchObject({ code: 1, output: expect.stringContaining('is due') })
    await tally.turnClock((await time()) + 2 * DAY + 1)
    const { documentId } = await tally.upload()
    const proposal = await tally.propose('alder', '/v1/receivables', { documentId, maturity })
    const created = await versions('create', ...key())
    expect(created, created.output).toMatchObject({ code: 0 })
    expect(created.output).toContain(`✓ version 2 ${addresses[1]}: tenor ≤ 25920000 s, acceptance ≥ 1 s, tiers ≤ 4`)
    expect(created.output).not.toContain('proposed by')
    await until(async () => (await registries()) === 2)
    // What was to be signed for the first version before there was a second one is registered there.
    const late = await tally.as('alder').followUp(proposal, tally.newKey())
    expect(late, JSON.stringify(late.refusal)).toMatchObject({ state: 'projected' })
    expect(await tally.receivable(late.receivableId!)).toMatchObject({ registry: 1, state: 'registered' })
  })

  it('can’t hide another code from who looks before it is created', async () => {
    const calls = await versions('calls')
    const { target, schedule } = JSON.parse(calls.output.split('\n')[0]!) as { target: string; schedule: string }
    const { abi } = await contractArtifact('AccessManager')
    const manager = new Interface(abi as string[])
    const { fingerprints } = tally.config.deployment
    const provider = new JsonRpcProvider(tally.chain.url, undefined, { staticNetwork: true, cacheTimeout: -1 })
    const wallet = new Wallet(tally.keys.deployer, provider)
    const send = async (data: string) =>
      (await wallet.sendTransaction({ type: 0, to: target, data, gasPrice: 0 })).wait()
    const [, own] = manager.decodeFunctionData('schedule', schedule) as unknown as [string, string]
    const foreign = contracts.fingerprints.encodeFunctionData('create', [
      '0x600a600c600039600a6000f3602a60805260206080f3'
    ])
    const swapped = own.replaceAll(fingerprints.slice(2).toLowerCase(), '66'.repeat(20))
    for (const data of [foreign, swapped]) {
      await send(manager.encodeFunctionData('schedule', [fingerprints, data, 0]))
      const seen = await versions()
      expect(seen.code).toBe(1)
      expect(seen.output).toMatch(/✗ proposed by 0x\w+, can be created from \S+ NOT the code of this version/)
      await send(manager.encodeFunctionData('cancel', [wallet.address, fingerprints, data]))
      expect((await versions()).code).toBe(0)
    }
    provider.destroy()
  })

  it('can’t be had by a key that does not govern', async () => {
    const file = join(tally.dir, 'other.key')
    writeFileSync(file, tally.keys.registrar, { mode: 0o600 })
    expect((await versions('propose', '--key', file)).code).toBe(1)
    expect((await versions()).output).not.toContain('proposed by')
  })
})

describe('commands', () => {
  it('register on the newest version, and say where each receivable and note lives', async () => {
    young = await tally.confirmed(maturity)
    for (const [{ receivableId, rootNote }, registry] of [
      [old, 1],
      [young, 2]
    ] as const) {
      expect(await tally.receivable(receivableId)).toMatchObject({ registry, state: 'confirmed' })
      expect(await tally.note(rootNote)).toMatchObject({ registry })
    }
  })

  it('of the same invoice are refused on the second version too', async () => {
    const { documentId } = old
    const intent = await tally.as('alder').command('/v1/receivables', tally.newKey(), { documentId, maturity })
    expect(intent).toMatchObject({
      state: 'refused',
      refusal: { code: 'FingerprintAlreadyClaimed', args: { registry: '1', subject: String(BigInt(old.receivableId)) } }
    })
  })

  it('register anew on the second version what the first one ended, under the same id', async () => {
    const { documentId, receivableId } = moved
    const again = await tally.done('alder', '/v1/receivables', { documentId, maturity })
    expect(again.receivableId).toBe(receivableId)
    await tally.done('meridian', `/v1/receivables/${receivableId}/confirmation`)
    expect(await tally.receivable(receivableId)).toMatchObject({ registry: 2, state: 'confirmed' })
    const path = `/v1/receivables/${receivableId}`
    const { items } = await tally.as('alder').get<{ items: { name: string }[] }>(`${path}/history`)
    expect(items.map(({ name }) => name)).toEqual([
      ...['FingerprintClaimed', 'ReceivableRegistered', 'FingerprintReleased', 'ReceivableWithdrawn'],
      ...['FingerprintClaimed', 'ReceivableRegistered', 'ReceivableConfirmed']
    ])
    expect((await tally.call(`${path}/lineage`, { as: 'alder' })).status).toBe(200)
  })

  it('of one batch go to both versions in one transaction', async () => {
    const registered = await tally.register({}, maturity)
    const receivableIds = [waiting.receivableId, registered.receivableId]
    const batch = await tally
      .as('meridian')
      .post<{ intents: { intentId: string }[] }>('/v1/confirmations', tally.newKey(), { receivableIds })
    expect(batch.intents).toHaveLength(1)
    const intent = await tally.as('meridian').followUp(batch.intents[0] as never, tally.newKey())
    expect(intent, JSON.stringify(intent.refusal)).toMatchObject({ state: 'projected' })
    expect(intent.typedData.message.calls.map(({ target }) => target)).toEqual(addresses.slice(0, 2))
    for (const [i, receivableId] of receivableIds.entries()) {
      expect(await tally.receivable(receivableId)).toMatchObject({ state: 'confirmed', registry: i + 1 })
    }
    const path = `/v1/transactions/${intent.txHash}/evidence`
    await verified(await downloaded('meridian', path))
  })

  it('carry both lives on to their settlement', async () => {
    for (const { receivableId, rootNote } of [old, young]) {
      const offer = { assignee: corvale, amount: '400000', tradeDocument: 'Order' }
      const piece = (await tally.done('alder', `/v1/notes/${rootNote}/transfers`, offer)).noteId!
      await tally.done('corvale', `/v1/notes/${piece}/acceptance`)
      const quote = { factor: lindqvist, amount: '100000', purpose: 'assignment', quote: 'Q-1' }
      const sold = (await tally.done('corvale', `/v1/notes/${piece}/locks`, quote)).noteId!
      await tally.done('lindqvist', `/v1/notes/${sold}/financing`, { disbursement: 'Paid' })
      await tally.done('meridian', `/v1/receivables/${receivableId}/dispute`, { reason: 'damaged' })
      await tally.done('meridian', `/v1/receivables/${receivableId}/dispute-lifting`, { reason: 'repaired' })
    }
    await tally.turnClock(maturity)
    await tally.done('jiangan', `/v1/notes/${old.rootNote}/settlement`, { payment: 'Statement 1', amount: '5' })
    for (const { receivableId } of [old, young]) {
      await tally.done('jiangan', `/v1/receivables/${receivableId}/settlement`, { payment: 'Statement 2' })
      expect(await tally.receivable(receivableId)).toMatchObject({ state: 'settled' })
    }
  })
})

/** A package as soon as the newest of it is anchored. */
async function downloaded(slug: string, path: string): Promise<Uint8Array> {
  await until(async () => (await tally.call(path, { as: slug })).status !== 409)
  return tally.as(slug).download(path)
}

/** Offline with the anchors of before, and against the chain: both without doubt. */
async function verified(bytes: Uint8Array): Promise<Manifest> {
  for (const node of [undefined, chain]) {
    const report = await verifyPackage(bytes, await anchorsNow(), node)
    expect(report.checks.filter(({ ok }) => ok !== true)).toEqual([])
  }
  return openPackage(bytes).manifest
}

const codes = ({ checks }: { checks: { ok: boolean | null; code?: string }[] }) => [
  ...new Set(checks.flatMap(({ ok, code }) => (ok === false ? [code] : [])))
]

describe('evidence', () => {
  const packageOf = ({ receivableId }: Registered) => downloaded('meridian', `/v1/receivables/${receivableId}/evidence`)

  it('of receivables and notes on either version verifies with the anchors of before', async () => {
    for (const [receivable, version] of [
      [old, 1],
      [young, 2],
      [moved, 2]
    ] as const) {
      const { deployment } = await verified(await packageOf(receivable))
      expect(deployment.receivables).toBe(addresses[version - 1])
      await verified(await downloaded('alder', `/v1/notes/${receivable.rootNote}/evidence`))
    }
  })

  it('that names another version, or no version, is refused', async () => {
    const renamed = (bytes: Uint8Array, receivables: string): Uint8Array => {
      const files = unzipSync(bytes)
      const manifest = JSON.parse(strFromU8(files['manifest.json']!)) as Manifest
      manifest.deployment.receivables = receivables
      files['manifest.json'] = new Uint8Array(canonicalBytes(manifest))
      return zipSync(files)
    }
    const [first, second] = [await packageOf(old), await packageOf(young)]
    for (const [bytes, address] of [
      [first, addresses[1]!],
      [second, addresses[0]!],
      [second, addresses[2]!]
    ] as const) {
      expect(codes(await verifyPackage(renamed(bytes, address), await anchorsNow()))).toEqual([
        'COMMAND_MISMATCH',
        'DEPLOYMENT_MISMATCH'
      ])
    }
    // Without the claim nothing in the log would say that it was version 2.
    const files = unzipSync(second)
    const manifest = JSON.parse(strFromU8(files['manifest.json']!)) as Manifest
    const isClaim = ({ path }: { path: string }) => strFromU8(files[path]!).includes('"FingerprintClaimed"')
    const claim = manifest.records.find(isClaim)!.path
    manifest.records = manifest.records.filter(({ path }) => path !== claim)
    manifest.members = manifest.members.filter(({ path }) => path !== claim)
    delete files[claim]
    files['manifest.json'] = new Uint8Array(canonicalBytes(manifest))
    expect(codes(await verifyPackage(zipSync(files), await anchorsNow()))).toEqual(['LINEAGE_INCOMPLETE'])
    // Version 3 can come to be, but is not there: the chain has no code of it.
    const { checks } = await verifyPackage(renamed(second, addresses[2]!), await anchorsNow(), chain)
    expect(checks.find(({ name }) => name === 'deployment')).toMatchObject({ code: 'DEPLOYMENT_MISMATCH' })
    const { fingerprints } = anchorsOfBefore.deployment
    expect(codes(await verifyPackage(renamed(second, fingerprints), await anchorsNow()))).toContain(
      'DEPLOYMENT_MISMATCH'
    )
  })
})

describe('certificates', () => {
  async function ask(path: string, as: string): Promise<Certificate> {
    const { status, text, body } = await tally.call(path, { as })
    expect(status, text).toBe(200)
    return body as unknown as Certificate
  }
  const report = async (certificate: Certificate, trust: CertificateTrust = {}) =>
    verifyCertificate(canonicalBytes(certificate), { anchors: await anchorsNow(), ...trust })

  it('of either version hold offline and against the chain', async () => {
    for (const [{ receivableId }, version] of [
      [old, 1],
      [young, 2],
      [moved, 2]
    ] as const) {
      const payTo = await ask(`/v1/receivables/${receivableId}/pay-to`, 'meridian')
      const provenance = await ask(`/v1/notes/${receivableId}${'0'.repeat(16)}/provenance`, 'regulator')
      for (const certificate of [payTo, provenance]) {
        expect(certificate.statement.deployment.receivables).toBe(addresses[version - 1])
        expect(certificate.proof.code !== undefined).toBe(version === 2)
        expect(await report(certificate)).toMatchObject({ result: 'verified' })
        expect(await report(certificate, { chain })).toMatchObject({ result: 'verified' })
      }
    }
  })

  it('of a search name the version that claimed', async () => {
    const { fingerprints } = (await tally.receivable(young.receivableId)) as { fingerprints: string[] }
    const found = await ask(`/v1/fingerprints/${fingerprints[0]}/certificate`, 'lindqvist')
    expect(found.statement).toMatchObject({ kind: 'search', claim: { registry: 2, subject: young.receivableId } })
    expect(await report(found)).toMatchObject({ result: 'verified' })
  })

  it('of the second version without its code, or with another, prove nothing', async () => {
    const certificate = await ask(`/v1/receivables/${young.receivableId}/pay-to`, 'meridian')
    const { code, ...proof } = certificate.proof
    expect(codes(await report({ ...certificate, proof }))).toEqual(['STATE_PROOF_INVALID'])
    const other = `${code!.slice(0, -2)}${code!.endsWith('00') ? '01' : '00'}`
    expect(codes(await report({ ...certificate, proof: { ...proof, code: other } }))).toEqual(['STATE_PROOF_INVALID'])
    const { deployment } = certificate.statement
    const swapped = { ...deployment, receivables: addresses[0]! }
    const moved = { ...certificate, statement: { ...certificate.statement, deployment: swapped } } as Certificate
    expect(codes(await report(moved))).toContain('STATE_PROOF_INVALID')
  })
})

it('a fork that takes a version away sends new receivables to the one before, until it is created again', async () => {
  const key = ['--key', join(tally.dir, 'governor.key')]
  const maturity = (await time()) + 40 * DAY
  await versions('propose', ...key)
  await tally.turnClock((await time()) + 2 * DAY + 1)
  const before = Number(await askChain(tally.chain.url, 'eth_blockNumber', []))
  expect((await versions('create', ...key)).output).toContain(`✓ version 3 ${addresses[2]}`)
  await until(async () => (await registries()) === 3)
  const { receivableId } = await tally.register({}, maturity)
  expect(await tally.receivable(receivableId)).toMatchObject({ registry: 3 })
  const depth = Number(await askChain(tally.chain.url, 'eth_blockNumber', [])) - before
  await askChain(tally.chain.url, 'anvil_reorg', [depth, []])
  await until(async () => (await registries()) === 2)
  expect(await tally.receivable((await tally.register({}, maturity)).receivableId)).toMatchObject({ registry: 2 })
  expect((await versions('create', ...key)).output).toContain(`✓ version 3 ${addresses[2]}`)
  await until(async () => (await registries()) === 3)
  expect(await tally.receivable((await tally.register({}, maturity)).receivableId)).toMatchObject({ registry: 3 })
})

it('the projection is what a rebuild and both versions say', async () => {
  for (const script of ['verify-projection', 'check-invariants']) {
    const { code, output } = await run(script)
    expect(code, output).toBe(0)
  }
})
