import { p256 } from '@noble/curves/p256'
import { toBeHex } from 'ethers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { setTimeout as delay } from 'node:timers/promises'
import type { ErrorCode } from '../../api/errors.ts'
import { signatureBody } from '../../client/signers.ts'
import type { Intent } from '../../scripts/demo/client.ts'
import { participantIdOf } from '../../scripts/world/prepare.ts'
import { accountSignerOf, newPrivateKey, signWith, type SignerKey } from '../../scripts/world/signing.ts'
import { inSeconds, startInstance, type Instance, type Registered } from './instance.ts'

let tally: Instance
let open: Registered
let unconfirmed: Registered
/** Matures while the other tests run. */
let matured: Registered
let maturity: number
const openMaturity = inSeconds(30 * 86_400)

beforeAll(async () => {
  tally = await startInstance()
  maturity = inSeconds(12)
  matured = await tally.confirmed(maturity)
  unconfirmed = await tally.register()
  open = await tally.confirmed(openMaturity)
})
afterAll(async () => {
  const troubles = tally?.troubles()
  await tally?.stop()
  expect(troubles).toEqual([])
})

const offer = (more: object = {}) => ({
  assignee: participantIdOf('corvale'),
  amount: '100',
  tradeDocument: 'Order 1',
  ...more
})
const lock = (more: object = {}) => ({
  factor: participantIdOf('lindqvist'),
  amount: '100',
  purpose: 'assignment',
  quote: 'Quote 1',
  ...more
})
const to = (verb: string, noteId = open.rootNote) => `/v1/notes/${noteId}/${verb}`

/** The other signature that the curve would take: `s` in the upper half. */
function withUpperS(signature: string): string {
  return signature.slice(0, 66) + toBeHex(p256.CURVE.n - BigInt(`0x${signature.slice(66)}`), 32).slice(2)
}

describe('a command', () => {
  it('in a wrong state is refused', async () => {
    for (const [verb, as, body] of [
      ['acceptance', 'alder', undefined],
      ['refusal', 'alder', { reason: 'x' }],
      ['recall', 'alder', undefined],
      ['unlock', 'alder', undefined]
    ] as const) {
      const problem = await tally.refused('NOTE_STATE_WRONG', to(verb), {
        as,
        method: 'POST',
        ...(body ? { body } : {})
      })
      expect(problem).toMatchObject({ status: 409, presented: 'live', required: [expect.any(String)] })
    }
    const path = `/v1/receivables/${open.receivableId}`
    await tally.refused('RECEIVABLE_STATE_WRONG', `${path}/confirmation`, { as: 'meridian', method: 'POST' })
    await tally.refused('RECEIVABLE_STATE_WRONG', `${path}/rejection`, { as: 'meridian', body: { reason: 'x' } })
    await tally.refused('RECEIVABLE_STATE_WRONG', `${path}/withdrawal`, { method: 'POST' })
    await tally.refused('NOTE_NOT_FOUND', to('transfers', unconfirmed.rootNote), { body: offer() })
  })

  it('of a wrong party is refused', async () => {
    const asDebtor = { as: 'meridian', body: offer() }
    expect(await tally.refused('NOTE_PARTY_WRONG', to('transfers'), asDebtor)).toMatchObject({
      presented: participantIdOf('meridian'),
      required: participantIdOf('alder')
    })
    await tally.refused('RECEIVABLE_NOT_FOUND', `/v1/receivables/${unconfirmed.receivableId}/confirmation`, {
      as: 'beichen',
      method: 'POST'
    })
    await tally.refused('RECEIVABLE_NOT_FOUND', `/v1/receivables/${unconfirmed.receivableId}/withdrawal`, {
      as: 'corvale',
      method: 'POST'
    })
  })

  it.each(['0', '10000001', '9223372036854775808', '9999999999999999999'])(
    'over the amount %s of a note of 10000000 is refused',
    async (amount) => {
      for (const [verb, body] of [
        ['transfers', offer({ amount })],
        ['locks', lock({ amount })]
      ] as const) {
        expect(await tally.refused('AMOUNT_INVALID', to(verb), { body })).toMatchObject({
          status: 422,
          field: 'body/amount',
          presented: amount,
          required: '1 to 10000000'
        })
      }
    }
  )

  it('with a deadline that is past, or not before maturity, is refused', async () => {
    for (const deadline of [1, inSeconds(-1), openMaturity, inSeconds(31 * 86_400), 1_099_511_627_775]) {
      const request = { body: offer({ deadline }) }
      expect(await tally.refused('DEADLINE_INVALID', to('transfers'), request)).toMatchObject({
        presented: deadline,
        required: [expect.any(Number), openMaturity - 1]
      })
      await tally.refused('DEADLINE_INVALID', to('locks'), { body: lock({ deadline }) })
    }
  })

  it('naming a counterparty that can not be one is refused', async () => {
    const unknown = { body: offer({ assignee: 4_294_967_295 }) }
    expect(await tally.refused('PARTICIPANT_UNKNOWN', to('transfers'), unknown)).toMatchObject({
      field: 'body/assignee',
      presented: 4_294_967_295
    })
    await tally.refused('PARTICIPANT_UNKNOWN', to('locks'), { body: lock({ factor: 999 }) })
    for (const slug of ['meridian', 'alder']) {
      await tally.refused('NOTE_PARTY_WRONG', to('transfers'), { body: offer({ assignee: participantIdOf(slug) }) })
    }
    await tally.refused('ROLE_MISSING', to('transfers'), { body: offer({ assignee: participantIdOf('jiangan') }) })
    await tally.refused('ROLE_MISSING', to('locks'), { body: lock({ factor: participantIdOf('corvale') }) })
  })

  it('of settlement before maturity is refused, and can be tried later', async () => {
    const problem = await tally.refused('NOTE_NOT_MATURED', to('settlement'), { as: 'jiangan', body: { payment: 'x' } })
    expect(problem).toMatchObject({ status: 409, retry: 'later' })
  })
})

describe('a signature', () => {
  const keysOf = (slug: string) => tally.keys.participants[slug]!.signers
  const signerOf = (key: SignerKey) => accountSignerOf(key, tally.config.deployment).signer
  const signed = async (intent: Intent, key: SignerKey) =>
    signatureBody(await signWith(key, intent.typedData, tally.config.deployment))
  const confirmation = () => `/v1/receivables/${unconfirmed.receivableId}/confirmation`

  it('that is malformed or by a foreign key is refused', async () => {
    const intent = await tally.propose('alder', to('transfers'), offer())
    const path = `/v1/intents/${intent.intentId}/signatures`
    for (const signature of ['', '0x', '0x11', `0x${'g'.repeat(130)}`, 'x'.repeat(132), `0x${'11'.repeat(64)}`]) {
      await tally.refused('REQUEST_INVALID', path, { body: { signature } })
    }
    for (const signature of [`0x${'00'.repeat(65)}`, `0x${'ff'.repeat(65)}`, `0x${'11'.repeat(64)}05`]) {
      await tally.refused('SIGNATURE_INVALID', path, { body: { signature } })
    }
    const [strange] = keysOf('corvale') as [SignerKey]
    const foreign = await tally.refused('SIGNER_UNKNOWN', path, { body: await signed(intent, strange) })
    expect(foreign).toMatchObject({ presented: signerOf(strange), required: keysOf('alder').map(signerOf) })
    const other = await tally.propose('alder', to('transfers'), offer())
    await tally.refused('SIGNER_UNKNOWN', path, { body: await signed(other, keysOf('alder')[0]!) })
    expect((await tally.call(`/v1/intents/${intent.intentId}`)).body).toMatchObject({
      state: 'awaiting-signatures',
      signatures: []
    })
  })

  it('of a P-256 key that is malformed, over something else or by a foreign key is refused', async () => {
    const intent = await tally.propose('meridian', confirmation())
    const path = `/v1/intents/${intent.intentId}/signatures`
    const checker = keysOf('meridian')[1]!
    const right = (await signed(intent, checker)) as { signer: string; signature: string }
    const refuse = (code: ErrorCode, more: object) =>
      tally.refused(code, path, { as: 'meridian', body: { ...right, ...more } })
    await refuse('REQUEST_INVALID', { signer: right.signer.slice(0, -2) })
    await refuse('REQUEST_INVALID', { signature: `${right.signature}00` })
    const other = await tally.propose('meridian', confirmation())
    const wrong = [
      `0x${'00'.repeat(64)}`,
      `0x${'ff'.repeat(64)}`,
      withUpperS(right.signature),
      ((await signed(other, checker)) as typeof right).signature
    ]
    for (const signature of wrong) {
      expect(await refuse('SIGNATURE_INVALID', { signature })).toMatchObject({
        field: 'body/signature',
        presented: signature,
        required: `of ${right.signer}`
      })
    }
    const strange: SignerKey = { ...checker, privateKey: newPrivateKey('p256') }
    expect(await refuse('SIGNER_UNKNOWN', await signed(intent, strange))).toMatchObject({
      presented: signerOf(strange),
      required: keysOf('meridian').map(signerOf)
    })
    // The same key under a verifier that nobody allowed.
    await refuse('SIGNER_UNKNOWN', { signer: `0x${'11'.repeat(20)}${right.signer.slice(42)}` })
  })

  it('of the maker twice does not make up for the checker, nor the other way round', async () => {
    const [maker, checker] = keysOf('meridian') as [SignerKey, SignerKey]
    const isQueued = async ({ intentId }: Intent) =>
      (await tally.sql.query('select 1 from app.outbox where intent_id = $1', [intentId])).rowCount !== 0
    for (const [first, second] of [
      [checker, undefined],
      [maker, checker]
    ] as const) {
      const intent = await tally.propose('meridian', confirmation())
      const path = `/v1/intents/${intent.intentId}/signatures`
      for (let time = 0; time < 3; time++) {
        const { body } = await tally.call(path, { as: 'meridian', body: await signed(intent, first) })
        expect(body).toMatchObject({
          state: 'awaiting-signatures',
          signersRequired: { makers: 1, checkers: 1 },
          signatures: [signerOf(first)]
        })
      }
      expect(await isQueued(intent)).toBe(false)
      if (!second) continue
      const { body } = await tally.call(path, { as: 'meridian', body: await signed(intent, second) })
      expect(body).toMatchObject({ state: expect.not.stringMatching('awaiting') })
      expect(await isQueued(intent)).toBe(true)
      const problem = await tally.refused('INTENT_STATE_WRONG', path, {
        as: 'meridian',
        body: await signed(intent, first)
      })
      expect(problem).toMatchObject({ status: 409, required: 'awaiting-signatures' })
      expect(await tally.as('meridian').followUp(intent, tally.newKey())).toMatchObject({ state: 'projected' })
    }
  })
})

describe('the fate of a command', () => {
  it('shows in the projection: offer, refusal, recall, acceptance', async () => {
    const offered = await tally.done('alder', to('transfers'), offer())
    const piece = offered.noteId!
    const corvale = participantIdOf('corvale')
    expect(await tally.note(piece)).toMatchObject({
      state: 'offered',
      holder: participantIdOf('alder'),
      counterparty: corvale,
      amount: '100'
    })
    await tally.refused('NOTE_PARTY_WRONG', to('acceptance', piece), { method: 'POST' })
    await tally.refused('NOTE_PARTY_WRONG', to('recall', piece), { as: 'corvale', method: 'POST' })
    await tally.done('corvale', to('refusal', piece), { reason: '不收 · not ours' })
    expect(await tally.note(piece)).toMatchObject({
      state: 'live',
      holder: participantIdOf('alder'),
      counterparty: null
    })
    await tally.done('alder', to('transfers', piece), offer())
    await tally.done('alder', to('recall', piece))
    expect(await tally.note(piece)).toMatchObject({ state: 'live', counterparty: null })
    await tally.done('alder', to('transfers', piece), offer())
    await tally.done('corvale', to('acceptance', piece))
    expect(await tally.note(piece)).toMatchObject({ state: 'live', holder: corvale, tier: 1, counterparty: null })
    await tally.refused('NOTE_PARTY_WRONG', to('transfers', piece), {
      body: offer({ assignee: participantIdOf('tormel') })
    })
    const { body } = await tally.call('/v1/notes?role=holder', { as: 'corvale' })
    expect(body['items']).toEqual([expect.objectContaining({ noteId: piece })])
  })

  it('shows in the projection: lock, unlock, financing', async () => {
    const { noteId } = await tally.done('alder', to('locks'), lock())
    const factor = participantIdOf('lindqvist')
    expect(await tally.note(noteId!)).toMatchObject({ state: 'locked', counterparty: factor, amount: '100' })
    await tally.refused('NOTE_STATE_WRONG', to('transfers', noteId!), { body: offer() })
    await tally.refused('NOTE_NOT_FOUND', to('financing', noteId!), { as: 'huichuan', body: { disbursement: 'x' } })
    await tally.done('lindqvist', to('unlock', noteId!))
    expect(await tally.note(noteId!)).toMatchObject({ state: 'live', counterparty: null })
    await tally.done('alder', to('locks', noteId!), lock())
    await tally.done('lindqvist', to('financing', noteId!), { disbursement: 'SEPA 1' })
    expect(await tally.note(noteId!)).toMatchObject({ state: 'live', holder: factor, isFinanced: true })
  })

  it('of two transfers of one whole note at once: one comes through, the contract refuses the other', async () => {
    const { rootNote } = await tally.confirmed()
    const assignees = ['corvale', 'yunchuan']
    const intents = await Promise.all(
      assignees.map((slug) =>
        tally.propose(
          'alder',
          to('transfers', rootNote),
          offer({ assignee: participantIdOf(slug), amount: '10000000' })
        )
      )
    )
    const ends = await Promise.all(intents.map((intent) => tally.as('alder').followUp(intent, tally.newKey())))
    expect(ends.map(({ state }) => state).sort()).toEqual(['projected', 'refused'])
    expect(ends.find(({ state }) => state === 'refused')!.refusal).toMatchObject({
      code: 'NoteTransitionForbidden',
      args: { presented: expect.any(String) }
    })
    const winner = ends.findIndex(({ state }) => state === 'projected')
    expect(await tally.note(rootNote)).toMatchObject({
      state: 'offered',
      counterparty: participantIdOf(assignees[winner]!)
    })
  })

  it('after maturity: nothing moves but settlement', async () => {
    await delay(Math.max(0, maturity * 1000 - Date.now() + 1_000))
    const note = matured.rootNote
    for (const [verb, body] of [
      ['transfers', offer()],
      ['locks', lock()]
    ] as const) {
      expect(await tally.refused('NOTE_MATURED', to(verb, note), { body })).toMatchObject({
        status: 409,
        required: maturity
      })
    }
    await tally.done('jiangan', to('settlement', note), { payment: 'Statement 1' })
    expect(await tally.note(note)).toMatchObject({ state: 'settled' })
    const { body } = await tally.call(`/v1/receivables/${matured.receivableId}`)
    expect(body['receivable']).toMatchObject({ state: 'settled', settled: '10000000', amount: '10000000' })
    await tally.refused('NOTE_STATE_WRONG', to('settlement', note), { as: 'jiangan', body: { payment: 'again' } })
  })
})
