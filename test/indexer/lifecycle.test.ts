import { id, ZeroHash } from 'ethers'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { contracts } from '../../domain/chain/contracts.ts'
import { cutNoteId, noteIdOf, noteIdToHex, receivableIdToHex } from '../../domain/note/span.ts'
import { checkInvariants } from '../../indexer/invariants.ts'
import { inTransaction } from '../../indexer/database.ts'
import { emptyProjection } from '../../indexer/rollback.ts'
import { createRpc } from '../../indexer/rpc.ts'
import { verifyProjection } from '../../indexer/verify.ts'
import {
  act,
  confirmed,
  DAY,
  lock,
  now,
  numberOf,
  offer,
  openProjection,
  register,
  startWorld,
  stopWorld,
  waitUntil,
  type World
} from './world.ts'

let world: World
let projection: Awaited<ReturnType<typeof openProjection>>
beforeAll(async () => {
  world = await startWorld()
  projection = await openProjection(world, 'lifecycle')
})
afterAll(async () => {
  await projection.client.end()
  await stopWorld(world)
})

/** After each story: the rows equal a rebuilt projection and what the contracts answer, and no rule is broken. */
async function differences() {
  await projection.catchUp()
  const { databaseUrl, schema } = { databaseUrl: world.database.url, schema: 'lifecycle' }
  const rpc = createRpc(world.chain.url)
  const { rebuilt, direct, ...counts } = await verifyProjection({
    databaseUrl,
    schema,
    rpc,
    deployment: world.deployment
  })
  const offenders = (await checkInvariants(projection.client)).filter(({ offender }) => offender)
  return { rebuilt, direct, offenders, counts }
}
afterEach(async () => {
  expect(await differences()).toMatchObject({ rebuilt: undefined, direct: undefined, offenders: [] })
})

const [debtor, supplier, second, factor, escrow, regulator] = (
  ['debtor', 'supplier', 'second', 'factor', 'escrow', 'regulator'] as const
).map(numberOf)

async function notesOf(receivableId: bigint, columns: string): Promise<unknown[]> {
  await projection.catchUp()
  return projection.rows(
    `select span::text, state, ${columns} from note where receivable_id = $1 order by lower(span)`,
    [receivableIdToHex(receivableId)]
  )
}

async function receivableOf(receivableId: bigint): Promise<unknown> {
  await projection.catchUp()
  const [row] = await projection.rows(
    'select state, settled, cancelled, disputed, payment from receivable where receivable_id = $1',
    [receivableIdToHex(receivableId)]
  )
  return row
}

test('a merged note is gone, its span joins the one before, and its id may be opened again', async () => {
  const story = await confirmed(world, 'merge')
  const { root, receivableId } = story
  const [middle, last] = [noteIdOf(receivableId, 300n), noteIdOf(receivableId, 600n)]
  await offer(world, story, 'supplier', root, 400n, 'second')
  await act(world, 'supplier', 'receivables', 'recall', last, ZeroHash)
  await offer(world, story, 'supplier', root, 300n, 'second')
  await act(world, 'supplier', 'receivables', 'recall', middle, ZeroHash)
  await act(world, 'supplier', 'receivables', 'merge', middle, last)
  expect(await notesOf(receivableId, 'note_id')).toEqual([
    { span: '[0,300)', state: 'live', note_id: noteIdToHex(root) },
    { span: '[300,1000)', state: 'live', note_id: noteIdToHex(middle) }
  ])
  await act(world, 'supplier', 'receivables', 'merge', root, middle)
  await offer(world, story, 'supplier', root, 400n, 'second')
  await act(world, 'second', 'receivables', 'accept', last)
  expect(await notesOf(receivableId, 'note_id, holder, tier')).toEqual([
    { span: '[0,600)', state: 'live', note_id: noteIdToHex(root), holder: supplier, tier: 0 },
    { span: '[600,1000)', state: 'live', note_id: noteIdToHex(last), holder: second, tier: 1 }
  ])
})

test('a dilution that the debtor accepts is cancelled for ever, and what is left is closed', async () => {
  const story = await confirmed(world, 'dilution')
  const { root, receivableId, terms } = story
  const piece = cutNoteId(root, 1_000n, 250n)
  const creditNote = id('credit note')
  await act(world, 'supplier', 'receivables', 'offerDilution', root, 250n, terms.maturity - 1, creditNote)
  expect(await notesOf(receivableId, 'purpose, counterparty, credit_note')).toEqual([
    { span: '[0,750)', state: 'live', purpose: 'none', counterparty: null, credit_note: null },
    { span: '[750,1000)', state: 'offered', purpose: 'dilution', counterparty: debtor, credit_note: creditNote }
  ])
  await act(world, 'debtor', 'receivables', 'acceptDilution', piece)
  await waitUntil(world, terms.maturity)
  // In two parts: the last 200 first, off the root note that never had a word of its own.
  await act(world, 'clearing', 'receivables', 'settle', root, 200n, id('payment 1'))
  expect(await receivableOf(receivableId)).toMatchObject({ state: 'confirmed', settled: '200', cancelled: '250' })
  await act(world, 'clearing', 'receivables', 'settle', root, 550n, id('payment 2'))
  expect(await receivableOf(receivableId)).toMatchObject({ state: 'confirmed', settled: '750', cancelled: '250' })
  await act(world, 'second', 'receivables', 'close', receivableId)
  expect(await receivableOf(receivableId)).toMatchObject({ state: 'settled', settled: '750', payment: null })
  expect(await notesOf(receivableId, 'payee, payment')).toEqual([
    { span: '[0,550)', state: 'settled', payee: supplier, payment: id('payment 2') },
    { span: '[550,750)', state: 'settled', payee: supplier, payment: id('payment 1') },
    { span: '[750,1000)', state: 'cancelled', payee: null, payment: null }
  ])
})

test('a pledged note keeps its holder and pays its lender; it is released, or foreclosed after maturity', async () => {
  const story = await confirmed(world, 'pledge')
  const { root, receivableId, terms } = story
  const [first, last] = [noteIdOf(receivableId, 800n), noteIdOf(receivableId, 900n)]
  await lock(world, story, 'supplier', root, 100n, 'pledge')
  await act(world, 'factor', 'receivables', 'finance', last, id('disbursement'))
  await lock(world, story, 'supplier', root, 100n, 'pledge')
  await act(world, 'factor', 'receivables', 'finance', first, id('disbursement'))
  const pledged = { state: 'pledged', holder: supplier, counterparty: factor, purpose: 'pledge', deadline: null }
  expect(await notesOf(receivableId, 'holder, counterparty, purpose, deadline')).toMatchObject([
    { state: 'live' },
    { span: '[800,900)', ...pledged },
    { span: '[900,1000)', ...pledged }
  ])
  await act(world, 'factor', 'receivables', 'release', first, id('repayment'))
  await waitUntil(world, terms.maturity)
  // A piece of the pledge is paid to the lender before it takes the rest.
  await act(world, 'clearing', 'receivables', 'settle', last, 40n, id('payment'))
  await act(world, 'factor', 'receivables', 'foreclose', last)
  expect(await notesOf(receivableId, 'holder, assignor, payee, repayment is not null as repaid')).toEqual([
    { span: '[0,800)', state: 'live', holder: supplier, assignor: null, payee: null, repaid: false },
    { span: '[800,900)', state: 'live', holder: supplier, assignor: null, payee: null, repaid: true },
    { span: '[900,960)', state: 'live', holder: factor, assignor: supplier, payee: null, repaid: false },
    { span: '[960,1000)', state: 'settled', holder: supplier, assignor: null, payee: factor, repaid: false }
  ])
})

test('a note with recourse goes back to its assignor after maturity, at its old tier', async () => {
  const story = await confirmed(world, 'recourse')
  const { root, receivableId, terms } = story
  await lock(world, story, 'supplier', root, 1_000n, 'recourse-assignment')
  await act(world, 'factor', 'receivables', 'finance', root, id('disbursement'))
  expect(await notesOf(receivableId, 'holder, has_recourse')).toMatchObject([{ holder: factor, has_recourse: true }])
  await waitUntil(world, terms.maturity)
  await act(world, 'factor', 'receivables', 'returnNote', root, (await now(world)) + DAY, id('demand 1'))
  await act(world, 'supplier', 'receivables', 'refuse', root, ZeroHash, id('not now'))
  await act(world, 'factor', 'receivables', 'returnNote', root, (await now(world)) + DAY, id('demand 2'))
  expect(await notesOf(receivableId, 'purpose, counterparty, demand')).toMatchObject([
    { state: 'offered', purpose: 'return', counterparty: supplier, demand: id('demand 2') }
  ])
  await act(world, 'supplier', 'receivables', 'acceptReturn', root)
  expect(await notesOf(receivableId, 'holder, assignor, has_recourse, tier')).toEqual([
    { span: '[0,1000)', state: 'live', holder: supplier, assignor: factor, has_recourse: false, tier: 0 }
  ])
})

test('a freeze holds until it is lifted or over, and settlement meanwhile goes to its escrow', async () => {
  const story = await confirmed(world, 'freeze')
  const { root, receivableId, terms } = story
  const until = terms.maturity + DAY
  const frozen = cutNoteId(root, 1_000n, 300n)
  await act(world, 'regulator', 'receivables', 'freeze', root, 300n, until, escrow, id('order 1'))
  const columns = 'frozen_until, freeze_order, freeze_escrow, freeze_authority'
  const order = { freeze_escrow: escrow, freeze_authority: regulator }
  const free = { frozen_until: null, freeze_order: null, freeze_escrow: null, freeze_authority: null }
  expect(await notesOf(receivableId, columns)).toEqual([
    { span: '[0,700)', state: 'live', ...free },
    { span: '[700,1000)', state: 'live', frozen_until: String(until), freeze_order: id('order 1'), ...order }
  ])
  await act(world, 'regulator', 'receivables', 'unfreeze', frozen, id('order 2'))
  // This one is over by itself: then the note is cut, and the rest of it merged again.
  const short = (await now(world)) + 100
  await act(world, 'regulator', 'receivables', 'freeze', root, 700n, short, escrow, id('order 3'))
  await waitUntil(world, short)
  await offer(world, story, 'supplier', root, 100n, 'second')
  await act(world, 'second', 'receivables', 'accept', noteIdOf(receivableId, 600n))
  await act(world, 'regulator', 'receivables', 'freeze', frozen, 300n, until, escrow, id('order 4'))
  await waitUntil(world, terms.maturity)
  await act(world, 'clearing', 'receivables', 'settle', frozen, 200n, id('payment'))
  expect(await notesOf(receivableId, 'payee, frozen_until')).toMatchObject([
    { span: '[0,600)', state: 'live' },
    { span: '[600,700)', state: 'live' },
    { span: '[700,800)', state: 'live', payee: null, frozen_until: String(until) },
    { span: '[800,1000)', state: 'settled', payee: escrow, frozen_until: null }
  ])
  const parties = await projection.rows<{ participant_id: number }>(
    'select participant_id from receivable_party where receivable_id = $1',
    [receivableIdToHex(receivableId)]
  )
  expect(parties.map(({ participant_id }) => participant_id)).toEqual(expect.arrayContaining([escrow, regulator]))
})

test('one payment settles all open notes: each to its holder, its lender or its escrow', async () => {
  const story = await confirmed(world, 'at once')
  const { root, receivableId, terms } = story
  await offer(world, story, 'supplier', root, 100n, 'second')
  await act(world, 'second', 'receivables', 'accept', noteIdOf(receivableId, 900n))
  await lock(world, story, 'supplier', root, 100n, 'pledge')
  await act(world, 'factor', 'receivables', 'finance', noteIdOf(receivableId, 800n), id('disbursement'))
  await lock(world, story, 'supplier', root, 100n, 'pledge')
  await act(world, 'factor', 'receivables', 'finance', noteIdOf(receivableId, 700n), id('disbursement'))
  const until = terms.maturity + DAY
  const frozen = noteIdOf(receivableId, 700n)
  await act(world, 'regulator', 'receivables', 'freeze', frozen, 100n, until, escrow, id('order'))
  await act(world, 'regulator', 'receivables', 'freeze', root, 100n, terms.maturity - 100, escrow, id('over by then'))
  await act(world, 'supplier', 'receivables', 'offerDilution', root, 100n, terms.maturity - 1, id('credit note'))
  await act(world, 'debtor', 'receivables', 'acceptDilution', noteIdOf(receivableId, 500n))
  await waitUntil(world, terms.maturity)
  await act(world, 'clearing', 'receivables', 'settle', noteIdOf(receivableId, 900n), 50n, id('earlier'))
  await act(world, 'clearing', 'receivables', 'settleReceivable', receivableId, id('payment'))
  expect(await receivableOf(receivableId)).toEqual({
    state: 'settled',
    settled: '900',
    cancelled: '100',
    disputed: false,
    payment: id('payment')
  })
  const at = { state: 'settled', payment: id('payment') }
  expect(await notesOf(receivableId, 'payee, payment')).toEqual([
    { ...at, span: '[0,500)', payee: supplier },
    { span: '[500,600)', state: 'cancelled', payee: null, payment: null },
    { ...at, span: '[600,700)', payee: supplier },
    { ...at, span: '[700,800)', payee: escrow },
    { ...at, span: '[800,900)', payee: factor },
    { ...at, span: '[900,950)', payee: second },
    { ...at, span: '[950,1000)', payee: second, payment: id('earlier') }
  ])
})

test('a dispute is a flag that the debtor or a regulator lifts', async () => {
  const { receivableId } = await confirmed(world, 'dispute')
  await act(world, 'debtor', 'receivables', 'dispute', receivableId, id('damaged'))
  expect(await receivableOf(receivableId)).toMatchObject({ state: 'confirmed', disputed: true })
  await act(world, 'regulator', 'receivables', 'liftDispute', receivableId, id('ruling'))
  expect(await receivableOf(receivableId)).toMatchObject({ state: 'confirmed', disputed: false })
})

test('a receivable that its debtor issues is confirmed at once', async () => {
  const { terms } = await register(world, 'template of the issued')
  const fingerprints = [`0x0001${id('issued').slice(2, 62)}`]
  await act(world, 'debtor', 'receivables', 'issue', terms, fingerprints)
  await projection.catchUp()
  expect(
    await projection.rows(
      `select r.state, n.span::text, n.holder from receivable r join note n using (receivable_id)
       where fingerprints = $1`,
      [fingerprints]
    )
  ).toEqual([{ state: 'confirmed', span: '[0,1000)', holder: supplier }])
})

async function claimOf(fingerprint: string): Promise<unknown> {
  await projection.catchUp()
  const [row] = await projection.rows(
    'select registry, claimant, reason, state, release_reason from fingerprint_claim where fingerprint = $1',
    [fingerprint]
  )
  return row
}

test('an offer of a trade transfer claims its document; refusal frees it, acceptance keeps it, and a freeze’s cut leaves it to the rest', async () => {
  const story = await confirmed(world, 'trade')
  const { root, receivableId, terms } = story
  const document = (name: string) => `0x0001${id(name).slice(2, 62)}`
  const trade = { purpose: 'trade-transfer', document: document('delivery') } as const
  const piece = noteIdOf(receivableId, 900n)
  const claimed = { registry: 1, claimant: supplier, reason: 'trade-document', state: 'claimed', release_reason: null }
  await offer(world, story, 'supplier', root, 100n, 'second', trade)
  expect(await claimOf(trade.document)).toEqual(claimed)
  await act(world, 'second', 'receivables', 'refuse', piece, trade.document, id('reason'))
  expect(await claimOf(trade.document)).toEqual({ ...claimed, state: 'released', release_reason: 'closed' })
  await offer(world, story, 'supplier', piece, 100n, 'second', trade)
  await act(world, 'second', 'receivables', 'accept', piece)
  expect(await claimOf(trade.document)).toEqual(claimed)
  const cut = { ...trade, document: document('cut by a freeze') }
  await offer(world, story, 'supplier', root, 200n, 'second', cut)
  const offered = noteIdOf(receivableId, 700n)
  await act(world, 'regulator', 'receivables', 'freeze', offered, 50n, terms.maturity + DAY, escrow, id('order'))
  expect(await notesOf(receivableId, 'purpose')).toMatchObject([
    { span: '[0,700)', state: 'live' },
    { span: '[700,850)', state: 'offered', purpose: 'trade-transfer' },
    { span: '[850,900)', state: 'live', purpose: 'none' },
    { span: '[900,1000)', state: 'live' }
  ])
  await act(world, 'second', 'receivables', 'refuse', offered, cut.document, id('reason'))
  expect(await claimOf(cut.document)).toEqual({ ...claimed, state: 'released', release_reason: 'closed' })
  const rows = await projection.rows(
    `select receivable_id from event where args ->> 'fingerprint' = $1 order by block_number`,
    [trade.document]
  )
  expect(rows).toEqual([{ receivable_id: null }, { receivable_id: null }, { receivable_id: null }])
})

test('a factor’s own claim is of registry 0, with its reason, until it frees it', async () => {
  const fingerprint = `0x0001${id('financed elsewhere').slice(2, 62)}`
  const byFactor = { registry: 0, claimant: factor, reason: 'pledged-elsewhere' }
  await act(world, 'factor', 'fingerprints', 'claim', fingerprint, 77n, 4)
  expect(await claimOf(fingerprint)).toEqual({ ...byFactor, state: 'claimed', release_reason: null })
  await act(world, 'factor', 'fingerprints', 'release', fingerprint, 2)
  expect(await claimOf(fingerprint)).toEqual({ ...byFactor, state: 'released', release_reason: 'repaid' })
})

test('an order batch that splits and uses the piece in one transaction folds as told', async () => {
  const { root, receivableId, terms } = await confirmed(world, 'multicall')
  const call = (name: string, ...args: unknown[]) => contracts.receivables.encodeFunctionData(name, args)
  const lockOf = (note: bigint, amount: bigint) =>
    call('lock', note, factor, amount, terms.maturity - 1, 5, id(`quote ${amount}`))
  await act(world, 'supplier', 'receivables', 'multicall', [lockOf(root, 400n), lockOf(root, 100n), lockOf(root, 500n)])
  expect(await notesOf(receivableId, 'counterparty')).toEqual([
    { span: '[0,500)', state: 'locked', counterparty: factor },
    { span: '[500,600)', state: 'locked', counterparty: factor },
    { span: '[600,1000)', state: 'locked', counterparty: factor }
  ])
})

test('rejection and withdrawal end a registration and free its documents', async () => {
  const rejected = await register(world, 'rejected here')
  await act(world, 'debtor', 'receivables', 'reject', rejected.terms, rejected.fingerprints, id('reason'))
  const withdrawn = await register(world, 'withdrawn here')
  await act(world, 'supplier', 'receivables', 'withdraw', withdrawn.terms, withdrawn.fingerprints)
  expect(await receivableOf(rejected.receivableId)).toMatchObject({ state: 'rejected' })
  expect(await receivableOf(withdrawn.receivableId)).toMatchObject({ state: 'withdrawn' })
  expect(await claimOf(rejected.fingerprints[0]!)).toMatchObject({ state: 'released' })
})

test('a lock that its factor declines is live again', async () => {
  const story = await confirmed(world, 'unlock')
  await lock(world, story, 'supplier', story.root, 10n)
  await act(world, 'factor', 'receivables', 'unlock', cutNoteId(story.root, 1_000n, 10n))
  expect(await notesOf(story.receivableId, 'counterparty, purpose')).toMatchObject([
    { state: 'live', counterparty: null, purpose: 'none' },
    { state: 'live', counterparty: null, purpose: 'none' }
  ])
})

test('every event of the registry and of its fingerprints was told above', async () => {
  const seen = new Set(
    (await projection.rows<{ name: string }>('select distinct name from event')).map(({ name }) => name)
  )
  const events = [contracts.receivables, contracts.fingerprints].flatMap((abi) =>
    abi.fragments.flatMap((fragment) => (fragment.type === 'event' ? [(fragment as { name?: string }).name!] : []))
  )
  expect(events.filter((name) => !seen.has(name) && name !== 'AuthorityUpdated')).toEqual([])
})

const tampered: [table: string, column: string, set: string][] = [
  ['receivable', 'disputed', `disputed = true, dispute_reason = ''`],
  ['note', 'counterparty', `counterparty = 7`],
  ['note', 'frozen_until', `frozen_until = frozen_until + 1`],
  ['note', 'freeze_escrow', 'freeze_escrow = 2'],
  ['note', 'purpose', `purpose = 'trade-transfer'`],
  ['fingerprint_claim', 'claimant', 'claimant = 7'],
  ['fingerprint_claim', 'reason', `reason = 'trade-document'`]
]
const where: Record<string, string> = {
  disputed: `state = 'confirmed'`,
  counterparty: `state = 'offered'`,
  frozen_until: 'frozen_until > (select block_time from cursor)',
  freeze_escrow: 'frozen_until > (select block_time from cursor)',
  purpose: `state = 'offered'`,
  claimant: `state = 'claimed'`,
  reason: `state = 'claimed' and reason = 'receivable'`
}

test.each(tampered)(
  'verify finds another %s.%s, in the rebuilt rows and in the contracts',
  async (table, column, set) => {
    const story = await confirmed(world, `tampered ${column}`)
    await offer(world, story, 'supplier', story.root, 100n, 'second')
    const until = story.terms.maturity + DAY
    await act(world, 'regulator', 'receivables', 'freeze', story.root, 200n, until, escrow, id('order'))
    await projection.catchUp()
    const key = table === 'fingerprint_claim' ? 'fingerprint' : `${table}_id`
    const [row] = await projection.rows<{ row: object }>(
      `update ${table} set ${set} where ctid = (select ctid from ${table} where ${where[column]} order by ${key} limit 1)
     returning ${key} as row`
    )
    const found = await differences()
    expect(found.rebuilt?.table).toBe(table)
    expect(found.direct?.table).toBe(table)
    expect(found.direct?.live).toContain(String(row!.row))
    await inTransaction(projection.client, () => emptyProjection(projection.client))
  }
)
