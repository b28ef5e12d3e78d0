/** A wallet as a signer: what it is asked, what it may answer, and what is refused. The key is a real one. */
import { Wallet, type TypedDataDomain, type TypedDataField } from 'ethers'
import { beforeEach, describe, expect, it } from 'vitest'
import { keySigner } from '../../client/signers.ts'
import { addressOfWallet, walletSigner, type WalletProvider } from '../../client/wallet.ts'
import { executeTypedData } from '../../domain/intent/typed-data.ts'
import { loginTypedData } from '../../domain/participant/login.ts'

const CHAIN = 31_415
const key = new Wallet(`0x${'11'.repeat(32)}`)
const stranger = new Wallet(`0x${'22'.repeat(32)}`)
const address = key.address.toLowerCase()
const account = `0x${'ac'.repeat(20)}`
const calls = [{ target: `0x${'cc'.repeat(20)}`, data: '0x12345678' }]
const order = executeTypedData(CHAIN, account, calls, 7n << 64n, 1_800_000_000)
const verifiers = { p256Verifier: account, sm2Verifier: account }

interface Asked {
  types: Record<string, TypedDataField[]>
  domain: TypedDataDomain
  primaryType: string
  message: Record<string, unknown>
}

/** What a wallet answers; a test changes a part. */
let answers: Record<string, (params: readonly unknown[]) => unknown>
let asked: string[]
const provider: WalletProvider = {
  async request({ method, params = [] }) {
    asked.push(method)
    const answer = answers[method]
    if (!answer) throw Object.assign(new Error(`${method} is not supported`), { code: 4200 })
    return answer(params)
  }
}
const signer = walletSigner(provider, key.address, CHAIN)
const failing = (code: number) => () => {
  throw Object.assign(new Error('as the wallet words it'), { code })
}
const signBy = (wallet: Wallet) => (params: readonly unknown[]) => {
  const { domain, types, message } = JSON.parse(String(params[1])) as Asked
  const { EIP712Domain: _, ...own } = types
  return wallet.signTypedData(domain, own, message)
}

beforeEach(() => {
  asked = []
  answers = {
    eth_chainId: () => `0x${CHAIN.toString(16)}`,
    eth_requestAccounts: () => [key.address],
    eth_signTypedData_v4: signBy(key)
  }
})

describe('a wallet', () => {
  it('signs an order and a login to the same bytes as the key does in a file', async () => {
    const own = keySigner('secp256k1', key.privateKey, verifiers)
    expect(signer.signer).toBe(own.signer)
    for (const data of [order, loginTypedData(CHAIN, account, 5, `0x${'0a'.repeat(32)}`, 1_800_000_000)]) {
      expect(await signer.sign(data)).toEqual(await own.sign(data))
    }
  })

  it('is shown the data of the types that count, whatever else came with it', async () => {
    let shown: Asked | undefined
    answers['eth_signTypedData_v4'] = (params) => {
      expect(params[0]).toBe(address)
      shown = JSON.parse(String(params[1])) as Asked
      return signBy(key)(params)
    }
    const strange = { ...order, primaryType: 'Execute' as const, message: { ...order.message, target: account } }
    await signer.sign(strange)
    expect(shown).toMatchObject({ primaryType: 'Execute', domain: { chainId: '0x7ab7', verifyingContract: account } })
    expect(Object.keys(shown!.message)).toEqual(['calls', 'nonce', 'deadline'])
    expect(shown!.types['EIP712Domain']!.map(({ name }) => name)).toEqual([
      'name',
      'version',
      'chainId',
      'verifyingContract'
    ])
  })

  it('may end its signature with 0 or 1: the account gets 27 or 28', async () => {
    const whole = (await signer.sign(order)).signature
    answers['eth_signTypedData_v4'] = () => whole.slice(0, -2) + (whole.endsWith('1b') ? '00' : '01')
    expect((await signer.sign(order)).signature).toBe(whole)
  })

  it('that is on another chain is asked to change, and signs when it did', async () => {
    let chain = 1
    answers['eth_chainId'] = () => `0x${chain.toString(16)}`
    answers['wallet_switchEthereumChain'] = (params) => {
      expect(params).toEqual([{ chainId: '0x7ab7' }])
      chain = CHAIN
      return null
    }
    expect((await signer.sign(order)).signer).toBe(address)
  })

  it.each([
    ['on a chain that it does not leave', 'eth_chainId', () => '0x1', 'WALLET_CHAIN_WRONG', '1', String(CHAIN)],
    ['with another account chosen', 'eth_requestAccounts', () => [stranger.address], 'WALLET_ACCOUNT_WRONG', stranger.address.toLowerCase(), address], // prettier-ignore
    ['that is locked', 'eth_requestAccounts', () => [], 'WALLET_ACCOUNT_WRONG', undefined, address],
    ['whose owner refuses', 'eth_signTypedData_v4', failing(4001), 'WALLET_REFUSED', undefined, undefined],
    ['that still asks something else', 'eth_signTypedData_v4', failing(-32_002), 'WALLET_BUSY', undefined, undefined],
    ['that fails', 'eth_signTypedData_v4', failing(-32_603), 'WALLET_FAILED', 'eth_signTypedData_v4: as the wallet words it', undefined], // prettier-ignore
    ['that signs with another key', 'eth_signTypedData_v4', signBy(stranger), 'WALLET_SIGNATURE_WRONG', expect.stringMatching(/^0x/), address], // prettier-ignore
    ['that gives no signature', 'eth_signTypedData_v4', () => ({}), 'WALLET_SIGNATURE_WRONG', '[object Object]', address] // prettier-ignore
  ])('%s is refused by name', async (_, method, answer, code, presented, required) => {
    answers[method] = answer
    await expect(signer.sign(order)).rejects.toMatchObject({ name: 'WalletError', code, presented, required })
    // What it was asked before it was known to be wrong is nothing that could be signed.
    if (method !== 'eth_signTypedData_v4') expect(asked).not.toContain('eth_signTypedData_v4')
  })

  it('whose owner lets nobody see an address is refused', async () => {
    answers['eth_requestAccounts'] = failing(4001)
    await expect(addressOfWallet(provider)).rejects.toMatchObject({ code: 'WALLET_REFUSED' })
    answers['eth_requestAccounts'] = () => [key.address, stranger.address]
    expect(await addressOfWallet(provider)).toBe(address)
  })
})
