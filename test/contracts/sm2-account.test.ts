import { expect } from 'chai'
import { beforeEach, describe, it } from 'vitest'
import { concat, getBytes } from 'ethers'
import { callOf, type Call, type Command } from '../../domain/intent/commands.ts'
import { digestOfTypedData } from '../../domain/intent/typed-data.ts'
import { receivableIdOf } from '../../domain/receivable/terms.ts'
import { receivableStateOf, refused, termsOf } from './notes.ts'
import { carry, sign, typedDataOf, type Key } from './signing.ts'
import { fingerprintOf, worldOf, type World } from './world.ts'

/** The most a transaction may take (EIP-7825). */
const TRANSACTION_GAS = 2 ** 24

let world: World
beforeEach(async () => {
  world = await worldOf('two SM2 keys')
})

async function callsOf(commands: readonly Command[]) {
  const [receivables, fingerprints] = await Promise.all([
    world.receivables.getAddress(),
    world.fingerprints.getAddress()
  ])
  return commands.map((command) => callOf(command, { receivables, fingerprints }))
}

describe('a batch of an account with SM2 keys', () => {
  it('confirms 500 payables under one signature of maker and checker', { timeout: 120_000 }, async () => {
    const { supplier, debtor, relayer } = world
    const count = 500
    const payables = await Promise.all(
      Array.from({ length: count }, async (_, i) => ({
        terms: { ...(await termsOf(world)), amount: BigInt(1_000 + i) },
        fingerprints: [fingerprintOf(`invoice ${i}`)]
      }))
    )
    const batchOf = async (kind: 'register' | 'confirm', from: number, to: number) => {
      const calls = await callsOf(payables.slice(from, to).map((payable) => ({ kind, ...payable })))
      const data = world.receivables.interface.encodeFunctionData('multicall', [calls.map((call) => call.data)])
      return [{ target: calls[0]!.target, data }]
    }
    const carried = async ({ account, keys }: typeof supplier, calls: Call[]) => {
      const data = await typedDataOf(account!, calls)
      const sent = await carry(account!, data, await sign(data, keys), relayer, TRANSACTION_GAS)
      return (await sent.wait())!
    }
    for (let i = 0; i < count; i += 250) await carried(supplier, await batchOf('register', i, i + 250))
    const receipt = await carried(debtor, await batchOf('confirm', 0, count))
    expect(receipt.status).to.equal(1)
    for (const { terms, fingerprints } of payables) {
      expect(await receivableStateOf(world, receivableIdOf(terms, fingerprints))).to.equal('confirmed')
    }
  })
})

describe('a signature of an SM2 key', () => {
  it('is refused for what it is not: another key’s, another message’s, other bytes', async () => {
    const { debtor, supplier, relayer, participants } = world
    const account = debtor.account!
    const target = await participants.getAddress()
    const calls = [{ target, data: participants.interface.encodeFunctionData('participantCount') }]
    const [maker, checker] = debtor.keys as [Key, Key]
    const others = supplier.keys[0]!
    const data = await typedDataOf(account, calls)
    const turned = (change: (bytes: Uint8Array) => Uint8Array | string): Key => ({
      signer: maker.signer,
      sign: async (signable) => {
        const changed = change(getBytes(await maker.sign(signable)))
        return typeof changed === 'string' ? changed : concat([changed])
      }
    })
    const wrong: Key[] = [
      { signer: maker.signer, sign: (signable) => others.sign(signable) },
      { signer: maker.signer, sign: async () => maker.sign(await typedDataOf(account, calls)) },
      turned((bytes) => concat([bytes.slice(32), bytes.slice(0, 32)])),
      turned((bytes) => bytes.slice(0, 63)),
      turned((bytes) => concat([bytes, '0x00'])),
      turned((bytes) => concat([bytes.slice(0, 32), new Uint8Array(32)])),
      turned(() => '0x')
    ]
    for (const key of wrong) {
      const attempt = carry(account, data, await sign(data, [key, checker]), relayer)
      await refused(attempt, account, 'SignatureInvalid', digestOfTypedData(data))
    }
    await expect(carry(account, data, await sign(data, [maker, checker]), relayer)).to.emit(account, 'Executed')
    const again = carry(account, data, await sign(data, [maker, checker]), relayer)
    await expect(again).to.be.revertedWithCustomError(account, 'InvalidAccountNonce')
  })
})
