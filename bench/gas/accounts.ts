/** The same work through a ParticipantAccount: what signatures checked on chain add to it. */
import { p256 } from '@noble/curves/nist.js'
import { concat, getBytes, hexlify, type HDNodeWallet } from 'ethers'
import { contracts } from '../../domain/chain/contracts.ts'
import { callOf, type Command } from '../../domain/intent/commands.ts'
import {
  digestOfTypedData,
  encodeMultiSignature,
  executeTypedData,
  nonceOfIntent,
  type SignerPart
} from '../../domain/intent/typed-data.ts'
import { accountTouches, type Touch } from './bill.ts'
import { COUNT } from './batches.ts'
import { CHAIN_ID, type Mined } from './chain.ts'
import { DAY, PART, type Registered, type World } from './world.ts'

/** Who must sign. */
export const signerSets = ['EOA', 'EOA + P-256'] as const
export type SignerSet = (typeof signerSets)[number]

const P256_KEY = getBytes(`0x${'17'.repeat(32)}`)
const MAKER = 1
const CHECKER = 2

/** Slots and checks that the account adds to a transaction. */
export function touchesOf(set: SignerSet): Touch[] {
  const { nonce, quorum, target, eoa, p256: second } = accountTouches
  return [nonce, quorum, target, ...eoa, ...(set === 'EOA' ? [] : second)]
}

export interface AccountCase {
  readonly bill: string
  readonly count: number
  run(world: World, account: Account): Promise<Mined>
}

export const accountCases: Record<string, AccountCase> = {
  register: {
    bill: 'register',
    count: 1,
    run: (world, account) => account.act(world, [registration(world, account)])
  },
  'split off the root': {
    bill: 'split off the root',
    count: 1,
    run: async (world, account) => {
      const [{ rootId }] = (await world.issued(1, account.id)) as [Registered]
      return account.act(world, [world.transfer(rootId, PART, 'second')])
    }
  },
  'register ×50': {
    bill: 'register',
    count: COUNT,
    run: (world, account) => {
      const commands = Array.from({ length: COUNT }, () => registration(world, account))
      return account.act(world, commands)
    }
  },
  'split of 50 roots': {
    bill: 'split off the root',
    count: COUNT,
    run: async (world, account) => {
      const all = await world.issued(COUNT, account.id)
      return account.act(
        world,
        all.map(({ rootId }) => world.transfer(rootId, PART, 'second'))
      )
    }
  }
}

function registration(world: World, account: Account): Command {
  const { terms, fingerprints } = world.terms(account.id)
  return { kind: 'register', terms, fingerprints }
}

/** A supplier that acts through an account contract. */
export class Account {
  readonly address: string
  readonly id: number
  readonly #wallet: HDNodeWallet
  readonly #p256Signer: string | undefined

  private constructor(address: string, id: number, wallet: HDNodeWallet, p256Signer: string | undefined) {
    this.address = address
    this.id = id
    this.#wallet = wallet
    this.#p256Signer = p256Signer
  }

  static async create(world: World, set: SignerSet): Promise<Account> {
    const wallet = world.chain.wallets[10]!
    const key = hexlify(p256.getPublicKey(P256_KEY, false).subarray(1))
    const p256Signer = set === 'EOA' ? undefined : concat([world.addresses.p256Verifier, key])
    const address = await world.createAccount([
      { signer: wallet.address, duty: MAKER },
      ...(p256Signer === undefined ? [] : [{ signer: p256Signer, duty: CHECKER }])
    ])
    return new Account(address, await world.admit(address, 'supplier'), wallet, p256Signer)
  }

  /** A relayer carries the batch. */
  async act(world: World, commands: readonly Command[]): Promise<Mined> {
    const calls = commands.map((command) => callOf(command, world.addresses))
    const nonce = nonceOfIntent(world.hash().slice(2, 34))
    const deadline = world.chain.time + DAY
    const data = executeTypedData(CHAIN_ID, this.address, calls, nonce, deadline)
    const signature = await this.#wallet.signTypedData(data.domain, data.types, data.message)
    const parts: SignerPart[] = [{ signer: this.#wallet.address, signature }]
    if (this.#p256Signer !== undefined) {
      const digest = getBytes(digestOfTypedData(data))
      const second = p256.sign(digest, P256_KEY, { lowS: true }).toCompactRawBytes()
      parts.push({ signer: this.#p256Signer, signature: hexlify(second) })
    }
    const args = [calls, nonce, deadline, encodeMultiSignature(parts)]
    const relayer = world.chain.wallets[0]!.address
    return world.chain.send(relayer, this.address, contracts.participantAccount.encodeFunctionData('execute', args))
  }
}
