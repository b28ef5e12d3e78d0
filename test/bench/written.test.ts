import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { startChain } from '../../bench/indexer/chain.ts'
import { writeChain } from '../../bench/indexer/written.ts'
import type { Deployment } from '../../domain/chain/contracts.ts'
import { createDecoder, type RawLog } from '../../indexer/decode.ts'
import { createRpc } from '../../indexer/rpc.ts'
import { createReader } from '../../indexer/chain/reader.ts'

const dir = mkdtempSync(join(tmpdir(), 'tallystick-written-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const [STORIES, BLOCKS] = [6, 3]

/** What the stories' events say, in their order, with times as distances from the first and addresses by their names. */
async function toldBy(url: string, deployment: Deployment): Promise<string[]> {
  const range = { fromBlock: '0x0', toBlock: '0xffff', address: [deployment.receivables, deployment.fingerprints] }
  const logs = (await createRpc(url).call('eth_getLogs', [range])) as (RawLog & { blockNumber: string })[]
  const { decode } = createDecoder(deployment)
  const events = logs.flatMap((log) => decode(log, { number: Number(log.blockNumber), time: 0 }) ?? [])
  const stories = events.filter(({ name }) => /^(Receivable|Note|FingerprintClaimed)/.test(name))
  const first = stories[0]!
  return stories.map(({ blockNumber, logIndex, name, args }) =>
    JSON.stringify([blockNumber - first.blockNumber, logIndex, name, args])
  )
}

test('the written chain tells what anvil mines of our contracts, under headers and receipts that hold', async () => {
  const mined = await startChain(STORIES, BLOCKS, dir)
  const times = (await createRpc(mined.url).call('eth_getBlockByNumber', ['latest', false])) as { timestamp: string }
  const expected = await toldBy(mined.url, mined.deployment)
  await mined.stop()
  // Ids follow from terms, and these from when a story begins: it begins when the mined one did.
  const written = await writeChain(STORIES, BLOCKS, dir, Number(times.timestamp) - mined.blocks - 1)
  try {
    expect(expected.length).toBe(mined.events)
    expect(await toldBy(written.url, written.deployment)).toEqual(expected)
    const decoder = createDecoder(written.deployment)
    const rpc = createRpc(written.url)
    const reader = createReader({ rpc, decoder, checkReceipts: 'always', batchBlocks: 1_000 })
    const blocks = await reader.read(1, written.blocks + 1)
    expect(blocks.flatMap(({ events }) => events).length).toBeGreaterThan(STORIES)
  } finally {
    await written.stop()
  }
})
