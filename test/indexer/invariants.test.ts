import { id } from 'ethers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { noteIdOf } from '../../domain/note/span.ts'
import { inTransaction } from '../../indexer/database.ts'
import { checkInvariants, invariants } from '../../indexer/invariants.ts'
import { emptyProjection } from '../../indexer/rollback.ts'
import { act, confirmed, DAY, lock, numberOf, offer, openProjection, register, settle } from './world.ts'
import { startWorld, stopWorld, tell, waitUntil, type World } from './world.ts'

let world: World
let projection: Awaited<ReturnType<typeof openProjection>>
beforeAll(async () => {
  world = await startWorld()
  projection = await openProjection(world, 'invariants')
  await settle(world, await tell(world, 'settled'))
  await register(world, 'registered')
  const story = await confirmed(world, 'diluted, pledged and frozen')
  const { root, receivableId, terms } = story
  await act(world, 'supplier', 'receivables', 'offerDilution', root, 100n, terms.maturity - 1, id('credit note'))
  await act(world, 'debtor', 'receivables', 'acceptDilution', noteIdOf(receivableId, 900n))
  await lock(world, story, 'supplier', root, 100n, 'pledge')
  await act(world, 'factor', 'receivables', 'finance', noteIdOf(receivableId, 800n), id('disbursement'))
  const order = [terms.maturity + DAY, numberOf('escrow'), id('order')]
  await act(world, 'regulator', 'receivables', 'freeze', root, 100n, ...order)
  const trade = { purpose: 'trade-transfer', document: `0x0001${id('delivery').slice(2, 62)}` } as const
  await offer(world, story, 'supplier', root, 100n, 'second', trade)
  await waitUntil(world, terms.maturity)
  await act(world, 'clearing', 'receivables', 'settle', noteIdOf(receivableId, 700n), 50n, id('payment'))
  await act(world, 'clearing', 'receivables', 'settle', noteIdOf(receivableId, 800n), 50n, id('payment'))
})
afterAll(async () => {
  await projection.client.end()
  await stopWorld(world)
})

async function broken(tamper?: string): Promise<string[]> {
  // What was tampered with there would stay.
  await projection.client.query('truncate feed')
  await inTransaction(projection.client, () => emptyProjection(projection.client))
  await projection.catchUp()
  if (tamper) expect((await projection.client.query(tamper)).rowCount).toBeGreaterThan(0)
  return (await checkInvariants(projection.client)).flatMap(({ code, offender }) => (offender ? [code] : []))
}
/** Writes an event's copy behind it under another name. */
const again = (name: string, as: string) =>
  `insert into event select (jsonb_populate_record(event, jsonb_build_object('name', '${as}',
     'log_index', log_index + 1000))).* from event where name = '${name}'`

test.each([
  ['N1', 'a span that lost its last unit', `update note set span = int8range(lower(span), upper(span) - 1)`],
  [
    'N1',
    'a note of a receivable that nobody confirmed',
    `insert into note select (jsonb_populate_record(n, jsonb_build_object('receivable_id', r.receivable_id,
            'note_id', r.receivable_id || repeat('0', 16)))).*
          from note n, receivable r where r.state = 'registered' limit 1`
  ],
  [
    'N2',
    'a settled note that is live',
    `update note set state = 'live', payment = null, payee = null, counterparty = null where state = 'settled'`
  ],
  ['N2', 'a settled receivable that is confirmed', `update receivable set state = 'confirmed' where state = 'settled'`],
  ['N2', 'a recall after the settlement', again('NoteSettled', 'NoteRecalled')],
  ['N2', 'a recall after the cancellation', again('NoteCancelled', 'NoteRecalled')],
  ['N2', 'a dispute after the close', again('ReceivableClosed', 'ReceivableDisputed')],
  ['N4', 'a receivable whose document is free', `delete from fingerprint_claim where reason = 'receivable'`],
  ['N4', 'a trade offer whose document is free', `delete from fingerprint_claim where reason = 'trade-document'`],
  [
    'N4',
    'a claim of a document that its receivable does not have',
    `update fingerprint_claim set fingerprint = '0x01' where ctid = (
            select ctid from fingerprint_claim where reason = 'receivable' limit 1)`
  ],
  ['N5', 'a recall while frozen', again('NoteFrozen', 'NoteRecalled')],
  ['N6', 'a tier too deep', `update note set tier = tier + 1`],
  [
    'N7',
    'a settled sum too small',
    `update receivable set settled = settled - 1 where state = 'confirmed' and settled > 0`
  ],
  ['N7', 'a cancelled sum too small', `update receivable set cancelled = cancelled - 1 where cancelled > 0`],
  ['N8', 'another holder', `update note set holder = 7 where state = 'live'`],
  ['N9', 'financing after maturity', `update receivable set maturity = confirmed_at where confirmed_at is not null`],
  ['N9', 'foreclosure before maturity', `update event set name = 'NoteForeclosed' where name = 'NoteFinanced'`],
  ['N10', 'the holder paid of a frozen note', `update note set payee = holder where payee = ${numberOf('escrow')}`],
  [
    'N10',
    'the holder paid of a pledged note',
    `update note set payee = holder where payee = ${numberOf('factor')} and holder <> payee`
  ],
  [
    'N11',
    'a cancellation that nobody offered',
    `update event set name = 'NoteOffered' where name = 'NoteDilutionOffered'`
  ],
  ['N12', 'another currency than was registered', `update receivable set currency = 978`],
  ['N12', 'a receivable that nobody registered', `delete from event where name = 'ReceivableRegistered'`],
  [
    'F1',
    'a position that nobody has',
    `update feed set first_position = first_position + 1 where last_position > first_position`
  ],
  ['F1', 'a block of another hash', `update feed set block_hash = '0x00' where first_position = 1`],
  ['F1', 'an event that it lacks', again('NoteSettled', 'NoteRecalled')],
  ['F1', 'a block that came twice', `update feed set retracted_at = last_position + 1 where first_position = 1`],
  ['F2', 'a holder that is no party', `delete from receivable_party where participant_id = ${numberOf('second')}`],
  ['F2', 'a debtor that is no party', `delete from receivable_party where participant_id = ${numberOf('debtor')}`],
  [
    'F2',
    'a party that came too late',
    `update receivable_party set since_block = since_block + 1 where participant_id = ${numberOf('escrow')}`
  ],
  [
    'F2',
    'a party of more than it was given',
    `update receivable_party set span_start = span_start - 1 where participant_id = ${numberOf('factor')}`
  ],
  ['F2', 'a party that no event names', `update receivable_party set participant_id = participant_id + 100`]
])('%s is broken by %s', async (code, _, tamper) => {
  expect(await broken(tamper)).toContain(code)
})

test('no rule is broken by what the contracts let happen', async () => {
  expect(await broken()).toEqual([])
  expect(invariants.map(({ code }) => code)).toEqual([
    'N1',
    'N2',
    'N4',
    'N5',
    'N6',
    'N7',
    'N8',
    'N9',
    'N10',
    'N11',
    'N12',
    'F1',
    'F2'
  ])
})
