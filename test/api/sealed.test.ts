import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { getBytes, hexlify } from 'ethers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keyIdOf, openSealed, unwrapWith, wrapAgain } from '../../domain/crypto/envelope.ts'
import { publicKeyOf } from '../../domain/crypto/sm2.ts'
import type { TrustAnchors } from '../../domain/evidence/anchors.ts'
import { sealingContext, unsealPackage } from '../../domain/evidence/sealed.ts'
import { verifyPackage } from '../../domain/evidence/verify.ts'
import { keyFiles } from '../../scripts/world/keys.ts'
import { participantIdOf } from '../../scripts/world/prepare.ts'
import { startInstance, type Instance, type Registered } from './instance.ts'
import { invoice } from './invoices.ts'

const NUMBER = 'ZEDERNHOLZ-77194'
let tally: Instance
let registered: Registered
const file = invoice({ number: NUMBER })

beforeAll(async () => {
  tally = await startInstance()
  registered = await tally.register({ number: NUMBER })
  await tally.done('meridian', `/v1/receivables/${registered.receivableId}/confirmation`)
})
afterAll(() => tally.stop())

const secretOf = (slug: string) => getBytes(tally.keys.participants[slug]!.encryption)
const keyIdOfMember = (slug: string) => keyIdOf(publicKeyOf(secretOf(slug)))

interface Sealed {
  sha256: string
  sealed: string
  keyId: string
  wrapped: string
}

async function openedBy(slug: string): Promise<Uint8Array> {
  const found = await tally.as(slug).get<Sealed>(`/v1/documents/${registered.documentId}/sealed`)
  expect(found.keyId).toBe(keyIdOfMember(slug))
  const sealed = new Uint8Array(Buffer.from(found.sealed, 'base64'))
  return openSealed(sealed, getBytes(found.wrapped), unwrapWith(secretOf(slug)), sealingContext(found.sha256))
}

/** Every file of the instance: tables, write-ahead log, logs of the programs. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

describe('what was read from a document', () => {
  const viewOf = async (as: string) => {
    const { status, body } = await tally.call(`/v1/documents/${registered.documentId}/view`, { as })
    expect(status, as).toBe(200)
    return body
  }
  const all = ['numbers', 'references', 'parties', 'payee', 'attachments']
  const known = { payable: '10000000', currency: 'EUR', seller: 'Alder & Finch Castings GmbH', issueDate: '2026-11-02' }
  const path = () => `/v1/documents/${registered.documentId}`
  const grant = async (slug: string, sections: string[], more: object = {}) => {
    const body = { participantId: participantIdOf(slug), sections, ...more }
    const answer = await tally.call(`${path()}/grants`, { body })
    expect(answer.status, answer.text).toBe(201)
    return answer.body as { grantId: string }
  }
  const withdraw = (grantId: string) => tally.call(`${path()}/grants/${grantId}/withdrawal`, { method: 'POST' })

  beforeAll(async () => {
    // A party of the debt that is none of the invoice, and no reader of its file.
    const body = { assignee: participantIdOf('corvale'), amount: '100', tradeDocument: 'Order 1' }
    const { noteId } = await tally.done('alder', `/v1/notes/${registered.rootNote}/transfers`, body)
    await tally.done('corvale', `/v1/notes/${noteId}/acceptance`)
  })

  it('is whole for who has the file, masked for another party of the debt, and not there for a stranger', async () => {
    for (const as of ['alder', 'meridian', 'regulator']) {
      const view = await viewOf(as)
      expect(view, as).toMatchObject({ ...known, masked: [], numbers: { number: NUMBER } })
      expect(view, as).toMatchObject({
        references: { orders: ['PO-77120'] },
        parties: { buyer: { vat: 'DE900417723' } }
      })
    }
    const { text } = await tally.call(`${path()}/view`, { as: 'corvale' })
    expect(await viewOf('corvale')).toMatchObject({
      ...known,
      masked: all,
      numbers: null,
      references: null,
      parties: null
    })
    for (const secret of [NUMBER, 'PO-77120', 'DE900417723', 'DE900551209']) expect(text).not.toContain(secret)
    await tally.refused('DOCUMENT_NOT_FOUND', `${path()}/view`, { as: 'huichuan' })
    const behind = `/v1/receivables/${registered.receivableId}/documents`
    expect((await tally.call(behind, { as: 'corvale' })).body['items']).toEqual([await viewOf('corvale')])
    await tally.refused('RECEIVABLE_NOT_FOUND', behind, { as: 'huichuan' })
  })

  it('is shown by its owner section by section, until that is withdrawn', async () => {
    const { grantId } = await grant('huichuan', ['numbers'])
    expect(await viewOf('huichuan')).toMatchObject({
      ...known,
      masked: all.slice(1),
      numbers: { number: NUMBER },
      references: null
    })
    const other = await grant('huichuan', ['references', 'payee'])
    expect(await viewOf('huichuan')).toMatchObject({
      masked: ['parties', 'attachments'],
      references: { contracts: [] }
    })
    // Nobody else gives, takes or sees it.
    for (const as of ['huichuan', 'meridian', 'corvale']) {
      const body = { participantId: participantIdOf('tormel'), sections: ['numbers'] }
      await tally.refused('DOCUMENT_NOT_FOUND', `${path()}/grants`, { as, body })
      await tally.refused('DOCUMENT_NOT_FOUND', `${path()}/grants/${grantId}/withdrawal`, { as, method: 'POST' })
    }
    await tally.refused('DOCUMENT_NOT_FOUND', `${path()}/grants`, { as: 'corvale' })
    await tally.refused('DOCUMENT_NOT_FOUND', `${path()}/sealed`, { as: 'huichuan' })

    expect((await withdraw(grantId)).body).toMatchObject({ grantId, withdrawnAt: expect.any(Number) })
    expect(await viewOf('huichuan')).toMatchObject({ masked: ['numbers', 'parties', 'attachments'], numbers: null })
    expect((await withdraw(grantId)).status, 'twice').toBe(200)
    await withdraw(other.grantId)
    await tally.refused('DOCUMENT_NOT_FOUND', `${path()}/view`, { as: 'huichuan' })
    const { body } = await tally.call(`${path()}/grants`)
    const list = body['items'] as { grantId: string; withdrawnAt: number | null }[]
    expect(list.map((one) => [one.grantId, one.withdrawnAt !== null]).sort()).toEqual(
      [
        [grantId, true],
        [other.grantId, true]
      ].sort()
    )
    expect((await tally.call(`${path()}/grants`, { as: 'huichuan' })).body['items']).toHaveLength(2)
  })

  it('is masked again when the grant has ended, and is granted to nobody unknown', async () => {
    const now = Math.floor(Date.now() / 1000)
    const { grantId } = await grant('huichuan', ['numbers'], { until: now + 3600 })
    expect(await viewOf('huichuan')).toMatchObject({ numbers: { number: NUMBER } })
    await tally.sql.query('update app.document_grant set ends_at = $2 where grant_id = $1', [grantId, now - 1])
    await tally.refused('DOCUMENT_NOT_FOUND', `${path()}/view`, { as: 'huichuan' })
    const post = (body: object) => ({
      body: { participantId: participantIdOf('huichuan'), sections: ['numbers'], ...body }
    })
    await tally.refused('DEADLINE_INVALID', `${path()}/grants`, post({ until: now - 1 }))
    await tally.refused('PARTICIPANT_UNKNOWN', `${path()}/grants`, post({ participantId: 4_000_000_000 }))
    await tally.refused('REQUEST_INVALID', `${path()}/grants`, post({ sections: ['everything'] }))
    const unknown = `${path()}/grants/01900000-0000-7000-8000-000000000000/withdrawal`
    await tally.refused('GRANT_NOT_FOUND', unknown, { method: 'POST' })
  })

  it('is granted and withdrawn on record: in the audit log, and in the document’s evidence', async () => {
    const { rows } = await tally.sql.query<{ operation: string; count: number }>(
      `select operation, count(*)::int as count from app.audit_record
        where participant_id = $1 and status < 300 and operation in ('grantDocument', 'withdrawDocumentGrant')
        group by operation order by operation`,
      [participantIdOf('alder')]
    )
    expect(rows).toEqual([
      { operation: 'grantDocument', count: 3 },
      { operation: 'withdrawDocumentGrant', count: 3 }
    ])
    const bytes = await tally.as('alder').download(`${path()}/evidence`)
    const anchors = await tally.as('alder').get<TrustAnchors>('/v1/trust-anchors')
    const report = await verifyPackage(bytes, anchors)
    expect(report.result).toBe('verified')
    const told = report.checks.find(({ name }) => name === 'grants')?.detail ?? ''
    expect(told.match(/given/g)).toHaveLength(3)
    expect(told.match(/withdrawn/g)).toHaveLength(2)
  })
})

describe('an uploaded document', () => {
  it.each(['alder', 'meridian', 'regulator'])('opens to %s with its own key', async (slug) => {
    expect(await openedBy(slug)).toEqual(file)
  })

  it.each(['corvale', 'lindqvist', 'jiangan'])('is not there for %s', async (slug) => {
    const path = `/v1/documents/${registered.documentId}/sealed`
    await tally.refused('DOCUMENT_NOT_FOUND', path, { as: slug, method: 'GET' })
  })

  it('does not open to a stranger that has the whole database', async () => {
    const { rows } = await tally.sql.query<{ sealed: Buffer; wrapped: Buffer; sha256: string }>(
      'select d.sealed, d.sha256, k.wrapped from app.document d join app.document_key k using (document_id)'
    )
    expect(rows).toHaveLength(3)
    for (const { sealed, wrapped, sha256 } of rows) {
      const attempt = openSealed(sealed, wrapped, unwrapWith(secretOf('corvale')), sealingContext(sha256))
      await expect(attempt).rejects.toMatchObject({ code: 'CIPHERTEXT_MISMATCH' })
    }
  })

  it('is read by one more when a reader wraps the key again, and by nobody else’s doing', async () => {
    const path = `/v1/documents/${registered.documentId}/readers`
    const wrappedFor = async (slug: string) => {
      const found = await tally.as('alder').get<Sealed>(`/v1/documents/${registered.documentId}/sealed`)
      const publicKey = publicKeyOf(secretOf(slug))
      const reader = { publicKey, keyId: keyIdOf(publicKey) }
      const { wrapped } = await wrapAgain(getBytes(found.wrapped), unwrapWith(secretOf('alder')), reader)
      return { participantId: participantIdOf(slug), wrapped: hexlify(wrapped) }
    }
    const body = await wrappedFor('lindqvist')
    await tally.refused('DOCUMENT_NOT_FOUND', path, { as: 'corvale', body })
    await tally.refused('PARTICIPANT_UNKNOWN', path, { as: 'alder', body: { ...body, participantId: 4711 } })
    await tally.refused('REQUEST_INVALID', path, { as: 'alder', body: { ...body, wrapped: '0x00' } })
    expect((await tally.call(path, { as: 'alder', body })).status).toBe(201)
    expect(await openedBy('lindqvist')).toEqual(file)
    // What it has read it has read; it is given the file no more, until the owner lets it in again.
    const out = (slug: string, as = 'alder') =>
      [`${path}/${participantIdOf(slug)}/withdrawal`, { as, method: 'POST' }] as const
    await tally.refused('DOCUMENT_NOT_FOUND', ...out('lindqvist', 'lindqvist'))
    await tally.refused('READER_NOT_FOUND', ...out('meridian'))
    await tally.refused('READER_NOT_FOUND', ...out('corvale'))
    expect((await tally.call(...out('lindqvist'))).body).toMatchObject({ withdrawnAt: expect.any(Number) })
    const sealed = `/v1/documents/${registered.documentId}/sealed`
    await tally.refused('DOCUMENT_NOT_FOUND', sealed, { as: 'lindqvist' })
    await tally.refused('DOCUMENT_NOT_FOUND', sealed.replace('sealed', 'evidence'), { as: 'lindqvist' })
    expect((await tally.call(path, { as: 'alder', body })).status).toBe(201)
    expect(await openedBy('lindqvist')).toEqual(file)
  })

  it('is granted anew by its owner alone, where a reader gave a key that opens nothing', async () => {
    const path = `/v1/documents/${registered.documentId}/readers`
    const wrappedFor = (slug: string, wrapped: string) => ({ participantId: participantIdOf(slug), wrapped })
    const nothing = `0x${'5a'.repeat(140)}`
    const { wrapped } = await tally.as('alder').get<Sealed>(`/v1/documents/${registered.documentId}/sealed`)
    expect((await tally.call(path, { as: 'meridian', body: wrappedFor('huichuan', nothing) })).status).toBe(201)
    const publicKey = publicKeyOf(secretOf('huichuan'))
    const right = await wrapAgain(getBytes(wrapped), unwrapWith(secretOf('alder')), {
      publicKey,
      keyId: keyIdOf(publicKey)
    })
    const body = wrappedFor('huichuan', hexlify(right.wrapped))
    await tally.refused('READER_EXISTS', path, { as: 'meridian', body })
    expect((await tally.call(path, { as: 'alder', body })).status).toBe(201)
    expect(await openedBy('huichuan')).toEqual(file)
    // Readers from the upload on are nobody's to put out, the owner's neither.
    for (const slug of ['meridian', 'regulator', 'alder']) {
      await tally.refused('READER_EXISTS', path, { as: 'alder', body: wrappedFor(slug, nothing) })
    }
    expect(await openedBy('meridian')).toEqual(file)
  })

  it('is refused to who has no key that it could be sealed to, and nothing is left', async () => {
    const [row] = (
      await tally.sql.query<{ key: string }>(
        `select encryption_key as key from app.participant where participant_id = $1`,
        [participantIdOf('alder')]
      )
    ).rows
    const set = (key: string | null) =>
      tally.sql.query('update app.participant set encryption_key = $2 where participant_id = $1', [
        participantIdOf('alder'),
        key
      ])
    await set(null)
    try {
      await tally.refused('ENCRYPTION_KEY_MISSING', '/v1/documents', { body: invoice({ number: 'NO-KEY' }) })
    } finally {
      await set(row!.key)
    }
  })
})

describe('the database and the disk', () => {
  /** What stands in the file and nowhere else: its number, and lines of it. */
  const secrets = (): string[] => {
    const lines = new TextDecoder()
      .decode(file)
      .split('\n')
      .map((line) => line.trim())
    return [NUMBER, ...lines.filter((line) => line.length > 24)]
  }

  it('show no clear byte of it in any table, in text, hex or base64', async () => {
    const { rows: tables } = await tally.sql.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('app', 'projection')`
    )
    expect(tables.length).toBeGreaterThan(15)
    for (const { name } of tables) {
      const { rows } = await tally.sql.query<{ row: string }>(`select t::text as row from ${name} t`)
      const dump = rows.map(({ row }) => row).join('\n')
      for (const secret of secrets()) {
        const forms = [secret, Buffer.from(secret).toString('hex'), Buffer.from(secret).toString('base64').slice(0, -4)]
        for (const form of forms) expect(dump.includes(form), `${name}: ${form}`).toBe(false)
      }
    }
  })

  it('show none in the files beneath either: tables, write-ahead log, logs', async () => {
    await tally.sql.query('checkpoint')
    const files = filesOf(tally.dir).filter((name) => statSync(name).size > 0)
    expect(files.length).toBeGreaterThan(100)
    const needles = secrets().map((secret) => Buffer.from(secret))
    for (const name of files) {
      const bytes = readFileSync(name)
      for (const needle of needles) expect(bytes.includes(needle), `${name}: ${needle.toString()}`).toBe(false)
    }
  })

  it('answer a repeated command as the first time all the same', async () => {
    const key = tally.newKey()
    const body = invoice({ number: `${NUMBER}-2` })
    const first = await tally.call('/v1/documents', { key, body })
    const again = await tally.call('/v1/documents', { key, body })
    expect(again.body).toEqual(first.body)
    expect(first.body).toMatchObject({ invoice: { number: `${NUMBER}-2` } })
  })
})

describe('the evidence package', () => {
  it('has the document sealed, and opens to a reader for the court', async () => {
    const sealed = await tally.as('alder').download(`/v1/receivables/${registered.receivableId}/evidence`)
    const anchors = await tally.as('alder').get<TrustAnchors>('/v1/trust-anchors')
    expect(await verifyPackage(sealed, anchors)).toMatchObject({ result: 'verified' })
    expect(Buffer.from(sealed).includes(NUMBER)).toBe(false)
    const clear = await unsealPackage(sealed, keyIdOfMember('meridian'), unwrapWith(secretOf('meridian')))
    expect(await verifyPackage(clear, anchors)).toMatchObject({ result: 'verified' })
    const attempt = unsealPackage(sealed, keyIdOfMember('corvale'), unwrapWith(secretOf('corvale')))
    await expect(attempt).rejects.toMatchObject({ code: 'READER_NOT_ENTITLED' })
  })

  it('is opened by `tallystick unseal` with the key’s file', async () => {
    const sealed = await tally.as('alder').download(`/v1/receivables/${registered.receivableId}/evidence`)
    const [packed, out] = [join(tally.dir, 'sealed.zip'), join(tally.dir, 'clear.zip')]
    writeFileSync(packed, sealed)
    const unseal = (slug: string) =>
      promisify(execFile)(process.execPath, [
        join(import.meta.dirname, '../../scripts/tallystick.ts'),
        ...['unseal', packed, '--key', keyFiles(tally.dir).encryption(slug), '--out', out]
      ])
    await expect(unseal('corvale')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^READER_NOT_ENTITLED/)
    })
    await unseal('alder')
    const anchors = await tally.as('alder').get<TrustAnchors>('/v1/trust-anchors')
    expect(await verifyPackage(new Uint8Array(readFileSync(out)), anchors)).toMatchObject({ result: 'verified' })
    await expect(unseal('alder')).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('EEXIST') })
  })
})
