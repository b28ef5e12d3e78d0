import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TrustAnchors } from '../../domain/evidence/anchors.ts'
import { verifyPackage } from '../../domain/evidence/verify.ts'
import { commitmentTo } from '../../api/intents/commitment.ts'
import { dayOfSeconds } from '../../domain/calendar/day.ts'
import { all, only, stepsOf, valueOf } from '../../domain/documents/fields.ts'
import { writeCamt053, writeCamt054, writeMt940, type SamplePayment } from '../../domain/documents/samples/statement.ts'
import { parseXml } from '../../domain/documents/xml.ts'
import { paymentTextOf } from '../../domain/settlement/entry.ts'
import type { Intent } from '../../scripts/demo/client.ts'
import { participantIdOf } from '../../scripts/world/cast.ts'
import { inSeconds, startInstance, type Answer, type Instance, type Registered } from './instance.ts'
import type { Match, Payment, Report, Run, Settlement } from './settlement-answers.ts'

/** From what falls due to the books of the day. All notes are made before; then the chain's clock is turned. */
let tally: Instance
const maturity = inSeconds(2 * 86_400)
const day = dayOfSeconds(maturity)
const DEBTOR = 'IBAN:DE00999999990000417723'
const ACCOUNTS = {
  alder: 'DE00999999990000551209',
  corvale: 'NL00TALL0900118846',
  tormel: 'IT00T9999999999000077120482',
  lindqvist: 'SE0099900000009900123456',
  jiangan: '6200990000000005'
} as const
type Payee = keyof typeof ACCOUNTS

/** One receivable over several tiers: alder, corvale, tormel, a pledge to lindqvist, a freeze in favour of jiangan. */
let tiers: Registered
let pledged: string
/** Single notes of alder's, 10,000,000 each, for the odd cases. */
const single: Registered[] = []
let run: Run

const to = (verb: string, noteId: string) => `/v1/notes/${noteId}/${verb}`
const ok = async <T>(path: string, request: Parameters<Instance['call']>[1] = {}): Promise<T> => {
  const answer = await tally.call(path, { as: 'jiangan', ...request })
  expect(answer.status, answer.text).toBeLessThan(300)
  return answer.body as T
}
const makeRun = (body: object = {}) =>
  ok<Run>('/v1/payment-runs', { as: 'meridian', body: { upTo: day, account: DEBTOR, ...body } })

let [deliveries, entries] = [0, 0]
const paid = (payment: Pick<Payment, 'endToEndId' | 'amount'>, fields: Partial<SamplePayment> = {}): SamplePayment => ({
  amount: BigInt(payment.amount),
  effect: 'credit',
  day,
  reference: `BANK-${++entries}`,
  endToEndId: payment.endToEndId,
  debtor: 'Meridian Automotive SE',
  creditor: 'Payee',
  documentNumbers: [],
  remittance: 'Tallystick',
  ...fields
})
const none = { endToEndId: 'NOTPROVIDED', amount: '1000' }
const statement = (payee: Payee, payments: SamplePayment[], currency = 'EUR') => ({
  id: `S-${++deliveries}`,
  iban: ACCOUNTS[payee],
  currency,
  opening: 0n,
  from: day,
  to: day,
  payments
})
const bring = (payee: Payee, payments: SamplePayment[], currency?: string) =>
  ok<{ statementId: string; parts: { check: string; fresh: number }[] }>('/v1/statements', {
    body: writeCamt054(statement(payee, payments, currency))
  })
const matches = async (state: string, entryId?: number): Promise<Match[]> => {
  const query = `state=${state}&limit=200${entryId === undefined ? '' : `&entryId=${entryId}`}`
  return (await ok<{ items: Match[] }>(`/v1/matches?${query}`)).items
}
/** The newest entry. */
const newest = async () => (await ok<{ items: Match['entry'][] }>('/v1/statement-entries?limit=200')).items.at(-1)!
const exceptions = async () =>
  (
    await ok<{ items: { exceptionId: number; kind: string; entry: Match['entry']; noteIds: string[] }[] }>(
      '/v1/settlement-exceptions?state=open&limit=200'
    )
  ).items
const propose = (body: object = {}) => ok<Settlement>('/v1/settlements', { body })
const signed = async ({ intent }: Settlement) => {
  const done = await tally.as('jiangan').followUp(intent, tally.newKey())
  expect(done, JSON.stringify(done.refusal)).toMatchObject({ state: 'projected' })
  return done
}
const paymentOf = (noteId: string) => run.payments.find((one) => one.noteId === noteId)!
const rootOf = (index: number) => single[index]!.rootNote
const refuse = (code: Parameters<Instance['refused']>[0], path: string, body?: object, as = 'jiangan') =>
  tally.refused(code, path, { as, method: 'POST', ...(body ? { body } : {}) })

async function transferred(from: string, noteId: string, slug: Payee, amount: string): Promise<string> {
  const body = { assignee: participantIdOf(slug), amount, tradeDocument: `Order ${slug}` }
  const offer = await tally.done(from, to('transfers', noteId), body)
  await tally.done(slug, to('acceptance', offer.noteId!))
  return offer.noteId!
}

beforeAll(async () => {
  tally = await startInstance()
  tiers = await tally.confirmed(maturity)
  const second = await transferred('alder', tiers.rootNote, 'corvale', '4000000')
  await transferred('corvale', second, 'tormel', '1500000')
  const quote = { factor: participantIdOf('lindqvist'), amount: '700', purpose: 'pledge', quote: 'Q' }
  pledged = (await tally.done('alder', to('locks', tiers.rootNote), quote)).noteId!
  await tally.done('lindqvist', to('financing', pledged), { disbursement: 'SEPA' })
  const until = maturity + 30 * 86_400
  const order = { amount: '300', until, escrow: participantIdOf('jiangan'), order: 'Order 1' }
  await tally.done('regulator', to('freezes', tiers.rootNote), order)
  // Two whose numbers look alike ring an alarm.
  const alike: Record<number, object> = {
    4: { number: 'LA-2026-0481', issued: '2026-03-01' },
    5: { number: 'LA-2O26-0481', issued: '2026-03-02' }
  }
  const made = Array.from({ length: 8 }, async (_, index) => {
    const one = await tally.register(alike[index] ?? {}, maturity)
    await tally.done('meridian', `/v1/receivables/${one.receivableId}/confirmation`)
    return one
  })
  single.push(...(await Promise.all(made)))
}, 300_000)
afterAll(async () => {
  const troubles = tally?.troubles()
  await tally?.stop()
  expect(troubles).toEqual([])
})

describe('what falls due', () => {
  it('is told to debtor, payees and clearing bank by payment day and currency', async () => {
    const { body } = await tally.call(`/v1/maturities?to=${day}&limit=3`, { as: 'meridian' })
    expect(body['totals']).toMatchObject([
      { currency: 'EUR', calendar: 'T2', count: 13, amount: '90000000', isPublished: true }
    ])
    expect((body['items'] as object[]).length).toBe(3)
    const next = await tally.call(`/v1/maturities?to=${day}&after=${String(body['next'])}`, { as: 'meridian' })
    expect((next.body['items'] as object[]).length).toBe(10)
    for (const [as, amount] of [
      ['lindqvist', '700'],
      ['jiangan', '300'],
      ['tormel', '1500000']
    ] as const) {
      const mine = await tally.call(`/v1/maturities?to=${day}&as=holder`, { as })
      expect(mine.body['totals'], as).toMatchObject([{ count: 1, amount }])
    }
    const everything = await tally.call(`/v1/maturities?to=${day}&as=clearing&currency=EUR`, { as: 'jiangan' })
    expect(everything.body['totals']).toEqual(body['totals'])
    await tally.refused('ROLE_MISSING', '/v1/maturities?as=clearing', { as: 'alder' })
    await tally.refused('DAY_INVALID', '/v1/maturities?from=2026-02-30', { as: 'alder' })
    await tally.refused('DAY_INVALID', '/v1/maturities?from=2026-01-01&to=2027-06-01', { as: 'alder' })
  })
})

describe('a payment run', () => {
  it('has one payment for each note to escrow, lender or holder, and is stale once a payee changed', async () => {
    await refuse('ACCOUNT_INVALID', '/v1/payment-runs', { upTo: day }, 'meridian')
    await refuse('PAYMENT_RUN_EMPTY', '/v1/payment-runs', { upTo: '2026-01-01', account: DEBTOR }, 'meridian')
    const first = await makeRun({ receivables: [tiers.receivableId] })
    expect(first).toMatchObject({ state: 'open', unpayable: [] })
    const payees = first.payments.map(({ payee, amount }) => [payee, amount])
    expect(payees.sort()).toEqual(
      [
        [participantIdOf('alder'), '5999000'],
        [participantIdOf('corvale'), '2500000'],
        [participantIdOf('tormel'), '1500000'],
        [participantIdOf('lindqvist'), '700'],
        [participantIdOf('jiangan'), '300']
      ].sort()
    )
    // The same notes are not ordered twice.
    await refuse('PAYMENT_RUN_EMPTY', '/v1/payment-runs', { upTo: day, account: DEBTOR, receivables: [tiers.receivableId] }, 'meridian') // prettier-ignore
    await tally.done('lindqvist', to('release', pledged), { repayment: 'Repaid' })
    const path = `/v1/payment-runs/${first.runId}`
    const stale = await ok<Run>(path, { as: 'meridian' })
    expect(stale).toMatchObject({ state: 'stale', order: null })
    expect(stale.payments.filter(({ state }) => state === 'stale').map(({ noteId }) => noteId)).toEqual([pledged])
    await tally.refused('PAYMENT_RUN_STALE', `${path}/pain.001`, { as: 'meridian' })
    await tally.refused('PAYMENT_RUN_NOT_FOUND', path, { as: 'beichen' })
    await ok(`${path}/cancellation`, { as: 'meridian', method: 'POST' })
    await tally.refused('PAYMENT_RUN_CANCELLED', `${path}/pain.001`, { as: 'meridian' })
  })

  it('is ordered from the bank by pain.001, once matured with payees that can not change', async () => {
    const quote = { factor: participantIdOf('lindqvist'), amount: '700', purpose: 'pledge', quote: 'Q2' }
    await tally.done('alder', to('locks', pledged), quote)
    await tally.done('lindqvist', to('financing', pledged), { disbursement: 'SEPA 2' })
    await tally.turnClock(maturity + 10)
    run = await makeRun()
    expect(run.payments).toHaveLength(13)
    const answer = await tally.call(run.order!, { as: 'meridian' })
    expect(answer.headers.get('content-type')).toBe('application/xml')
    const at = stepsOf('urn:iso:std:iso:20022:tech:xsd:pain.001.001.09')
    const root = parseXml(new TextEncoder().encode(answer.text))
    const transfers = all(root, at('CstmrCdtTrfInitn'), at('PmtInf'), at('CdtTrfTxInf'))
    expect(transfers.map((one) => valueOf(only(one, at('PmtId'), at('EndToEndId')))).sort()).toEqual(
      run.payments.map(({ endToEndId }) => endToEndId).sort()
    )
    expect(
      (await ok<{ items: Run[] }>('/v1/payment-runs', { as: 'meridian' })).items.map(({ state }) => state)
    ).toEqual(['open', 'cancelled'])
  })
})

describe('the story', () => {
  let settlement: Settlement

  it('takes the statements of all payees, and matches what leaves nothing to judge', async () => {
    const own = run.payments.filter(({ noteId }) => noteId.startsWith(tiers.receivableId))
    for (const slug of Object.keys(ACCOUNTS) as Payee[]) {
      const payments = own.filter(({ payee }) => payee === participantIdOf(slug)).map((one) => paid(one))
      const file = statement(slug, payments)
      const bytes = slug === 'tormel' ? writeMt940(file) : writeCamt053(file)
      const kept = await ok<{ statementId: string; parts: object[] }>('/v1/statements', { body: bytes })
      expect(kept.parts).toMatchObject([{ check: 'balanced', fresh: payments.length, account: ACCOUNTS[slug] }])
      const again = await tally.call('/v1/statements', { as: 'jiangan', body: bytes })
      expect([again.status, again.body['statementId']]).toEqual([200, kept.statementId])
      const told = await ok<{ parts: object[] }>('/v1/statements', { body: writeCamt054({ ...file, id: `N-${slug}` }) })
      if (slug !== 'tormel') expect(told.parts, 'a notification of the same').toMatchObject([{ fresh: 0 }])
    }
    // Newest first; the entries that one brought, and what they pay.
    const { items: brought } = await ok<{ items: { statementId: string; format: string }[] }>('/v1/statements?limit=50')
    expect(brought).toHaveLength(10)
    const first = brought.at(-1)!.statementId
    const of = await ok<{ items: Match['entry'][] }>(`/v1/statement-entries?statementId=${first}&limit=200`)
    expect(of.items.length).toBeGreaterThan(0)
    const paying = (await ok<{ items: Match[] }>(`/v1/matches?statementId=${first}&limit=200`)).items
    expect(paying.map(({ entry }) => entry.entryId)).toEqual(of.items.map(({ entryId }) => entryId))
    expect(paying.flatMap(({ parts }) => parts)).toMatchObject(of.items.map(() => ({ progress: 'waiting' })))
    await tally.refused('ROLE_MISSING', '/v1/statements', { as: 'alder' })
    const accepted = await matches('accepted')
    expect(accepted.map(({ rule, score, isByRule }) => [rule, score, isByRule])).toEqual(
      Array.from({ length: 5 }, () => ['end-to-end', 100, true])
    )
  })

  it('settles all of them by one intent, which closes the receivable', async () => {
    settlement = await propose()
    expect(settlement.held).toEqual([])
    expect(settlement.parts).toHaveLength(5)
    expect(settlement.intent.typedData.message.calls).toHaveLength(6)
    // What is ordered does not wait any more.
    await refuse('SETTLEMENT_EMPTY', '/v1/settlements', {})
    await refuse('MATCH_STATE_WRONG', '/v1/settlements', { matches: [settlement.parts[0]!.matchId] })
    const progress = async () => (await matches('accepted')).flatMap(({ parts }) => parts.map((part) => part.progress))
    expect(await progress()).toEqual(Array.from({ length: 5 }, () => 'ordered'))
    await signed(settlement)
    expect(await progress()).toEqual(Array.from({ length: 5 }, () => 'settled'))
    expect(await tally.receivable(tiers.receivableId)).toMatchObject({ state: 'settled', settled: '10000000' })
    for (const { noteId, settledNoteId } of settlement.parts) {
      expect(settledNoteId).toBe(noteId)
      expect(await tally.note(noteId)).toMatchObject({ state: 'settled', payee: paymentOf(noteId).payee })
    }
    const path = `/v1/payment-runs/${run.runId}`
    const paidRun = await ok<Run>(path, { as: 'meridian' })
    expect(paidRun).toMatchObject({ state: 'in-payment', order: null })
    expect(paidRun.payments.filter(({ state }) => state === 'paid')).toHaveLength(5)
    await tally.refused('PAYMENT_RUN_STALE', `${path}/pain.001`, { as: 'meridian' })
  })

  it('ties note and entry by the commitment on chain, under evidence that verifies', async () => {
    for (const { settledNoteId, entryDigest, payment } of settlement.parts) {
      const { rows } = await tally.sql.query('select payment from projection.note where note_id = $1', [settledNoteId])
      expect(rows).toEqual([{ payment }])
      expect(commitmentTo(tiers.receivableId, paymentTextOf(entryDigest))).toBe(payment)
    }
    const bytes = await tally.as('alder').download(`/v1/receivables/${tiers.receivableId}/evidence`)
    const report = await verifyPackage(bytes, await tally.as('alder').get<TrustAnchors>('/v1/trust-anchors'))
    expect(report.checks.filter(({ ok: passed }) => passed !== true)).toEqual([])
    expect(report.result).toBe('verified')
  })
})

describe('an entry', () => {
  it('for a part is proposed, accepted by people, and settles a cut; the rest is paid by the next', async () => {
    const { noteId, endToEndId } = paymentOf(rootOf(0))
    await bring('alder', [paid({ endToEndId, amount: '400' })])
    const [part] = await matches('proposed', (await newest()).entryId)
    expect(part).toMatchObject({ rule: 'end-to-end-amount', score: 90, parts: [{ noteId, amount: '400' }] })
    await ok(`/v1/matches/${part!.matchId}/acceptance`, { body: { reason: 'The debtor told us' } })
    await refuse('MATCH_STATE_WRONG', `/v1/matches/${part!.matchId}/acceptance`, { reason: 'x' })
    const { parts } = await propose({ matches: [part!.matchId] }).then(async (one) => {
      await signed(one)
      return one
    })
    expect(await tally.note(parts[0]!.settledNoteId)).toMatchObject({ state: 'settled', amount: '400' })
    expect(await tally.note(noteId)).toMatchObject({ state: 'live', amount: '9999600' })
    await bring('alder', [paid({ endToEndId, amount: '9999600' })])
    expect((await newest()).finding).toBe('matched')
  })

  it('over the note pays the note, and what is left stays unapplied', async () => {
    const { endToEndId } = paymentOf(rootOf(1))
    await bring('alder', [paid({ endToEndId, amount: '10000500' })])
    const [over] = await matches('proposed', (await newest()).entryId)
    expect(over).toMatchObject({ score: 90, parts: [{ amount: '10000000' }] })
    const done = await ok<Match>(`/v1/matches/${over!.matchId}/acceptance`, { body: { reason: 'Rest goes back' } })
    expect(done.entry).toMatchObject({ amount: '10000500', allocated: '10000000' })
  })

  it('that pays a second time, or in another currency, is an exception', async () => {
    await bring('alder', [paid(paymentOf(rootOf(1)))])
    expect((await newest()).finding).toBe('duplicate-payment')
    await bring('alder', [paid(paymentOf(rootOf(2)))], 'USD')
    expect((await newest()).finding).toBe('wrong-currency')
    const open = await exceptions()
    expect(open.map(({ kind }) => kind)).toEqual(['duplicate-payment', 'wrong-currency'])
    expect(open[0]!.noteIds).toEqual([rootOf(1)])
    const closing = `/v1/settlement-exceptions/${open[1]!.exceptionId}/closing`
    await ok(closing, { body: { reason: 'Sent back' } })
    await refuse('EXCEPTION_CLOSED', closing, { reason: 'x' })
    await refuse('EXCEPTION_NOT_FOUND', '/v1/settlement-exceptions/999999/closing', { reason: 'x' })
  })

  it('that is announced settles nothing until it is booked', async () => {
    const payment = paid(paymentOf(rootOf(2)))
    await bring('alder', [{ ...payment, isPending: true }])
    const announced = await newest()
    expect(announced.finding).toBe('not-booked')
    await refuse('ENTRY_SETTLES_NOTHING', '/v1/matches', {
      entryId: announced.entryId,
      parts: [{ noteId: rootOf(2), amount: '1' }],
      reason: 'x'
    })
    const booked = await bring('alder', [payment])
    expect(booked.parts).toMatchObject([{ fresh: 1 }])
    expect(await newest()).toMatchObject({ entryId: announced.entryId, finding: 'matched' })
  })

  it('of a statement that does not add up goes to people', async () => {
    const file = new TextDecoder().decode(writeCamt053(statement('alder', [paid(paymentOf(rootOf(3)))])))
    const wrong = file.replace(/(CLBD.*?>)100000\.00</s, '$1100000.01<')
    const kept = await ok<{ parts: object[] }>('/v1/statements', { body: new TextEncoder().encode(wrong) })
    expect(kept.parts).toMatchObject([{ check: 'unbalanced', difference: '1' }])
    const [doubted] = await matches('proposed', (await newest()).entryId)
    expect(doubted).toMatchObject({ score: 95, rule: 'end-to-end' })
    await ok(`/v1/matches/${doubted!.matchId}/rejection`, { body: { reason: 'The bank corrects it' } })
    await refuse('MATCH_STATE_WRONG', `/v1/matches/${doubted!.matchId}/rejection`, { reason: 'x' })
  })

  it('is split by hand over several notes, never beyond it and never beyond a note', async () => {
    await bring('alder', [paid(none, { remittance: 'two bills' })])
    const { entryId } = await newest()
    const hand = (...parts: [string, string][]) => ({
      entryId,
      parts: parts.map(([noteId, amount]) => ({ noteId, amount })),
      reason: 'Telephone'
    })
    await refuse('MATCH_EXCEEDS_ENTRY', '/v1/matches', hand([rootOf(3), '600'], [rootOf(4), '401']))
    await refuse('MATCH_EXCEEDS_NOTE', '/v1/matches', hand([rootOf(3), '10000001']))
    await refuse('NOTE_NOT_FOUND', '/v1/matches', hand([`0x${'0'.repeat(64)}`, '1']))
    await refuse('REQUEST_INVALID', '/v1/matches', hand([rootOf(3), '1'], [rootOf(3), '1']))
    await refuse('STATEMENT_ENTRY_NOT_FOUND', '/v1/matches', { ...hand([rootOf(3), '1']), entryId: 999_999 })
    const match = await ok<Match>('/v1/matches', { body: hand([rootOf(3), '600'], [rootOf(4), '400']) })
    expect(match).toMatchObject({ rule: 'by-hand', state: 'accepted', isByRule: false, entry: { allocated: '1000' } })
    await refuse('MATCH_EXCEEDS_ENTRY', '/v1/matches', hand([rootOf(5), '1']))
  })

  it('in CSV is read by a mapping, and proposed by the number in its text', async () => {
    const { documentId } = single[5]!
    const { body } = await tally.call(`/v1/documents/${documentId}`)
    const { number } = body['invoice'] as { number: string }
    const mapping = {
      account: ACCOUNTS.alder,
      currency: 'EUR',
      columns: { day: 'Day', amount: 'Amount', text: 'Text' }
    }
    const csv = `Day;Amount;Text\n${day};100000.00;Your invoice ${number}\n`
    const path = `/v1/statements?mapping=${encodeURIComponent(JSON.stringify(mapping))}`
    await ok(path, { body: new TextEncoder().encode(csv), headers: { 'content-type': 'text/csv' } })
    const proposed = await matches('proposed', (await newest()).entryId)
    expect(proposed[0]).toMatchObject({ rule: 'number', parts: [{ noteId: rootOf(5), amount: '10000000' }] })
    const bad = `/v1/statements?mapping=${encodeURIComponent('{"account":1}')}`
    await tally.refused('REQUEST_INVALID', bad, { as: 'jiangan', body: new Uint8Array([1]) })
    await tally.refused('DOCUMENT_REFUSED', '/v1/statements', { as: 'jiangan', body: new TextEncoder().encode('x') })
  })
})

describe('what is taken back', () => {
  const back = (payment: SamplePayment): SamplePayment => ({
    ...payment,
    effect: 'debit',
    isReversal: true,
    reference: `BACK-${++entries}`
  })

  it('before it is settled is cancelled, also when the settlement waits for signatures', async () => {
    for (const isOrdered of [false, true]) {
      const payment = paid(paymentOf(rootOf(6)))
      await bring('alder', [payment])
      const { entryId } = await newest()
      const [match] = await matches('accepted', entryId)
      const ordered = isOrdered ? await propose({ matches: [match!.matchId] }) : undefined
      await bring('alder', [back(payment)])
      expect(await matches('cancelled', entryId)).toMatchObject([
        { matchId: match!.matchId, entry: { allocated: '0' } }
      ])
      if (!ordered) continue
      const intent = await tally.as('jiangan').get<Intent>(`/v1/intents/${ordered.intent.intentId}`)
      expect(intent).toMatchObject({ state: 'refused', refusal: { code: 'PaymentTakenBack' } })
    }
    const wrong = { parts: [{ noteId: rootOf(6), amount: '1' }], reason: 'x' }
    const [cancelled] = await matches('cancelled')
    await refuse('ENTRY_SETTLES_NOTHING', '/v1/matches', { entryId: cancelled!.entry.entryId, ...wrong })
  })

  it('after it is settled stands, and is an exception', async () => {
    const payment = paid(paymentOf(rootOf(6)))
    await bring('alder', [payment])
    const [match] = await matches('accepted', (await newest()).entryId)
    await signed(await propose({ matches: [match!.matchId] }))
    await bring('alder', [back(payment)])
    expect((await exceptions()).at(-1)).toMatchObject({ kind: 'returned-after-settlement', noteIds: [rootOf(6)] })
    expect(await tally.note(rootOf(6))).toMatchObject({ state: 'settled' })
  })

  it('before it came is found once it comes', async () => {
    const payment = paid(paymentOf(rootOf(7)))
    await bring('alder', [back(payment)])
    expect((await exceptions()).at(-1)).toMatchObject({ kind: 'reversal-unmatched' })
    await bring('alder', [payment])
    expect(await matches('accepted', (await newest()).entryId)).toEqual([])
    expect((await exceptions()).some(({ kind }) => kind === 'reversal-unmatched')).toBe(false)
  })
})

describe('two people at once', () => {
  it('take from an entry and from a note no more than there is', async () => {
    await bring('alder', [paid(none, { remittance: 'race' })])
    const { entryId } = await newest()
    const request = () => tally.call('/v1/matches', {
      as: 'jiangan',
      body: { entryId, parts: [{ noteId: rootOf(7), amount: '700' }], reason: 'race' }
    }) // prettier-ignore
    const answers = await Promise.all(Array.from({ length: 8 }, request))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 7 }, () => 409)])
    const { rows } = await tally.sql.query('select allocated::int from app.statement_entry where entry_id = $1', [
      entryId
    ])
    expect(rows).toEqual([{ allocated: 700 }])
  })

  it('make one settlement, also when the api is killed on the way', async () => {
    const waiting = (await matches('accepted')).filter(({ parts }) => parts.every(({ intentId }) => intentId === null))
    expect(waiting.length).toBeGreaterThan(3)
    const keys = Array.from({ length: 6 }, () => tally.newKey())
    const press = (key: string): Promise<Answer | undefined> =>
      tally.call('/v1/settlements', { as: 'jiangan', key, body: {} }).catch(() => undefined)
    const first = keys.map(press)
    await Promise.race(first)
    tally.children.api.kill()
    await Promise.all(first)
    await tally.restartApi(tally.config)
    const answers = await Promise.all(keys.map(press))
    const made = answers
      .filter((answer) => answer?.status === 202)
      .map((answer) => answer!.body as unknown as Settlement)
    expect(made).toHaveLength(1)
    expect(answers.filter((answer) => answer?.body['code'] === 'SETTLEMENT_EMPTY')).toHaveLength(5)
    const { rows } = await tally.sql.query(
      `select count(distinct intent_id)::int as intents, count(*)::int as parts from app.match_part where intent_id = $1`,
      [made[0]!.intent.intentId]
    )
    expect(rows).toEqual([{ intents: 1, parts: made[0]!.parts.length }])
    // Its alarm keeps one back: nobody has looked at it yet.
    const [held, ...others] = made[0]!.held
    expect([held, others]).toMatchObject([{ noteId: rootOf(4), code: 'ALARM_OPEN' }, []])
    await signed(made[0]!)
  })
})

describe('an alarm', () => {
  it('holds a settlement back until the clearing bank has accepted it', async () => {
    const own = (await matches('accepted')).find(({ parts }) => parts.some(({ noteId }) => noteId === rootOf(4)))!
    const refusal = await refuse('ALARM_OPEN', '/v1/settlements', { matches: [own.matchId] })
    const alarms = refusal['presented'] as { alarmId: number; rule: string }[]
    expect(alarms.map(({ rule }) => rule)).toContain('look-alike-number')
    for (const { alarmId } of alarms) {
      await ok(`/v1/alarms/${alarmId}/decisions`, { body: { decision: 'accepted', reason: 'Two invoices' } })
    }
    const { parts, intent } = await propose()
    expect(parts).toMatchObject([{ matchId: own.matchId, noteId: rootOf(4), amount: '400' }])
    expect(intent.noteId).toBe(parts[0]!.settledNoteId)
    await signed({ parts, intent, held: [] })
    expect(await tally.note(rootOf(4))).toMatchObject({ amount: '9999600' })
  })
})

describe('the books of the day', () => {
  let report: Report
  const sum = (lines: { amount: string }[]) => lines.reduce((total, { amount }) => total + BigInt(amount), 0n)

  it('explain every cent of every entry, and what the chain settled', async () => {
    await tally.done('jiangan', to('settlement', rootOf(7)), { payment: 'Paid in cash', amount: '50' })
    report = await ok<Report>(`/v1/reconciliation/${day}`)
    const { rows } = await tally.sql.query<{ entryId: number; amount: string; status: string }>(
      `select entry_id::float8 as "entryId", (case effect when 'credit' then amount else -amount end)::text as amount, status
         from app.statement_entry`
    )
    const lines = report.accounts.flatMap((account) => account.lines)
    for (const { entryId, amount, status } of rows) {
      const own = lines.filter((line) => line.entryId === entryId)
      expect(sum(own), `entry ${entryId}`).toBe(status === 'booked' ? BigInt(amount) : 0n)
    }
    const kinds = new Set(lines.map(({ kind }) => kind))
    for (const kind of ['settled', 'unapplied', 'taken-back', 'taking-back', 'proposed']) expect(kinds).toContain(kind)
    for (const { kind, txHash } of lines) expect(txHash !== null).toBe(kind === 'settled')
    expect(lines.find(({ remark }) => remark?.startsWith('returned-after-settlement'))).toBeTruthy()
  })

  it('balance, or say by how much they do not', async () => {
    for (const { account, currency, opening, closing, isBalanced, lines } of report.accounts) {
      if (opening === null || closing === null) continue
      expect(BigInt(opening) + sum(lines), `${account} ${currency}`).toBe(BigInt(closing))
      // Statements of one account of the day that are told apart here are one a day in life.
      if (account !== ACCOUNTS.alder) expect(isBalanced).toBe(true)
    }
    const [chain] = report.chain
    const { rows } = await tally.sql.query<{ settled: string }>(
      `select sum(upper(span) - lower(span))::text as settled from projection.note where state = 'settled'`
    )
    expect(chain).toMatchObject({ currency: 'EUR', settled: rows[0]!.settled, withoutEntry: '50', isBalanced: true })
    const settled = report.accounts.flatMap(({ lines }) => lines.filter(({ kind }) => kind === 'settled'))
    expect(sum(settled)).toBe(BigInt(chain!.withEntry))
  })

  it('come as CSV too', async () => {
    const answer = await tally.call(`/v1/reconciliation/${day}?format=csv`, { as: 'jiangan' })
    expect(answer.headers.get('content-type')).toContain('text/csv')
    const [head, ...rows] = answer.text.trimEnd().split('\r\n')
    expect(head).toBe(
      'side,account,currency,kind,amount,entry,digest,finding,remark,reversal,note,receivable,transaction,block'
    )
    const count = [...report.accounts, ...report.chain].reduce((total, { lines }) => total + lines.length, 0)
    expect(rows).toHaveLength(count + 2 * report.accounts.length)
  })
})
