import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Wallet } from 'ethers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { askChain, startChain, useChain, type Chain } from '../../scripts/instance/chain.ts'
import { headOfState, stateFiles } from '../../scripts/instance/chain-state.ts'
import { runningProcess } from '../../scripts/instance/process-identity.ts'

// Code that emits one log without data whatever it is called with.
const LOGGER = '0x676001600060' + '00a100' + '60005260086018f3'

let dir: string
let chain: Chain | undefined

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tallystick-chain-'))
})
afterEach(async () => {
  chain?.kill()
  await chain?.exited
  rmSync(dir, { recursive: true, force: true })
})

const files = () => stateFiles(join(dir, 'chain'))
const headOf = async (running: Chain) => Number(await askChain(running.url, 'eth_blockNumber'))

async function send(
  running: Chain,
  wallet: { signTransaction: Wallet['signTransaction'] },
  nonce: number,
  to?: string
) {
  const call = to === undefined ? { data: LOGGER } : { to }
  const signed = await wallet.signTransaction({
    type: 0,
    gasPrice: 0,
    gasLimit: 200_000,
    chainId: 31415,
    nonce,
    ...call
  })
  const hash = await askChain(running.url, 'eth_sendRawTransaction', [signed])
  // anvil answers before it mines.
  for (;;) {
    const receipt = await askChain(running.url, 'eth_getTransactionReceipt', [hash])
    if (receipt) return receipt as Receipt
    await sleep(10)
  }
}

interface Receipt {
  transactionHash: string
  status: string
  contractAddress: string
  logs: unknown[]
}

async function grow(running: Chain, head: number) {
  while ((await headOf(running)) < head) await askChain(running.url, 'evm_mine')
}

async function untilKept(head: number) {
  const deadline = Date.now() + 10_000
  while ((headOfState(files().kept) ?? -1) < head && Date.now() < deadline) await sleep(50)
  expect(headOfState(files().kept)).toBe(head)
}

describe('chain', { timeout: 60_000 }, () => {
  it('refuses an outside chain that does not answer, without printing the key in its address', async () => {
    const using = useChain('http://127.0.0.1:1/secret-key')
    await expect(using).rejects.toMatchObject({ code: 'CHAIN_UNREACHABLE' })
    await expect(using).rejects.not.toThrow('secret-key')
  })

  it('refuses to begin from nothing when every copy of the state is cut off', async () => {
    mkdirSync(join(dir, 'chain'))
    writeFileSync(files().live, '{"block":{"number"')
    writeFileSync(files().kept, '{"block"')
    await expect(startChain({ dir })).rejects.toMatchObject({ code: 'CHAIN_STATE_UNREADABLE' })
  })

  it('says what anvil said when it cannot start', async () => {
    await expect(startChain({ dir, args: ['--no-such-flag'] })).rejects.toThrow('--no-such-flag')
  })

  it('takes transactions of accounts without balance and keeps receipts, logs and code over a stop', async () => {
    chain = await startChain({ dir })
    const wallet = Wallet.createRandom()
    const deployed = await send(chain, wallet, 0)
    const called = await send(chain, wallet, 1, deployed.contractAddress)
    expect(called).toMatchObject({ status: '0x1', logs: [{ topics: [`0x${'1'.padStart(64, '0')}`] }] })
    await chain.stop()
    chain = await startChain({ dir })
    expect(chain.notes).toEqual([])
    expect(await askChain(chain.url, 'eth_getTransactionReceipt', [called.transactionHash])).toEqual(called)
    expect(await askChain(chain.url, 'eth_getLogs', [{ fromBlock: '0x0', toBlock: 'latest' }])).toHaveLength(1)
    expect(await askChain(chain.url, 'eth_getCode', [deployed.contractAddress, 'latest'])).toBe('0x600160006000a100')
  })

  it('loses no more than the newest second when it is killed', async () => {
    chain = await startChain({ dir })
    await grow(chain, 5)
    await untilKept(5)
    chain.kill()
    await chain.exited
    chain = await startChain({ dir })
    expect(await headOf(chain)).toBe(5)
  })

  it('goes back to the last whole state when the newest was cut off in the middle', async () => {
    chain = await startChain({ dir })
    await grow(chain, 4)
    await untilKept(4)
    chain.kill()
    await chain.exited
    truncateSync(files().live, readFileSync(files().live).length >> 1)
    chain = await startChain({ dir })
    expect(chain.notes).toEqual([expect.stringContaining('block 4')])
    expect(await headOf(chain)).toBe(4)
  })

  it('has no effects of blocks that it does not have when it was killed under load', async () => {
    const wallet = Wallet.createRandom()
    for (let round = 0; round < 4; round++) {
      chain = await startChain({ dir })
      // Each block has one transaction of the wallet, so that its nonce is the number of blocks.
      const head = await headOf(chain)
      expect(Number(await askChain(chain.url, 'eth_getTransactionCount', [wallet.address, 'latest']))).toBe(head)
      const end = Date.now() + 3_500
      for (let nonce = head; Date.now() < end; nonce++) await send(chain, wallet, nonce)
      chain.kill()
      await chain.exited
    }
  })

  it('begins anew when it was killed before any state was whole', async () => {
    mkdirSync(join(dir, 'chain'))
    writeFileSync(files().live, '{"block":{"number"')
    chain = await startChain({ dir })
    expect(await headOf(chain)).toBe(0)
    expect(readFileSync(`${files().live}.broken`, 'utf8')).toBe('{"block":{"number"')
  })

  it('goes back to the last whole state when the newest is older', async () => {
    chain = await startChain({ dir })
    await grow(chain, 2)
    await untilKept(2)
    copyFileSync(files().kept, join(dir, 'old.json'))
    await grow(chain, 3)
    await chain.stop()
    copyFileSync(join(dir, 'old.json'), files().live)
    chain = await startChain({ dir })
    expect(await headOf(chain)).toBe(3)
  })

  it('ends a process that an earlier run left behind, with its newest blocks on disk', async () => {
    const left = await startChain({ dir })
    await grow(left, 7)
    chain = await startChain({ dir, port: left.port })
    expect(runningProcess(left.pid)).toBeUndefined()
    expect(chain.notes).toEqual([expect.stringContaining(String(left.pid))])
    expect(await headOf(chain)).toBe(7)
  })

  it('leaves a process alone that only has the number of an earlier one', async () => {
    mkdirSync(join(dir, 'chain'))
    writeFileSync(join(dir, 'chain', 'anvil.pid'), JSON.stringify({ pid: process.pid, started: 'long ago' }))
    chain = await startChain({ dir })
    expect(chain.notes).toEqual([])
  })

  it('keeps its first genesis over many restarts, however they end', async () => {
    const genesisOf = async (running: Chain) =>
      ((await askChain(running.url, 'eth_getBlockByNumber', ['0x0', false])) as { hash: string }).hash
    chain = await startChain({ dir })
    const first = await genesisOf(chain)
    for (let restart = 1; restart <= 4; restart++) {
      await grow(chain, restart * 2)
      await untilKept(restart * 2)
      if (restart % 2 === 0) await chain.stop()
      else chain.kill()
      await chain.exited
      chain = await startChain({ dir })
      expect(await genesisOf(chain), `restart ${restart}`).toBe(first)
    }
  })

  it('never mines a block older than its parent after its clock was moved ahead', async () => {
    const timeOf = async (running: Chain) => {
      const block = (await askChain(running.url, 'eth_getBlockByNumber', ['latest', false])) as { timestamp: string }
      return Number(block.timestamp)
    }
    chain = await startChain({ dir })
    await askChain(chain.url, 'evm_increaseTime', [90 * 86_400])
    await askChain(chain.url, 'evm_mine')
    const before = await timeOf(chain)
    await chain.stop()
    chain = await startChain({ dir })
    await askChain(chain.url, 'evm_mine')
    expect(await timeOf(chain)).toBeGreaterThanOrEqual(before)
  })
})
