/** Every example program against a whole instance, each with its own keys from key files only. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Api, follow } from '../../client/index.ts'
import { parseTrustAnchors } from '../../domain/evidence/anchors.ts'
import { settle } from '../../examples/clearing.ts'
import { administrator, signWaiting, takeIntoCustody, usable } from '../../examples/custody.ts'
import { confirmAll, payTo } from '../../examples/debtor.ts'
import { financeLocked, isFree, offer } from '../../examples/factor.ts'
import { openFirm, type Firm } from '../../examples/open.ts'
import { admitAll, suspend } from '../../examples/registrar.ts'
import { audit, freeze } from '../../examples/regulator.ts'
import { payWith, registerInvoice } from '../../examples/supplier.ts'
import { sendDirectly } from '../../scripts/demo/direct.ts'
import { cast, participantIdOf } from '../../scripts/world/cast.ts'
import { carryOut, requireSigned, signQuote } from '../../client/index.ts'
import { castKeyFile } from '../../scripts/world/key-files.ts'
import { Firm as Custodian } from '../api/custody.ts'
import { inSeconds, startInstance, until, type Instance } from '../api/instance.ts'
import { invoice } from '../api/invoices.ts'
import { newKey, Newcomer } from '../api/newcomer.ts'
import { startProvider } from '../api/provider.ts'

const passphrase = 'correct horse battery staple'
let tally: Instance
let maturity: number

async function firm(slug: string): Promise<Firm> {
  const folder = join(tally.dir, 'key-files')
  mkdirSync(folder, { recursive: true })
  const { account } = await tally.as(slug).get<{ account: string }>('/v1/me')
  const files: string[] = []
  for (const { duty } of cast.find((member) => member.slug === slug)!.signers) {
    const request = { dataDir: tally.dir, slug, duty, passphrase, account, iterations: 1000 }
    const file = join(folder, `${slug}-${duty}.json`)
    writeFileSync(file, (await castKeyFile(request))!)
    files.push(file)
  }
  return openFirm(tally.apiUrl, files, passphrase)
}

describe('the examples', () => {
  let receivableId: string
  let noteId: string

  beforeAll(async () => {
    tally = await startInstance()
    maturity = inSeconds(86_400)
  })
  afterAll(() => tally?.stop())

  it('supplier: registers once, however often it is run', async () => {
    const alder = await firm('alder')
    const file = invoice({ number: 'EX-1' })
    receivableId = await registerInvoice(alder, file, 'example-run-1', maturity)
    expect(await registerInvoice(alder, file, 'example-run-1', maturity)).toBe(receivableId)
    expect(await tally.receivable(receivableId)).toMatchObject({ state: 'registered', maturity })
  })

  it('debtor: confirms what its books know, with maker and checker, and nothing else', async () => {
    const meridian = await firm('meridian')
    expect(await confirmAll(meridian, ({ amount }) => amount === '1')).toEqual([])
    expect(await confirmAll(meridian, ({ amount }) => amount === '10000000')).toEqual([receivableId])
    expect(await tally.receivable(receivableId)).toMatchObject({ state: 'confirmed' })
  })

  it('supplier: pays with a part, cut off the end', async () => {
    const part = await payWith(
      await firm('alder'),
      `${receivableId}${'0'.repeat(16)}`,
      participantIdOf('corvale'),
      '4000000',
      'PO-1'
    )
    await tally.done('corvale', `/v1/notes/${part}/acceptance`)
    expect(await tally.note(part)).toMatchObject({ holder: participantIdOf('corvale'), amount: '4000000', tier: 1 })
    noteId = part
  })

  it('factor, whose keys are SM2: sees that the document is claimed, and finances what is locked for it', async () => {
    const huichuan = await firm('huichuan')
    const { fingerprints } = (await tally.receivable(receivableId)) as { fingerprints: string[] }
    expect(await isFree(huichuan, fingerprints[0]!)).toBe(false)
    expect(await isFree(huichuan, `0x0001${'ab'.repeat(30)}`)).toBe(true)
    const lock = { factor: participantIdOf('huichuan'), amount: '1000000', purpose: 'assignment', quote: 'Q-1' }
    const { noteId: locked } = await tally.done('corvale', `/v1/notes/${noteId}/locks`, lock)
    expect(await financeLocked(huichuan, async () => 'wire 1')).toEqual([locked])
    expect(await tally.note(locked!)).toMatchObject({
      holder: participantIdOf('huichuan'),
      state: 'live',
      isFinanced: true
    })
  })

  it('factor: offers under the signatures of its SM2 keys, which the holder asked for and checks', async () => {
    const [huichuan, corvale] = [await firm('huichuan'), await firm('corvale')]
    const ask = { noteId, amount: '500000', signedQuotesOnly: true, factors: [participantIdOf('huichuan')] }
    const { requestId } = await corvale.api.call('requestFunding', { body: ask }, { key: 'example-ask' })
    const body = {
      purpose: 'assignment',
      advanceBp: 9_000,
      reserveBp: 1_000,
      annualRateBp: 600,
      dayCount: 'ACT/360',
      interestDue: 'funding',
      fees: [],
      isFirm: true,
      expiresAt: maturity - 7200,
      fundBy: maturity - 3600
    } as const
    const given = await offer(huichuan, requestId, { ...body, fees: [] }, 'example-1')
    expect(await offer(huichuan, requestId, { ...body, fees: [] }, 'example-1')).toMatchObject({
      quoteId: given.quoteId,
      signatures: given.signatures
    })
    const quote = await corvale.api.call('getQuote', { quoteId: given.quoteId })
    const anchors = parseTrustAnchors(await corvale.api.call('getTrustAnchors', {}))
    expect(requireSigned(quote, anchors)).toHaveLength(2)
    const [first, ...others] = quote.signatures
    for (const wrong of [
      { ...quote, signatures: [{ ...first!, signature: others[0]!.signature }] },
      { ...quote, signatures: [{ ...first!, signer: `0x${'ab'.repeat(20)}` }] },
      { ...quote, signatures: [] },
      { ...quote, text: quote.text.replace(/"salt":"0x../, '"salt":"0x00') },
      { ...quote, annualRateBp: 500 }
    ]) {
      expect(() => requireSigned(wrong, anchors)).toThrow(/REVIEW|signed|key|text/)
    }
    await expect(
      signQuote(huichuan.api, { ...given, signatures: [] }, huichuan.signers, huichuan.known, {
        ...body,
        fees: [],
        annualRateBp: 5
      })
    ).rejects.toMatchObject({ code: 'REVIEW_TERMS' })
    await expect(
      signQuote(huichuan.api, { ...given, signatures: [] }, huichuan.signers, corvale.known, { ...body, fees: [] })
    ).rejects.toMatchObject({ code: 'REVIEW_DIGEST' })
    await carryOut(corvale.api, await corvale.api.call('acceptQuote', quote), corvale.signers, corvale.known)
    expect(await financeLocked(huichuan, async () => 'wire 2')).toHaveLength(1)
  })

  it('regulator: freezes a part by order and verifies the evidence itself', async () => {
    const regulator = await firm('regulator')
    const frozen = await freeze(regulator, noteId, '500000', participantIdOf('jiangan'), {
      reference: 'order 7',
      court: 'Court of Hamburg',
      file: new TextEncoder().encode('%PDF-1.7 order 7')
    })
    expect(await tally.note(frozen)).toMatchObject({ amount: '500000', freezeEscrow: participantIdOf('jiangan') })
    const anchors = async () => parseTrustAnchors(await regulator.api.call('getTrustAnchors', {}))
    // The newest evidence is anchored within a moment; the client waits for it, then the anchors know its head.
    await audit(regulator, receivableId, await anchors())
    expect(await audit(regulator, receivableId, await anchors())).toMatchObject({ result: 'verified' })
  })

  it('registrar: admits whom its register knows, with the keys applied with, and suspends', async () => {
    const registrar = await firm('registrar')
    const known = new Newcomer(tally, 'Known AB', ['VAT:SE990077123401'], [newKey('secp256k1', 'maker')])
    const unknown = new Newcomer(tally, 'Unknown AB', ['VAT:SE990077123501'], [newKey('p256', 'maker')])
    const [applied, other] = [await known.apply(), await unknown.apply()]
    const register = async ({ name }: { name: string }) => (name === 'Known AB' ? 'Register extract' : undefined)
    expect(await admitAll(registrar, register), 'nobody was screened').toEqual([])
    expect(await admitAll(registrar, register, ['none'])).toEqual([applied.applicationId])
    expect(await unknown.fateOf(other)).toMatchObject({ state: 'submitted' })
    const id = await known.admitted(applied)
    expect(await (await known.client(id)).get('/v1/me')).toMatchObject({ participantId: id, roles: ['supplier'] })
    await suspend(registrar, id, 'Example')
    await expect(
      (await known.client(id)).post('/v1/webhooks', 'example-key', { url: 'https://a.example' })
    ).rejects.toThrow('PARTICIPANT_SUSPENDED')
  })

  it('a firm in custody: its own keys choose a key for a user, who then confirms with it, until the account drops it', async () => {
    const provider = await startProvider()
    try {
      const own = await firm('meridian')
      const { participantId } = own
      const clientSecretFile = join(tally.dir, 'keys', 'sso.secret')
      writeFileSync(clientSecretFile, `${provider.clientSecret}\n`, { mode: 0o600 })
      const { issuer, clientId, redirectUri } = provider
      const sso = [{ participantId, issuer, clientId, clientSecretFile, redirectUri }]
      await tally.restartApi({ ...tally.config, sso })
      const people = new Custodian(tally, provider, 'meridian')
      const [anna, bert] = [await people.hire('anna', ['maker']), await people.hire('bert', ['checker'])]
      const admin = await administrator(own, tally.apiUrl)
      const quorum = { makers: 1, checkers: 1 }
      const lower = { userId: anna.userId, duty: 'maker', quorum: { makers: 2, checkers: 1 } } as const
      await expect(takeIntoCustody(own, admin, lower), 'not what the firm knows').rejects.toThrow('other keys')
      const key = await takeIntoCustody(own, admin, { userId: anna.userId, duty: 'maker', quorum })
      expect(await takeIntoCustody(own, admin, { userId: anna.userId, duty: 'maker', quorum })).toEqual(key)
      const other = await takeIntoCustody(own, admin, { userId: bert.userId, duty: 'checker', quorum })
      expect((await usable(admin)).map(({ managedKeyId }) => managedKeyId)).toEqual([
        key.managedKeyId,
        other.managedKeyId
      ])

      const registered = await tally.register()
      const { intentId } = await tally.propose('meridian', `/v1/receivables/${registered.receivableId}/confirmation`)
      const [asAnna, asBert] = [anna, bert].map(
        ({ token }) => new Api({ baseUrl: tally.apiUrl, credential: () => token })
      )
      expect(await signWaiting(asAnna!, (words) => !words.startsWith('Confirm'))).toEqual([])
      for (const user of [asAnna!, asBert!]) {
        expect(await signWaiting(user, (words) => words.startsWith('Confirm'))).toEqual([intentId])
      }
      await follow(admin, intentId)
      expect(await tally.receivable(registered.receivableId)).toMatchObject({ state: 'confirmed' })

      const { account } = own.known
      const change = { kind: 'changeSigners', account, added: [], removed: [key.signer], quorum } as const
      const { signers } = tally.keys.participants['meridian']!
      await sendDirectly(tally.chain.url, tally.config.deployment, account, signers, change)
      await until(async () => (await usable(asAnna!)).length === 0)
      await expect(signWaiting(asAnna!, () => true)).rejects.toThrow('no key in custody of yours can sign now')
      expect(await usable(asBert!)).toMatchObject([{ managedKeyId: other.managedKeyId }])
    } finally {
      await provider.stop()
    }
  })

  it('clearing bank: settles at maturity, and the debtor has its statement', async () => {
    const meridian = await firm('meridian')
    const statement = JSON.parse(new TextDecoder().decode(await payTo(meridian, receivableId))) as {
      statement: { spans: unknown[] }
    }
    expect(statement.statement.spans.length).toBe(5)
    const jiangan = await firm('jiangan')
    await tally.turnClock(maturity + 1)
    await settle(jiangan, receivableId, 'entry 1')
    expect(await tally.receivable(receivableId)).toMatchObject({ state: 'settled', settled: '10000000' })
  })
})
