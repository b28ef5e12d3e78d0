import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commitmentTo } from '../../api/intents/commitment.ts'
import type { TrustAnchors } from '../../domain/evidence/anchors.ts'
import { openPackage } from '../../domain/evidence/package.ts'
import { parseRecord, type DecisionRecord } from '../../domain/evidence/record.ts'
import { verifyPackage } from '../../domain/evidence/verify.ts'
import { participantIdOf } from '../../scripts/world/cast.ts'
import { inSeconds, startInstance, until, type Instance, type Registered } from './instance.ts'
import { invoice, type InvoiceFields } from './invoices.ts'

let tally: Instance
beforeAll(async () => {
  tally = await startInstance()
})
afterAll(async () => {
  const troubles = tally.troubles()
  await tally.stop()
  expect(troubles).toEqual([])
})

interface Alarm {
  alarmId: number
  rule: string
  score: number
  state: string
  stops: boolean
  words: { en: string; zh: string }
  documents: Record<string, unknown>[]
  proposal: { participantId: number; path: string; body: object } | null
}

async function alarmsOf(slug: string, receivableId: string): Promise<Alarm[]> {
  const { body } = await tally.call(`/v1/alarms?receivableId=${receivableId}`, { as: slug })
  return body['items'] as Alarm[]
}

async function registered(fields: Partial<InvoiceFields>): Promise<Registered> {
  const one = await tally.register(fields)
  await tally.done('meridian', `/v1/receivables/${one.receivableId}/confirmation`)
  return one
}

async function locked({ rootNote }: Registered): Promise<void> {
  await tally.done('alder', `/v1/notes/${rootNote}/locks`, {
    factor: participantIdOf('lindqvist'),
    amount: '1000000',
    purpose: 'assignment',
    quote: 'Q'
  })
}

const financing = (noteId: string) => `/v1/notes/${noteId}/financing`
const pieceOf = async ({ receivableId }: Registered): Promise<string> => {
  const { body } = await tally.call(`/v1/receivables/${receivableId}`, { as: 'regulator' })
  return (body['notes'] as { noteId: string; state: string }[]).find(({ state }) => state === 'locked')!.noteId
}

describe('an invoice whose number looks like a registered one', () => {
  let first: Registered
  let second: Registered
  let piece: string

  beforeAll(async () => {
    first = await registered({ number: 'LA-2026-0481', issued: '2026-03-01' })
    second = await registered({ number: 'LA-2O26-0481', issued: '2026-03-02' })
    await locked(second)
    piece = await pieceOf(second)
  })

  it('rings on both receivables, for every party of them', async () => {
    for (const { receivableId } of [first, second]) {
      const [alarm] = await alarmsOf('alder', receivableId)
      expect(alarm).toMatchObject({ rule: 'look-alike-number', score: 99, state: 'open', stops: true, proposal: null })
      expect(alarm!.words.en).toContain('LA-2O26-0481 (100000.00 EUR)')
      expect(alarm!.words.zh).toContain('形似')
      expect(alarm!.documents.map(({ receivableId: id }) => id).sort()).toEqual(
        [first.receivableId, second.receivableId].sort()
      )
    }
  })

  it('shows a factor what it is no party of by number and time alone', async () => {
    const [alarm] = await alarmsOf('lindqvist', second.receivableId)
    const foreign = alarm!.documents.find(({ number }) => number === 'LA-2026-0481')
    expect(foreign).toMatchObject({
      documentId: null,
      receivableId: null,
      gross: null,
      currency: null,
      issueDate: null
    })
    expect(foreign!['registeredAt']).toEqual(expect.any(Number))
    expect(await alarmsOf('tormel', second.receivableId)).toEqual([])
    expect(await alarmsOf('regulator', second.receivableId)).toHaveLength(2)
    await tally.refused('ALARM_NOT_FOUND', `/v1/alarms/${alarm!.alarmId}`, { as: 'tormel' })
    const body = { decision: 'accepted', reason: 'mine' }
    await tally.refused('ALARM_NOT_FOUND', `/v1/alarms/${alarm!.alarmId}/decisions`, { as: 'tormel', body })
  })

  it('stops the factor until it accepts each alarm with a reason; what it rejects stays stopped', async () => {
    const request = { as: 'lindqvist', body: { disbursement: 'paid' } }
    const problem = await tally.refused('ALARM_OPEN', financing(piece), request)
    expect(problem['presented']).toEqual(
      expect.arrayContaining([expect.objectContaining({ rule: 'look-alike-number' })])
    )
    const decide = async (decision: string): Promise<void> => {
      for (const { alarmId } of await alarmsOf('lindqvist', second.receivableId)) {
        const body = { decision, reason: `Asked the debtor about ${alarmId}` }
        const answer = await tally.call(`/v1/alarms/${alarmId}/decisions`, { as: 'lindqvist', body })
        expect(answer).toMatchObject({ status: 201, body: { state: decision, reason: body.reason } })
      }
    }
    await decide('rejected')
    await tally.refused('ALARM_OPEN', financing(piece), request)
    // What another decided is its own.
    expect((await alarmsOf('alder', second.receivableId)).every(({ state }) => state === 'open')).toBe(true)
    await decide('accepted')
    await tally.done('lindqvist', financing(piece), { disbursement: 'paid' })
  })

  it('leaves a record of each decision, which the package shows to who decided and to the regulator', async () => {
    const decisionsIn = async (as: string): Promise<DecisionRecord[]> => {
      const path = `/v1/notes/${piece}/evidence`
      await until(async () => (await tally.call(path, { as })).status !== 409)
      const bytes = await tally.as(as).download(path)
      const report = await verifyPackage(bytes, await tally.as(as).get<TrustAnchors>('/v1/trust-anchors'))
      expect(report.checks.filter(({ ok }) => ok !== true)).toEqual([])
      const { manifest, members } = openPackage(bytes)
      const records = manifest.records.map(({ path: member }) => parseRecord(members.get(member)!))
      return records.filter((record) => record.kind === 'decision')
    }
    const alarms = await alarmsOf('lindqvist', second.receivableId)
    const own = await decisionsIn('lindqvist')
    expect(own.map(({ decision }) => decision)).toEqual([
      ...alarms.map(() => 'rejected'),
      ...alarms.map(() => 'accepted')
    ])
    expect(own[0]).toMatchObject({
      participantId: String(participantIdOf('lindqvist')),
      // Of the other receivable it is no party.
      receivableId: second.receivableId,
      rule: alarms[0]!.rule,
      score: String(alarms[0]!.score),
      reason: commitmentTo(second.receivableId, `Asked the debtor about ${alarms[0]!.alarmId}`)
    })
    expect(await decisionsIn('regulator')).toEqual(own)
    expect(await decisionsIn('alder')).toEqual([])
  })

  it('is told to who uploads it before it is registered, and stops nobody until then', async () => {
    const third = invoice({ number: 'LA-2026-O481', issued: '2026-03-03' })
    const { body } = await tally.call('/v1/documents', { body: third })
    const alarms = body['alarms'] as { rule: string; score: number }[]
    expect(alarms.filter(({ rule }) => rule === 'look-alike-number').map(({ score }) => score)).toEqual([99, 99])
    const numbers = (await alarmsOf('regulator', first.receivableId)).flatMap(({ documents }) =>
      documents.map((one) => one['number'])
    )
    expect(numbers).not.toContain('LA-2026-O481')
  })

  it('keeps reasons and facts sealed', async () => {
    const { rows } = await tally.sql.query<{ line: string }>(
      `select to_jsonb(d)::text as line from app.alarm_decision d union all select to_jsonb(f)::text from app.alarm_facts f
       union all select to_jsonb(t)::text from app.alarm_trait t`
    )
    expect(rows.length).toBeGreaterThan(5)
    const hex = (text: string) => Buffer.from(text).toString('hex')
    for (const { line } of rows) {
      for (const word of ['Asked', 'LA-2026-0481', 'DE900551209']) {
        expect(line.includes(word) || line.includes(hex(word))).toBe(false)
      }
    }
  })
})

describe('thresholds', () => {
  it('are each participant’s own, from the default on', async () => {
    const { body } = await tally.call('/v1/alarm-thresholds', { as: 'huichuan' })
    expect((body['thresholds'] as { score: number }[]).every(({ score }) => score === 60)).toBe(true)
    const twice = [1, 2].map((score) => ({ rule: 'same-file', score }))
    await tally.refused('REQUEST_INVALID', '/v1/alarm-thresholds', { as: 'huichuan', body: { thresholds: twice } })
    await tally.refused('ROLE_MISSING', '/v1/alarm-thresholds', { as: 'alder', body: { thresholds: [twice[0]] } })
  })

  it('let a factor look at more, or at less', async () => {
    await registered({ number: 'TH-1', issued: '2026-04-01', order: 'T-1', payable: '77777.77' })
    const later = await registered({ number: 'XW-9', issued: '2026-05-15', order: 'T-2', payable: '77777.77' })
    await locked(later)
    const piece = await pieceOf(later)
    const set = async (score: number): Promise<void> => {
      const body = { thresholds: [{ rule: 'same-amount', score }] }
      expect(await tally.call('/v1/alarm-thresholds', { as: 'lindqvist', body })).toMatchObject({ status: 200 })
    }
    expect(await alarmsOf('lindqvist', later.receivableId)).toMatchObject([
      { rule: 'same-amount', score: 40, stops: false }
    ])
    await set(40)
    await tally.refused('ALARM_OPEN', financing(piece), { as: 'lindqvist', body: { disbursement: 'paid' } })
    await set(101)
    await tally.done('lindqvist', financing(piece), { disbursement: 'paid' })
    await set(60)
  })
})

describe('an invoice that names a payee', () => {
  const payee = (vat: string) =>
    `<cac:PayeeParty><cac:PartyIdentification><cbc:ID schemeID="0088">${vat}</cbc:ID></cac:PartyIdentification>` +
    '<cac:PartyName><cbc:Name>Quick Money Ltd</cbc:Name></cac:PartyName></cac:PayeeParty>'

  it('other than its seller rings alone, and stops who would finance it', async () => {
    const one = await registered({
      number: 'PY-1',
      issued: '2026-06-20',
      order: 'P-1',
      payable: '31415.92',
      payee: payee('4012345000009')
    })
    expect(await alarmsOf('alder', one.receivableId)).toMatchObject([
      { rule: 'other-payee', score: 90, documents: [{ number: 'PY-1' }] }
    ])
    await locked(one)
    await tally.refused('ALARM_OPEN', financing(await pieceOf(one)), {
      as: 'lindqvist',
      body: { disbursement: 'paid' }
    })
  })
})

describe('a credit note over a registered invoice', () => {
  const credit = (number: string, payable: string, issued: string) =>
    invoice({
      number: `CN-${number}`,
      payable,
      issued,
      type: '381',
      order: `C-${number}`,
      references: `<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>${number}</cbc:ID></cac:InvoiceDocumentReference></cac:BillingReference>`
    })

  it('is taken from the buyer too, and leads to dilution of what was not sold', async () => {
    const one = await registered({ number: 'CR-77', issued: '2026-07-20', order: 'C-0', payable: '50000.00' })
    const body = credit('CR-77', '2000.00', '2026-08-01')
    await tally.refused('SELLER_MISMATCH', '/v1/documents', { as: 'corvale', body })
    const answer = await tally.call('/v1/documents', { as: 'meridian', body })
    expect(answer).toMatchObject({ status: 201, body: { alarms: [{ rule: 'names-preceding', score: 95 }] } })
    const [alarm] = await alarmsOf('alder', one.receivableId)
    expect(alarm).toMatchObject({ rule: 'names-preceding', stops: true })
    const proposal = alarm!.proposal!
    expect(proposal).toMatchObject({
      path: `/v1/notes/${one.rootNote}/dilutions`,
      body: { amount: '200000', creditNote: 'CN-CR-77' }
    })
    await tally.done('alder', proposal.path, proposal.body)
    const { body: now } = await tally.call(`/v1/receivables/${one.receivableId}`, { as: 'meridian' })
    const offered = (now['notes'] as { noteId: string; state: string }[]).find(({ state }) => state === 'offered')!
    await tally.done('meridian', `/v1/notes/${offered.noteId}/dilution-acceptance`)
    // Answered: nothing more is proposed, and a person still has to say so before money moves.
    expect(await alarmsOf('alder', one.receivableId)).toMatchObject([{ proposal: null, state: 'open' }])
  })

  it('leads to a dispute by the debtor where the note was sold', async () => {
    const one = await registered({ number: 'CR-88', issued: '2026-09-25', order: 'D-0', payable: '61000.00' })
    await tally.done('alder', `/v1/notes/${one.rootNote}/transfers`, {
      assignee: participantIdOf('corvale'),
      amount: '6100000',
      tradeDocument: 'PO 1'
    })
    await tally.done('corvale', `/v1/notes/${one.rootNote}/acceptance`)
    await tally.call('/v1/documents', { body: credit('CR-88', '61000.00', '2026-10-01') })
    const [alarm] = await alarmsOf('corvale', one.receivableId)
    expect(alarm!.proposal).toMatchObject({
      participantId: participantIdOf('meridian'),
      path: `/v1/receivables/${one.receivableId}/dispute`
    })
    await tally.done('meridian', alarm!.proposal!.path, alarm!.proposal!.body)
    expect(await tally.receivable(one.receivableId)).toMatchObject({ isDisputed: true })
  })

  it('that came before its invoice is seen at registration', async () => {
    await tally.call('/v1/documents', { body: credit('CR-99', '10.00', '2026-10-02') })
    const one = await tally.register({ number: 'CR-99', issued: '2026-10-01', order: 'E-0', payable: '7213.40' })
    expect(await alarmsOf('meridian', one.receivableId)).toMatchObject([{ rule: 'names-preceding' }])
  })

  it('stops settlement until the clearing agent decides', async () => {
    const one = await registered({ number: 'CR-55', issued: '2026-10-20', order: 'F-0', payable: '8123.45' })
    await tally.call('/v1/documents', { body: credit('CR-55', '123.45', '2026-10-21') })
    const maturity = inSeconds(31 * 86_400)
    await tally.turnClock(maturity)
    const settlement = `/v1/receivables/${one.receivableId}/settlement`
    await tally.refused('ALARM_OPEN', settlement, { as: 'jiangan', body: { payment: 'E1' } })
    await until(async () => (await alarmsOf('jiangan', one.receivableId)).length === 1)
    const [alarm] = await alarmsOf('jiangan', one.receivableId)
    const body = { decision: 'accepted', reason: 'The debtor paid the balance elsewhere' }
    await tally.call(`/v1/alarms/${alarm!.alarmId}/decisions`, { as: 'jiangan', body })
    await tally.done('jiangan', settlement, { payment: 'E1' })
  })
})
