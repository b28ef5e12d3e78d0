import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TrustAnchors } from '../../domain/evidence/index.ts'
import {
  verifyCertificate,
  type CertificateReport,
  type CertificateTrust
} from '../../domain/evidence/certificate/verify.ts'
import type { Certificate, PayToStatement, ProvenanceStatement } from '../../domain/evidence/certificate/statement.ts'
import { canonicalBytes } from '../../domain/evidence/shape.ts'
import { chainReader } from '../../client/chain-reader.ts'
import { participantIdOf } from '../../scripts/world/prepare.ts'
import { inSeconds, startInstance, type Instance } from './instance.ts'

/** Certificates over HTTP from a real instance, verified as anyone would. */
let tally: Instance
let chain: ReturnType<typeof chainReader>
const [alder, corvale, meridian, lindqvist, regulator] = (
  ['alder', 'corvale', 'meridian', 'lindqvist', 'regulator'] as const
).map(participantIdOf) as [number, number, number, number, number]

beforeAll(async () => {
  tally = await startInstance()
  chain = chainReader(tally.chain.url)
})
afterAll(async () => {
  chain?.close()
  const troubles = tally?.troubles()
  await tally?.stop()
  expect(troubles).toEqual([])
})

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

async function ask(path: string, as: string): Promise<{ bytes: Uint8Array; certificate: Certificate }> {
  const answer = await tally.call(path, { as })
  expect(answer.status, answer.text).toBe(200)
  return { bytes: utf8(answer.text), certificate: answer.body as unknown as Certificate }
}

async function anchors(): Promise<TrustAnchors> {
  return (await tally.call('/v1/trust-anchors', { as: null })).body as unknown as TrustAnchors
}

const codes = (report: CertificateReport) => report.checks.flatMap(({ code }) => code ?? [])

/** Offline with anchors, then with the node as well: both must be without doubt. */
async function holds(bytes: Uint8Array): Promise<void> {
  const offline = await verifyCertificate(bytes, { anchors: await anchors() })
  expect(offline, JSON.stringify(offline.checks)).toMatchObject({ result: 'verified' })
  const online = await verifyCertificate(bytes, { anchors: await anchors(), chain })
  expect(online, JSON.stringify(online.checks)).toMatchObject({ result: 'verified' })
}

async function offered(rootNote: string, amount = '2500'): Promise<string> {
  const body = { assignee: corvale, amount, tradeDocument: 'Order 1' }
  const { noteId } = await tally.done('alder', `/v1/notes/${rootNote}/transfers`, body)
  return noteId!
}

async function transferred(rootNote: string, amount?: string): Promise<string> {
  const noteId = await offered(rootNote, amount)
  await tally.done('corvale', `/v1/notes/${noteId}/acceptance`)
  return noteId
}

describe('a search', () => {
  it('says that nobody has claimed a document, and goes stale when somebody does', async () => {
    const { documentId, fingerprint } = await tally.upload()
    const path = `/v1/fingerprints/${fingerprint}/certificate`
    const { bytes, certificate } = await ask(path, 'lindqvist')
    expect(certificate.statement).toMatchObject({ kind: 'no-claim', fingerprint })
    expect(certificate.proof.anchored).toBeDefined()
    await holds(bytes)

    const { receivableId } = await tally.done('alder', '/v1/receivables', {
      documentId,
      maturity: inSeconds(30 * 86_400)
    })
    expect(await verifyCertificate(bytes, { anchors: await anchors() })).toMatchObject({ result: 'verified' })
    const stale = await verifyCertificate(bytes, { anchors: await anchors(), chain })
    expect(codes(stale)).toEqual(['CERTIFICATE_STALE'])
    expect(stale.checks.at(-1)!.detail).toContain('true as of block')

    const now = await ask(path, 'regulator')
    const claim = { registry: 1, claimant: alder, reason: 'receivable', subject: receivableId }
    expect(now.certificate.statement).toMatchObject({ kind: 'search', fingerprint, claim })
    await holds(now.bytes)
    expect(codes(await verifyCertificate(now.bytes, { anchors: await anchors(), chain }))).toEqual([])
  })

  it('says which factor claimed it for a financing elsewhere, and that a release made it free', async () => {
    const fingerprint = `0x0001${'7e'.repeat(30)}`
    const claim = `/v1/fingerprints/${fingerprint}`
    await tally.done('lindqvist', `${claim}/claim`, { reason: 'pledged-elsewhere', reference: 'Contract 1' })
    const taken = await ask(`${claim}/certificate`, 'huichuan')
    expect(taken.certificate.statement).toMatchObject({
      kind: 'search',
      claim: { registry: 0, claimant: lindqvist, reason: 'pledged-elsewhere' }
    })
    await holds(taken.bytes)
    await tally.done('lindqvist', `${claim}/release`, { reason: 'repaid' })
    const free = await ask(`${claim}/certificate`, 'huichuan')
    expect(free.certificate.statement.kind).toBe('no-claim')
    await holds(free.bytes)
  })

  it('is for factors and regulators, and for whom the document concerns', async () => {
    const { fingerprint } = await tally.upload()
    const path = `/v1/fingerprints/${fingerprint}/certificate`
    await ask(path, 'alder')
    await tally.refused('DOCUMENT_NOT_FOUND', path, { as: 'corvale' })
    await tally.refused('DOCUMENT_NOT_FOUND', path, { as: 'meridian' })
    await tally.refused('CREDENTIAL_MISSING', path, { as: null })
    await tally.refused('REQUEST_INVALID', '/v1/fingerprints/0x12/certificate', { as: 'lindqvist' })
    const { documentId } = await tally.upload()
    await tally.done('alder', '/v1/receivables', { documentId, maturity: inSeconds(86_400) })
    const { body } = await tally.call(`/v1/documents/${documentId}`, { as: 'alder' })
    await ask(`/v1/fingerprints/${String(body['fingerprint'])}/certificate`, 'meridian')
  })
})

describe('a pay-to statement', () => {
  it('has every span with its payee, and is final from maturity on', async () => {
    const maturity = inSeconds(3 * 86_400)
    const { receivableId, rootNote } = await tally.confirmed(maturity)
    const path = `/v1/receivables/${receivableId}/pay-to`
    const whole = await ask(path, 'meridian')
    expect((whole.certificate.statement as PayToStatement).spans).toHaveLength(1)
    await holds(whole.bytes)

    const sold = await transferred(rootNote)
    const pledged = await tally.done('corvale', `/v1/notes/${sold}/locks`, {
      factor: lindqvist,
      amount: '1000',
      purpose: 'pledge',
      quote: 'Quote 1'
    })
    await tally.done('lindqvist', `/v1/notes/${pledged.noteId}/financing`, { disbursement: 'Payment 1' })
    expect(codes(await verifyCertificate(whole.bytes, { anchors: await anchors(), chain }))).toEqual([
      'CERTIFICATE_STALE'
    ])
    const { bytes, certificate } = await ask(path, 'meridian')
    const statement = certificate.statement as PayToStatement
    expect(statement.spans.map(({ state, holder, payee }) => [state, holder, payee])).toEqual([
      ['live', alder, alder],
      ['live', corvale, corvale],
      ['pledged', corvale, lindqvist]
    ])
    expect(statement.isFinal).toBe(false)
    expect(statement.payees.map(({ participantId }) => participantId)).toEqual([alder, corvale, lindqvist])
    expect(statement.payees.every(({ account }) => account?.startsWith('IBAN:'))).toBe(true)
    await holds(bytes)

    const frozen = await tally.done('regulator', `/v1/notes/${rootNote}/freezes`, {
      amount: '300',
      until: maturity + 5 * 86_400,
      escrow: regulator,
      order: 'Order of the court'
    })
    const withEscrow = await ask(path, 'jiangan')
    const escrowed = (withEscrow.certificate.statement as PayToStatement).spans[1]!
    expect([escrowed.payee, escrowed.holder]).toEqual([regulator, alder])
    await holds(withEscrow.bytes)

    await tally.turnClock(maturity)
    // Nothing was written, but time made it final: the earlier statement is stale by that.
    const report = await verifyCertificate(withEscrow.bytes, { anchors: await anchors(), chain })
    expect(codes(report)).toEqual(['CERTIFICATE_STALE'])
    const after = await ask(path, 'meridian')
    const final = after.certificate.statement as PayToStatement
    expect(final.spans.map(({ isFinal }) => isFinal)).toEqual([true, false, true, true])
    expect(final.isFinal).toBe(false)
    await holds(after.bytes)
    await tally.done('regulator', `/v1/notes/${frozen.noteId}/unfreeze`, { order: 'Lifted' })
    const lifted = (await ask(path, 'meridian')).certificate.statement as PayToStatement
    expect(lifted.isFinal).toBe(true)
    expect(lifted.spans[1]!.payee).toBe(alder)
  })

  it('stands after settlement at once', async () => {
    const maturity = inSeconds(10 * 86_400)
    const { receivableId, rootNote } = await tally.confirmed(maturity)
    await transferred(rootNote)
    await tally.turnClock(maturity)
    const before = await ask(`/v1/receivables/${receivableId}/pay-to`, 'meridian')
    expect((before.certificate.statement as PayToStatement).isFinal).toBe(true)
    await tally.done('jiangan', `/v1/receivables/${receivableId}/settlement`, { payment: 'Payment' })
    const { bytes, certificate } = await ask(`/v1/receivables/${receivableId}/pay-to`, 'meridian')
    const statement = certificate.statement as PayToStatement
    expect(statement.receivable.state).toBe('settled')
    expect(statement.spans.map(({ state, payee }) => [state, payee])).toEqual([
      ['settled', alder],
      ['settled', corvale]
    ])
    await holds(bytes)
  })

  it('is for the debtor, the clearing agent and regulators', async () => {
    const { receivableId } = await tally.confirmed()
    const path = `/v1/receivables/${receivableId}/pay-to`
    for (const slug of ['meridian', 'jiangan', 'regulator']) await ask(path, slug)
    await tally.refused('RECEIVABLE_PARTY_WRONG', path, { as: 'alder' })
    await tally.refused('RECEIVABLE_NOT_FOUND', path, { as: 'corvale' })
    await tally.refused('CREDENTIAL_MISSING', path, { as: null })
    const { receivableId: unconfirmed } = await tally.register()
    await tally.refused('RECEIVABLE_STATE_WRONG', `/v1/receivables/${unconfirmed}/pay-to`, { as: 'meridian' })
  })
})

describe('a provenance', () => {
  it('proves a span of the confirmed receivable and names no other holder', async () => {
    const { rootNote } = await tally.confirmed()
    const mine = await transferred(rootNote)
    const other = await transferred(rootNote, '900')
    const { bytes, certificate } = await ask(`/v1/notes/${mine}/provenance`, 'corvale')
    const { note, receivable } = certificate.statement as ProvenanceStatement
    expect(note).toMatchObject({ holder: corvale, tier: 1, state: 'live' })
    expect(BigInt(note.end) - BigInt(note.start)).toBe(2500n)
    expect(receivable).toMatchObject({ debtor: meridian, creditor: alder, state: 'confirmed' })
    expect(certificate.proof.state.flatMap(({ slots }) => slots)).toHaveLength(2)
    expect(new TextDecoder().decode(bytes)).not.toContain(other.slice(2))
    await holds(bytes)
    await holds((await ask(`/v1/notes/${rootNote}/provenance`, 'alder')).bytes)
  })

  it('is for the holder and regulators', async () => {
    const { rootNote } = await tally.confirmed()
    const path = `/v1/notes/${rootNote}/provenance`
    await ask(path, 'regulator')
    await tally.refused('NOTE_PARTY_WRONG', path, { as: 'meridian' })
    await tally.refused('NOTE_NOT_FOUND', path, { as: 'corvale' })
  })
})

describe('trust in the block', () => {
  it('comes from an anchored head, a known block or a node; without any it is left open', async () => {
    const { fingerprint } = await tally.upload()
    const { certificate } = await ask(`/v1/fingerprints/${fingerprint}/certificate`, 'lindqvist')
    const { number, hash } = certificate.statement.asOf
    const { anchored: _, ...bare } = certificate.proof
    const bytes = canonicalBytes({ ...certificate, proof: bare })
    const trusted = await anchors()
    const open = await verifyCertificate(bytes, { anchors: trusted })
    expect(open).toMatchObject({ result: 'consistent' })
    expect(open.checks.filter(({ ok }) => ok === null).map(({ name }) => name)).toEqual(['block'])
    for (const trust of [
      { blocks: [{ number, hash }] },
      { anchors: { ...trusted, blocks: [{ number, hash }] } },
      { chain }
    ] satisfies CertificateTrust[]) {
      expect(await verifyCertificate(bytes, { anchors: trusted, ...trust })).toMatchObject({ result: 'verified' })
    }
    const other = await verifyCertificate(bytes, {
      anchors: trusted,
      blocks: [{ number, hash: `0x${'12'.repeat(32)}` }]
    })
    expect(codes(other)).toEqual(['BLOCK_NOT_TRUSTED'])
  })
})

describe('tallystick verify', () => {
  const run = (args: string[]): Promise<{ code: number; stdout: string }> =>
    new Promise((resolve) => {
      const program = fileURLToPath(new URL('../../scripts/tallystick.ts', import.meta.url))
      execFile(process.execPath, [program, 'verify', ...args], (error, stdout) =>
        resolve({ code: error ? Number(error.code) : 0, stdout })
      )
    })

  it('takes a certificate as it takes a package', async () => {
    const { fingerprint, documentId } = await tally.upload()
    const { bytes, certificate } = await ask(`/v1/fingerprints/${fingerprint}/certificate`, 'lindqvist')
    const file = join(tally.dir, 'certificate.json')
    const trust = join(tally.dir, 'anchors.json')
    writeFileSync(file, bytes)
    writeFileSync(trust, JSON.stringify(await anchors()))
    const offline = await run([file, '--anchors', trust])
    expect(offline.stdout).toMatch(/✓ state proof/)
    expect(offline.stdout).toContain(`fingerprint ${fingerprint}: no claim`)
    expect(offline.code).toBe(0)
    const { number, hash } = certificate.statement.asOf
    expect((await run([file, '--anchors', trust, '--block', `${number}:${hash}`])).code).toBe(0)
    expect((await run([file, '--block', 'here'])).code).toBe(2)
    expect((await run([file, '--data', join(tally.dir, 'none')])).code).toBe(3)

    await tally.done('alder', '/v1/receivables', { documentId, maturity: inSeconds(30 * 86_400) })
    const online = await run([file, '--anchors', trust, '--rpc', tally.chain.url, '--json'])
    expect(online.code).toBe(1)
    const { checks, result } = JSON.parse(online.stdout) as CertificateReport
    expect(result).toBe('failed')
    expect(checks.flatMap(({ code }) => code ?? [])).toEqual(['CERTIFICATE_STALE'])
  })
})
