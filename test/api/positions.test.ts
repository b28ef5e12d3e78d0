import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Holdings, Payables } from '../../api/positions/schemas.ts'
import type { HistoryItem, LineageView } from '../../api/history/schemas.ts'
import type { NoteView } from '../../api/receivables/repository.ts'
import { participantIdOf } from '../../scripts/world/prepare.ts'
import { inSeconds, startInstance, type Instance, type Registered } from './instance.ts'
import { invoice } from './invoices.ts'

/** What each party sees of what it owes and has, and of where a note comes from. */
let tally: Instance
const DAY = 86_400
const [meridian, alder, corvale, tormel, lindqvist, jiangan] = (
  ['meridian', 'alder', 'corvale', 'tormel', 'lindqvist', 'jiangan'] as const
).map(participantIdOf) as [number, number, number, number, number, number]

/** One receivable that is locked in part, passed on twice, frozen in part, cut and merged; and one that is disputed. */
let line: Registered
let disputed: Registered
let [corvales, tormels] = ['', '']
const to = (verb: string, noteId: string) => `/v1/notes/${noteId}/${verb}`

beforeAll(async () => {
  tally = await startInstance()
  line = await tally.confirmed()
  disputed = await tally.confirmed(inSeconds(200 * DAY))
  const quote = { factor: lindqvist, amount: '2000000', purpose: 'recourse-assignment', quote: 'Q' }
  const locked = await tally.done('alder', to('locks', line.rootNote), quote)
  await tally.done('lindqvist', to('financing', locked.noteId!), { disbursement: 'SEPA 1' })
  const offer = (assignee: number, amount: string) => ({ assignee, amount, tradeDocument: 'Order' })
  corvales = (await tally.done('alder', to('transfers', line.rootNote), offer(corvale, '1000000'))).noteId!
  await tally.done('corvale', to('acceptance', corvales))
  tormels = (await tally.done('corvale', to('transfers', corvales), offer(tormel, '400000'))).noteId!
  await tally.done('tormel', to('acceptance', tormels))
  const recalled = (await tally.done('alder', to('transfers', line.rootNote), offer(corvale, '100'))).noteId!
  await tally.done('alder', to('recall', recalled))
  await tally.done('alder', to('merge', line.rootNote), { nextId: recalled })
  await tally.done('alder', to('transfers', line.rootNote), offer(tormel, '300'))
  const order = { amount: '50000', until: inSeconds(DAY), escrow: jiangan, order: '1 O 7/26' }
  await tally.done('regulator', to('freezes', line.rootNote), order)
  await tally.done('meridian', `/v1/receivables/${disputed.receivableId}/dispute`, { reason: 'Wet' })
  await tally.register()
})
afterAll(async () => {
  const troubles = tally?.troubles()
  await tally?.stop()
  expect(troubles).toEqual([])
})

describe('a debtor that issues', () => {
  it('owes at once what its invoice says, and the seller holds it', async () => {
    const { documentId } = await tally.upload({}, 'meridian')
    const { receivableId } = await tally.done('meridian', '/v1/receivables/issuance', {
      documentId,
      maturity: inSeconds(30 * DAY)
    })
    expect(await tally.receivable(receivableId!)).toMatchObject({
      state: 'confirmed',
      creditor: alder,
      debtor: meridian,
      amount: '10000000'
    })
    expect(await tally.note(`${receivableId}${'0'.repeat(16)}`)).toMatchObject({ holder: alder, tier: 0 })
    // The seller can read what it is owed by.
    expect((await tally.call(`/v1/documents/${documentId}/sealed`, { as: 'alder' })).status).toBe(200)
    expect((await tally.call(`/v1/documents/${documentId}/sealed`, { as: 'corvale' })).status).toBe(404)
  })

  it('and a supplier that registers the same invoice are refused by the contract, whoever comes second', async () => {
    const fields = { number: 'ISSUED-1', order: 'PO-I1', issued: '2026-03-03' }
    const maturity = inSeconds(30 * DAY)
    const debtors = await tally.upload(fields, 'meridian')
    const sellers = await tally.upload(fields)
    expect(debtors.fingerprint).toBe(sellers.fingerprint)
    const refused = async (slug: string, path: string, documentId: string) => {
      const intent = await tally.as(slug).command(path, tally.newKey(), { documentId, maturity })
      expect(intent).toMatchObject({ state: 'refused', refusal: { code: 'FingerprintAlreadyClaimed' } })
    }
    await tally.done('meridian', '/v1/receivables/issuance', { documentId: debtors.documentId, maturity })
    await refused('alder', '/v1/receivables', sellers.documentId)

    const other = { number: 'ISSUED-2', order: 'PO-I2', issued: '2026-04-04' }
    const [first, second] = [await tally.upload(other), await tally.upload(other, 'meridian')]
    await tally.done('alder', '/v1/receivables', { documentId: first.documentId, maturity })
    await refused('meridian', '/v1/receivables/issuance', second.documentId)
    const dearer = await tally.upload({ ...other, payable: '100001.00' }, 'meridian')
    await tally.refused('IDENTITY_CONFLICT', '/v1/receivables/issuance', {
      as: 'meridian',
      body: { documentId: dearer.documentId, maturity }
    })
  })

  it('is the buyer of the invoice, and sells nothing by it', async () => {
    const { documentId } = await tally.upload()
    const body = { documentId }
    await tally.refused('DOCUMENT_NOT_FOUND', '/v1/receivables/issuance', { as: 'meridian', body })
    await tally.refused('ROLE_MISSING', '/v1/receivables/issuance', { body })
    await tally.refused('SELLER_MISMATCH', '/v1/documents', { as: 'beichen', body: invoice({ number: 'ISSUED-3' }) })
  })
})

describe('the position of a debtor', () => {
  it('adds up to the spans of its receivables in every way that it is cut', async () => {
    const { body } = await tally.call('/v1/positions/payables', { as: 'meridian' })
    const [euro, ...others] = (body as Payables).currencies
    expect(others).toEqual([])
    const { notes, unconfirmed } = await everythingOwed()
    const open = notes.filter(({ state }) => !['settled', 'cancelled'].includes(state))
    expect(euro!.open).toEqual(sumOf(open))
    expect(euro!.open.notes).toBeGreaterThan(6)
    expect(euro!.disputed).toEqual(sumOf(open.filter((note) => note.receivableId === disputed.receivableId)))
    expect(euro!.frozen).toEqual({ amount: '50000', notes: 1 })
    expect(euro!.overdue).toEqual({ amount: '0', notes: 0 })
    expect(euro!.unconfirmed).toEqual(unconfirmed)
    expect(euro!.byState).toEqual(groupsOf(notes, ({ state }) => ({ state })))
    expect(euro!.byTier).toEqual(groupsOf(open, ({ tier }) => ({ tier })))
    expect(euro!.byTier.map(({ tier }) => tier)).toEqual([0, 1, 2])
    expect(euro!.byMonth).toEqual(groupsOf(open, ({ maturity }) => ({ month: isoOf(maturity).slice(0, 7) })))
    expect(euro!.byDay).toEqual(groupsOf(open, ({ maturity }) => ({ day: isoOf(maturity) })))
    const byHolder = euro!.byHolder.map(({ participantId, amount }) => [participantId, amount])
    const holders = [alder, corvale, tormel, lindqvist]
    expect(new Map(byHolder as [number, string][])).toEqual(
      new Map(holders.map((id) => [id, sumOf(open.filter(({ holder }) => holder === id)).amount]))
    )
    expect(euro!.byHolder[0]!.name).toContain('Alder')
    expect(euro!.byCreditor).toMatchObject([{ participantId: alder, amount: euro!.open.amount }])
    expect((body as Payables).asOf.block).toBeGreaterThan(0)
  })

  it('is for debtors, and another one’s is empty', async () => {
    await tally.refused('ROLE_MISSING', '/v1/positions/payables')
    const { body } = await tally.call('/v1/positions/payables', { as: 'beichen' })
    expect(body['currencies']).toEqual([])
  })
})

describe('the position of a holder', () => {
  it('says of every note whether it may be financed and why not, and the sums say the same', async () => {
    const { body } = await tally.call('/v1/positions/holdings')
    const [euro] = (body as Holdings).currencies
    const items = await heldBy('alder', '')
    expect(euro!.held).toEqual(sumOf(items.map(({ note }) => note)))
    expect(items.find(({ note }) => note.frozenUntil)).toMatchObject({ mayFinance: false, obstacles: ['frozen'] })
    expect(items.find(({ note }) => note.receivableId === disputed.receivableId)).toMatchObject({
      mayFinance: false,
      obstacles: ['disputed']
    })
    expect(items.find(({ note }) => note.state === 'offered')).toMatchObject({ obstacles: ['bound'] })
    for (const obstacle of ['bound', 'frozen', 'disputed', 'matured']) {
      const first = items.filter(({ obstacles }) => obstacles[0] === obstacle).map(({ note }) => note)
      const { amount, notes } = euro!.notFinanceable.find((one) => one.obstacle === obstacle) ?? sumOf([])
      expect({ amount, notes }, obstacle).toEqual(sumOf(first))
      expect((await heldBy('alder', `&obstacle=${obstacle}`)).map(({ note }) => note)).toEqual(first)
    }
    const free = items.filter(({ mayFinance }) => mayFinance)
    expect(euro!.financeable).toEqual(sumOf(free.map(({ note }) => note)))
    expect(free.length).toBeGreaterThan(0)
    expect(euro!.byDebtor).toMatchObject([{ participantId: meridian, amount: euro!.held.amount }])
  })

  it('says what waits for it and what it answers for', async () => {
    const of = async (as: string) =>
      ((await tally.call('/v1/positions/holdings', { as })).body as Holdings).currencies[0]!
    expect((await of('tormel')).waitingForYou).toEqual([
      { state: 'offered', purpose: 'transfer', amount: '300', notes: 1 }
    ])
    expect((await of('tormel')).held).toEqual({ amount: '400000', notes: 1 })
    expect((await of('alder')).owed).toMatchObject([{ as: 'assignor', amount: '2000000', notes: 1 }])
    const owed = (await of('meridian')).owed
    expect(new Set(owed.map((one) => one.as))).toEqual(new Set(['debtor']))
    const { body } = await tally.call('/v1/positions/payables', { as: 'meridian' })
    const [euro] = (body as Payables).currencies
    expect(owed.map(({ month, amount, notes }) => ({ month, amount, notes }))).toEqual(euro!.byMonth)
  })
})

describe('a history', () => {
  const pages = async (as: string, path: string, limit: number): Promise<HistoryItem[]> => {
    const items: HistoryItem[] = []
    for (let after = ''; ;) {
      const { body } = await tally.call(`${path}?limit=${limit}${after}`, { as })
      const page = body as { items: HistoryItem[]; next: string | null; asOf: { block: number } }
      expect(page.asOf.block).toBeGreaterThan(0)
      items.push(...page.items)
      if (!page.next) return items
      after = `&after=${page.next}`
    }
  }

  it('of a receivable is the same in pages of any size, and says what each event made of its note', async () => {
    const path = `/v1/receivables/${line.receivableId}/history`
    const whole = await pages('meridian', path, 500)
    expect(await pages('meridian', path, 2)).toEqual(whole)
    expect(whole.map(({ name }) => name).filter((name) => name.startsWith('Receivable'))).toEqual([
      'ReceivableRegistered',
      'ReceivableConfirmed'
    ])
    const accepted = whole.filter(({ name }) => name === 'NoteAccepted').map(({ note }) => note)
    expect(accepted).toMatchObject([
      { noteId: corvales, holder: corvale, tier: 1, start: '7000000', end: '8000000', assignor: alder },
      { noteId: tormels, holder: tormel, tier: 2, start: '7600000', end: '8000000', assignor: corvale }
    ])
    for (const after of ['1', '-1', '1-', 'x-1', '1-1-1'])
      await tally.refused('REQUEST_INVALID', `${path}?after=${after}`, { as: 'meridian' })
  })

  it('of a note is its own and that of what it descends from, and of nothing else', async () => {
    const items = await pages('tormel', `/v1/notes/${tormels}/history`, 3)
    expect(items.map(({ name }) => name)).toEqual([
      'ReceivableRegistered',
      'ReceivableConfirmed',
      'NoteOffered',
      'NoteAccepted',
      'NoteOffered',
      'NoteAccepted'
    ])
    expect(new Set(items.flatMap(({ note }) => note?.noteId ?? []))).toEqual(new Set([corvales, tormels]))
    await tally.refused('NOTE_NOT_FOUND', `/v1/notes/${tormels}/history`, { as: 'lindqvist' })
    await tally.refused('NOTE_NOT_FOUND', `/v1/notes/${tormels}/history`, { as: 'hualing' })
  })
})

describe('a lineage', () => {
  const treeOf = async (as: string, path: string) => (await tally.call(path, { as })).body as unknown as LineageView

  it('of a note goes from the root to it, and shows other branches only by where they begin', async () => {
    const { pieces, events, amount } = await treeOf('tormel', to('lineage', tormels))
    expect(amount).toBe('10000000')
    expect(events.map(({ name }) => name)).toEqual(['ReceivableRegistered', 'ReceivableConfirmed'])
    expect(pieces).toMatchObject([
      { noteId: line.rootNote, parent: null, start: '0', begunEnd: '10000000', tier: 0 },
      { noteId: corvales, parent: 0, start: '7000000', begunEnd: '8000000', tier: 1, holder: corvale },
      { noteId: tormels, parent: 1, start: '7600000', end: '8000000', tier: 2, holder: tormel, state: 'live' }
    ])
    expect(pieces[0]!.cuts.map(({ at, child }) => [at, child])).toEqual([
      ['8000000', null],
      ['7000000', 1]
    ])
    expect(pieces[0]!.moves).toEqual([])
    expect(JSON.stringify(pieces)).not.toContain(`"holder":${lindqvist}`)
    await tally.refused('NOTE_NOT_FOUND', to('lineage', tormels), { as: 'lindqvist' })
  })

  it('of a receivable has every note, and those of today partition it', async () => {
    const path = `/v1/receivables/${line.receivableId}/lineage`
    const { pieces } = await treeOf('meridian', path)
    const living = pieces.filter(({ joinedInto }) => joinedInto === null)
    const spans = living.map(({ start, end }) => [BigInt(start), BigInt(end)] as const)
    spans.sort(([a], [b]) => (a < b ? -1 : 1))
    expect(spans[0]![0]).toBe(0n)
    expect(spans.at(-1)![1]).toBe(10_000_000n)
    expect(spans.slice(1).map(([start]) => start)).toEqual(spans.slice(0, -1).map(([, end]) => end))
    expect(pieces.filter(({ joinedInto }) => joinedInto === 0)).toHaveLength(1)
    const { body } = await tally.call(`/v1/receivables/${line.receivableId}`, { as: 'meridian' })
    const notes = (body['notes'] as NoteView[]).map(({ noteId, holder, tier, state, end }) => {
      return { noteId, holder, tier, state, end }
    })
    const shown = living.map(({ noteId, holder, tier, state, end }) => ({ noteId, holder, tier, state, end }))
    expect(shown.toSorted((a, b) => (a.noteId < b.noteId ? -1 : 1))).toEqual(notes)
    expect(await treeOf('alder', path)).toMatchObject({ pieces })
    await tally.refused('RECEIVABLE_PARTY_WRONG', path, { as: 'tormel' })
    await tally.refused('RECEIVABLE_NOT_FOUND', path, { as: 'hualing' })
  })
})

describe('the silence of a debtor', () => {
  it('is counted and shown, and never taken for acceptance', async () => {
    const { receivableId } = await tally.register({}, inSeconds(90 * DAY))
    const registeredAt = (await tally.receivable(receivableId))['registeredAt'] as number
    const clockOf = async (as: string, days: string) => {
      const { body } = await tally.call(`/v1/positions/unconfirmed${days}`, { as })
      expect(body).toMatchObject({ presumes: false, asOf: { block: expect.any(Number) } })
      return (body['items'] as { receivableId: string }[]).find((one) => one.receivableId === receivableId)
    }
    const fresh = { silentSince: registeredAt, daysSilent: 0, isPast: false }
    expect(await clockOf('meridian', '')).toMatchObject({ ...fresh, presumedOn: isoOf(registeredAt + 10 * DAY) })
    expect(await clockOf('alder', '?days=15')).toMatchObject({ ...fresh, presumedOn: isoOf(registeredAt + 15 * DAY) })
    expect(await clockOf('regulator', '')).toMatchObject(fresh)
    expect(await clockOf('corvale', '')).toBeUndefined()
    await tally.refused('REQUEST_INVALID', '/v1/positions/unconfirmed?days=0')
    await tally.refused('REQUEST_INVALID', '/v1/positions/unconfirmed?days=367')
    await tally.turnClock(registeredAt + 10 * DAY)
    expect(await clockOf('meridian', '')).toMatchObject({ daysSilent: 10, isPast: true })
    expect(await tally.receivable(receivableId)).toMatchObject({ state: 'registered', confirmedAt: null })
  })
})

type Owed = NoteView & { maturity: number }

/** What the debtor owes, note by note, as the routes of single receivables say. */
async function everythingOwed(): Promise<{ notes: Owed[]; unconfirmed: { amount: string; receivables: number } }> {
  const { body } = await tally.call('/v1/receivables?role=debtor&limit=200', { as: 'meridian' })
  const receivables = body['items'] as { receivableId: string; maturity: number; state: string; amount: string }[]
  const notes: Owed[] = []
  for (const { receivableId, maturity } of receivables) {
    const one = await tally.call(`/v1/receivables/${receivableId}`, { as: 'meridian' })
    notes.push(...(one.body['notes'] as NoteView[]).map((note) => ({ ...note, maturity })))
  }
  const silent = receivables.filter(({ state }) => state === 'registered')
  return { notes, unconfirmed: { amount: sumOf(silent).amount, receivables: silent.length } }
}

interface Held {
  note: NoteView
  mayFinance: boolean
  obstacles: string[]
}

/** In pages of three. */
async function heldBy(as: string, query: string): Promise<Held[]> {
  const items: Held[] = []
  for (let after = ''; ;) {
    const { body } = await tally.call(`/v1/positions/holdings/notes?limit=3${query}${after}`, { as })
    items.push(...(body['items'] as Held[]))
    if (!body['next']) return items
    after = `&after=${body['next'] as string}`
  }
}

function sumOf(amounts: readonly { amount: string }[]): { amount: string; notes: number } {
  return { amount: String(amounts.reduce((sum, { amount }) => sum + BigInt(amount), 0n)), notes: amounts.length }
}

/** Sums by a key, in the order of the keys. */
function groupsOf<K extends object>(notes: readonly Owed[], keyOf: (note: Owed) => K): (K & { amount: string })[] {
  const groups = Map.groupBy(notes, (note) => JSON.stringify(keyOf(note)))
  return [...groups.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, group]) => ({ ...(JSON.parse(key) as K), ...sumOf(group) }))
}

function isoOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10)
}
