import { Contract, id, Wallet, ZeroHash } from 'ethers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { contracts } from '../../domain/chain/contracts.ts'
import { rolesToBits } from '../../domain/participant/roles.ts'
import { projectionDigest } from '../../indexer/digest.ts'
import { askChain } from '../../scripts/instance/chain.ts'
import { checkInvariants } from '../../indexer/invariants.ts'
import { act, DAY, openProjection, startWorld, stopWorld, waitUntil, now, type World } from './world.ts'

/** Keys proposed for a participant's account: what the account tells is projected, whoever proposed, and nothing of strangers. */
let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => stopWorld(world))

const quorum = { makers: 1, checkers: 0 }
const signersOf = (name: string) => [{ signer: new Wallet(id(name)).address, duty: 1 }]

async function send(
  at: string,
  abi: 'accountFactory' | 'participantAccount',
  name: string,
  ...args: unknown[]
): Promise<void> {
  const sent = await new Contract(at, contracts[abi], world.admin).getFunction(name).send(...args, { gasPrice: 0 })
  await sent.wait()
}

async function createAccount(name: string): Promise<string> {
  const { accountFactory } = world.deployment
  const at = new Contract(accountFactory, contracts.accountFactory, world.provider)
  const account = (await at.getFunction('addressOf')(signersOf(name), quorum, ZeroHash)) as string
  await send(accountFactory, 'accountFactory', 'create', signersOf(name), quorum, ZeroHash)
  return account
}
const propose = (account: string, name: string) =>
  send(world.deployment.accountFactory, 'accountFactory', 'startRecovery', account, signersOf(name), quorum)
const finish = (account: string, name: string) =>
  send(account, 'participantAccount', 'finishRecovery', signersOf(name), quorum)
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
  const [account, stranger] = [await createAccount('of ours'), await createAccount('of nobody')]
  await propose(account, 'before it was admitted')
  await admit(account)
  await propose(stranger, 'others')
  await mislead()
  await propose(account, 'new')
  await waitUntil(world, (await now(world)) + 7 * DAY + 1)
  await finish(account, 'new')
  await finish(stranger, 'others')
  await propose(account, 'newer')
  await send(world.deployment.accountFactory, 'accountFactory', 'cancelRecovery', account)

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
  const account = await createAccount('in the feed')
  await admit(account)
  await projection.catchUp()
  const [{ of }] = (await projection.rows<{ of: number }>('select max(participant_id) as of from participant')) as [
    { of: number }
  ]
  const before = (await projection.rows('select 1 from feed')).length
  await propose(account, 'once')
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
  await propose(account, 'twice')
  await projection.catchUp()
  expect(await newest()).toEqual([
    ['added', [['RecoveryStarted', [of]]]],
    ['retracted', [['RecoveryStarted', [of]]]],
    ['added', [['RecoveryStarted', [of]]]]
  ])
  expect(await projection.rows(told)).toHaveLength(5)
  await projection.client.end()
})
