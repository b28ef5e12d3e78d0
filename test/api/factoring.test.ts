import { unzipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Intent } from '../../scripts/demo/client.ts'
import { participantIdOf } from '../../scripts/world/prepare.ts'
import type { TrustAnchors } from '../../domain/evidence/anchors.ts'
import { verifyPackage } from '../../domain/evidence/verify.ts'
import { commitmentTo } from '../../api/intents/commitment.ts'
import { codesOf, DAY, endOfDay, peopleOf, terms, type RequestView } from './factoring.ts'
import { invoice } from './invoices.ts'
import { inSeconds, startInstance, until, type Instance, type Registered } from './instance.ts'

let tally: Instance
const [lindqvist, huichuan] = [participantIdOf('lindqvist'), participantIdOf('huichuan')]

beforeAll(async () => {
  tally = await startInstance()
})
afterAll(async () => {
  const troubles = tally?.troubles()
  await tally?.stop()
  expect(troubles).toEqual([])
})

const { ask, give, requestOf, quoteOf, accept } = peopleOf(() => tally)

describe('a funding request', () => {
  it('is seen by its requester and the factors it names, and not by others', async () => {
    const { rootNote } = await tally.confirmed()
    const { requestId } = await ask(rootNote, { factors: [lindqvist], amount: '1000000', kinds: ['assignment'] })
    expect(await requestOf(requestId)).toMatchObject({ role: 'requester', state: 'open', factors: [lindqvist] })
    const seen = await requestOf(requestId, 'lindqvist')
    expect(seen).toMatchObject({
      role: 'factor',
      factors: null,
      debtor: participantIdOf('meridian'),
      requester: participantIdOf('alder'),
      amount: '1000000',
      tier: 0,
      obstacles: [],
      alarms: []
    })
    for (const as of ['huichuan', 'meridian', 'corvale', 'regulator']) {
      await tally.refused('FUNDING_REQUEST_NOT_FOUND', `/v1/funding-requests/${requestId}`, { as })
    }
    const listed = async (as: string) => {
      const { items } = await tally.as(as).get<{ items: RequestView[] }>('/v1/funding-requests?state=open')
      return items.map((one) => one.requestId)
    }
    expect(await listed('lindqvist')).toContain(requestId)
    expect(await listed('alder')).toContain(requestId)
    expect(await listed('huichuan')).not.toContain(requestId)
  })

  it('that is open is seen by every factor, which may then see where the note comes from', async () => {
    const { rootNote } = await tally.confirmed()
    await tally.refused('NOTE_NOT_FOUND', `/v1/notes/${rootNote}/provenance`, { as: 'huichuan' })
    const { requestId, provenance } = await ask(rootNote)
    expect(await requestOf(requestId, 'huichuan')).toMatchObject({ isOpenToAll: true, provenance })
    expect((await tally.call(provenance as string, { as: 'huichuan' })).status).toBe(200)
    await tally.refused('NOTE_NOT_FOUND', `/v1/notes/${rootNote}`, { as: 'huichuan' })
    await tally.refused('NOTE_NOT_FOUND', provenance as string, { as: 'corvale' })
    await tally.done('alder', `/v1/notes/${rootNote}/transfers`, {
      assignee: participantIdOf('corvale'),
      amount: '10000000',
      tradeDocument: 'T'
    })
    await tally.done('corvale', `/v1/notes/${rootNote}/acceptance`)
    await tally.refused('NOTE_NOT_FOUND', provenance as string, { as: 'huichuan' })
    expect(await requestOf(requestId, 'huichuan')).toMatchObject({ obstacles: ['not-held'] })
    const again = await ask(rootNote, {}, 'corvale')
    expect(await requestOf(again.requestId, 'huichuan')).toMatchObject({
      tier: 1,
      requester: participantIdOf('corvale')
    })
    expect((await tally.call(provenance as string, { as: 'huichuan' })).status).toBe(200)
    await tally.as('corvale').post(`/v1/funding-requests/${again.requestId}/withdrawal`, tally.newKey())
    await tally.refused('NOTE_NOT_FOUND', provenance as string, { as: 'huichuan' })
  })

  it('is refused for what can not be financed, and for impossible times', async () => {
    const { rootNote } = await tally.confirmed()
    const path = '/v1/funding-requests'
    await tally.refused('NOTE_NOT_FOUND', path, { as: 'corvale', body: { noteId: rootNote } })
    await tally.refused('NOTE_PARTY_WRONG', path, { as: 'meridian', body: { noteId: rootNote } })
    await tally.refused('AMOUNT_INVALID', path, { body: { noteId: rootNote, amount: '10000001' } })
    await tally.refused('ROLE_MISSING', path, { body: { noteId: rootNote, factors: [participantIdOf('corvale')] } })
    for (const times of [
      { fundUntil: inSeconds(31 * DAY) },
      { fundUntil: inSeconds(-1) },
      { fundUntil: inSeconds(DAY), fundFrom: inSeconds(2 * DAY) },
      { fundUntil: inSeconds(DAY), expiresAt: inSeconds(2 * DAY) }
    ]) {
      const answer = await tally.refused('FUNDING_TERMS_INVALID', path, { body: { noteId: rootNote, ...times } })
      expect(answer).toMatchObject({ status: 422, field: expect.stringMatching(/^body\/(fund|expires)/) })
    }
    await tally.refused('REQUEST_INVALID', path, { body: { noteId: rootNote, factors: [] } })
  })

  it('can be withdrawn by its requester alone, and its quotes lapse', async () => {
    const { rootNote } = await tally.confirmed()
    const { requestId } = await ask(rootNote)
    const { quoteId } = await give(requestId)
    const path = `/v1/funding-requests/${requestId}/withdrawal`
    await tally.refused('FUNDING_PARTY_WRONG', path, { as: 'lindqvist', method: 'POST' })
    await tally.refused('FUNDING_REQUEST_NOT_FOUND', path, { as: 'meridian', method: 'POST' })
    expect(await tally.as('alder').post<RequestView>(path, tally.newKey())).toMatchObject({ state: 'withdrawn' })
    expect(await quoteOf(quoteId)).toMatchObject({ state: 'lapsed' })
    await tally.refused('FUNDING_REQUEST_STATE_WRONG', path, { method: 'POST' })
    await tally.refused('FUNDING_REQUEST_STATE_WRONG', `/v1/quotes/${quoteId}/acceptance`, { method: 'POST' })
    const quotes = `/v1/funding-requests/${requestId}/quotes`
    await tally.refused('FUNDING_REQUEST_STATE_WRONG', quotes, { as: 'lindqvist', body: terms() })
  })
})

describe('a quote', () => {
  it('is read by its factor and the requester, and by no other factor, also by no database reader', async () => {
    const { rootNote, receivableId } = await tally.confirmed()
    const { requestId } = await ask(rootNote)
    const quote = await give(requestId, 'lindqvist', { remark: 'canary-price 6 %' })
    const other = await give(requestId, 'huichuan', { annualRateBp: 450 })
    expect((await requestOf(requestId)).quotes.map((one) => one.quoteId)).toEqual([quote.quoteId, other.quoteId])
    expect((await requestOf(requestId, 'huichuan')).quotes.map((one) => one.quoteId)).toEqual([other.quoteId])
    for (const as of ['huichuan', 'meridian', 'regulator', 'corvale']) {
      await tally.refused('QUOTE_NOT_FOUND', `/v1/quotes/${quote.quoteId}`, { as })
      await tally.refused('QUOTE_NOT_FOUND', `/v1/quotes/${quote.quoteId}/evidence`, { as })
    }
    await tally.refused('QUOTE_NOT_FOUND', `/v1/quotes/${quote.quoteId}/withdrawal`, { as: 'huichuan', method: 'POST' })
    expect(quote.commitment).toBe(commitmentTo(receivableId, quote.text))
    const { rows } = await tally.sql.query<{ row: string }>('select q::text as row from app.quote q')
    const hex = Buffer.from('canary-price').toString('hex')
    expect(rows.some(({ row }) => row.includes(hex) || row.includes('canary'))).toBe(false)
  })

  it('shows its true cost, so that quotes of different make can be compared', async () => {
    const { rootNote } = await tally.confirmed(endOfDay(30))
    const { requestId } = await ask(rootNote)
    const bought = await give(requestId, 'lindqvist', { advanceBp: 9_950, reserveBp: 0, annualRateBp: 0 })
    const lent = await give(requestId, 'huichuan', { purpose: 'pledge', annualRateBp: 600 })
    expect(bought.cost).toMatchObject({ days: 30, proceeds: '9950000', total: '50000', per30Days: '50000' })
    expect(bought.cost['effectiveRateBp']).toBe(629)
    expect(lent.cost).toMatchObject({ interest: '45000', proceeds: '8955000', total: '45000', effectiveRateBp: 629 })
  })

  it('is refused when it is no answer', async () => {
    const { rootNote } = await tally.confirmed()
    const { requestId } = await ask(rootNote, { kinds: ['pledge'], fundUntil: inSeconds(5 * DAY) })
    const path = `/v1/funding-requests/${requestId}/quotes`
    for (const [field, changes] of [
      ['purpose', {}],
      ['reserveBp', { purpose: 'pledge', reserveBp: 999 }],
      ['fundBy', { purpose: 'pledge', fundBy: inSeconds(6 * DAY) }],
      ['fees', { purpose: 'pledge', fees: [{ kind: 'flat', amount: '9000000', due: 'funding' }] }]
    ] as const) {
      const answer = await tally.refused('FUNDING_TERMS_INVALID', path, { as: 'lindqvist', body: terms(changes) })
      expect(answer).toMatchObject({ field: `body/${field}` })
    }
    await tally.refused('REQUEST_INVALID', path, { as: 'lindqvist', body: terms({ advanceBp: 10_001 }) })
    await tally.refused('REQUEST_INVALID', path, { as: 'lindqvist', body: terms({ amount: '1' }) })
    for (let i = 0; i < 5; i++) await give(requestId, 'lindqvist', { purpose: 'pledge', annualRateBp: i })
    await tally.refused('QUOTES_TOO_MANY', path, { as: 'lindqvist', body: terms({ purpose: 'pledge' }) })
  })

  it('can be withdrawn unless it is firm', async () => {
    const { rootNote } = await tally.confirmed()
    const { requestId } = await ask(rootNote)
    const [firm, loose] = [await give(requestId, 'lindqvist', { isFirm: true }), await give(requestId)]
    const withdrawal = (quoteId: string) => `/v1/quotes/${quoteId}/withdrawal`
    await tally.refused('QUOTE_FIRM', withdrawal(firm.quoteId), { as: 'lindqvist', method: 'POST' })
    const answer = await tally.call(withdrawal(loose.quoteId), { as: 'lindqvist', method: 'POST' })
    expect(answer.body).toMatchObject({ state: 'withdrawn' })
    await tally.refused('QUOTE_STATE_WRONG', withdrawal(loose.quoteId), { as: 'lindqvist', method: 'POST' })
    await tally.refused('QUOTE_STATE_WRONG', `/v1/quotes/${loose.quoteId}/acceptance`, { method: 'POST' })
    expect(await requestOf(requestId)).toMatchObject({ state: 'quoted' })
  })
})

describe('acceptance', () => {
  it('locks exactly what the quote says, lets the others lapse, and financing follows', async () => {
    const { rootNote, receivableId } = await tally.confirmed()
    const { requestId } = await ask(rootNote, { amount: '2500000' })
    const fundBy = inSeconds(2 * DAY)
    const quote = await give(requestId, 'lindqvist', { purpose: 'recourse-assignment', fundBy })
    const other = await give(requestId, 'huichuan')
    await tally.refused('FUNDING_PARTY_WRONG', `/v1/quotes/${quote.quoteId}/acceptance`, {
      as: 'lindqvist',
      method: 'POST'
    })
    await tally.refused('QUOTE_NOT_FOUND', `/v1/quotes/${quote.quoteId}/acceptance`, { as: 'corvale', method: 'POST' })
    const intent = await accept(quote.quoteId)
    expect(await tally.note(intent.noteId!)).toMatchObject({
      state: 'locked',
      purpose: 'recourse-assignment',
      counterparty: lindqvist,
      deadline: fundBy,
      amount: '2500000'
    })
    const { rows } = await tally.sql.query<{ quote: string }>('select quote from projection.note where note_id = $1', [
      intent.noteId
    ])
    expect(rows[0]!.quote, 'the chain commits to the text that both have').toBe(commitmentTo(receivableId, quote.text))
    expect(await requestOf(requestId)).toMatchObject({ state: 'locked' })
    expect(await requestOf(requestId, 'huichuan'), 'others learn that it is over, and no more').toMatchObject({
      state: 'closed',
      quotes: [{ quoteId: other.quoteId, state: 'lapsed', lock: null, intentId: null }]
    })
    await tally.refused('NOTE_PROMISED', `/v1/quotes/${other.quoteId}/acceptance`, { method: 'POST' })
    await tally.done('lindqvist', `/v1/notes/${intent.noteId}/financing`, { disbursement: 'SEPA 1' })
    expect(await requestOf(requestId)).toMatchObject({ state: 'funded' })
    expect(await quoteOf(quote.quoteId, 'lindqvist')).toMatchObject({
      state: 'funded',
      lock: { noteId: intent.noteId, next: { event: 'financed' } }
    })
    await tally.refused('FUNDING_REQUEST_STATE_WRONG', `/v1/quotes/${other.quoteId}/acceptance`, { method: 'POST' })
    await refactor(intent.noteId!)
  })

  /** Who took a note may have it financed in turn. */
  async function refactor(noteId: string): Promise<void> {
    const { requestId } = await ask(noteId, { kinds: ['assignment'], factors: [huichuan] }, 'lindqvist')
    const { quoteId } = await give(requestId, 'huichuan', { annualRateBp: 300 })
    const intent = await accept(quoteId, 'lindqvist')
    await tally.done('huichuan', `/v1/notes/${intent.noteId}/financing`, { disbursement: 'SEPA 2' })
    expect(await tally.note(noteId)).toMatchObject({ holder: huichuan, assignor: lindqvist })
    expect(await requestOf(requestId, 'lindqvist')).toMatchObject({ state: 'funded' })
  }

  it('ends when the factor declines: the note is free, the request is over', async () => {
    const { rootNote } = await tally.confirmed()
    const { requestId } = await ask(rootNote)
    const { quoteId } = await give(requestId)
    const { noteId } = await accept(quoteId)
    await tally.done('lindqvist', `/v1/notes/${noteId}/unlock`)
    expect(await requestOf(requestId)).toMatchObject({ state: 'declined', obstacles: [] })
    const again = await ask(rootNote)
    await accept((await give(again.requestId, 'huichuan')).quoteId)
    expect(await requestOf(again.requestId)).toMatchObject({ state: 'locked', obstacles: ['not-live'] })
  })

  it('that nobody signs lets the others go on once its time is over', async () => {
    const { rootNote } = await tally.confirmed()
    const { requestId } = await ask(rootNote)
    const brief = await give(requestId, 'lindqvist', { expiresAt: inSeconds(8) })
    const other = await give(requestId, 'huichuan')
    const intent = await tally.propose('alder', `/v1/quotes/${brief.quoteId}/acceptance`)
    expect(intent.typedData.message.deadline, 'no signature after the quote').toBeLessThanOrEqual(inSeconds(8))
    expect(await requestOf(requestId)).toMatchObject({ state: 'accepted', obstacles: ['promised'] })
    await tally.refused('NOTE_PROMISED', `/v1/quotes/${other.quoteId}/acceptance`, { method: 'POST' })
    await tally.refused('FUNDING_REQUEST_STATE_WRONG', `/v1/funding-requests/${requestId}/withdrawal`, {
      method: 'POST'
    })
    await until(async () => (await requestOf(requestId)).state === 'quoted')
    expect(await quoteOf(brief.quoteId)).toMatchObject({ state: 'expired' })
    await accept(other.quoteId)
    expect(await requestOf(requestId)).toMatchObject({ state: 'locked' })
  })

  it('goes to one of a hundred at once for one note, and the others hear the same', async () => {
    const { rootNote } = await tally.confirmed()
    const [one, other] = [await ask(rootNote), await ask(rootNote)]
    const quotes = [
      await give(one.requestId, 'lindqvist'),
      await give(one.requestId, 'huichuan'),
      await give(other.requestId, 'lindqvist'),
      await give(other.requestId, 'huichuan')
    ]
    // With its connections open the api takes several in hand at the same moment.
    await Promise.all(Array.from({ length: 20 }, (_, i) => quoteOf(quotes[i % 4]!.quoteId)))
    const race = Array.from({ length: 100 }, (_, i) =>
      tally.call(`/v1/quotes/${quotes[i % 4]!.quoteId}/acceptance`, { method: 'POST' })
    )
    const answers = await Promise.all(race)
    expect(codesOf(answers)).toEqual({ accepted: 1, NOTE_PROMISED: 99 })
    const won = answers.find(({ status }) => status === 202)!.body as unknown as Intent
    await tally.as('alder').followUp(won, tally.newKey())
    const { rows } = await tally.sql.query<{ count: string }>(
      `select count(*) from projection.event where name = 'NoteLocked' and args ->> 'noteId' = $1`,
      [rootNote]
    )
    expect(rows[0]!.count).toBe('1')
    const taken = await Promise.all(quotes.map(({ quoteId }) => quoteOf(quoteId)))
    const winner = taken.find(({ state }) => state === 'locked')!
    expect(await tally.note(rootNote)).toMatchObject({ state: 'locked' })
    const { rows: notes } = await tally.sql.query('select quote from projection.note where note_id = $1', [rootNote])
    expect(notes).toEqual([{ quote: winner.commitment }])
    expect(taken.filter(({ state }) => state !== 'locked' && state !== 'lapsed' && state !== 'open')).toEqual([])
  })
})

describe('limits', () => {
  const set = (as: string, body: object) =>
    tally.as(as).post('/v1/limits', tally.newKey(), { currency: 978, expiresAt: inSeconds(DAY), ...body })
  const limitsOf = async (as: string) =>
    (await tally.as(as).get<{ items: Record<string, unknown>[] }>('/v1/limits')).items

  it('are never passed by a hundred acceptances at once, and a decline frees its part', async () => {
    const before = (await limitsOf('lindqvist')).length
    expect(before).toBe(0)
    // Notes of four debts, so that nothing but the rows of the limits puts the acceptances in a queue.
    const notes = [await tally.confirmed(), await tally.confirmed(), await tally.confirmed(), await tally.confirmed()]
    const asked = async ({ rootNote }: Registered) => {
      const { requestId } = await ask(rootNote, { amount: '1000' })
      return (await give(requestId)).quoteId
    }
    const quotes: string[] = []
    while (quotes.length < 100) quotes.push(...(await Promise.all(notes.map(asked))))
    await set('lindqvist', { scope: 'seller', participantId: participantIdOf('alder'), amount: '100000000' })
    const [seller] = await limitsOf('lindqvist')
    const standing = BigInt(seller!['used'] as string) + BigInt(seller!['reserved'] as string)
    await set('lindqvist', { scope: 'total', amount: String(standing + 7_999n) })
    const answers = await Promise.all(
      quotes.map((quoteId) => tally.call(`/v1/quotes/${quoteId}/acceptance`, { method: 'POST' }))
    )
    expect(codesOf(answers)).toEqual({ accepted: 7, LIMIT_EXHAUSTED: 93 })
    const refused = answers.find(({ status }) => status === 409)!
    expect(refused.text, 'the figures are the factor’s business').not.toMatch(new RegExp(String(standing + 7_999n)))
    const total = async () => (await limitsOf('lindqvist')).find(({ scope }) => scope === 'total')!
    expect(await total()).toMatchObject({ free: '999' })
    const reserved = BigInt((await total())['reserved'] as string)
    const won = answers.filter(({ status }) => status === 202).map(({ body }) => body as unknown as Intent)
    await tally.as('alder').followUp(won[0]!, tally.newKey())
    expect(await total(), 'locked, and counted once').toMatchObject({ free: '999', reserved: String(reserved) })
    const locked = await tally
      .as('alder')
      .get<{ items: { noteId: string; amount: string }[] }>('/v1/notes?state=locked&limit=200')
    const piece = locked.items.find(({ amount }) => amount === '1000')!
    await tally.done('lindqvist', `/v1/notes/${piece.noteId}/unlock`)
    expect(await total()).toMatchObject({ free: '1999' })
    await set('lindqvist', { scope: 'total', amount: null })
    expect(await total()).toMatchObject({ amount: null, free: null })
  })
})

describe('the evidence of a quote', () => {
  it('verifies offline with the text inside', async () => {
    const { rootNote } = await tally.confirmed()
    const { requestId } = await ask(rootNote)
    const quote = await give(requestId)
    const path = `/v1/quotes/${quote.quoteId}/evidence`
    await until(async () => (await tally.call(path)).status === 200)
    const zip = await tally.as('lindqvist').download(path)
    const documents = Object.entries(unzipSync(zip)).filter(([name]) => name.startsWith('documents/'))
    expect(documents.map(([, bytes]) => new TextDecoder().decode(bytes))).toEqual([quote.text])
    const report = await verifyPackage(zip, await tally.as('alder').get<TrustAnchors>('/v1/trust-anchors'))
    expect(report.checks.filter(({ ok }) => ok === false)).toEqual([])
    // Nobody signed it (test/api/signed-quotes.test.ts).
    expect(report.checks.flatMap(({ ok, name }) => (ok === null ? [name] : []))).toEqual(['quote signatures'])
    expect(report).toMatchObject({ result: 'consistent', subject: { kind: 'document', id: quote.quoteId } })
  })
})

describe('a duplicate check', () => {
  interface Found {
    status: string
    state: string | null
    nearDuplicates: { rule: string; count: number }[] | null
    problem: string | null
  }
  const check = async (documents: object[], as = 'lindqvist') =>
    (await tally.call('/v1/duplicate-checks', { as, key: null, body: { documents } })).body['answers'] as Found[]
  const seller = { vat: 'DE900551209' }
  const buyer = { vat: 'DE900417723' }
  const sold = { seller, buyer, number: 'DUP-1', issueDate: '2026-02-03', currency: 'EUR', gross: '10000000' }

  it('tells what is registered, claimed elsewhere, alike or unknown, and nothing more', async () => {
    const { receivableId } = await tally.register({ number: 'DUP-1', issued: '2026-02-03', order: 'PO-DUP-1' })
    const elsewhere = `0x0001${'cd'.repeat(30)}`
    const claim = { reason: 'pledged-elsewhere', reference: 'contract 7' }
    await tally.done('huichuan', `/v1/fingerprints/${elsewhere}/claim`, claim)
    const file = Buffer.from(invoice({ number: 'DUP-1', issued: '2026-02-03' })).toString('base64')
    const answers = await check([
      { fields: sold },
      { file },
      { fingerprint: elsewhere },
      { fields: { ...sold, number: 'DUP-I' } },
      { fields: { ...sold, seller: { vat: 'FR12345678901' }, number: 'X-9' } },
      { fingerprint: `0x0001${'ef'.repeat(30)}` },
      { file: Buffer.from('no invoice').toString('base64') }
    ])
    expect(answers.map(({ status, state }) => [status, state])).toEqual([
      ['registered', 'registered'],
      ['registered', 'registered'],
      ['claimed-elsewhere', null],
      ['unknown', null],
      ['unknown', null],
      ['unknown', null],
      ['unreadable', null]
    ])
    expect(answers[3]!.nearDuplicates).toContainEqual({ rule: 'look-alike-number', count: 1 })
    expect(answers[4]!.nearDuplicates).toEqual([])
    expect(answers[2]!.nearDuplicates).toBeNull()
    expect(answers[6]!.problem).toMatch(/^[A-Z_]+: /)
    const text = JSON.stringify(answers)
    for (const secret of [receivableId, 'Alder', 'Meridian', 'huichuan', 'contract 7'])
      expect(text).not.toContain(secret)
    await tally.done('meridian', `/v1/receivables/${receivableId}/confirmation`)
    expect(await check([{ fields: sold }])).toMatchObject([{ status: 'registered', state: 'confirmed' }])
  })

  it('is logged, limited by the hour, and the same for no other', async () => {
    const batch = Array.from({ length: 100 }, (_, i) => ({ fingerprint: `0x0001${String(i).padStart(60, '0')}` }))
    const before = await tally.sql.query<{ documents: string }>(
      'select sum(documents) as documents from app.duplicate_check'
    )
    const left = 2_000 - Number(before.rows[0]!.documents)
    for (let i = 0; i < Math.floor(left / 100); i++) await check(batch)
    const refused = await tally.call('/v1/duplicate-checks', { as: 'lindqvist', key: null, body: { documents: batch } })
    expect(refused).toMatchObject({ status: 429, body: { code: 'CHECKS_TOO_MANY', retry: 'later' } })
    expect(refused.headers.get('retry-after')).not.toBeNull()
    expect(await check(batch.slice(0, left % 100 || 1), left % 100 ? 'lindqvist' : 'huichuan')).toHaveLength(
      left % 100 || 1
    )
    expect(await check(batch, 'huichuan')).toHaveLength(100)
    const { rows } = await tally.sql.query<{ answers: object | null }>('select answers from app.duplicate_check')
    expect(rows.filter(({ answers }) => answers === null)).toHaveLength(1)
    expect(rows).toContainEqual({ answers: { unknown: 100 } })
    await tally.refused('REQUEST_INVALID', '/v1/duplicate-checks', {
      as: 'huichuan',
      body: { documents: [...batch, batch[0]] }
    })
  })
})

describe('the book', () => {
  interface Sum {
    by: string
    key: string
    currency: number
    amount: string
  }
  it('sums what stands, as its positions do, and shows each factor its own', async () => {
    for (const as of ['lindqvist', 'huichuan']) {
      // Which of them won the race above is chance.
      const { rootNote } = await tally.confirmed()
      const lock = { factor: participantIdOf(as), amount: '100', purpose: 'assignment', quote: 'Q' }
      await tally.done('alder', `/v1/notes/${rootNote}/locks`, lock)
      const { sums } = await tally.as(as).get<{ sums: Sum[] }>('/v1/book')
      const { items } = await tally.as(as).get<{ items: Record<string, string>[] }>('/v1/book/positions?limit=200')
      expect(items.length).toBeGreaterThan(0)
      const total = items.reduce((sum, { amount }) => sum + BigInt(amount!), 0n)
      for (const by of ['standing', 'debtor', 'seller', 'maturity']) {
        const parts = sums.filter((sum) => sum.by === by)
        expect(
          parts.reduce((sum, { amount }) => sum + BigInt(amount), 0n),
          by
        ).toBe(total)
      }
      const number = participantIdOf(as)
      for (const { noteId } of items) {
        const note = await tally.note(noteId!)
        expect([note['holder'], note['counterparty']]).toContain(number)
      }
    }
    for (const as of ['alder', 'regulator']) await tally.refused('ROLE_MISSING', '/v1/book', { as })
  })

  it('of a holder says of each note whether it may be financed, or why not', async () => {
    const free = await tally.confirmed()
    const waiting = await tally.register()
    const disputed = await tally.confirmed()
    await tally.done('meridian', `/v1/receivables/${disputed.receivableId}/dispute`, { reason: 'Short delivery' })
    const { items } = await tally
      .as('alder')
      .get<{ items: { noteId: string; obstacles: string[]; isEligible: boolean }[] }>('/v1/eligible-notes?limit=200')
    const of = (noteId: string) => items.find((item) => item.noteId === noteId)
    expect(of(free.rootNote)).toMatchObject({ isEligible: true, obstacles: [] })
    expect(of(waiting.rootNote)).toMatchObject({ isEligible: false, obstacles: ['unconfirmed'] })
    expect(of(disputed.rootNote)).toMatchObject({ isEligible: false, obstacles: ['disputed'] })
    await tally.refused('RECEIVABLE_DISPUTED', '/v1/funding-requests', { body: { noteId: disputed.rootNote } })
    await tally.refused('ROLE_MISSING', '/v1/eligible-notes', { as: 'regulator' })
  })
})

describe('a book after maturity', () => {
  interface Position {
    noteId: string
    standing: string
  }
  const used = async () => {
    const { items } = await tally.as('lindqvist').get<{ items: { scope: string; used: string }[] }>('/v1/limits')
    return BigInt(items.find(({ scope }) => scope === 'seller')!.used)
  }
  const standingOf = async (noteId: string) => {
    const { items } = await tally.as('lindqvist').get<{ items: Position[] }>('/v1/book/positions?limit=200')
    return items.find((position) => position.noteId === noteId)?.standing
  }
  const financed = async (purpose: string, amount: string, maturity: number): Promise<string> => {
    const { rootNote } = await tally.confirmed(maturity)
    const { requestId } = await ask(rootNote, { amount })
    const { noteId } = await accept((await give(requestId, 'lindqvist', { purpose })).quoteId)
    await tally.done('lindqvist', `/v1/notes/${noteId}/financing`, { disbursement: 'SEPA 3' })
    return noteId!
  }

  it('shows recourse that was demanded; repayment and settlement free their part of a limit', async () => {
    const maturity = inSeconds(40 * DAY)
    const sold = await financed('recourse-assignment', '2000', maturity)
    const lent = await financed('pledge', '3000', maturity)
    expect([await standingOf(sold), await standingOf(lent)]).toEqual(['held', 'pledged'])
    const before = await used()
    await tally.turnClock(maturity + 1)
    await tally.done('lindqvist', `/v1/notes/${sold}/returns`, { demand: 'Not paid' })
    expect(await standingOf(sold)).toBe('returned')
    expect(await used()).toBe(before)
    await tally.done('alder', `/v1/notes/${sold}/return-acceptance`)
    expect(await used()).toBe(before - 2_000n)
    await tally.done('jiangan', `/v1/notes/${lent}/settlement`, { payment: 'Statement 1' })
    expect(await used()).toBe(before - 5_000n)
    expect([await standingOf(sold), await standingOf(lent)]).toEqual([undefined, undefined])
  })
})
