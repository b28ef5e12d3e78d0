import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiConfig } from '../../api/config.ts'
import { epochsInUse, openKeyRing } from '../../api/fingerprints/keys.ts'
import { epochOf } from '../../domain/fingerprint/keys.ts'
import { participantIdOf } from '../../scripts/world/prepare.ts'
import { inSeconds, startInstance, type Instance, type Registered } from './instance.ts'
import { ciiInvoice } from './invoices.ts'

/** One key follows another over a running registry: what was claimed under the old one stays unique. */
let tally: Instance
/** Keys of epochs 1, 2 and 3. */
let keys: ApiConfig['fingerprintKeys']
/** What was done under the first key alone. */
let registered: Registered
let settled: Registered
let withdrawn: { documentId: string; fingerprint: string }
/** A registration that nobody has signed. */
let unsigned: string
let elsewhere: { documentId: string; fingerprint: string }

const maturity = inSeconds(40 * 86_400)
const run = promisify(execFile)
const pathOf = (script: string) => fileURLToPath(new URL(`../../${script}`, import.meta.url))
const claim = { reason: 'pledged-elsewhere', reference: 'Contract 7' }
const claimPath = (fingerprint: string, verb = 'claim') => `/v1/fingerprints/${fingerprint}/${verb}`
const withKeys = (fingerprintKeys: ApiConfig['fingerprintKeys']): ApiConfig => ({ ...tally.config, fingerprintKeys })
const shown = async (documentId: string) => (await tally.call(`/v1/documents/${documentId}`)).body
const fingerprintsOf = async (documentId: string) => (await shown(documentId))['fingerprints'] as string[]
const inTwoDays = () => maturity + 2 * 86_400

async function uploadAsCii(number: string, issued?: string): Promise<{ documentId: string; fingerprints: string[] }> {
  return tally.as('alder').post('/v1/documents', tally.newKey(), ciiInvoice(number, issued))
}

/** What the contract says of an intent that it has to refuse. */
async function refusedOnChain(slug: string, path: string, body: object) {
  const intent = await tally.as(slug).command(path, tally.newKey(), body)
  expect(intent.state).toBe('refused')
  return intent.refusal!
}

async function liveClaimsOf(fingerprints: readonly string[]): Promise<{ fingerprint: string; subject: string }[]> {
  const { rows } = await tally.sql.query(
    `select fingerprint, subject from projection.fingerprint_claim
      where fingerprint = any($1) and state = 'claimed' order by fingerprint desc`,
    [fingerprints]
  )
  return rows
}

/** Starts a second api that must refuse to, and gives what it says. */
const start = async (fingerprintKeys: ApiConfig['fingerprintKeys']): Promise<string> => {
  const file = join(tally.dir, 'other-api.json')
  writeFileSync(file, JSON.stringify({ ...withKeys(fingerprintKeys), port: 0 }))
  const failure = await run(process.execPath, [pathOf('api/main.ts'), '--config', file]).then(
    () => undefined,
    (error: { code: number; stderr: string }) => error
  )
  expect(failure).toMatchObject({ code: 1 })
  return failure!.stderr
}

function keyFile(epoch: number, content = `0x${String(epoch).repeat(64)}`): { file: string; epoch: number } {
  const file = join(tally.dir, `fingerprint.${epoch}.key`)
  writeFileSync(file, `${content}\n`)
  return { file, epoch }
}

beforeAll(async () => {
  tally = await startInstance()
  keys = [tally.config.fingerprintKeys[0]!, keyFile(2), keyFile(3)]
  settled = await tally.register({ number: 'ROT-SETTLED', issued: '2026-02-01' }, inSeconds(3_600))
  await tally.done('meridian', `/v1/receivables/${settled.receivableId}/confirmation`)
  // A trade document claimed under the old key alone, which settles with the note that it backs.
  const trade = { assignee: participantIdOf('corvale'), amount: '100', tradeFingerprint: `0x0001${'ab'.repeat(30)}` }
  const { noteId } = await tally.done('alder', `/v1/notes/${settled.rootNote}/transfers`, trade)
  await tally.done('corvale', `/v1/notes/${noteId}/acceptance`)
  registered = await tally.register({ number: 'ROT-1' }, maturity)
  withdrawn = await tally.upload({ number: 'ROT-2' })
  elsewhere = await tally.upload({ number: 'ROT-3' })
  await tally.done('lindqvist', claimPath(elsewhere.fingerprint), claim)
  await tally.turnClock(inSeconds(7_200))
  const { documentId } = await tally.upload({ number: 'ROT-OPEN' })
  unsigned = (await tally.propose('alder', '/v1/receivables', { documentId, maturity })).intentId
  await tally.done('jiangan', `/v1/receivables/${settled.receivableId}/settlement`, { payment: 'Statement 1' })
  await tally.restartApi(withKeys([keys[0]!, keys[1]!]))
})
afterAll(() => tally?.stop())

describe('after a second key came into force', () => {
  it('a document of before is shown with a fingerprint under each key, the new one first', async () => {
    const fingerprints = await fingerprintsOf(registered.documentId)
    expect(fingerprints.map(epochOf)).toEqual([2, 1])
    expect((await shown(registered.documentId))['fingerprint']).toBe(fingerprints[0])
    const { rows } = await tally.sql.query('select distinct array_length(fingerprints, 1) as n from app.document')
    expect(rows).toEqual([{ n: 2 }])
  })

  it('the same invoice in another format is refused by the contract, for what was claimed under the old one', async () => {
    const { documentId, fingerprints } = await uploadAsCii('ROT-1')
    expect(fingerprints).toEqual(await fingerprintsOf(registered.documentId))
    const refusal = await refusedOnChain('alder', '/v1/receivables', { documentId, maturity })
    expect(refusal).toMatchObject({ code: 'FingerprintAlreadyClaimed', args: { fingerprint: fingerprints[1] } })
    expect(BigInt(refusal.args['subject']!)).toBe(BigInt(registered.receivableId))
    expect(await liveClaimsOf(fingerprints)).toHaveLength(1)
  })

  it('the same invoice with a cent more is a conflict with the one of before', async () => {
    const { documentId } = await tally.upload({ number: 'ROT-1', payable: '100000.01' })
    const problem = await tally.refused('IDENTITY_CONFLICT', '/v1/receivables', { body: { documentId, maturity } })
    expect(problem).toMatchObject({ presented: { payable: '10000001' }, required: { payable: '10000000' } })
  })

  it('a registration claims both fingerprints, also of a document of before', async () => {
    const { documentId } = withdrawn
    const { receivableId } = await tally.done('alder', '/v1/receivables', { documentId, maturity })
    const fingerprints = await fingerprintsOf(documentId)
    expect(await liveClaimsOf(fingerprints)).toEqual(
      fingerprints.map((fingerprint) => ({ fingerprint, subject: receivableId }))
    )
    await tally.done('alder', `/v1/receivables/${receivableId}/withdrawal`)
    expect(await liveClaimsOf(fingerprints)).toEqual([])
    await tally.done('alder', '/v1/receivables', { documentId, maturity: inTwoDays() })
  })

  it('a claim elsewhere names the document under each key, and is made and freed as one', async () => {
    const fingerprints = await fingerprintsOf(elsewhere.documentId)
    const [current, old] = fingerprints as [string, string]
    for (const [path, others] of [
      [current, undefined],
      [old, []],
      [current, [`0x0003${current.slice(6)}`]],
      [current, [old, `0x0003${current.slice(6)}`]]
    ] as const) {
      const body = others ? { ...claim, others } : claim
      const problem = await tally.refused('FINGERPRINT_EPOCH_WRONG', claimPath(path), { as: 'huichuan', body })
      expect(problem).toMatchObject({ status: 422, required: [2, 1] })
    }
    const second = { as: 'huichuan', body: { ...claim, others: [old] } }
    expect(await tally.refused('FINGERPRINT_CLAIMED', claimPath(current), second)).toMatchObject({ presented: old })

    const free = await tally.upload({ number: 'ROT-4' })
    const both = await fingerprintsOf(free.documentId)
    await tally.done('huichuan', claimPath(both[0]!), { ...claim, others: [both[1]] })
    expect(await liveClaimsOf(both)).toHaveLength(2)
    await tally.done('huichuan', claimPath(both[1]!, 'release'), { reason: 'repaid' })
    expect(await liveClaimsOf(both)).toEqual([])
  })

  it('a trade document is claimed under the new key, and not when it is claimed under the old one', async () => {
    const { rootNote } = await tally.confirmed(maturity)
    const transfer = (tradeFingerprint: string) => ({
      body: { assignee: participantIdOf('corvale'), amount: '100', tradeFingerprint }
    })
    const [current, old] = (await fingerprintsOf(registered.documentId)) as [string, string]
    const path = `/v1/notes/${rootNote}/transfers`
    expect(await tally.refused('FINGERPRINT_EPOCH_WRONG', path, transfer(old))).toMatchObject({
      presented: 1,
      required: 2
    })
    await tally.refused('FINGERPRINT_CLAIMED', path, transfer(current))
    const free = await tally.upload({ number: 'ROT-5' })
    await tally.done('alder', path, transfer((await fingerprintsOf(free.documentId))[0]!).body)
  })
})

describe('a configuration', () => {
  it('without keys that live claims need does not start, and says which', async () => {
    const stderr = await start([keys[1]!])
    expect(stderr).toContain('FINGERPRINT_KEY_IN_USE: claims live under keys that fingerprintKeys lacks')
    // The registered one and the one elsewhere; not the settled one with its trade document, nor what is claimed under both.
    expect(stderr).toMatch(/epoch 1: 2, e\.g\. 0x0001[0-9a-f]{60}; orders/)
  })

  it.each<[string, () => ApiConfig['fingerprintKeys'], RegExp]>([
    ['without a key', () => [], /there must be 1 to 4 keys, not 0/],
    ['with two keys of one epoch', () => [keys[1]!, { ...keys[2]!, epoch: 2 }], /epoch 2 has two keys/],
    ['with one key in two epochs', () => [keys[1]!, { ...keys[1]!, epoch: 7 }], /epochs 2 and 7 have the same key/],
    ['with epoch 0', () => [{ ...keys[1]!, epoch: 0 }], /epoch must be 1 to 65535/],
    ['with a file that holds no key', () => [keyFile(9, '5ec7e7')], /fingerprint\.9\.key does not hold 32 bytes in hex/]
  ])('%s can not be opened, and no key is told', async (_what, fingerprintKeys, message) => {
    const failure = await openKeyRing(fingerprintKeys()).catch((error: Error) => error.message)
    expect(failure).toMatch(/^FINGERPRINT_KEYS_INVALID/)
    expect(failure).toMatch(message)
    expect(failure).not.toMatch(/5ec7e7|2222/)
  })
})

describe('the old key', () => {
  const needed = () => epochsInUse(tally.sql)
  const check = async () =>
    (await run(process.execPath, [pathOf('scripts/check-keys.ts'), '--database', tally.database.url])).stdout

  it('is needed by the claims that no newer key repeats and that are not settled', async () => {
    const [one, two] = await needed()
    expect(one).toMatchObject({ epoch: 1, alone: 2, example: expect.stringMatching(/^0x0001/) })
    expect(two).toMatchObject({ epoch: 2 })
    expect(await check()).toMatch(/epoch 1: \d+ live claims, 2 under no newer key and not settled, e\.g\. 0x0001/)
  })

  it('can go when they have ended, and what stands stays unique', async () => {
    await tally.done('lindqvist', claimPath((await fingerprintsOf(elsewhere.documentId))[1]!, 'release'), {
      reason: 'repaid'
    })
    await tally.done('alder', `/v1/receivables/${registered.receivableId}/withdrawal`)
    expect((await needed())[0]).toMatchObject({ epoch: 1, alone: 0 })
    expect(await check()).toMatch(/✓ epoch 1: \d+ live claims, none that needs its key: it may be retired/)
    expect(await start([keys[1]!])).toMatch(
      new RegExp(`FINGERPRINT_KEY_IN_USE: .*\\(orders that can still be carried out: 1, e\\.g\\. intent ${unsigned}\\)`)
    )
    await tally.turnClock(inSeconds(2 * 86_400))
    await tally.restartApi(withKeys([keys[1]!]))

    const again = await uploadAsCii('ROT-2')
    expect(again.fingerprints.map(epochOf)).toEqual([2])
    const registration = { documentId: again.documentId, maturity }
    expect(await refusedOnChain('alder', '/v1/receivables', registration)).toMatchObject({
      code: 'FingerprintAlreadyClaimed',
      args: { fingerprint: again.fingerprints[0] }
    })
    const fresh = await tally.upload({ number: 'ROT-6' })
    await tally.done('alder', '/v1/receivables', { documentId: fresh.documentId, maturity })
    expect(await liveClaimsOf(await fingerprintsOf(fresh.documentId))).toHaveLength(1)
  })

  it('leaves no way to register again what was settled under it', async () => {
    const { documentId } = await uploadAsCii('ROT-SETTLED', '2026-02-01')
    const problem = await tally.refused('FINGERPRINT_CLAIMED', '/v1/receivables', { body: { documentId, maturity } })
    expect(problem['reason']).toContain(settled.receivableId)
    expect(tally.troubles()).toEqual([])
  })
})
