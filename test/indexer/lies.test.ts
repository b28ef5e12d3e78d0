import { id } from 'ethers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RawLog } from '../../indexer/decode.ts'
import { projectionDigest } from '../../indexer/digest.ts'
import { headersOf } from '../../indexer/chain/blocks.ts'
import { toHeader } from '../../indexer/chain/header.ts'
import { logsOfReceipts } from '../../indexer/chain/receipts.ts'
import { orderedTrieRoot } from '../../indexer/chain/trie-root.ts'
import type { CheckReceipts } from '../../indexer/chain/reader.ts'
import { createRpc } from '../../indexer/rpc.ts'
import { askChain } from '../../scripts/instance/chain.ts'
import { headerFields } from '../../domain/evidence/proof/header-fields.ts'
import { decodeHeader } from '../../domain/evidence/proof/header.ts'
import { qbftHash } from '../../domain/evidence/proof/qbft.ts'
import { EMPTY_ROOT } from '../../domain/evidence/proof/trie.ts'
import { qbftHeader, validatorKeys } from '../domain/evidence/proof/sealed.ts'
import { startProxy } from './proxy.ts'
import { act, openProjection, register, startWorld, stopWorld, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
  await register(world, 'before')
})
afterAll(() => stopWorld(world))

type Block = Record<string, unknown>
const forMethod =
  (name: string, change: (result: never) => unknown) =>
  (method: string, result: unknown): unknown =>
    method === name && result ? change(result as never) : result
const header = (fields: Block) => forMethod('eth_getBlockByNumber', (block: Block) => ({ ...block, ...fields }))
const logs = (change: (logs: RawLog[]) => unknown) => forMethod('eth_getLogs', change)
const receipts = (change: (logs: RawLog[]) => unknown) =>
  forMethod('eth_getBlockReceipts', (all: { logs: RawLog[] }[]) =>
    all.map((receipt) => ({ ...receipt, logs: change(receipt.logs) }))
  )
const withFirst =
  (fields: Partial<RawLog>) =>
  ([log, ...rest]: RawLog[]) => [{ ...log!, ...fields }, ...rest]
const altered = ([first, ...rest]: RawLog[]) =>
  first ? [{ ...first, data: first.data.replace(/.$/, (d) => (d === '0' ? '1' : '0')) }, ...rest] : []

const lies: [string, string, (method: string, result: unknown) => unknown, CheckReceipts?][] = [
  ['a bloom of zeros, which hides all logs', 'HEADER_MISMATCH', header({ logsBloom: `0x${'00'.repeat(256)}` })],
  ['another time', 'HEADER_MISMATCH', header({ timestamp: '0x1' })],
  ['another receipts root', 'HEADER_MISMATCH', header({ receiptsRoot: id('other') })],
  ['receipts without their last log', 'RECEIPTS_MISMATCH', receipts((all) => all.slice(0, -1))],
  ['receipts with altered data', 'RECEIPTS_MISMATCH', receipts(altered)],
  ['receipts with a log twice', 'RECEIPTS_MISMATCH', receipts((all) => [...all, ...all])],
  ['no receipts', 'RECEIPTS_MISMATCH', forMethod('eth_getBlockReceipts', () => null)],
  ['logs without the last one', 'LOGS_INCOMPLETE', logs((all) => all.slice(0, -1)), 'never'],
  ['no logs', 'LOGS_INCOMPLETE', logs(() => []), 'never'],
  ['an index that is no number', 'LOGS_INCOMPLETE', logs(withFirst({ transactionIndex: '0x' })), 'never'],
  ['an index beyond all', 'LOGS_INCOMPLETE', logs(withFirst({ transactionIndex: '0xffffffff' })), 'never'],
  [
    'a hash that ends a row',
    'LOGS_INCOMPLETE',
    logs(withFirst({ transactionHash: id('').replace(/.$/, '\n') })),
    'never'
  ],
  [
    'data that would need an escape',
    'LOGS_INCOMPLETE',
    logs((all) => withFirst({ data: `${all[0]!.data.slice(0, -1)}\\` })(all)),
    'never'
  ]
]

describe.each(lies)('a node that gives %s', (name, code, lie, checkReceipts = 'live') => {
  test('is noticed within the block, nothing of it is projected, and the truth is', async () => {
    let isLying = false
    const proxy = await startProxy(world.chain.url, ({ method }, result) => (isLying ? lie(method, result) : result))
    const schema = `lie_${lies.findIndex(([each]) => each === name)}`
    const { client, follower, catchUp } = await openProjection(world, schema, {
      rpc: createRpc(proxy.url),
      checkReceipts
    })
    await catchUp()
    const before = await projectionDigest(client, schema)
    await register(world, name)
    isLying = true
    await expect(follower.step()).rejects.toMatchObject({ code, transient: true })
    expect(await projectionDigest(client, schema)).toBe(before)
    isLying = false
    expect(await follower.step()).toMatchObject({ kind: 'advanced', events: 2 })
    await client.end()
    proxy.close()
  })
})

test('while catching up, always proves by receipts what the bloom does not show', async () => {
  await askChain(world.chain.url, 'anvil_mine', ['0x28'])
  const outcomes: unknown[] = []
  for (const checkReceipts of ['live', 'always'] as const) {
    const proxy = await startProxy(world.chain.url, ({ method }, result) =>
      logs(altered)(method, receipts(altered)(method, result))
    )
    const options = { rpc: createRpc(proxy.url), checkReceipts }
    const { client, catchUp } = await openProjection(world, `altered_${checkReceipts}`, options)
    outcomes.push(await catchUp().catch((error: { code: string }) => error.code))
    await client.end()
    proxy.close()
  }
  expect(outcomes[1]).toBe('RECEIPTS_MISMATCH')
  expect(outcomes[0]).not.toBe('RECEIPTS_MISMATCH')
})

test('asks again by block hash what a range left out', async () => {
  await askChain(world.chain.url, 'anvil_mine', ['0x28'])
  let short = 0
  const proxy = await startProxy(world.chain.url, ({ method, params }, result) => {
    const isRange = method === 'eth_getLogs' && 'fromBlock' in (params[0] as object)
    if (isRange) short++
    return isRange ? (result as RawLog[]).filter((_, i) => i % 3 !== 0) : result
  })
  const { client, catchUp } = await openProjection(world, 'short', { rpc: createRpc(proxy.url) })
  await catchUp()
  const honest = await openProjection(world, 'honest')
  await honest.catchUp()
  expect(short).toBeGreaterThan(0)
  expect(await projectionDigest(client, 'short')).toBe(await projectionDigest(honest.client, 'honest'))
  await client.end()
  await honest.client.end()
  proxy.close()
})

test('a node that refuses both the headers and the logs of a large range is asked for smaller ones', async () => {
  await askChain(world.chain.url, 'anvil_mine', ['0xa0'])
  const headersOf = new Map<number, number>()
  const isRefused = { logs: false, headers: false }
  const proxy = await startProxy(world.chain.url, ({ method, params: [first] }, result, request) => {
    const { fromBlock, toBlock } = (first ?? {}) as { fromBlock?: string; toBlock?: string }
    if (method === 'eth_getLogs' && Number(toBlock) - Number(fromBlock) >= 40) {
      isRefused.logs = true
      return new Error('too many blocks')
    }
    if (method !== 'eth_getBlockByNumber') return result
    headersOf.set(request, (headersOf.get(request) ?? 0) + 1)
    if (headersOf.get(request)! <= 40) return result
    isRefused.headers = true
    return new Error('too many requests')
  })
  const { client, follower } = await openProjection(world, 'bears_little', { rpc: createRpc(proxy.url) })
  let refusals = 0
  for (let kind = ''; kind !== 'idle' && refusals < 20;) {
    kind = await follower.step().then(
      (step) => step.kind,
      (error: { code: string }) => {
        refusals++
        return error.code
      }
    )
  }
  expect(isRefused).toEqual({ logs: true, headers: true })
  expect(refusals).toBeLessThan(20)
  const honest = await openProjection(world, 'bears_all')
  await honest.catchUp()
  expect(await projectionDigest(client, 'bears_little')).toBe(await projectionDigest(honest.client, 'bears_all'))
  await client.end()
  await honest.client.end()
  proxy.close()
})

test('a header with fields of a later fork is refused by name, not guessed', async () => {
  const block = (await askChain(world.chain.url, 'eth_getBlockByNumber', ['latest', false])) as Block
  expect(await toHeader(block)).toMatchObject({ hash: block.hash })
  const later = { ...block, hash: id('later'), blockAccessListHash: id('list') }
  await expect(toHeader(later)).rejects.toThrow(expect.objectContaining({ code: 'HEADER_UNKNOWN', transient: false }))
})

test('a header sealed by QBFT has the hash without its seals, and another form of seals is refused by name', async () => {
  const sealed = decodeHeader(qbftHeader({ round: 2, sealers: validatorKeys }))
  const fields = Object.fromEntries(sealed.items.map((item, i) => [headerFields[i]![0], item]))
  const quantities = headerFields.filter(([name, kind]) => kind === 'quantity' && fields[name] === '0x')
  for (const [name] of quantities) fields[name] = '0x0'
  expect(await toHeader({ ...fields, hash: qbftHash(sealed) })).toMatchObject({ number: 77, hash: qbftHash(sealed) })
  const mismatch = expect.objectContaining({ code: 'HEADER_MISMATCH' })
  await expect(toHeader({ ...fields, hash: sealed.hash })).rejects.toThrow(mismatch)
  const unknown = expect.objectContaining({ code: 'HEADER_UNKNOWN', transient: false })
  await expect(toHeader({ ...fields, extraData: '0xc0', hash: qbftHash(sealed) })).rejects.toThrow(unknown)
})

test('the root of a block with hundreds of receipts is the chain’s own', async () => {
  await askChain(world.chain.url, 'evm_setAutomine', [false])
  const from = world.admin
  let nonce = await world.provider.getTransactionCount(from.address)
  const sent = []
  for (let i = 0; i < 300; i++) {
    sent.push(await from.sendTransaction({ to: from.address, nonce: nonce++, gasLimit: 21_000, gasPrice: 0 }))
  }
  await askChain(world.chain.url, 'evm_mine', [])
  await askChain(world.chain.url, 'evm_setAutomine', [true])
  const number = await world.provider.getBlockNumber()
  const [head] = await headersOf(createRpc(world.chain.url), [number])
  const answer = (await askChain(world.chain.url, 'eth_getBlockReceipts', [head!.hash])) as unknown[]
  expect(answer.length).toBe(300)
  expect(logsOfReceipts(head!, answer)).toEqual([])
  expect(() => logsOfReceipts(head!, answer.toReversed())).toThrow('receiptsRoot')
  expect(() => logsOfReceipts(head!, answer.slice(1))).toThrow('receiptsRoot')
  expect(`0x${orderedTrieRoot([])}`).toBe(EMPTY_ROOT)
})

test('every header of this chain makes its hash, the first one too', async () => {
  const numbers = Array.from({ length: 12 }, (_, i) => i)
  const headers = await headersOf(createRpc(world.chain.url), numbers)
  expect(headers.map((each) => each?.number)).toEqual(numbers)
  await act(world, 'admin', 'participants', 'setRoles', 3, 2)
})
