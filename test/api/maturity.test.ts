import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TrustAnchors } from '../../domain/evidence/anchors.ts'
import { verifyPackage } from '../../domain/evidence/verify.ts'
import type { ErrorCode } from '../../api/errors.ts'
import { participantIdOf } from '../../scripts/world/prepare.ts'
import { inSeconds, startInstance, type Instance, type Registered } from './instance.ts'

/** What can be done from maturity on. All is set up before; then the chain's clock is turned. */
let tally: Instance
const maturity = inSeconds(2 * 86_400)
const [alder, corvale, lindqvist, huichuan, jiangan] = (
  ['alder', 'corvale', 'lindqvist', 'huichuan', 'jiangan'] as const
).map(participantIdOf) as [number, number, number, number, number]

/** Notes of 100 off one receivable each, in the state that the name says. */
let single: { pledged: Piece; recourse: Piece; late: Piece; plain: Piece; lapsed: Piece; offered: Piece }
/** Three notes: 100 frozen, 100 pledged, the rest live. */
let mixed: Registered & { frozen: string; pledged: string }
/** Two notes of the same holder. */
let halves: Registered & { second: string }

interface Piece extends Registered {
  noteId: string
}

const to = (verb: string, noteId: string) => `/v1/notes/${noteId}/${verb}`
const of = (verb: string, { receivableId }: Registered) => `/v1/receivables/${receivableId}/${verb}`
const refuse = (code: ErrorCode, as: string, path: string, body?: object) =>
  tally.refused(code, path, { as, method: 'POST', ...(body ? { body } : {}) })
const payment = { payment: 'Statement 1' }

async function locked(purpose: string, deadline?: number): Promise<Piece> {
  const registered = await tally.confirmed(maturity)
  const body = { factor: lindqvist, amount: '100', purpose, quote: 'Quote', ...(deadline ? { deadline } : {}) }
  const { noteId } = await tally.done('alder', to('locks', registered.rootNote), body)
  return { ...registered, noteId: noteId! }
}

async function financed(purpose: string): Promise<Piece> {
  const piece = await locked(purpose)
  await tally.done('lindqvist', to('financing', piece.noteId), { disbursement: 'SEPA' })
  return piece
}

async function offered(): Promise<Piece> {
  const registered = await tally.confirmed(maturity)
  const body = { assignee: corvale, amount: '100', tradeFingerprint: `0x0001${'ab'.repeat(30)}` }
  const { noteId } = await tally.done('alder', to('transfers', registered.rootNote), body)
  return { ...registered, noteId: noteId! }
}

beforeAll(async () => {
  tally = await startInstance()
  single = {
    pledged: await financed('pledge'),
    recourse: await financed('recourse-assignment'),
    late: await financed('recourse-assignment'),
    plain: await financed('assignment'),
    lapsed: await locked('assignment'),
    offered: await offered()
  }
  const pledged = await financed('pledge')
  const freeze = { amount: '100', until: maturity + 30 * 86_400, escrow: jiangan, order: 'Order 1' }
  const frozen = await tally.done('regulator', to('freezes', pledged.rootNote), freeze)
  mixed = { ...pledged, pledged: pledged.noteId, frozen: frozen.noteId! }
  const whole = await tally.confirmed(maturity)
  const second = await tally.done('alder', to('transfers', whole.rootNote), {
    assignee: corvale,
    amount: '4000000',
    tradeDocument: 'Order 2'
  })
  await tally.done('corvale', to('acceptance', second.noteId!))
  halves = { ...whole, second: second.noteId! }
  for (const [as, path, body] of [
    ['jiangan', to('settlement', single.plain.noteId), payment],
    ['lindqvist', to('foreclosure', single.pledged.noteId), undefined],
    ['lindqvist', to('returns', single.recourse.noteId), { demand: 'x' }]
  ] as const) {
    expect(await refuse('NOTE_NOT_MATURED', as, path, body)).toMatchObject({ required: maturity, retry: 'later' })
  }
  expect(await refuse('RECEIVABLE_NOT_MATURED', 'jiangan', of('settlement', halves), payment)).toMatchObject({
    required: maturity,
    retry: 'later'
  })
  await tally.turnClock(maturity + 10)
})
afterAll(async () => {
  const troubles = tally?.troubles()
  await tally?.stop()
  expect(troubles).toEqual([])
})

describe('what a clearing bank reads before it signs', () => {
  it('is a receivable that its debtor has promised to pay, and none before', async () => {
    const { receivableId, rootNote } = single.plain
    const { body } = await tally.call(`/v1/receivables/${receivableId}`, { as: 'jiangan' })
    expect(body['receivable']).toMatchObject({ currency: 978, state: 'confirmed' })
    expect((await tally.call(`/v1/notes/${rootNote}`, { as: 'jiangan' })).status).toBe(200)
    await tally.refused('RECEIVABLE_PARTY_WRONG', `/v1/receivables/${receivableId}/evidence`, { as: 'jiangan' })
    const registered = await tally.register()
    await tally.refused('RECEIVABLE_NOT_FOUND', `/v1/receivables/${registered.receivableId}`, { as: 'jiangan' })
    const { items } = (await tally.call('/v1/receivables?limit=200', { as: 'jiangan' })).body as {
      items: { receivableId: string }[]
    }
    expect(items.map((one) => one.receivableId)).not.toContain(receivableId)
  })
})

describe('from maturity on', () => {
  it('nothing is transferred, locked, merged, diluted or accepted any more', async () => {
    const { rootNote } = halves
    for (const [as, verb, noteId, body] of [
      ['alder', 'transfers', rootNote, { assignee: corvale, amount: '1', tradeDocument: 'x' }],
      ['alder', 'locks', rootNote, { factor: lindqvist, amount: '1', purpose: 'pledge', quote: 'x' }],
      ['alder', 'merge', rootNote, { nextId: halves.second }],
      ['alder', 'dilutions', rootNote, { amount: '1', creditNote: 'x' }],
      ['corvale', 'acceptance', single.offered.noteId, undefined],
      ['lindqvist', 'financing', single.lapsed.noteId, { disbursement: 'x' }]
    ] as const) {
      expect(await refuse('NOTE_MATURED', as, to(verb, noteId), body)).toMatchObject({ required: maturity })
    }
  })

  it('a holder frees its lapsed lock and its offer, whose trade document is free again', async () => {
    await tally.done('alder', to('unlock', single.lapsed.noteId))
    expect(await tally.note(single.lapsed.noteId)).toMatchObject({ state: 'live', holder: alder })
    await tally.done('alder', to('recall', single.offered.noteId))
    const { rows } = await tally.sql.query(
      `select state from projection.fingerprint_claim where reason = 'trade-document'`
    )
    expect(rows).toEqual([{ state: 'released' }])
  })

  it('a lender forecloses a pledged note', async () => {
    const { noteId } = single.pledged
    await refuse('NOTE_NOT_FOUND', 'huichuan', to('foreclosure', noteId))
    await tally.done('lindqvist', to('foreclosure', noteId))
    expect(await tally.note(noteId)).toMatchObject({ state: 'live', holder: lindqvist, assignor: alder })
    await refuse('NOTE_RECOURSE_MISSING', 'lindqvist', to('returns', noteId), { demand: 'x' })
  })

  it('a factor returns a note that it took with recourse, and the assignor takes it back', async () => {
    const { noteId } = single.recourse
    expect(await tally.note(noteId)).toMatchObject({ hasRecourse: true, holder: lindqvist, tier: 0 })
    await refuse('NOTE_RECOURSE_MISSING', 'lindqvist', to('returns', single.plain.noteId), { demand: 'x' })
    await refuse('DEADLINE_INVALID', 'lindqvist', to('returns', noteId), { demand: 'x', deadline: maturity })
    await tally.done('lindqvist', to('returns', noteId), { demand: 'Meridian did not pay' })
    expect(await tally.note(noteId)).toMatchObject({ state: 'offered', purpose: 'return', counterparty: alder })
    await refuse('NOTE_PARTY_WRONG', 'lindqvist', to('return-acceptance', noteId))
    await tally.done('alder', to('return-acceptance', noteId))
    expect(await tally.note(noteId)).toMatchObject({ state: 'live', holder: alder, hasRecourse: false })
  })
})

describe('a settlement', () => {
  it('of a part settles that piece and leaves the rest open', async () => {
    const { rootNote, receivableId } = single.plain
    for (const amount of ['0', '9999901'])
      await refuse('AMOUNT_INVALID', 'jiangan', to('settlement', rootNote), { ...payment, amount })
    const settled = await tally.done('jiangan', to('settlement', rootNote), { ...payment, amount: '900' })
    expect(await tally.note(settled.noteId!)).toMatchObject({ state: 'settled', payee: alder, amount: '900' })
    expect(await tally.note(rootNote)).toMatchObject({ state: 'live', end: '9999000' })
    expect(await tally.receivable(receivableId)).toMatchObject({ state: 'confirmed', settled: '900' })
    await refuse('NOTE_STATE_WRONG', 'jiangan', to('settlement', settled.noteId!), payment)
  })

  it('goes to the escrow of a frozen note and to the lender of a pledged one; the last one closes the receivable', async () => {
    const settle = (noteId: string) => tally.done('jiangan', to('settlement', noteId), payment)
    const open = await refuse('RECEIVABLE_NOTE_OPEN', 'alder', of('closing', mixed))
    expect(open).toMatchObject({ status: 409, presented: { noteId: mixed.rootNote, state: 'live' } })
    await settle(mixed.frozen)
    expect(await tally.note(mixed.frozen)).toMatchObject({ state: 'settled', payee: jiangan, holder: alder })
    await settle(mixed.pledged)
    expect(await tally.note(mixed.pledged)).toMatchObject({ state: 'settled', payee: lindqvist, holder: alder })
    expect(await tally.receivable(mixed.receivableId)).toMatchObject({ state: 'confirmed', settled: '200' })
    const last = await settle(mixed.rootNote)
    expect(last.typedData.message.calls).toHaveLength(2)
    expect(last.words.en).toMatch(/; Close the books of receivable/)
    expect(await tally.receivable(mixed.receivableId)).toMatchObject({ state: 'settled', settled: '10000000' })
    await refuse('RECEIVABLE_STATE_WRONG', 'alder', of('closing', mixed))
  })

  it('of the last two notes at once leaves the closing to anyone who is a party', async () => {
    const { rootNote, noteId } = single.pledged
    const intents = [
      await tally.propose('jiangan', to('settlement', rootNote), payment),
      await tally.propose('jiangan', to('settlement', noteId), payment)
    ]
    for (const intent of intents) await tally.as('jiangan').followUp(intent, tally.newKey())
    expect(await tally.receivable(single.pledged.receivableId)).toMatchObject({
      state: 'confirmed',
      settled: '10000000'
    })
    await refuse('RECEIVABLE_NOT_FOUND', 'huichuan', of('closing', single.pledged))
    await tally.done('lindqvist', of('closing', single.pledged))
    expect(await tally.receivable(single.pledged.receivableId)).toMatchObject({ state: 'settled' })
  })

  it('of a receivable at once pays every open note to its payee', async () => {
    await refuse('ROLE_MISSING', 'meridian', of('settlement', halves), payment)
    await tally.done('jiangan', of('settlement', halves), payment)
    expect(await tally.receivable(halves.receivableId)).toMatchObject({ state: 'settled', settled: '10000000' })
    expect(await tally.note(halves.rootNote)).toMatchObject({ state: 'settled', payee: alder })
    expect(await tally.note(halves.second)).toMatchObject({ state: 'settled', payee: corvale })
    expect(await refuse('RECEIVABLE_STATE_WRONG', 'jiangan', of('settlement', halves), payment)).toMatchObject({
      presented: 'settled'
    })
    await refuse('NOTE_STATE_WRONG', 'jiangan', to('settlement', halves.second), payment)
    await refuse('NOTE_STATE_WRONG', 'regulator', to('freezes', halves.second), {
      amount: '1',
      until: maturity + 86_400,
      escrow: huichuan,
      order: 'x',
      ...(await tally.order())
    })
  })
})

describe('a return', () => {
  it('that was not accepted in time can only be recalled, or paid', async () => {
    const { noteId } = single.late
    const deadline = maturity + 86_400
    await tally.done('lindqvist', to('returns', noteId), { demand: 'x', deadline })
    await tally.turnClock(deadline + 10)
    const problem = await refuse('NOTE_DEADLINE_PASSED', 'alder', to('return-acceptance', noteId))
    expect(problem).toMatchObject({ status: 409, required: deadline })
    await tally.done('lindqvist', to('recall', noteId))
    await tally.done('lindqvist', to('returns', noteId), { demand: 'x' })
    await tally.done('jiangan', to('settlement', noteId), payment)
    expect(await tally.note(noteId)).toMatchObject({ state: 'settled', payee: lindqvist })
  })
})

describe('the evidence', () => {
  it('of every one of these lives verifies', async () => {
    for (const { receivableId } of [...Object.values(single), mixed, halves]) {
      const bytes = await tally.as('alder').download(`/v1/receivables/${receivableId}/evidence`)
      const anchors = await tally.as('alder').get<TrustAnchors>('/v1/trust-anchors')
      const report = await verifyPackage(bytes, anchors)
      expect(report.checks.filter(({ ok }) => ok !== true)).toEqual([])
      expect(report.result).toBe('verified')
    }
  })
})
