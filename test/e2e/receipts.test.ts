import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { id, Wallet, ZeroHash } from 'ethers'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { RelayerChain } from '../../api/relayer/chain.ts'
import { askChain, startChain, type Chain } from '../../scripts/instance/chain.ts'

interface Call {
  id: number
  method: string
  params: unknown[]
}
/** What a node in between makes of the chain's answer to one call. */
type Twist = (call: Call, answer: { result?: unknown }) => object

describe('receipts of many transactions', () => {
  const dir = mkdtempSync(join(tmpdir(), 'tallystick-receipts-'))
  const key = Wallet.createRandom().privateKey
  const to = Wallet.createRandom().address
  let chain: Chain
  let chainId: number
  let direct: RelayerChain
  /** In three blocks: twenty, twelve and one. */
  const hashes: string[] = []
  const ends: (() => void)[] = []

  beforeAll(async () => {
    chain = await startChain({ dir })
    chainId = Number(await askChain(chain.url, 'eth_chainId'))
    direct = new RelayerChain(chain.url, { chainId, participants: to }, key)
    await askChain(chain.url, 'evm_setAutomine', [false])
    let nonce = 0
    for (const size of [20, 12, 1]) {
      const signed = Array.from({ length: size }, () => direct.sign(to, id(`call ${nonce}`), nonce++, 100_000n))
      await direct.broadcast(signed)
      await askChain(chain.url, 'evm_mine')
      hashes.push(...signed.map(({ hash }) => hash))
    }
  })
  afterEach(() => {
    for (const end of ends.splice(0)) end()
  })
  afterAll(async () => {
    direct?.destroy()
    await chain?.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  /** A relayer's chain behind a node that twists answers, and the methods that it was asked for. */
  async function behind(twist: Twist): Promise<{ relayer: RelayerChain; asked: string[] }> {
    const asked: string[] = []
    const node: Server = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Call | Call[]
      const answers = await Promise.all(
        [body].flat().map(async (call) => {
          asked.push(call.method)
          const result = await askChain(chain.url, call.method, call.params)
          return { jsonrpc: '2.0', id: call.id, ...twist(call, { result }) }
        })
      )
      // A node may answer in any order.
      response.end(JSON.stringify(Array.isArray(body) ? answers.reverse() : answers[0]))
    })
    await new Promise<void>((resolve) => node.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(node.address() as AddressInfo).port}`
    const relayer = new RelayerChain(url, { chainId, participants: to }, key)
    ends.push(() => {
      relayer.destroy()
      node.closeAllConnections()
      node.close()
    })
    return { relayer, asked }
  }

  async function oneByOne() {
    return Promise.all(hashes.map(async (hash) => (await direct.receiptsOf([hash]))[0]))
  }

  it('are those of each by itself, by one look at a block', async () => {
    const expected = await oneByOne()
    expect(expected.map((receipt) => receipt!.hasPassed)).toEqual(hashes.map(() => true))
    const { relayer, asked } = await behind((_, answer) => answer)
    expect(await relayer.receiptsOf(hashes)).toEqual(expected)
    expect(asked.filter((method) => method === 'eth_getBlockReceipts')).toHaveLength(2)
    expect(asked).toHaveLength(5)
  })

  it.each<[string, Twist]>([
    ['does not know the request', () => ({ error: { code: -32601, message: 'method not found' } })],
    ['has no such block any more', () => ({ result: null })],
    ['leaves some out', (_, { result }) => ({ result: (result as unknown[]).slice(10) })],
    ['shows another block', () => ({ result: [{ transactionHash: ZeroHash, blockNumber: '0x1', logs: [] }] })]
  ])('are found also where a node %s', async (_, twist) => {
    const { relayer } = await behind((call, answer) =>
      call.method === 'eth_getBlockReceipts' ? twist(call, answer) : answer
    )
    expect(await relayer.receiptsOf(hashes)).toEqual(await oneByOne())
  })

  it('are undefined for those in no block, which hold up no other', async () => {
    const unknown = Array.from({ length: 10 }, (_, i) => id(`unknown ${i}`))
    const expected = await oneByOne()
    expect(await direct.receiptsOf([...unknown, ...hashes])).toEqual([...unknown.map(() => undefined), ...expected])
    expect(await direct.receiptsOf([...hashes, ...unknown])).toEqual([...expected, ...unknown.map(() => undefined)])
    expect(await direct.receiptsOf([])).toEqual([])
  })

  it('are an error, not an absence, where a node gives none', async () => {
    const { relayer } = await behind((call, answer) =>
      call.method === 'eth_getTransactionReceipt' ? { error: { code: -32000, message: 'syncing' } } : answer
    )
    await expect(relayer.receiptsOf(hashes)).rejects.toThrow('syncing')
  })

  it('have been given to the node, all but the one that it refuses', async () => {
    const { relayer } = await behind((call, answer) =>
      call.method === 'eth_sendRawTransaction' && call.params[0] === signed[1]!.raw
        ? { error: { code: -32000, message: 'the pool is full' } }
        : answer
    )
    const signed = [33, 34, 35].map((nonce) => direct.sign(to, id(`call ${nonce}`), nonce, 100_000n))
    await expect(relayer.broadcast(signed)).rejects.toThrow('the pool is full')
    expect(signed.map(({ hash }) => relayer.isDue(hash))).toEqual([false, true, false])
    // A second time: what the node has already is no trouble.
    await direct.broadcast(signed)
    await direct.broadcast(signed)
    expect(signed.map(({ hash }) => direct.isDue(hash))).toEqual([false, false, false])
  })
})
