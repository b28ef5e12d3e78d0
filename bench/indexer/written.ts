/**
 * A chain that is written instead of mined, for more events than anvil mines in an evening: the blocks that `chain.ts` makes anvil
 * mine, story by story, under headers whose hash, bloom and receipts root are true. It answers what an indexer asks that catches up.
 * test/bench/written.test.ts holds its logs against anvil's, one by one.
 */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { getCreateAddress, id, keccak256, ZeroHash } from 'ethers'
import type { Deployment } from '../../domain/chain/contracts.ts'
import { headerFields } from '../../domain/evidence/proof/header-fields.ts'
import { bloomOf } from '../../indexer/chain/bloom.ts'
import { encodeReceipt } from '../../indexer/chain/receipts.ts'
import { rlpInteger, rlpList, rlpString } from '../../domain/chain/rlp.ts'
import { orderedTrieRoot } from '../../indexer/chain/trie-root.ts'
import type { RawLog } from '../../indexer/decode.ts'
import { EVENTS_PER_STORY, GENESIS_TIME, TAIL, type BenchChain } from './chain.ts'
import { createStories, logsOfDeployment, STEPS, type StoryLog } from './stories.ts'

const hex = (value: number): string => `0x${value.toString(16)}`
const CODE = '0x00'
/** RFC 6455, section 1.3. */
const WEBSOCKET = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
/** No uncles, no withdrawals. */
const EMPTY = { uncles: '0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347' }

export type WrittenChain = Pick<BenchChain, 'url' | 'deployment' | 'blocks' | 'events' | 'seconds' | 'stop'>

/** Writes so many stories over so many blocks, a second each, into `dir`, where they stay until the end, and answers for them. */
export async function writeChain(
  stories: number,
  blocks: number,
  dir: string,
  genesisTime = GENESIS_TIME
): Promise<WrittenChain> {
  const started = performance.now()
  const store = createStore(join(dir, `written-${stories}-${blocks}`), genesisTime)
  const deployment = { ...ourContracts(), genesisHash: store.write([]) }
  store.write(logsOfDeployment(deployment))
  const logsOf = createStories(deployment)
  const first = (block: number): number => Math.floor((Math.min(Math.max(block, 0), blocks) * stories) / blocks)
  for (let block = 0; block < blocks + TAIL; block++) {
    const transactions: StoryLog[][] = []
    for (const step of STEPS) {
      const time = genesisTime + store.length() - step
      for (let story = first(block - step); story < first(block - step + 1); story++)
        transactions.push(logsOf(story, step, time))
    }
    store.write(transactions)
  }
  const server = await serve((method, params) => answerFrom(store, deployment, method, params))
  return {
    url: server.url,
    deployment,
    blocks: blocks + TAIL,
    events: stories * EVENTS_PER_STORY,
    seconds: (performance.now() - started) / 1000,
    async stop() {
      server.close()
      store.close()
    }
  }
}

function ourContracts(): Omit<Deployment, 'genesisHash'> {
  const contract = (nonce: number): string => getCreateAddress({ from: `0x${'11'.repeat(20)}`, nonce })
  const [participants, fingerprints, evidenceLog] = [contract(1), contract(2), contract(3)] as const
  const receivables = getCreateAddress({ from: fingerprints, nonce: 1 })
  const ours = { participants, fingerprints, receivables, evidenceLog }
  // Nobody asks these.
  const unused = { accountFactory: participants, p256Verifier: participants, sm2Verifier: participants }
  const codeHashes = Object.fromEntries(Object.values(ours).map((each) => [each, keccak256(CODE)]))
  return { chainId: 31415, fromBlock: 1, ...ours, ...unused, codeHashes }
}

/** Blocks in a file, as texts of JSON: a million events do not fit into memory. */
function createStore(file: string, genesisTime: number) {
  const fd = openSync(file, 'w+')
  /** Where a block's header and its logs stand. */
  const places: { at: number; header: number; logs: number }[] = []
  const byHash = new Map<string, number>()
  let parent = ZeroHash
  let at = 0
  function read(from: number, length: number): string {
    const bytes = Buffer.allocUnsafe(length)
    readSync(fd, bytes, 0, length, from)
    return bytes.toString('latin1')
  }
  return {
    length: () => places.length,
    numberOf: (hash: string): number => byHash.get(hash) ?? -1,
    /** Writes the next block. Returns its hash. */
    write(transactions: readonly StoryLog[][]): string {
      const number = places.length
      const { header, hash, logs } = blockOf(number, genesisTime + number, parent, transactions)
      parent = hash
      byHash.set(hash, number)
      const head = Buffer.from(JSON.stringify(header))
      const rest = Buffer.from(logs.map((log) => JSON.stringify(log)).join(','))
      places.push({ at, header: head.length, logs: rest.length })
      at += writeSync(fd, Buffer.concat([head, rest]))
      return hash
    },
    headerAt(number: number): string {
      const place = places[number]
      return place ? read(place.at, place.header) : 'null'
    },
    /** Separated by commas. */
    logsAt(number: number): string {
      const place = places[number]
      return place ? read(place.at + place.header, place.logs) : ''
    },
    close() {
      closeSync(fd)
      rmSync(file)
    }
  }
}

function answerFrom(
  store: ReturnType<typeof createStore>,
  { chainId }: Pick<Deployment, 'chainId'>,
  method: string,
  [param]: readonly unknown[]
): string {
  const newest = store.length() - 1
  if (method === 'eth_chainId') return `"${hex(chainId)}"`
  if (method === 'eth_blockNumber') return `"${hex(newest)}"`
  if (method === 'eth_getCode') return `"${CODE}"`
  if (method === 'eth_getBlockByNumber') return store.headerAt(param === 'latest' ? newest : Number(param))
  if (method === 'eth_getBlockReceipts') {
    const logs = JSON.parse(`[${store.logsAt(store.numberOf(param as string))}]`) as RawLog[]
    return JSON.stringify(receiptsOf(logs))
  }
  if (method !== 'eth_getLogs') throw new Error(`the written chain does not answer ${method}`)
  const { blockHash, fromBlock, toBlock } = param as Record<string, string>
  const from = blockHash ? store.numberOf(blockHash) : Number(fromBlock)
  const to = blockHash ? from : Number(toBlock)
  const texts = Array.from({ length: to - from + 1 }, (_, i) => store.logsAt(from + i))
  return `[${texts.filter((text) => text !== '').join(',')}]`
}

/** JSON-RPC over HTTP. Who subscribes by a websocket is heard and told nothing: no block comes. */
async function serve(answer: (method: string, params: readonly unknown[]) => string) {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const asked = JSON.parse(Buffer.concat(chunks).toString()) as Question | Question[]
    const one = ({ id, method, params }: Question): string =>
      `{"jsonrpc":"2.0","id":${id},"result":${answer(method, params)}}`
    const text = Array.isArray(asked) ? `[${asked.map(one).join(',')}]` : one(asked)
    response.writeHead(200, { 'content-type': 'application/json' }).end(text, 'latin1')
  })
  const sockets: Duplex[] = []
  server.on('upgrade', ({ headers }, socket) => {
    const accepted = createHash('sha1').update(`${headers['sec-websocket-key']}${WEBSOCKET}`).digest('base64')
    const lines = ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accepted}`]
    socket.on('error', () => {})
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`)
    sockets.push(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      for (const socket of sockets) socket.destroy()
      server.closeAllConnections()
      server.close()
    }
  }
}

interface Question {
  id: number
  method: string
  params: unknown[]
}

function blockOf(number: number, time: number, parentHash: string, transactions: readonly StoryLog[][]) {
  const hashes = transactions.map((_, i) => `0x${createHash('sha256').update(`${number} ${i}`).digest('hex')}`)
  const place = { blockNumber: hex(number), blockTimestamp: hex(time) }
  const logs = transactions.flatMap((each, i) =>
    each.map((log) => ({ ...log, ...place, transactionHash: hashes[i]!, transactionIndex: hex(i), removed: false }))
  )
  const numbered = logs.map((log, i) => ({ ...log, blockHash: ZeroHash, logIndex: hex(i) }))
  const receipts = receiptsOf(numbered)
  const gasUsed = receipts.at(-1)?.cumulativeGasUsed ?? '0x0'
  const fields: Record<string, string> = {
    parentHash,
    sha3Uncles: EMPTY.uncles,
    miner: `0x${'00'.repeat(20)}`,
    stateRoot: id(`state ${number}`),
    transactionsRoot: id(`transactions ${number}`),
    receiptsRoot: `0x${orderedTrieRoot(receipts.map((receipt) => encodeReceipt({ number, hash: ZeroHash }, receipt)!))}`,
    logsBloom: hexOf(bloomOf(logs)!),
    difficulty: '0x0',
    number: hex(number),
    gasLimit: '0x3b9aca00',
    gasUsed,
    timestamp: hex(time),
    extraData: '0x',
    mixHash: ZeroHash,
    nonce: '0x0000000000000000',
    baseFeePerGas: '0x0'
  }
  const items = headerFields.flatMap(([name, kind]) => {
    const value = fields[name]?.slice(2)
    return value === undefined ? [] : [kind === 'quantity' ? rlpInteger(value) : rlpString(value)]
  })
  const hash = keccak256(`0x${rlpList(items)}`)
  return {
    hash,
    header: { hash, ...fields, size: '0x400', uncles: [], transactions: hashes },
    logs: numbered.map((log) => ({ ...log, blockHash: hash }))
  }
}

/** A receipt for each transaction; every one of ours leaves logs. */
function receiptsOf(logs: readonly RawLog[]) {
  return [...Map.groupBy(logs, ({ transactionIndex }) => transactionIndex).values()].map((own, i) => ({
    type: '0x0',
    status: '0x1',
    cumulativeGasUsed: hex(100_000 * (i + 1)),
    logsBloom: hexOf(bloomOf(own)!),
    logs: own
  }))
}

const hexOf = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString('hex')}`
