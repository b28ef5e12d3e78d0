import { afterAll, beforeAll, expect, test } from 'vitest'
import { noteIdToHex, receivableIdToHex } from '../../domain/note/span.ts'
import { projectionDigest } from '../../indexer/digest.ts'
import { act, openProjection, register, settle, startWorld, stopWorld, tell, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => stopWorld(world))

test('stops at an event that stored state does not allow, instead of guessing', async () => {
  const { client, catchUp } = await openProjection(world, 'conflict')
  await catchUp()
  const { receivableId } = await register(world, 'tampered')
  await catchUp()
  await client.query("update receivable set state = 'rejected' where receivable_id = $1", [
    receivableIdToHex(receivableId)
  ])
  await act(world, 'debtor', 'receivables', 'confirm', receivableId)
  await expect(catchUp()).rejects.toMatchObject({ code: 'PROJECTION_CONFLICT', transient: false })
  await client.end()
})

test('two notes of one receivable never overlap in the projection', async () => {
  const { client, catchUp } = await openProjection(world, 'overlap')
  const { receivableId } = await tell(world, 'overlap')
  await catchUp()
  const copy = client.query(
    `insert into note select '0x' || repeat('f', 64), receivable_id, int8range(0, 1), holder, null, assignor, null, tier,
       'live', null, null, null, null, opened_block, changed_at, changed_block, changed_tx
     from note where receivable_id = $1 limit 1`,
    [receivableIdToHex(receivableId)]
  )
  await expect(copy).rejects.toMatchObject({ constraint: 'note_span_partition' })
  await client.end()
})

test('folds a receivable from registration to settlement, to the cent', async () => {
  const { client, catchUp, rows } = await openProjection(world, 'story')
  const story = await tell(world, 'story')
  await catchUp()
  const receivableId = receivableIdToHex(story.receivableId)
  const notes = () =>
    rows(
      `select note_id, span::text, holder, assignor, tier, state, disbursement is not null as financed
       from note where receivable_id = $1 order by lower(span)`,
      [receivableId]
    )
  const [root, second, third, financed] = story.notes.map(noteIdToHex)
  const live = { state: 'live', financed: false }
  expect(await notes()).toEqual([
    { ...live, note_id: root, span: '[0,600)', holder: 2, assignor: null, tier: 0 },
    { ...live, note_id: second, span: '[600,850)', holder: 3, assignor: 2, tier: 1 },
    { ...live, note_id: third, span: '[850,900)', holder: 4, assignor: 3, tier: 2 },
    { ...live, note_id: financed, span: '[900,1000)', holder: 5, assignor: 4, tier: 2, financed: true }
  ])
  await settle(world, story)
  await catchUp()
  expect((await notes()).map(({ state }) => state)).toEqual(['settled', 'settled', 'settled', 'settled'])
  expect(await rows('select state, settled, amount from receivable where receivable_id = $1', [receivableId])).toEqual([
    { state: 'settled', settled: '1000', amount: '1000' }
  ])
  const parties = await rows(
    'select participant_id from receivable_party where receivable_id = $1 order by participant_id',
    [receivableId]
  )
  expect(parties.map(({ participant_id }) => participant_id)).toEqual([1, 2, 3, 4, 5])
  await client.end()
})

test('folds refusals, recalls, unlocks, rejections, withdrawals, suspensions and anchored heads', async () => {
  const { client, catchUp, rows } = await openProjection(world, 'returns')
  const { receivableId, terms } = await register(world, 'returns')
  const root = receivableId << 64n
  await act(world, 'debtor', 'receivables', 'confirm', receivableId)
  await act(world, 'supplier', 'receivables', 'transfer', root, 1_000n, 3, terms.maturity, `0x${'11'.repeat(32)}`)
  await act(world, 'second', 'receivables', 'refuse', root, `0x${'22'.repeat(32)}`)
  await act(world, 'supplier', 'receivables', 'transfer', root, 1_000n, 4, terms.maturity, `0x${'33'.repeat(32)}`)
  await act(world, 'supplier', 'receivables', 'recall', root)
  await act(world, 'supplier', 'receivables', 'lock', root, 1_000n, 5, terms.maturity, `0x${'44'.repeat(32)}`)
  await act(world, 'factor', 'receivables', 'unlock', root)
  const rejected = await register(world, 'rejected')
  const { contentCommitment } = rejected.terms
  const reason = `0x${'55'.repeat(32)}`
  await act(
    world,
    'debtor',
    'receivables',
    'reject',
    rejected.receivableId,
    contentCommitment,
    rejected.fingerprints,
    reason
  )
  const withdrawn = await register(world, 'withdrawn')
  const content = withdrawn.terms.contentCommitment
  await act(world, 'supplier', 'receivables', 'withdraw', withdrawn.receivableId, content, withdrawn.fingerprints)
  // A freed document can be claimed again.
  await register(world, 'withdrawn', 999n)
  await act(world, 'admin', 'participants', 'setStatus', 4, 2)
  await act(world, 'admin', 'participants', 'setRoles', 3, 6)
  await act(world, 'evidence', 'evidenceLog', 'append', 7n, `0x${'66'.repeat(32)}`)
  await catchUp()
  await act(world, 'admin', 'participants', 'setStatus', 4, 1)
  expect(
    await rows('select state, holder, counterparty, tier from note where receivable_id = $1', [
      receivableIdToHex(receivableId)
    ])
  ).toEqual([{ state: 'live', holder: 2, counterparty: null, tier: 0 }])
  expect(
    await rows('select state, reason from receivable where receivable_id = $1', [
      receivableIdToHex(rejected.receivableId)
    ])
  ).toEqual([{ state: 'rejected', reason }])
  const claims = await rows('select state from fingerprint_claim where fingerprint = any($1) order by state', [
    [...rejected.fingerprints, ...withdrawn.fingerprints]
  ])
  expect(claims).toEqual([{ state: 'claimed' }, { state: 'released' }])
  expect(await rows('select status, roles from participant where participant_id in (3, 4) order by 1')).toEqual([
    { status: 'active', roles: 6 },
    { status: 'suspended', roles: 2 }
  ])
  expect(await rows('select size from log_head')).toEqual([{ size: '7' }])
  await client.end()
})

test('gives the same digest whatever the batches', async () => {
  const digests = []
  for (const [schema, batchBlocks] of [
    ['batch_one', 1],
    ['batch_all', 1_000]
  ] as const) {
    const { client, catchUp } = await openProjection(world, schema, { batchBlocks })
    await catchUp()
    digests.push(await projectionDigest(client, schema))
    await client.end()
  }
  expect(digests[0]).toMatch(/^[0-9a-f]{64}$/)
  expect(digests[1]).toBe(digests[0])
})
