import { id, Wallet, computeAddress, hexlify, ZeroHash } from 'ethers'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TrustAnchors } from '../../../../domain/evidence/anchors.ts'
import {
  issueCertificate,
  type CertificateSubject,
  type StateNode
} from '../../../../domain/evidence/certificate/issue.ts'
import { signStatement } from '../../../../domain/evidence/certificate/signature.ts'
import {
  recordOfStatement,
  certificateBytes,
  type Certificate,
  type CertificateProof,
  type PayToStatement,
  type ProvenanceStatement,
  type SearchStatement,
  type Statement
} from '../../../../domain/evidence/certificate/statement.ts'
import {
  verifyCertificate,
  type CertificateChain,
  type CertificateTrust
} from '../../../../domain/evidence/certificate/verify.ts'
import { signHead } from '../../../../domain/evidence/head.ts'
import { leafHash, MemoryLog } from '../../../../domain/evidence/merkle.ts'
import { decodeHeader } from '../../../../domain/evidence/proof/header.ts'
import { qbftHash } from '../../../../domain/evidence/proof/qbft.ts'
import { claimSlot, freezeSlot, noteSlot, receivableSlot } from '../../../../domain/evidence/proof/slots.ts'
import { leafOf } from '../../../../domain/evidence/record.ts'
import { canonicalBytes, rfc3339, unixSeconds } from '../../../../domain/evidence/shape.ts'
import { encodeNoteWord, type NoteFields } from '../../../../domain/note/note-word.ts'
import { noteIdOf, noteIdToHex, receivableIdToHex } from '../../../../domain/note/span.ts'
import { Store } from '../proof/store.ts'
import { qbftHeader, validatorKeys } from '../proof/sealed.ts'
import {
  authorities,
  certifiedSigner,
  hexOf,
  logSigner,
  sm2KeyOf,
  statementSigner,
  strangeSigner,
  type Wish
} from '../authority.ts'
import { deployment as place } from '../story.ts'

/**
 * Words as the contracts lay them out, in the storage of a real chain's contract, with that chain's own proofs. The real
 * contracts' words are in test/api/certificates.test.ts.
 */
const store = new Store()
const signer = statementSigner
const receivableId = BigInt(id('receivable')) & ((1n << 192n) - 1n)
const noteAt = (start: bigint) => noteIdOf(receivableId, start)
const maturity = 1_795_000_000
const free = `0x0001${'aa'.repeat(30)}`
const taken = `0x0001${'bb'.repeat(30)}`

const receivableWord = (rootEnd: bigint, state = 2n) =>
  10_000n |
  (rootEnd << 64n) |
  (2n << 128n) |
  (3n << 160n) |
  (BigInt(maturity) << 192n) |
  (156n << 232n) |
  (state << 248n)
const noteWord = (change: Partial<NoteFields>) =>
  encodeNoteWord({
    ...{ end: 10_000n, holder: 4, counterparty: 0, assignor: 2, deadline: 0, frozenUntil: 0, tier: 1 },
    ...{ state: 'live', purpose: 'none', hasRecourse: false },
    ...change
  })
const frozenUntil = 4_000_000_000
const put = (slot: string, word: bigint) => store.put(BigInt(slot), word)

beforeAll(async () => {
  await store.start()
  await put(claimSlot(taken), receivableId | (2n << 192n) | (1n << 224n) | (1n << 232n))
  await put(receivableSlot(receivableId), receivableWord(6_000n))
  await put(noteSlot(noteAt(6_000n)), noteWord({ end: 8_000n, frozenUntil }))
  await put(freezeSlot(noteAt(6_000n)), (9n << 128n) | (12n << 160n) | 77n)
  await put(noteSlot(noteAt(8_000n)), noteWord({ state: 'pledged', purpose: 'pledge', counterparty: 5 }))
})
afterAll(() => store.stop())

const node: StateNode = {
  codeAt: (address, block) => store.ask<string>('eth_getCode', address, `0x${block.toString(16)}`),
  block: (number) => store.block(number === 'latest' ? number : `0x${number.toString(16)}`),
  storageAt: async (address, slot, block) =>
    BigInt(await store.ask<string>('eth_getStorageAt', address, slot, `0x${block.toString(16)}`)),
  proof: async (address, slots, block) => {
    const { accountProof, slots: proven } = await store.proof(slots.map(BigInt), `0x${block.toString(16)}`)
    return { address, accountProof, slots: proven.map(({ proof }, i) => ({ slot: slots[i]!, proof })) }
  }
}

const elsewhere = `0x${'e1'.repeat(20)}`
/** The one contract stands for whichever the certificate is about. */
const deploymentOf = (kind: string) => ({
  ...place,
  fingerprints: kind === 'fingerprint' ? store.address : elsewhere,
  receivables: kind === 'fingerprint' ? elsewhere : store.address
})

const subjects = {
  search: { kind: 'fingerprint', fingerprint: taken },
  'no-claim': { kind: 'fingerprint', fingerprint: free },
  'pay-to': { kind: 'pay-to', receivableId: receivableIdToHex(receivableId) },
  provenance: { kind: 'provenance', noteId: noteIdToHex(noteAt(8_000n)) }
} as const satisfies Record<string, CertificateSubject>
const kinds = Object.keys(subjects) as (keyof typeof subjects)[]

const log = new MemoryLog()
/** What the log's contract holds. */
const roots = new Map<number, string>()
async function anchor(statement: Statement): Promise<NonNullable<CertificateProof['anchored']>> {
  await log.append(leafHash(Uint8Array.of(log.size)))
  const leafIndex = await log.append(leafOf(recordOfStatement(statement)))
  const { chainId, evidenceLog } = place
  const head = {
    logId: 'test',
    chainId,
    evidenceLog,
    size: log.size,
    root: hexlify(await log.root()),
    time: statement.asOf.time
  }
  roots.set(head.size, head.root)
  const proof = (await log.inclusionProof(leafIndex)).map((hash) => hexlify(hash))
  return { leafIndex, proof, head: await signHead(head, logSigner) }
}

const payees = async (ids: readonly number[]) =>
  ids.map((participantId) => ({ participantId, name: `Firm ${participantId}`, account: `CN:${participantId}` }))

async function issue(kind: keyof typeof subjects, from: StateNode = node): Promise<Certificate> {
  const subject = subjects[kind]
  const deployment = deploymentOf(subject.kind)
  const now = unixSeconds(rfc3339(maturity))
  return issueCertificate(subject, { deployment, node: from, signer, payees, anchor, now })
}

function anchorsFor(certificate: Certificate): TrustAnchors {
  const head = certificate.proof.anchored?.head
  return {
    version: 1,
    deployment: certificate.statement.deployment,
    logKeys: [hexOf(logSigner)],
    certificateKeys: [hexOf(statementSigner)],
    authorities,
    participants: [],
    heads: head ? [{ size: head.size, root: head.root, blockNumber: 500, txHash: id('anchor') }] : []
  }
}

async function reportOf(certificate: unknown, trust: CertificateTrust) {
  const report = await verifyCertificate(canonicalBytes(certificate), trust)
  return { ...report, codes: report.checks.flatMap(({ code }) => code ?? []) }
}

const sign = async (statement: Statement, key = signer): Promise<Certificate['signature']> =>
  signStatement(statement, key)
/** The newest block asked over and over, as a node is. */
const chainNow: CertificateChain = {
  chainId: async () => place.chainId,
  genesisHash: async () => place.genesisHash,
  blockHash: async (number) => (await store.block(`0x${number.toString(16)}`))?.['hash'],
  headRootOf: async (_, size) => roots.get(size) ?? ZeroHash,
  newestBlock: async () => {
    const block = await store.block()
    return { number: Number(block['number']), time: Number(block['timestamp']) }
  },
  storageAt: async (address, slot) => BigInt(await store.ask<string>('eth_getStorageAt', address, slot, 'latest'))
}

describe('a certificate', () => {
  it.each(kinds)('of kind %s verifies offline and against the chain', async (kind) => {
    const certificate = await issue(kind)
    expect(certificate.statement.kind).toBe(kind)
    const anchors = anchorsFor(certificate)
    for (const trust of [{ anchors }, { anchors, chain: chainNow }]) {
      const report = await reportOf(certificate, trust)
      expect(report, JSON.stringify(report.checks)).toMatchObject({ result: 'verified', codes: [] })
    }
    expect(await reportOf(certificate, {})).toMatchObject({ result: 'consistent', codes: [] })
    expect(String(certificateBytes(certificate))).toBe(String(canonicalBytes(certificate)))
  })

  it('states whom to pay: escrow of a frozen span, lender of a pledged one, else the holder', async () => {
    const { spans, isFinal } = (await issue('pay-to')).statement as PayToStatement
    expect(spans.map(({ start, end, holder, payee }) => [start, end, holder, payee])).toEqual([
      ['0', '6000', 2, 2],
      ['6000', '8000', 4, 9],
      ['8000', '10000', 4, 5]
    ])
    expect(spans.map((span) => span.isFinal)).toEqual([true, false, true])
    expect(isFinal).toBe(false)
  })

  it('goes stale when a word changes, and says what', async () => {
    const certificate = await issue('provenance')
    const slot = noteSlot(noteAt(8_000n))
    await put(slot, noteWord({ holder: 5, assignor: 4, tier: 2 }))
    const trust = { anchors: anchorsFor(certificate), chain: chainNow }
    const report = await reportOf(certificate, trust)
    expect(report.codes).toEqual(['CERTIFICATE_STALE'])
    expect(report.checks.at(-1)!.detail).toContain('note is another')
    expect(await reportOf(certificate, { anchors: trust.anchors })).toMatchObject({ result: 'verified' })
    await put(slot, noteWord({ state: 'pledged', purpose: 'pledge', counterparty: 5 }))
    expect(await reportOf(certificate, trust)).toMatchObject({ result: 'verified' })
  })

  it('holds when the node answers with the state of a later block, as long as it comes to rest', async () => {
    const slot = noteSlot(noteAt(8_000n))
    const [held, other] = [noteWord({ state: 'pledged', purpose: 'pledge', counterparty: 5 }), noteWord({ holder: 5 })]
    let moves = 3
    const racing: StateNode = {
      ...node,
      // What is asked for as of the block is answered as of the newest one, which has come meanwhile.
      async proof(address, slots) {
        if (moves-- > 0) await put(slot, moves % 2 === 0 ? held : other)
        return node.proof(address, slots, Number((await store.block())['number']))
      }
    }
    const certificate = await issue('provenance', racing)
    expect(await reportOf(certificate, { anchors: anchorsFor(certificate) })).toMatchObject({ result: 'verified' })
    const signed = log.size
    moves = Number.POSITIVE_INFINITY
    await expect(issue('provenance', racing)).rejects.toMatchObject({ code: 'STATE_PROOF_INVALID' })
    expect(log.size).toBe(signed)
    await put(slot, held)
  })

  it('is not made of words that the proof does not show', async () => {
    const lying: StateNode = { ...node, storageAt: async () => 0n }
    await expect(issue('search', lying)).rejects.toMatchObject({ code: 'STATE_PROOF_INVALID' })
  })

  it('is not made where spans leave a gap or the receivable was never confirmed', async () => {
    const slot = noteSlot(noteAt(8_000n))
    await put(slot, 0n)
    await expect(issue('pay-to')).rejects.toMatchObject({ code: 'SPANS_INCOMPLETE' })
    await expect(issue('provenance')).rejects.toMatchObject({ code: 'FACTS_MISMATCH' })
    await put(slot, noteWord({ state: 'pledged', purpose: 'pledge', counterparty: 5 }))
    await put(receivableSlot(receivableId), receivableWord(6_000n, 3n))
    await expect(issue('pay-to')).rejects.toMatchObject({ code: 'FACTS_MISMATCH' })
    await put(receivableSlot(receivableId), receivableWord(6_000n))
  })

  it.each<[string, Wish]>([
    ['CERT_EXPIRED', { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2026-02-01T00:00:00Z') }],
    ['CERT_NOT_YET_VALID', { notBefore: new Date('2029-01-01T00:00:00Z') }],
    ['CERT_USAGE', { usages: ['keyEncipherment'] }],
    ['CERT_UNTRUSTED', { isUntrusted: true }]
  ])('is refused as %s when the certificate of its key was no good then', async (code, wish) => {
    const certificate = await issue('no-claim')
    const anchors = anchorsFor(certificate)
    const signature = await sign(certificate.statement, await certifiedSigner('statements', wish))
    expect((await reportOf({ ...certificate, signature }, { anchors })).codes).toEqual([code])
  })

  it("is not signed by the log's key, nor under no user id", async () => {
    const certificate = await issue('no-claim')
    const anchors = anchorsFor(certificate)
    const byLog = await sign(certificate.statement, logSigner)
    expect((await reportOf({ ...certificate, signature: byLog }, { anchors })).codes).toEqual(['SIGNATURE_INVALID'])
    const key = sm2KeyOf('statements')
    const userId = { userId: '', allowsEmptyUserId: true }
    const signature = await sign(certificate.statement, { ...signer, sign: (message) => key.sign(message, userId) })
    expect((await reportOf({ ...certificate, signature }, { anchors })).codes).toEqual(['USER_ID_WRONG'])
  })
})

describe('tampering', () => {
  type Change = (certificate: Certificate) => unknown
  const set =
    <T extends Statement>(change: (statement: T) => void): Change =>
    ({ statement }) =>
      change(statement as T)
  const slots = ({ proof }: Certificate) => proof.state[0]!.slots
  const flipped = (hex: string, at: number) => hex.slice(0, at) + (hex[at] === '0' ? '1' : '0') + hex.slice(at + 1)

  /** The statement is signed again after the change: what must refuse it is not the signature alone. */
  it.each<[string, keyof typeof subjects, string, Change]>([
    ['another claimant', 'search', 'FACTS_MISMATCH', set<SearchStatement>((one) => (one.claim.claimant = 8))],
    [
      'another reason',
      'search',
      'FACTS_MISMATCH',
      set<SearchStatement>((one) => (one.claim.reason = 'trade-document'))
    ],
    [
      'another fingerprint',
      'no-claim',
      'STATE_PROOF_INVALID',
      set<SearchStatement>((one) => (one.fingerprint = taken))
    ],
    ['another block number', 'search', 'HEADER_MISMATCH', set((one) => (one.asOf.number += 1))],
    ['another block time', 'search', 'HEADER_MISMATCH', set((one) => (one.asOf.time = rfc3339(maturity)))],
    ['another block hash', 'search', 'HEADER_MISMATCH', set((one) => (one.asOf.hash = id('another')))],
    ['another payee', 'pay-to', 'FACTS_MISMATCH', set<PayToStatement>((one) => (one.spans[0]!.payee = 8))],
    [
      'a payee too many',
      'pay-to',
      'FACTS_MISMATCH',
      set<PayToStatement>((one) => one.payees.push({ participantId: 8, name: '', account: null }))
    ],
    ['finality too early', 'pay-to', 'FACTS_MISMATCH', set<PayToStatement>((one) => (one.isFinal = true))],
    ['a span left out', 'pay-to', 'SPANS_INCOMPLETE', set<PayToStatement>((one) => one.spans.splice(1, 1))],
    ['the last span left out', 'pay-to', 'SPANS_INCOMPLETE', set<PayToStatement>((one) => one.spans.pop())],
    ['a word left out', 'pay-to', 'SPANS_INCOMPLETE', (one) => slots(one).splice(1, 1)],
    ['another holder', 'provenance', 'FACTS_MISMATCH', set<ProvenanceStatement>((one) => (one.note.holder = 8))],
    [
      'another amount',
      'provenance',
      'FACTS_MISMATCH',
      set<ProvenanceStatement>((one) => (one.receivable.amount = '20000'))
    ],
    [
      'another note',
      'provenance',
      'STATE_PROOF_INVALID',
      set<ProvenanceStatement>((one) => (one.noteId = noteIdToHex(noteAt(7_000n))))
    ],
    [
      'a word that says nothing here',
      'no-claim',
      'STATE_PROOF_INVALID',
      (one) => slots(one).push({ ...slots(one)[0]!, slot: claimSlot(`0x0001${'ac'.repeat(30)}`) })
    ],
    [
      'another contract',
      'search',
      'STATE_PROOF_INVALID',
      (one) => (one.proof.state[0]!.address = `0x${'99'.repeat(20)}`)
    ],
    [
      'a changed node of the trie',
      'search',
      'STATE_PROOF_INVALID',
      (one) => (slots(one)[0]!.proof[0] = flipped(slots(one)[0]!.proof[0]!, 40))
    ],
    ['a changed header', 'search', 'HEADER_MISMATCH', (one) => (one.proof.header = flipped(one.proof.header, 300))],
    ['a header hashed as another chain does', 'search', 'HEADER_MISMATCH', (one) => (one.proof.hashing = 'qbft')],
    ['another leaf', 'search', 'LEAF_NOT_IN_LOG', (one) => (one.proof.anchored!.leafIndex -= 1)],
    [
      'a head that a stranger signed',
      'search',
      'HEAD_SIGNATURE_INVALID',
      async (one) => {
        one.proof.anchored!.head = await signHead(one.proof.anchored!.head, strangeSigner)
      }
    ],
    [
      'another registry',
      'search',
      'DEPLOYMENT_MISMATCH',
      set((one) => (one.deployment = { ...one.deployment, fingerprints: elsewhere }))
    ],
    ['an unknown field', 'search', 'CERTIFICATE_MALFORMED', (one) => Object.assign(one.statement, { more: 1 })],
    ['an unknown kind', 'search', 'CERTIFICATE_MALFORMED', (one) => Object.assign(one.statement, { kind: 'rumour' })],
    ['another version', 'search', 'CERTIFICATE_MALFORMED', (one) => Object.assign(one.statement, { v: 2 })]
  ])('with %s of a %s certificate is refused as %s', async (_, kind, code, change) => {
    const certificate = await issue(kind)
    const anchors = anchorsFor(certificate)
    await change(certificate)
    certificate.signature = await sign(certificate.statement)
    const report = await reportOf(certificate, { anchors })
    expect(report.result).toBe('failed')
    expect(report.codes, JSON.stringify(report.checks)).toContain(code)
  })

  it('with a payee account, a signature of a stranger or none that can be read is refused by its signature', async () => {
    const certificate = await issue('pay-to')
    const trust = { anchors: anchorsFor(certificate) }
    const statement = structuredClone(certificate.statement) as PayToStatement
    statement.payees[0]!.account = 'CN:thief'
    expect((await reportOf({ ...certificate, statement }, trust)).codes).toEqual([
      'SIGNATURE_INVALID',
      'LEAF_NOT_IN_LOG'
    ])
    const foreign = { ...certificate, signature: await sign(certificate.statement, strangeSigner) }
    expect((await reportOf(foreign, trust)).codes).toEqual(['SIGNATURE_INVALID'])
    const broken = { ...certificate, signature: { ...certificate.signature, signature: '0x12' } }
    expect((await reportOf(broken, trust)).codes).toEqual(['SIGNATURE_INVALID'])
  })

  it('with another root of the same size than the anchors saw is a fork', async () => {
    const certificate = await issue('search')
    const anchors = anchorsFor(certificate)
    anchors.heads[0]!.root = id('fork')
    expect((await reportOf(certificate, { anchors })).codes).toEqual(['HEAD_FORKED'])
    const chain = { ...chainNow, headRootOf: async () => id('fork') }
    expect((await reportOf(certificate, { anchors: anchorsFor(certificate), chain })).codes).toEqual(['HEAD_FORKED'])
    const without = { ...anchors, heads: [] }
    expect((await reportOf(certificate, { anchors: without, chain })).codes).toEqual(['HEAD_FORKED'])
    const nowhere = { ...chainNow, headRootOf: async () => ZeroHash }
    const open = await reportOf(certificate, { anchors: without, chain: nowhere })
    expect(open.codes, 'a head that is on no chain contradicts nothing').toEqual([])
    const held = await reportOf(certificate, { anchors: without, chain: chainNow })
    expect(held.checks.find(({ name }) => name === 'block')!.detail).toContain('whose root the chain holds')
  })

  it('with a chain that has another block is not trusted', async () => {
    const certificate = await issue('search')
    const chain = { ...chainNow, blockHash: async () => undefined }
    expect((await reportOf(certificate, { anchors: anchorsFor(certificate), chain })).codes).toEqual([
      'BLOCK_NOT_TRUSTED'
    ])
    const other = { ...chainNow, chainId: async () => 1 }
    const report = await reportOf(certificate, { anchors: anchorsFor(certificate), chain: other })
    expect(report.codes).toEqual(['DEPLOYMENT_MISMATCH'])
  })

  it('of any one byte of the file is never verified', async () => {
    const certificate = await issue('search')
    const bytes = certificateBytes(certificate)
    const anchors = anchorsFor(certificate)
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, bits) => {
        const altered = bytes.slice()
        altered[at]! ^= bits
        // Letters of addresses have no case.
        fc.pre(
          Buffer.from(altered).toString('latin1').toLowerCase() !== Buffer.from(bytes).toString('latin1').toLowerCase()
        )
        const { result } = await verifyCertificate(altered, { anchors })
        expect(result, `byte ${at} ^ ${bits}`).not.toBe('verified')
      }),
      { numRuns: 300 }
    )
  })
})

describe('a header sealed by QBFT', () => {
  const addresses = validatorKeys.map((key) => computeAddress(key.publicKey))
  /** The same state under a header of our own, since no Besu is here. */
  async function sealedBy(sealers: typeof validatorKeys, round = 1): Promise<Certificate> {
    const { statement, proof } = await issue('search')
    const { stateRoot, number, time } = decodeHeader(proof.header)
    const header = qbftHeader({ round, sealers, stateRoot, number, time })
    statement.asOf.hash = qbftHash(decodeHeader(header))
    return { statement, proof: { header, hashing: 'qbft', state: proof.state }, signature: await sign(statement) }
  }

  it('by two thirds of the trusted validators is trusted offline', async () => {
    const certificate = await sealedBy(validatorKeys.slice(1))
    const anchors = { ...anchorsFor(certificate), validators: addresses }
    const report = await reportOf(certificate, { anchors })
    expect(report, JSON.stringify(report.checks)).toMatchObject({ result: 'verified' })
    expect(report.checks.find(({ name }) => name === 'block')!.detail).toContain('3 of 4 validators')
  })

  it('by fewer, or by others than the trusted ones, is not', async () => {
    const few = await sealedBy(validatorKeys.slice(2))
    const anchors = { ...anchorsFor(few), validators: addresses }
    expect((await reportOf(few, { anchors })).codes).toEqual(['BLOCK_NOT_TRUSTED'])
    const all = await sealedBy(validatorKeys)
    const strangers = { ...anchors, validators: [0, 1, 2, 3].map((i) => new Wallet(id(`stranger ${i}`)).address) }
    expect((await reportOf(all, { anchors: strangers })).codes).toEqual(['BLOCK_NOT_TRUSTED'])
  })

  it('is left open where the anchors name no validators', async () => {
    const certificate = await sealedBy(validatorKeys)
    expect(await reportOf(certificate, { anchors: anchorsFor(certificate) })).toMatchObject({ result: 'consistent' })
  })
})
