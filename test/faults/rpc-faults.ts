/** What a node, or what stands before it, does wrong. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RawLog } from '../../indexer/decode.ts'
import { askChain, startChain } from '../../scripts/instance/chain.ts'
import { must, type Fault } from './fault.ts'
import type { Scene } from './rig.ts'
import { startTcpProxy } from './tcp-proxy.ts'
import { sends, type Asked, type RpcFault } from './rpc-proxy.ts'

const always = (): boolean => true
const of =
  (...methods: string[]) =>
  ({ method }: Asked): boolean =>
    methods.includes(method)
const headers = of('eth_getBlockByNumber')
const logs = of('eth_getLogs', 'eth_getBlockReceipts')
const ranges = ({ method, params }: Asked): boolean =>
  method === 'eth_getLogs' && 'fromBlock' in (params[0] as Record<string, unknown>)
const numbered = (asked: Asked): boolean => headers(asked) && !['latest', '0x0'].includes(String(asked.params[0]))

type Receipt = { logs: RawLog[] }

/** Changes logs, whether they come as such or in receipts. */
const logsBy =
  (change: (all: RawLog[]) => unknown[]): NonNullable<RpcFault['change']> =>
  (result, { method }) => {
    if (!Array.isArray(result)) return result
    if (method === 'eth_getLogs') return change(result as RawLog[])
    return (result as Receipt[]).map((receipt) => ({ ...receipt, logs: change(receipt.logs) }))
  }
const flip = (hex: string): string => hex.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))

/** Breaks calls while it catches up from nothing, and again while blocks come one by one. */
function twice(fault: RpcFault, overrides: Record<string, unknown> = {}) {
  return async (scene: Scene): Promise<void> => {
    const { rpc, rig } = scene
    rpc.setHead(rig.liveFrom)
    const indexer = scene.start(overrides)
    // The start itself is checked by refusals; from the first rows on it must bear everything.
    rpc.inject(fault)
    await scene.reach(rig.liveFrom)
    const inBackfill = rpc.hits()
    await indexer.ready
    rpc.inject(fault)
    await scene.live()
    await scene.reach(rig.head)
    must(inBackfill > 0, 'nothing was broken while it caught up')
    must(rpc.hits() > inBackfill, 'nothing was broken at the head')
  }
}

const transport: [string, RpcFault['send'], number?][] = [
  ['connection dropped without an answer', sends.dropped],
  ['HTTP 429', sends.tooMany],
  ['HTTP 503 with a page of HTML', sends.unavailable],
  ['HTTP 502 without a body', sends.badGateway],
  ['answer cut in the middle, sent as whole', sends.truncated],
  ['connection half-closed in the middle of an answer', sends.halfClosed],
  ['answers after 700 ms', sends.slow],
  ['batch answered in another order', sends.reversed, 1_000],
  ['batch with one answer missing', sends.incomplete]
]

// More often than what is missing is asked for again at once, so that it has to be waited out too.
const lies: [string, RpcFault, Record<string, unknown>?][] = [
  ['one log left out', { when: logs, times: 6, change: logsBy((all) => all.filter((_, i) => i !== all.length >> 1)) }],
  ['last log left out', { when: logs, times: 6, change: logsBy((all) => all.slice(0, -1)) }],
  ['no logs at all', { when: logs, times: 6, change: () => [] }],
  ['logs in another order', { when: logs, times: 6, change: logsBy((all) => all.toReversed()) }],
  ['every log twice', { when: logs, times: 6, change: logsBy((all) => [...all, ...all]) }],
  [
    'logs of another block',
    {
      when: logs,
      times: 3,
      change: logsBy((all) => all.map((log) => ({ ...log, blockNumber: '0x1', blockHash: `0x${'ab'.repeat(32)}` })))
    },
    { checkReceipts: 'never' }
  ],
  [
    'logs with altered data, all blocks proven by receipts',
    { when: logs, times: 6, change: logsBy((all) => all.map((log) => ({ ...log, data: flip(log.data) }))) },
    { checkReceipts: 'always' }
  ],
  [
    'logs with an altered topic',
    {
      when: logs,
      times: 3,
      change: logsBy((all) =>
        all.map((log) => ({ ...log, topics: log.topics.map((topic, i) => (i ? flip(topic) : topic)) }))
      )
    }
  ],
  ['null for logs', { when: logs, times: 6, change: () => null }],
  ['null blocks', { when: numbered, times: 6, change: () => null }],
  ['half a block: no receipts root', { when: numbered, times: 6, change: (block) => without(block, 'receiptsRoot') }],
  ['half a block: no hash', { when: numbered, times: 6, change: (block) => without(block, 'hash') }],
  [
    'header with a bloom of zeros, which hides logs',
    { when: headers, times: 6, change: (block) => block && { ...block, logsBloom: `0x${'00'.repeat(256)}` } }
  ],
  [
    'header with another hash',
    { when: headers, times: 6, change: (block) => block && { ...block, hash: `0x${'cd'.repeat(32)}` } }
  ],
  [
    'header with another parent',
    { when: headers, times: 6, change: (block) => block && { ...block, parentHash: `0x${'cd'.repeat(32)}` } }
  ]
]

function without(block: unknown, field: string): unknown {
  return block && Object.fromEntries(Object.entries(block).filter(([name]) => name !== field))
}

const refusals: [string, string, RpcFault][] = [
  ['another chain id at the start', 'eth_chainId is 1', { when: of('eth_chainId'), times: 99, change: () => '0x1' }],
  [
    'another deployment: no code at the addresses',
    'eth_getCode is 0x',
    { when: of('eth_getCode'), times: 99, change: () => '0x' }
  ],
  [
    'another deployment: other code',
    'eth_getCode is other code',
    { when: of('eth_getCode'), times: 99, change: () => '0x6001' }
  ]
]

/** Puts another real chain behind the address: the same chain id, another genesis, longer than ours or shorter. */
async function putOtherChain(scene: Scene, blocks: number): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'tallystick-other-'))
  const other = await startChain({ dir, args: ['--timestamp', '1780000000'] })
  scene.atEnd(async () => {
    await other.stop()
    rmSync(dir, { recursive: true, force: true })
  })
  await askChain(other.url, 'anvil_mine', [`0x${blocks.toString(16)}`])
  scene.rpc.setHead(undefined)
  scene.rpc.setTarget(other.url)
}

export const rpcFaults: Fault[] = [
  ...transport.map(([name, send, times = 3]): Fault => ({
    name,
    how: `RPC proxy, ${times === 3 ? '3 calls' : 'all calls'} in backfill and at the head`,
    start: 'empty',
    run: twice({ when: always, times, send: send! })
  })),
  {
    name: 'answer never comes',
    how: 'RPC proxy keeps one call at the head open for ever',
    async run(scene) {
      scene.rpc.setHead(scene.rig.liveFrom)
      await scene.start().ready
      scene.rpc.inject({ when: always, times: 1, send: sends.hanging })
      await scene.live()
      await scene.reach(scene.rig.head)
      must(scene.rpc.hits() === 1, 'no call hung')
    }
  },
  ...(['query returned more than 10000 results', 'block range too large'] as const).map((message): Fault => ({
    name: `range refused: ${message}`,
    how: 'RPC proxy refuses every range of more than 20 blocks',
    start: 'empty',
    async run(scene) {
      const isLarge = ({ params }: Asked): boolean => {
        const { fromBlock, toBlock } = params[0] as { fromBlock: string; toBlock: string }
        return Number(toBlock) - Number(fromBlock) >= 20
      }
      const when = (asked: Asked): boolean => ranges(asked) && isLarge(asked)
      scene.rpc.inject({ when, times: 10_000, error: { code: -32005, message } })
      scene.start()
      await scene.reach(scene.rig.head)
      must(scene.rpc.hits() > 0, 'no range was refused')
    }
  })),
  ...lies.map(([name, fault, overrides = {}]): Fault => ({
    name,
    how: `RPC proxy, ${fault.times === 3 ? '3 answers' : 'all answers'} in backfill and at the head`,
    start: 'empty',
    run: twice(fault, overrides)
  })),
  {
    name: 'one log hidden, for as long as it likes',
    how: 'RPC proxy leaves out the last log of the receipts of one block',
    async run(scene) {
      const { rpc, rig } = scene
      rpc.setHead(rig.liveFrom)
      const indexer = scene.start()
      await indexer.ready
      rpc.inject({ when: logs, times: 1_000, change: logsBy((all) => all.slice(0, -1)) })
      rpc.setHead(rig.liveFrom + 1)
      await scene.until(() => indexer.output().includes('RECEIPTS_MISMATCH'), 'the hidden log was noticed', 5_000)
      must((await scene.cursor()) === rig.liveFrom, 'the block without its log was projected')
      rpc.inject(undefined)
      await scene.live()
    }
  },
  {
    name: 'websocket cut at every block',
    how: 'TCP proxy before the node; polling finds what nobody tells',
    async run(scene) {
      const { world, head, liveFrom } = scene.rig
      const socket = await startTcpProxy(world.chain.port)
      scene.atEnd(() => socket.close())
      scene.rpc.setHead(liveFrom)
      await scene.start({ wsUrl: `ws://127.0.0.1:${socket.port}`, pollMs: 100 }).ready
      let cuts = 0
      await scene.live(async () => {
        await sleep(150)
        cuts += Number(socket.cut() > 0)
      })
      await scene.reach(head)
      must(cuts > 0, 'no subscription was cut')
    }
  },
  {
    name: 'websocket that says nothing any more',
    how: 'TCP proxy before the node swallows what comes; the check once a second finds the blocks',
    async run(scene) {
      const { world, head, liveFrom } = scene.rig
      const socket = await startTcpProxy(world.chain.port)
      scene.atEnd(() => socket.close())
      scene.rpc.setHead(liveFrom)
      await scene.start({ wsUrl: `ws://127.0.0.1:${socket.port}`, pollMs: 60_000 }).ready
      await scene.until(() => socket.swallow() > 0, 'it subscribed', 5_000)
      await scene.live()
      await scene.reach(head)
    }
  },
  {
    name: 'node that stays behind',
    how: 'RPC proxy: head 5 below the projection, then it catches up',
    async run(scene) {
      const { rpc, rig } = scene
      rpc.setHead(rig.liveFrom)
      const indexer = scene.start({ patienceMs: 60_000 })
      await indexer.ready
      rpc.setHead(rig.liveFrom - 5)
      await scene.until(() => indexer.output().includes('below block'), 'it said that the node is behind', 5_000)
      must((await scene.cursor()) === rig.liveFrom, 'it rolled back')
      await scene.live()
    }
  },
  {
    name: 'pool of two nodes, one lags',
    how: 'RPC proxy: half of the requests, by chance, are answered by a node 3 blocks behind',
    start: 'empty',
    async run(scene) {
      const { rpc, rig } = scene
      let turn = 0
      let height = rig.liveFrom
      rpc.setHead(() => height - (turn++ && scene.random.between(0, 1) ? 0 : 3))
      scene.start()
      await scene.reach(rig.liveFrom)
      for (; height < rig.head; height++) await scene.reach(height)
      await scene.reach(rig.head)
      must(turn > 10, 'the pool was not asked')
    }
  },
  ...refusals.map(([name, how, fault]): Fault => ({
    name,
    how: `RPC proxy: ${how}`,
    refusal: 'CHAIN_MISMATCH',
    async run(scene) {
      scene.rpc.inject(fault)
      scene.start()
    }
  })),
  {
    name: 'another chain, longer, at the start',
    how: 'the RPC proxy asks a second anvil with another genesis',
    refusal: 'CHAIN_MISMATCH',
    async run(scene) {
      await putOtherChain(scene, scene.rig.head + 50)
      scene.start()
    }
  },
  ...(
    [
      ['longer', 50],
      ['shorter', -50]
    ] as const
  ).map(([what, more]): Fault => ({
    name: `another chain, ${what}, without a sign while it runs`,
    how: 'the RPC proxy changes over to a second anvil with another genesis',
    refusal: 'CHAIN_MISMATCH',
    async run(scene) {
      scene.rpc.setHead(scene.rig.liveFrom)
      await scene.start().ready
      await putOtherChain(scene, scene.rig.head + more)
    }
  })),
  {
    name: 'another chain after an outage',
    how: 'RPC proxy: one 503, then chain id 1',
    refusal: 'CHAIN_MISMATCH',
    async run(scene) {
      scene.rpc.setHead(scene.rig.liveFrom)
      const indexer = scene.start()
      await indexer.ready
      scene.rpc.inject({ when: always, times: 1, send: sends.unavailable })
      await scene.until(() => indexer.output().includes('RPC_UNAVAILABLE'), 'the outage was noticed', 5_000)
      scene.rpc.inject({ when: of('eth_chainId'), times: 99, change: () => '0x1' })
    }
  },
  {
    name: 'head below a final height',
    how: 'RPC proxy: with finality, the head falls by 7 for good',
    refusal: 'FINALITY_BROKEN',
    async run(scene) {
      scene.rpc.setHead(scene.rig.liveFrom)
      await scene.start({ finality: 'head' }).ready
      scene.rpc.setHead(scene.rig.liveFrom - 7)
    }
  }
]
