import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { findInstance } from '../../scripts/instance/data-folder.ts'
import { freePort } from '../../scripts/instance/ports.ts'
import { OnChain } from './on-chain.ts'
import { Instances, parts, pidsOf, query, run, type Ended } from './started.ts'

const TENOR = ['--tenor', '18']

describe('the story', { timeout: 150_000 }, () => {
  const instances = new Instances()
  const dir = instances.dir('a')
  afterAll(() => instances.end())

  function demo(): Promise<Ended> {
    return run('scripts/tallystick.ts', 'demo', '--data', dir, ...TENOR)
  }

  function expectComplete({ code, output }: Ended): void {
    expect(code, output).toBe(0)
    const steps = output.split('\n').filter((line) => line !== '' && !line.startsWith('…'))
    expect(steps.pop()).toContain('the story is complete: every step verified')
    expect(steps.filter((line) => !line.startsWith('✓'))).toEqual([])
    for (const refusal of ['NoteTransitionForbidden', 'FingerprintAlreadyClaimed', 'DIGEST_MISMATCH']) {
      expect(output).toContain(refusal)
    }
    expect(output).toMatch(/verifies it offline: \d+ checks, verified/)
  }

  const counts = `select (select count(*)::int from projection.receivable) as receivables,
                         (select count(*)::int from projection.note) as notes,
                         (select count(*)::int from app.intent) as intents,
                         (select count(*)::int from app.document) as documents`

  it('is refused where no instance runs', async () => {
    const { code, output } = await demo()
    expect(code).toBe(1)
    expect(output).toContain('INSTANCE_NOT_RUNNING')
  })

  it('runs to its end twice with every step done, on an instance that ends with Ctrl-C and goes on at the next start', async () => {
    const port = await freePort()
    const first = instances.start('a', '--port', String(port), '--empty')
    await first.says(/^ready in/m)
    expect(findInstance(dir).apiUrl).toBe(`http://127.0.0.1:${port}`)
    expect(first.output()).not.toContain('uploads')
    expect(await query(dir, counts)).toEqual([{ receivables: 0, notes: 0, intents: 0, documents: 0 }])

    expectComplete(await demo())
    expectComplete(await demo())
    const before = await query(dir, counts)
    expect(before).toMatchObject([{ receivables: 4, notes: 14, documents: 6 }])
    expect(await query(dir, `select distinct fingerprints from app.document`)).toHaveLength(4)

    const pids = pidsOf(dir)
    expect(pids).toHaveLength(parts.length)
    expect(await first.stop()).toBe(0)
    expect(pidsOf(dir)).toEqual([])

    const second = instances.start('a', '--port', String(port), '--empty')
    await second.says(/^ready in/m)
    expect(await query(dir, counts)).toEqual(before)
    const chain = new OnChain(dir)
    expect(await chain.expectProjected()).toEqual({ receivables: 4, notes: 14 })
    chain.close()
  })

  it('leaves a package that verifies offline, and a changed one that does not', async () => {
    const verify = (name: string) =>
      run('scripts/tallystick.ts', 'verify', join(dir, 'evidence', name), '--data', dir, '--json')
    const good = await verify('receivable-2.zip')
    expect(good.code, good.output).toBe(0)
    expect(JSON.parse(good.output)).toMatchObject({ result: 'verified', trustAnchors: join(dir, 'trust-anchors.json') })
    const changed = await verify('receivable-2-tampered.zip')
    expect(changed.code, changed.output).toBe(1)
    const report = JSON.parse(changed.output) as { result: string; checks: { ok: boolean | null; code?: string }[] }
    expect(report.result).toBe('failed')
    expect(report.checks.find(({ ok }) => ok === false)?.code).toBe('DIGEST_MISMATCH')
  })

  it('is played by the first start and never again, beside another instance with another chain and database', async () => {
    const other = instances.dir('b')
    const first = instances.start('b')
    await first.says('verifies a copy with one digit changed')
    expect(findInstance(other).apiUrl).not.toBe(findInstance(dir).apiUrl)
    expect(findInstance(other).databaseUrl).not.toBe(findInstance(dir).databaseUrl)
    expect(await query(other, counts)).toMatchObject([{ receivables: 2, notes: 7 }])
    expect(await query(dir, counts)).toMatchObject([{ receivables: 4, notes: 14 }])
    expect(await first.stop()).toBe(0)

    const second = instances.start('b')
    await second.says(/^ready in/m)
    expect(await second.stop()).toBe(0)
    expect(second.output()).not.toContain('uploads')
    expect(pidsOf(other)).toEqual([])
    expect(pidsOf(dir)).toHaveLength(parts.length)
  })
})
