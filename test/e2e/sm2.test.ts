import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { getBytes, hexlify } from 'ethers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSigner } from '../../api/signing.ts'
import { keyIdOf, unwrapWith } from '../../domain/crypto/envelope.ts'
import { fromPem } from '../../domain/crypto/pem.ts'
import { publicKeyOf, SigningKey } from '../../domain/crypto/sm2.ts'
import type { TrustAnchors } from '../../domain/evidence/anchors.ts'
import { signHead } from '../../domain/evidence/head.ts'
import { unsealPackage } from '../../domain/evidence/sealed.ts'
import { verifyPackage } from '../../domain/evidence/verify.ts'
import type { Intent } from '../../scripts/demo/client.ts'
import { sendDirectly } from '../../scripts/demo/direct.ts'
import { invoiceOf, openStage, type Stage } from '../../scripts/demo/stage.ts'
import { askChain } from '../../scripts/instance/chain.ts'
import { certificateFiles } from '../../scripts/world/authority.ts'
import { keyFiles, type WorldKeys } from '../../scripts/world/keys.ts'
import { participantIdOf } from '../../scripts/world/prepare.ts'
import type { SignerKey } from '../../scripts/world/signing.ts'
import { strangeRoot, strangeSigner } from '../domain/evidence/authority.ts'
import { certificateTamperings } from './certificate-tamperings.ts'
import { OnChain } from './on-chain.ts'
import { Instances, query } from './started.ts'
import { tamperings, type True } from './tamperings.ts'

/** All secrets of the embedded world: what an operator, an authority and participants that lie can do together. */
async function secretsOf(dir: string, keys: WorldKeys): Promise<Omit<True, 'bytes' | 'anchors'>> {
  const { log } = certificateFiles(dir)
  const files = keyFiles(dir).stores.log
  const signer = await openSigner({ ...files, certificateFile: log })
  const issuing = fromPem(readFileSync(join(dir, 'certificates', 'issuing.pem'), 'utf8'))[0]!.der
  return {
    sign: (head) => signHead(head, signer),
    forge: (head) => signHead(head, strangeSigner),
    issuing: { certificate: issuing, key: new SigningKey(getBytes(keys.authority.issuing)) },
    keys: Object.values(keys.participants).flatMap(({ signers }) =>
      signers.flatMap(({ kind, privateKey }) => (kind === 'sm2' ? [new SigningKey(getBytes(privateKey))] : []))
    )
  }
}

/** Everybody who acts in this life. */
const PEOPLE = ['hualing', 'beichen', 'yunchuan', 'qinghe', 'huichuan', 'jiangan', 'regulator'] as const

describe('a life of a receivable among SM2 accounts with maker and checker', { timeout: 150_000 }, () => {
  const instances = new Instances()
  const dir = instances.dir('a')
  const maturity = Math.floor(Date.now() / 1000) + 86_400
  let stage: Stage
  let court: True

  beforeAll(async () => {
    await instances.start('a', '--empty').says(/^ready in/m)
    stage = await openStage(dir)
  })
  afterAll(() => instances.end())

  async function done(slug: (typeof PEOPLE)[number], path: string, body?: object): Promise<Intent> {
    const intent = await stage.as(slug).command(path, `sm2-${slug}-${path}`, body)
    expect(intent, JSON.stringify(intent.refusal)).toMatchObject({ state: 'projected' })
    return intent
  }

  it('has two SM2 keys for each of them, and accounts that know no other', async () => {
    for (const slug of PEOPLE) {
      expect(stage.keys.participants[slug]!.signers, slug).toMatchObject([
        { kind: 'sm2', duty: 'maker' },
        { kind: 'sm2', duty: 'checker' }
      ])
      const [participant] = await query<{ signers: { signer: string }[] }>(
        dir,
        `select signers from app.participant where participant_id = ${participantIdOf(slug)}`
      )
      const verifier = stage.deployment.sm2Verifier.toLowerCase()
      for (const { signer } of participant!.signers) expect(signer).toMatch(new RegExp(`^${verifier}[0-9a-f]{128}$`))
    }
  })

  it('is refused by the contract when one of the two has not signed', async () => {
    const [maker, checker] = stage.keys.participants['hualing']!.signers as [SignerKey, SignerKey]
    const terms = {
      creditor: participantIdOf('hualing'),
      debtor: participantIdOf('beichen'),
      amount: 1n,
      currency: 156,
      maturity,
      contentCommitment: `0x${'11'.repeat(32)}`
    }
    const command = { kind: 'register', terms, fingerprints: [`0x${'22'.repeat(32)}`] } as const
    for (const signers of [[maker], [checker]]) {
      const account = await stage.accountOf('hualing')
      const { refusal } = await sendDirectly(stage.rpcUrl, stage.deployment, account, signers, command)
      expect(refusal?.name).toBe('SignatureInvalid')
    }
  })

  it('goes from the e-invoice to settlement, and its evidence verifies offline', async () => {
    const upload = await invoiceOf('hualing.einvoice.xml', 1)
    const { documentId } = await stage.as('hualing').post<{ documentId: string }>('/v1/documents', 'sm2-upload', upload)
    const { receivableId } = await done('hualing', '/v1/receivables', { documentId, maturity })
    await done('beichen', `/v1/receivables/${receivableId}/confirmation`)
    const root = `${receivableId}${'0'.repeat(16)}`
    const transfer = async (
      from: 'hualing' | 'yunchuan',
      to: 'yunchuan' | 'qinghe',
      noteId: string,
      amount: string
    ) => {
      const body = { assignee: participantIdOf(to), amount, tradeDocument: `contract ${to}` }
      const offered = await done(from, `/v1/notes/${noteId}/transfers`, body)
      await done(to, `/v1/notes/${offered.noteId}/acceptance`)
      return offered.noteId!
    }
    const second = await transfer('hualing', 'yunchuan', root, '80000000')
    const third = await transfer('yunchuan', 'qinghe', second, '30000000')
    const quote = { factor: participantIdOf('huichuan'), amount: '20000000', purpose: 'assignment', quote: 'HC-9' }
    const locked = await done('qinghe', `/v1/notes/${third}/locks`, quote)
    await done('huichuan', `/v1/notes/${locked.noteId}/financing`, { disbursement: 'HC-9-1' })

    await askChain(stage.rpcUrl, 'evm_increaseTime', [86_401])
    await askChain(stage.rpcUrl, 'evm_mine')
    await expect.poll(() => query(dir, `select from projection.cursor where block_time >= ${maturity}`)).toHaveLength(1)
    await done('jiangan', `/v1/receivables/${receivableId}/settlement`, { payment: 'Statement 9' })

    const chain = new OnChain(dir)
    expect(await chain.expectProjected()).toEqual({ receivables: 1, notes: 4 })
    await chain.expectOutbox()
    chain.close()
    const evidence = await stage.as('hualing').download(`/v1/receivables/${receivableId}/evidence`)
    const anchors = await stage.as('hualing').get<TrustAnchors>('/v1/trust-anchors')
    const report = await verifyPackage(evidence, anchors)
    expect(report.checks.filter(({ ok }) => ok !== true)).toEqual([])
    expect(report.result).toBe('verified')
    const certificates = report.checks.find(({ name }) => name === 'certificates')
    // Beichen, Hualing, Yunchuan, Qinghe, Huichuan and Jiangan, each with maker and checker.
    expect(certificates?.detail).toContain('12 SM2 keys')
    const strangers = { ...anchors, authorities: [hexlify(strangeRoot)] }
    const refused = await verifyPackage(evidence, strangers)
    expect(refused.checks.flatMap(({ code }) => code ?? [])).toEqual(['CERT_UNTRUSTED', 'CERT_UNTRUSTED'])
    type Listed = { participantId: number; certificates: { use: string; pem: string }[] }
    const { items } = await stage.as('hualing').get<{ items: Listed[] }>('/v1/participants')
    const uses = (slug: string) =>
      items.find((one) => one.participantId === participantIdOf(slug))?.certificates.map(({ use }) => use)
    expect(uses('hualing')).toEqual(['encryption', 'signature', 'signature'])
    expect(uses('corvale')).toEqual(['encryption'])
    expect(report.outcome?.notes.map(({ state }) => state)).toEqual(['settled', 'settled', 'settled', 'settled'])
    const secret = getBytes(stage.keys.participants['hualing']!.encryption)
    const bytes = await unsealPackage(evidence, keyIdOf(publicKeyOf(secret)), unwrapWith(secret))
    court = { bytes, anchors, ...(await secretsOf(dir, stage.keys)) }
    expect((await verifyPackage(bytes, anchors)).result).toBe('verified')
  })

  it.each([...tamperings, ...certificateTamperings])(
    '$code: a package with $name is refused',
    async ({ code, make }) => {
      const { bytes, anchors = court.anchors, subject } = await make(court)
      const report = await verifyPackage(bytes, anchors, undefined, { subject })
      expect(report.result).toBe('failed')
      const codes = report.checks.flatMap((check) => (check.ok === false ? [check.code] : []))
      // What was tampered with comes first; what depends on it may fail too.
      expect(codes[0], JSON.stringify(report.checks)).toBe(code)
    }
  )

  it('names fifty tamperings and more than thirty reasons', () => {
    const all = [...tamperings, ...certificateTamperings]
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length)
    expect(all.length).toBeGreaterThanOrEqual(50)
    expect(new Set(all.map(({ code }) => code)).size).toBeGreaterThanOrEqual(30)
  })
})
