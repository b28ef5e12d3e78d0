import { id, ZeroHash } from 'ethers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { contracts } from '../../domain/chain/contracts.ts'
import { rolesToBits } from '../../domain/participant/roles.ts'
import { projectionDigest } from '../../indexer/digest.ts'
import { askChain } from '../../scripts/instance/chain.ts'
import { checkInvariants } from '../../indexer/invariants.ts'
import { createAccount, keysNamed, proposeKeys, sendTo } from './accounts.ts'
import { act, DAY, openProjection, startWorld, stopWorld, waitUntil, now, type World } from './world.ts'

/** Keys proposed for a participant's account: what the account tells is projected, whoever proposed, and nothing of strangers. */
let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => stopWorld(world))

const finish = (account: string, name: string) =>
  sendTo(world, account, 'participantAccount', 'finishRecovery', ...keysNamed(name))
const admit = (account: string) =>
  act(world, 'admin', 'participants', 'admit', account, rolesToBits(['supplier']), id(account), ZeroHash)

/** A contract that says in its constructor what an account says, in another form. */
async function mislead(): Promise<void> {
  const { topicHash } = contracts.participantAccount.getEvent('RecoveryEnded')!
  const log = `7f${topicHash.slice(2)}60006000a100`
  await (await world.admin.sendTransaction({ data: `0x${log}`, gasPrice: 0 })).wait()
}

const told = `select name, address, args from event where name like 'Recovery%' order by block_number, log_index`

test('what a participant’s account tells is projected from its admission on, for any batches, and no stranger’s', async () => {
  const [account, stranger] = [await createAccount(world, 'of ours'), await createAccount(world, 'of nobody')]
  await proposeKeys(world, account, 'before it was admitted')
  await admit(account)
  await proposeKeys(world, stranger, 'others')
  await mislead()
  await proposeKeys(world, account, 'new')
  await waitUntil(world, (await now(world)) + 7 * DAY + 1)
  await finish(account, 'new')
  await finish(stranger, 'others')
  await proposeKeys(world, account, 'newer')
  await sendTo(world, world.deployment.accountFactory, 'accountFactory', 'cancelRecovery', account)

  const single = await openProjection(world, 'accounts_single', { batchBlocks: 1 })
  const whole = await openProjection(world, 'accounts_whole')
  await single.catchUp()
  await whole.catchUp()
  const rows = await whole.rows<{ name: string; address: string; args: Record<string, unknown> }>(told)
  expect(rows.map(({ name, args }) => [name, args['isDone']])).toEqual([
    ['RecoveryStarted', undefined],
    ['RecoveryEnded', true],
    ['RecoveryStarted', undefined],
    ['RecoveryEnded', false]
  ])
  expect(new Set(rows.map(({ address }) => address))).toEqual(new Set([account]))
  expect(await projectionDigest(single.client, 'accounts_single')).toBe(
    await projectionDigest(whole.client, 'accounts_whole')
  )
  for (const { offender } of await checkInvariants(whole.client)) expect(offender).toBeUndefined()
  await single.client.end()
  await whole.client.end()
})

test('the feed tells it to its participant and to regulators alone, and takes it back with a fork', async () => {
  const projection = await openProjection(world, 'accounts_feed')
  const account = await createAccount(world, 'in the feed')
  await admit(account)
  await projection.catchUp()
  const [{ of }] = (await projection.rows<{ of: number }>('select max(participant_id) as of from participant')) as [
    { of: number }
  ]
  const before = (await projection.rows('select 1 from feed')).length
  await proposeKeys(world, account, 'once')
  await projection.catchUp()
  const newest = async () => {
    const { rows } = await projection.client.query<{ kind: string; events: { name: string; parties: number[] }[] }>(
      `select f.kind, coalesce(f.events, a.events, feed_events(f.block_number)) as events
         from feed f left join feed a on a.first_position = f.retracts order by f.first_position offset $1`,
      [before]
    )
    return rows.map(({ kind, events }) => [kind, events.map(({ name, parties }) => [name, parties])])
  }
  expect(await newest()).toEqual([['added', [['RecoveryStarted', [of]]]]])
  await askChain(world.chain.url, 'anvil_reorg', [1, []])
  await proposeKeys(world, account, 'twice')
  await projection.catchUp()
  expect(await newest()).toEqual([
    ['added', [['RecoveryStarted', [of]]]],
    ['retracted', [['RecoveryStarted', [of]]]],
    ['added', [['RecoveryStarted', [of]]]]
  ])
  expect(await projection.rows(told)).toHaveLength(5)
  await projection.client.end()
})
