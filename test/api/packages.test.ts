import { getBytes, hexlify } from 'ethers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TrustAnchors } from '../../domain/evidence/anchors.ts'
import { readAssignmentNotification } from '../../domain/documents/notification/read.ts'
import { leafHash, verifyConsistency, verifyInclusion } from '../../domain/evidence/merkle.ts'
import { openPackage, type OpenedPackage } from '../../domain/evidence/package.ts'
import { parseRecord, type EvidenceRecord } from '../../domain/evidence/record.ts'
import { verifyPackage } from '../../domain/evidence/verify.ts'
import { chainReader } from '../../client/chain-reader.ts'
import { participantIdOf } from '../../scripts/world/prepare.ts'
import { startInstance, until, type Instance, type Registered } from './instance.ts'

/** One receivable cut into two branches, that of Corvale and Tormel and that of the factor. */
let tally: Instance
let line: Registered
let corvales: string
let tormels: string
let factors: string
let financingTx: string

beforeAll(async () => {
  tally = await startInstance()
  line = await tally.confirmed()
  const offer = (slug: string, amount: string) => ({ assignee: participantIdOf(slug), amount, tradeDocument: 'Order' })
  const [alder, corvale] = [`/v1/notes/${line.rootNote}`, () => `/v1/notes/${corvales}`]
  const quote = { factor: participantIdOf('lindqvist'), amount: '600000', purpose: 'assignment', quote: 'Q-1' }
  factors = (await tally.done('alder', `${alder}/locks`, quote)).noteId!
  const financed = await tally.done('lindqvist', `/v1/notes/${factors}/financing`, { disbursement: 'Paid' })
  financingTx = financed.txHash!
  corvales = (await tally.done('alder', `${alder}/transfers`, offer('corvale', '400000'))).noteId!
  await tally.done('corvale', `${corvale()}/acceptance`)
  tormels = (await tally.done('corvale', `${corvale()}/transfers`, offer('tormel', '150000'))).noteId!
  await tally.done('tormel', `/v1/notes/${tormels}/acceptance`)
})
afterAll(async () => {
  const troubles = tally?.troubles()
  await tally?.stop()
  expect(troubles).toEqual([])
})

const anchorsNow = () => tally.as('alder').get<TrustAnchors>('/v1/trust-anchors')

/** A package as soon as the newest of it is anchored. */
async function downloaded(slug: string, path: string): Promise<Uint8Array> {
  await until(async () => (await tally.call(path, { as: slug })).status !== 409)
  return tally.as(slug).download(path)
}

const recordsOf = ({ manifest, members }: OpenedPackage): EvidenceRecord[] =>
  manifest.records.map(({ path }) => parseRecord(members.get(path)!))
const eventsOf = (records: EvidenceRecord[]): string[] =>
  records.flatMap((record) => (record.kind === 'state' ? [record.event.name] : record.kind === 'cut' ? ['cut'] : []))
const textOf = ({ members }: OpenedPackage): string =>
  [...members.values()].map((bytes) => Buffer.from(bytes).toString('latin1')).join('\n')

describe('the notice of an assignment', () => {
  const path = (noteId: string) => `/v1/notes/${noteId}/assignment-notice`

  it('tells the debtor who holds a note now, from whom, and where that is proven', async () => {
    const xml = await downloaded('meridian', path(tormels))
    const notice = readAssignmentNotification(xml)
    expect(notice).toMatchObject({
      debtor: { identifier: 'DE900417723', scheme: 'VAT' },
      assignor: { name: expect.stringContaining('Corvale') },
      assignee: { name: expect.stringContaining('Tormel') },
      receivableId: line.receivableId,
      noteId: tormels,
      amount: 150_000n,
      faceAmount: 10_000_000n,
      currency: 'EUR',
      payTo: 'IBAN:IT00T9999999999000077120482'
    })
    expect(notice.verifyAt).toBe(`${tally.apiUrl}/v1/notes/${tormels}/evidence`)
    const { size, root } = notice.logHead
    const { body } = await tally.call(`/v1/log/consistency?from=${size}`, { as: null })
    expect(body['fromRoot']).toBe(root)
    const accepted = await tally
      .as('tormel')
      .get<{ items: { name: string; txHash: string; args: { noteId: string } }[] }>(
        `/v1/receivables/${line.receivableId}/history`
      )
    const event = accepted.items.find(({ name, args }) => name === 'NoteAccepted' && args.noteId === tormels)!
    expect(notice.transaction).toBe(event.txHash)
  })

  it('is of the factor for what it financed, as a PDF too', async () => {
    const notice = readAssignmentNotification(await downloaded('lindqvist', path(factors)))
    expect(notice.assignee.name).toContain('Lindqvist')
    expect(notice.assignor.name).toContain('Alder')
    const pdf = await tally.as('meridian').download(`${path(factors)}?format=pdf`)
    expect(Buffer.from(pdf.subarray(0, 5)).toString()).toBe('%PDF-')
  })

  it('is for the debtor, the holder and its assignor, of what was assigned', async () => {
    await tally.refused('NOTE_NOT_ASSIGNED', path(line.rootNote), { as: 'meridian' })
    await tally.refused('NOTE_NOT_FOUND', path(factors), { as: 'tormel' })
    await tally.refused('NOTE_NOT_FOUND', path(factors), { as: 'huichuan' })
  })
})

describe('the package of a note', () => {
  it('verifies offline and against the chain, and holds nothing of other branches', async () => {
    const bytes = await downloaded('tormel', `/v1/notes/${tormels}/evidence`)
    const chain = chainReader(tally.chain.url)
    const report = await verifyPackage(bytes, await anchorsNow(), chain, { subject: tormels })
    chain.close()
    expect(report.checks.filter(({ ok }) => ok !== true)).toEqual([])
    expect(report.outcome?.notes).toMatchObject([{ noteId: tormels, holder: participantIdOf('tormel'), tier: 2 }])
    const opened = openPackage(bytes)
    expect(eventsOf(recordsOf(opened)).toSorted()).toEqual(
      [
        ['FingerprintClaimed', 'ReceivableRegistered', 'ReceivableConfirmed', 'cut'],
        ['NoteOffered', 'NoteAccepted', 'NoteOffered', 'NoteAccepted']
      ]
        .flat()
        .toSorted()
    )
    expect(textOf(opened)).not.toContain(factors.slice(2))
  })

  it('of what was left tells its end by a cut', async () => {
    const bytes = await downloaded('corvale', `/v1/notes/${corvales}/evidence`)
    const chain = chainReader(tally.chain.url)
    const report = await verifyPackage(bytes, await anchorsNow(), chain)
    chain.close()
    expect(report.checks.filter(({ ok }) => ok !== true)).toEqual([])
    const [note] = report.outcome!.notes
    expect(BigInt(note!.end) - BigInt(note!.start)).toBe(250_000n)
    expect(textOf(openPackage(bytes))).not.toContain(tormels.slice(2))
  })

  it('is given to its parties and the regulator, to nobody of another branch', async () => {
    for (const slug of ['tormel', 'corvale', 'alder', 'meridian', 'regulator']) {
      expect((await tally.call(`/v1/notes/${tormels}/evidence`, { as: slug })).status, slug).toBe(200)
    }
    await tally.refused('NOTE_NOT_FOUND', `/v1/notes/${tormels}/evidence`, { as: 'lindqvist' })
    await tally.refused('RECEIVABLE_PARTY_WRONG', `/v1/receivables/${line.receivableId}/evidence`, { as: 'tormel' })
  })
})

describe('the package of a receivable', () => {
  it('holds all branches and no event or call of another receivable', async () => {
    await tally.confirmed()
    const bytes = await downloaded('meridian', `/v1/receivables/${line.receivableId}/evidence`)
    const report = await verifyPackage(bytes, await anchorsNow(), undefined, { subject: line.receivableId })
    expect(report.checks.filter(({ ok }) => ok !== true)).toEqual([])
    expect(report.outcome?.notes.map(({ end }) => end).at(-1)).toBe(report.outcome?.receivable.amount)
    const records = recordsOf(openPackage(bytes))
    expect(eventsOf(records)).not.toContain('cut')
    expect(eventsOf(records).filter((name) => name === 'ReceivableRegistered')).toHaveLength(1)
    const other = await verifyPackage(bytes, await anchorsNow(), undefined, { subject: tormels })
    expect(other.checks.find(({ name }) => name === 'subject')).toMatchObject({ ok: false, code: 'SUBJECT_MISMATCH' })
  })

  it('is stale once the chain has moved on', async () => {
    const fresh = await tally.confirmed()
    const bytes = await downloaded('alder', `/v1/receivables/${fresh.receivableId}/evidence`)
    const dispute = { reason: 'Goods are missing' }
    await tally.done('meridian', `/v1/receivables/${fresh.receivableId}/dispute`, dispute)
    const chain = chainReader(tally.chain.url)
    const report = await verifyPackage(bytes, await anchorsNow(), chain)
    expect(report.checks.find(({ name }) => name === 'chain')).toMatchObject({ ok: false, code: 'PACKAGE_STALE' })
    expect((await verifyPackage(bytes, await anchorsNow(), chain, { isHistoric: true })).result).toBe('verified')
    chain.close()
  })
})

describe('the package of a document', () => {
  it('proves that the file was recorded', async () => {
    const path = `/v1/documents/${line.documentId}/evidence`
    const bytes = await downloaded('alder', path)
    const report = await verifyPackage(bytes, await anchorsNow())
    expect(report.checks.filter(({ ok }) => ok !== true)).toEqual([])
    expect(openPackage(bytes).manifest).toMatchObject({ records: [{}], sealed: [{}] })
    await tally.refused('DOCUMENT_NOT_FOUND', path, { as: 'lindqvist' })
  })
})

describe('the package of a transaction', () => {
  it('proves what it did and who ordered it', async () => {
    const path = `/v1/transactions/${financingTx}/evidence`
    const bytes = await downloaded('lindqvist', path)
    const chain = chainReader(tally.chain.url)
    const report = await verifyPackage(bytes, await anchorsNow(), chain)
    chain.close()
    expect(report.checks.filter(({ ok }) => ok !== true)).toEqual([])
    expect(report.checks.find(({ name }) => name === 'authority')?.detail).toContain(
      `participant ${participantIdOf('lindqvist')}`
    )
    expect(eventsOf(recordsOf(openPackage(bytes)))).toEqual(['NoteFinanced'])
  })

  it('is given to who ordered it and to regulators', async () => {
    const path = `/v1/transactions/${financingTx}/evidence`
    expect((await tally.call(path, { as: 'regulator' })).status).toBe(200)
    await tally.refused('TRANSACTION_NOT_FOUND', path, { as: 'alder' })
    await tally.refused('TRANSACTION_NOT_FOUND', `/v1/transactions/0x${'ab'.repeat(32)}/evidence`, { as: 'regulator' })
  })

  it('is not found for a transaction that only anchors a head, which a search shows without a link to it', async () => {
    const { rows } = await tally.sql.query<{ hash: string }>(
      `select tx_hash as hash from projection.event group by tx_hash having every(name = 'HeadAnchored') limit 1`
    )
    const { hash } = rows[0]!
    for (const as of ['regulator', 'alder']) {
      await tally.refused('TRANSACTION_NOT_FOUND', `/v1/transactions/${hash}/evidence`, { as })
    }
    const linksOf = async (q: string) => {
      const { body } = await tally.call(`/v1/search?q=${q}`, { as: 'regulator' })
      return (body['items'] as { kind: string; link: string | null }[])
        .filter(({ kind }) => kind === 'transaction')
        .map(({ link }) => link)
    }
    expect(await linksOf(hash)).toEqual([null])
    expect(await linksOf(financingTx)).toEqual([`/v1/transactions/${financingTx}/evidence`])
  })
})

describe('the log, open to everybody', () => {
  interface Inclusion {
    leafIndex: number
    size: number
    root: string
    proof: string[]
  }
  const open = { as: null }

  it('proves each record of a package by its hash, under the chain’s root', async () => {
    const { manifest, members } = openPackage(await downloaded('tormel', `/v1/notes/${tormels}/evidence`))
    const { heads } = await anchorsNow()
    for (const { path, leafIndex } of manifest.records) {
      const leaf = leafHash(members.get(path)!)
      const { body } = await tally.call(`/v1/log/inclusion?hash=${hexlify(leaf)}`, open)
      const { size, root, proof, ...found } = body as unknown as Inclusion
      expect(found.leafIndex).toBe(leafIndex)
      expect(
        verifyInclusion(
          leafIndex,
          size,
          leaf,
          proof.map((one) => getBytes(one)),
          getBytes(root)
        )
      ).toBe(true)
      expect([...heads, ...(await anchorsNow()).heads]).toContainEqual(expect.objectContaining({ size, root }))
    }
    await tally.refused('LOG_LEAF_UNKNOWN', `/v1/log/inclusion?hash=0x${'ab'.repeat(32)}`, open)
    await tally.refused('LOG_HEAD_UNKNOWN', `/v1/log/inclusion?hash=0x${'ab'.repeat(32)}&size=0`, open)
  })

  it('proves that it only grew, between any two anchored heads', async () => {
    const { heads } = await anchorsNow()
    const [first, middle, last] = [heads[0]!, heads[heads.length >> 1]!, heads.at(-1)!]
    for (const [from, to] of [
      [first, middle],
      [middle, last],
      [last, last]
    ] as const) {
      const { body } = await tally.call(`/v1/log/consistency?from=${from.size}&to=${to.size}`, open)
      expect(body).toMatchObject({ fromRoot: from.root, toRoot: to.root })
      const proof = (body['proof'] as string[]).map((one) => getBytes(one))
      expect(verifyConsistency(from.size, to.size, getBytes(from.root), getBytes(to.root), proof)).toBe(true)
    }
    await tally.refused('LOG_HEAD_UNKNOWN', `/v1/log/consistency?from=${last.size}&to=${first.size}`, open)
    await tally.refused('LOG_HEAD_UNKNOWN', '/v1/log/consistency?from=0', open)
  })

  it('lets a package prove that it extends a head that its reader keeps', async () => {
    const { heads, ...rest } = await anchorsNow()
    const [kept] = heads
    const path = `/v1/notes/${tormels}/evidence?since=${kept!.size}`
    const bytes = await downloaded('tormel', path)
    const anchors = { heads, ...rest }
    expect((await verifyPackage(bytes, await anchorsNow())).checks.filter(({ ok }) => ok !== true)).toEqual([])
    const old = await verifyPackage(bytes, { ...anchors, heads: [kept!] })
    expect(old.result).toBe('consistent')
    expect(old.checks.find(({ name }) => name === 'consistency')).toMatchObject({ ok: true })
    const forked = await verifyPackage(bytes, { ...anchors, heads: [{ ...kept!, root: `0x${'ab'.repeat(32)}` }] })
    expect(forked.checks.find(({ name }) => name === 'consistency')).toMatchObject({ ok: false, code: 'HEAD_FORKED' })
    await tally.refused('LOG_HEAD_UNKNOWN', `/v1/notes/${tormels}/evidence?since=999999`, { as: 'tormel' })
  })
})
