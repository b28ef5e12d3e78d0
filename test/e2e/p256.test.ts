import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TrustAnchors } from '../../domain/evidence/anchors.ts'
import { verifyPackage } from '../../domain/evidence/verify.ts'
import { receivableIdToHex } from '../../domain/note/span.ts'
import { receivableIdOf } from '../../domain/receivable/terms.ts'
import { signatureBody } from '../../client/signers.ts'
import type { Intent } from '../../scripts/demo/client.ts'
import { sendDirectly } from '../../scripts/demo/direct.ts'
import { invoiceOf, openStage, type Stage } from '../../scripts/demo/stage.ts'
import { askChain } from '../../scripts/instance/chain.ts'
import { participantIdOf } from '../../scripts/world/prepare.ts'
import { signWith, type SignerKey } from '../../scripts/world/signing.ts'
import { OnChain } from './on-chain.ts'
import { Instances, query } from './started.ts'

const SUPPLIER = 'alder'
const AMOUNT = 10_000_000n

describe('an account with a plain maker and a P-256 checker', { timeout: 120_000 }, () => {
  const instances = new Instances()
  const dir = instances.dir('a')
  const maturity = Math.floor(Date.now() / 1000) + 86_400
  let stage: Stage
  let maker: SignerKey
  let checker: SignerKey
  let document: { documentId: string; fingerprint: string; contentCommitment: string }

  beforeAll(async () => {
    await instances.start('a', '--empty').says(/^ready in/m)
    stage = await openStage(dir)
    ;[maker, checker] = stage.keys.participants[SUPPLIER]!.signers as [SignerKey, SignerKey]
    expect([maker, checker]).toMatchObject([
      { kind: 'secp256k1', duty: 'maker' },
      { kind: 'p256', duty: 'checker' }
    ])
    document = await stage.as(SUPPLIER).post('/v1/documents', 'p256-upload', await invoiceOf('alder-finch.ubl.xml', 1))
  })
  afterAll(() => instances.end())

  async function done(slug: string, path: string, body?: object): Promise<Intent> {
    const intent = await stage.as(slug).command(path, `p256-${slug}-${path}`, body)
    expect(intent, JSON.stringify(intent.refusal)).toMatchObject({ state: 'projected' })
    return intent
  }

  const terms = () => ({
    creditor: participantIdOf(SUPPLIER),
    debtor: participantIdOf('meridian'),
    amount: AMOUNT,
    currency: 978,
    maturity,
    contentCommitment: document.contentCommitment
  })

  it('is refused by its contract with one signature of the two', async () => {
    const command = { kind: 'register', terms: terms(), fingerprints: [document.fingerprint] } as const
    const account = await stage.accountOf(SUPPLIER)
    for (const signers of [[maker], [checker], [checker, { ...maker, kind: 'p256' }]] as const) {
      const { refusal, txHash } = await sendDirectly(stage.rpcUrl, stage.deployment, account, signers, command)
      expect(refusal).toEqual({ name: 'SignatureInvalid', args: { digest: expect.stringMatching(/^0x[0-9a-f]{64}$/) } })
      expect(await askChain(stage.rpcUrl, 'eth_getTransactionReceipt', [txHash])).toMatchObject({
        status: '0x0',
        logs: []
      })
    }
  })

  it('is not carried by the relayer with one signature, whichever it is', async () => {
    for (const key of [maker, checker]) {
      const body = { documentId: document.documentId, maturity }
      const proposed = await stage.as(SUPPLIER).post<Intent>('/v1/receivables', `p256-alone-${key.kind}`, body)
      const part = signatureBody(await signWith(key, proposed.typedData, stage.deployment))
      const path = `/v1/intents/${proposed.intentId}/signatures`
      const signed = await stage.as(SUPPLIER).post<Intent>(path, `p256-alone-sign-${key.kind}`, part)
      expect(signed.state).toBe('awaiting-signatures')
      expect(await query(dir, `select from app.outbox where intent_id = '${proposed.intentId}'`)).toEqual([])
    }
  })

  it('carries a receivable from registration to settlement through the relayer, and its evidence verifies', async () => {
    const registered = await done(SUPPLIER, '/v1/receivables', { documentId: document.documentId, maturity })
    const receivableId = registered.receivableId!
    expect(receivableId).toBe(receivableIdToHex(receivableIdOf(terms(), [document.fingerprint])))
    await done('meridian', `/v1/receivables/${receivableId}/confirmation`)
    const root = `/v1/notes/${receivableId}${'0'.repeat(16)}`
    const offer = { assignee: participantIdOf('corvale'), amount: '6000000', tradeDocument: 'CP-1' }
    const offered = await done(SUPPLIER, `${root}/transfers`, offer)
    await done('corvale', `/v1/notes/${offered.noteId}/refusal`, { reason: 'Not ours' })
    await done(SUPPLIER, `${root}/merge`, { nextId: offered.noteId })
    const factor = participantIdOf('lindqvist')
    const quote = { factor, amount: '3000000', purpose: 'recourse-assignment', quote: 'LF-1' }
    const locked = await done(SUPPLIER, `${root}/locks`, quote)
    await done('lindqvist', `/v1/notes/${locked.noteId}/financing`, { disbursement: 'LF-1-1' })
    const dilution = { amount: '1000000', creditNote: 'CN-1' }
    const diluted = await done(SUPPLIER, `${root}/dilutions`, dilution)
    await done('meridian', `/v1/notes/${diluted.noteId}/dilution-acceptance`)

    await askChain(stage.rpcUrl, 'evm_increaseTime', [86_401])
    await askChain(stage.rpcUrl, 'evm_mine')
    await expect.poll(() => query(dir, `select from projection.cursor where block_time >= ${maturity}`)).toHaveLength(1)
    await done('lindqvist', `/v1/notes/${locked.noteId}/returns`, { demand: 'Meridian did not pay' })
    await done(SUPPLIER, `/v1/notes/${locked.noteId}/return-acceptance`)
    await done('jiangan', `/v1/receivables/${receivableId}/settlement`, { payment: 'Statement 1' })

    const chain = new OnChain(dir)
    expect(await chain.expectProjected()).toEqual({ receivables: 1, notes: 3 })
    await chain.expectOutbox()
    chain.close()
    const anchors = await stage.as(SUPPLIER).get<TrustAnchors>('/v1/trust-anchors')
    const evidence = await stage.as(SUPPLIER).download(`/v1/receivables/${receivableId}/evidence`)
    const report = await verifyPackage(evidence, await stage.as(SUPPLIER).get<TrustAnchors>('/v1/trust-anchors'))
    expect(anchors.participants.map(({ id }) => id)).toContain(participantIdOf(SUPPLIER))
    expect(report.checks.filter(({ ok }) => ok !== true)).toEqual([])
    expect(report.result).toBe('verified')
  })
})
