/** One anvil with fixed keys, fixed times and no fees: the same run gives the same gas to the unit. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { HDNodeWallet, Interface, Mnemonic, type InterfaceAbi } from 'ethers'
import { anvilBinary } from '../../scripts/instance/chain.ts'
import { freePort } from '../../scripts/instance/ports.ts'

/** The newest hard fork that the chain and the compiler both know; it has the P-256 precompile (EIP-7951). */
export const HARDFORK = 'osaka'
export const CHAIN_ID = 31415
/** EIP-7825 allows a transaction 16.7 million. */
const GAS_LIMIT = 16_000_000
const GENESIS_TIME = 1_800_000_000
const PHRASE = 'test test test test test test test test test test test junk'
const ACCOUNTS = 16

export interface Mined {
  readonly gas: number
  /** Calldata of the transaction. */
  readonly data: string
  readonly logs: readonly { topics: readonly string[]; data: string }[]
  readonly hash: string
}

interface Receipt {
  status: string
  gasUsed: string
  contractAddress: string
  logs: Mined['logs']
}

export class Chain {
  /** Keys of the accounts that the chain signs for. */
  readonly wallets: readonly HDNodeWallet[]
  readonly #url: string
  readonly #stop: () => Promise<void>
  #time = GENESIS_TIME
  #calls = 0

  private constructor(url: string, stop: () => Promise<void>) {
    this.#url = url
    this.#stop = stop
    const mnemonic = Mnemonic.fromPhrase(PHRASE)
    this.wallets = Array.from({ length: ACCOUNTS }, (_, i) =>
      HDNodeWallet.fromMnemonic(mnemonic, `m/44'/60'/0'/0/${i}`)
    )
  }

  static async start(): Promise<Chain> {
    const port = await freePort()
    const args = ['--silent', '--port', port, '--hardfork', HARDFORK, '--chain-id', CHAIN_ID, '--mnemonic', PHRASE]
    const fixed = ['--accounts', ACCOUNTS, '--gas-price', 0, '--base-fee', 0, '--timestamp', GENESIS_TIME]
    const child = spawn(anvilBinary(), [...args, ...fixed].map(String), { stdio: 'ignore' })
    const exited = once(child, 'exit')
    const chain = new Chain(`http://127.0.0.1:${port}`, async () => {
      child.kill('SIGTERM')
      await exited
    })
    for (let attempt = 0; ; ++attempt) {
      if (await chain.rpc('eth_chainId', []).catch(() => undefined)) return chain
      if (attempt === 200 || child.exitCode !== null) throw new Error('anvil did not start')
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  stop(): Promise<void> {
    return this.#stop()
  }

  /** Time of the newest block; each transaction has a block, a second after the one before. */
  get time(): number {
    return this.#time
  }

  /** The next block is mined so many seconds later. */
  skip(seconds: number): void {
    this.#time += seconds
  }

  async send(from: string, to: string | undefined, data: string): Promise<Mined> {
    await this.rpc('evm_setNextBlockTimestamp', [++this.#time])
    const call = { from, data, gas: `0x${GAS_LIMIT.toString(16)}`, ...(to === undefined ? {} : { to }) }
    const hash = await this.rpc<string>('eth_sendTransaction', [call])
    const receipt = await this.#receipt(hash)
    if (BigInt(receipt.status) !== 1n) {
      // Asked again as a call, the node says why.
      await this.rpc('eth_call', [call, 'latest'])
      throw new Error(`transaction ${hash} failed`)
    }
    return { gas: Number(receipt.gasUsed), data, logs: receipt.logs, hash }
  }

  async read(to: string, data: string): Promise<string> {
    return this.rpc<string>('eth_call', [{ to, data }, 'latest'])
  }

  async deploy(from: string, { abi, bytecode }: { abi: InterfaceAbi; bytecode: string }, args: unknown[] = []) {
    const { hash } = await this.send(from, undefined, creationCode({ abi, bytecode }, args))
    return (await this.#receipt(hash)).contractAddress
  }

  /** The node mines at once, but may answer the hash a moment before the block is there. */
  async #receipt(hash: string): Promise<Receipt> {
    for (;;) {
      const receipt = await this.rpc<Receipt | null>('eth_getTransactionReceipt', [hash])
      if (receipt) return receipt
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }

  async rpc<Result>(method: string, params: unknown[]): Promise<Result> {
    const body = JSON.stringify({ jsonrpc: '2.0', id: ++this.#calls, method, params })
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body
    })
    const { result, error } = (await response.json()) as { result: Result; error?: { message: string; data?: string } }
    if (error) throw new Error(`${method}: ${error.message} ${error.data ?? ''}`)
    return result
  }
}

/** Creation code with the constructor's arguments behind it. */
export function creationCode({ abi, bytecode }: { abi: InterfaceAbi; bytecode: string }, args: unknown[]): string {
  return bytecode + new Interface(abi).encodeDeploy(args).slice(2)
}
