/** Gas of SM3 and SM2 in the EVM and of accounts signed by SM2, beside OpenZeppelin's P-256 in the same harness. */
import { p256 } from '@noble/curves/p256'
import { concat, getBytes, hexlify, Interface, randomBytes } from 'ethers'
import { contracts } from '../../domain/chain/contracts.ts'
import { eOf, newPrivateKey, SigningKey } from '../../domain/crypto/sm2.ts'
import { callOf, type Call, type Command } from '../../domain/intent/commands.ts'
import {
  digestOfTypedData,
  encodeMultiSignature,
  executeTypedData,
  nonceOfIntent
} from '../../domain/intent/typed-data.ts'
import { contractArtifact } from '../../scripts/world/artifacts.ts'
import { CHAIN_ID, Chain, type Mined } from '../gas/chain.ts'
import { compileSources } from '../gas/compile.ts'
import { DAY, World, type Registered } from '../gas/world.ts'
import { rounded } from '../gas/rows.ts'
import type { GuomiRow } from './row.ts'

/** Signatures that each median is of. */
const SAMPLES = 25
const BATCH = 100
/** Measured elsewhere, not on npm: see the design's budgets. The floors are hand-scheduled Yul. */
const PUBLIC_SM2 = 1_138_000
const FLOORS = { sm2: 128_000, sm3: 32_500 }

/** In one run on one chain. Keys and messages are random, so medians move by some hundred gas. */
export async function onChainRows(): Promise<GuomiRow[]> {
  const artifacts = await compileSources(
    ['bench/guomi/contracts/GuomiBench.sol'],
    ['SM2', 'SM2Comb', 'SM2Points', 'SM3'].map((name) => `contracts/guomi/${name}.sol`)
  )
  const chain = await Chain.start()
  try {
    const world = await World.deploy(chain)
    const deployer = chain.wallets[0]!.address
    const { abi, bytecode } = artifacts.get('GuomiBench')!
    const bench = await chain.deploy(deployer, { abi, bytecode })
    const harness = new Interface(abi as string[])
    const ask = async (name: string, args: unknown[]): Promise<number> =>
      Number(await chain.read(bench, harness.encodeFunctionData(name, args)))
    const verifier = await chain.deploy(deployer, await contractArtifact('SM2Verifier'))
    await world.allowVerifier(verifier)
    return [...(await libraryRows(ask)), ...(await accountRows(world, verifier))]
  } finally {
    await chain.stop()
  }
}

async function libraryRows(ask: (name: string, args: unknown[]) => Promise<number>): Promise<GuomiRow[]> {
  const figures: Record<'sm3' | 'sm2' | 'sm2Prepared' | 'p256', number[]> = {
    sm3: [],
    sm2: [],
    sm2Prepared: [],
    p256: []
  }
  for (let i = 0; i < SAMPLES; ++i) {
    figures.sm3.push(await ask('sm3', [randomBytes(64)]))
    const key = new SigningKey(newPrivateKey())
    const message = randomBytes(32)
    const numbers = halves(concat([key.sign(message), key.publicKey]))
    const args = [hexlify(eOf(key.publicKey, message)), ...numbers]
    figures.sm2.push(await ask('sm2', args))
    figures.sm2Prepared.push(await ask('sm2Prepared', args))
    const secret = p256.utils.randomPrivateKey()
    const signature = p256.sign(message, secret, { lowS: true }).toCompactRawBytes()
    const point = p256.getPublicKey(secret, false).subarray(1)
    figures.p256.push(await ask('p256', [hexlify(message), ...halves(concat([signature, point]))]))
  }
  const openZeppelin = { 'OpenZeppelin P256.verifySolidity': median(figures.p256) }
  return [
    rowOf('SM3 of 64 bytes', median(figures.sm3), 45_000, {}, FLOORS.sm3),
    rowOf(
      'SM2 verify, given e',
      median(figures.sm2),
      155_000,
      { ...openZeppelin, 'SM2 on GitHub, cited': PUBLIC_SM2 },
      FLOORS.sm2
    ),
    rowOf('SM2 verify, given e, key prepared', median(figures.sm2Prepared), 90_000, openZeppelin, FLOORS.sm2)
  ]
}

async function accountRows(world: World, verifier: string): Promise<GuomiRow[]> {
  const direct = await world.act('supplier', registration(world))
  const rows: GuomiRow[] = []
  for (const [count, budget] of [
    [1, 260_000],
    [2, 460_000]
  ] as const) {
    for (const isPrepared of [true, false]) {
      const account = await Sm2Account.create(world, verifier, count, 'supplier', isPrepared)
      const command = registration(world, account.id)
      const mined = await account.carry([callOf(command, world.addresses)])
      const keys = `${count === 1 ? 'one SM2 key' : 'two SM2 keys'}${isPrepared ? '' : ', not prepared'}`
      rows.push(rowOf(`intent of ${keys}, over the operation`, mined.gas - direct.gas, isPrepared ? budget : null))
    }
  }
  const own = await world.registered(BATCH)
  const plain = (await world.actAll('debtor', own.map(confirmation))).gas / BATCH
  const debtor = await Sm2Account.create(world, verifier, 1, 'debtor', true)
  const payables = Array.from({ length: BATCH }, () => {
    const registered = world.terms()
    return withDebtor(registered, debtor.id)
  })
  await world.actAll(
    'supplier',
    payables.map(({ terms, fingerprints }) => ({ kind: 'register', terms, fingerprints }))
  )
  const calls = payables.map((payable) => callOf(confirmation(payable), world.addresses).data)
  const data = contracts.receivables.encodeFunctionData('multicall', [calls])
  const mined = await debtor.carry([{ target: world.addresses.receivables, data }])
  rows.push(
    rowOf('one of 100 confirmations of one SM2 key, over the same sent directly', mined.gas / BATCH - plain, 4_000)
  )
  return rows
}

type Payable = Pick<Registered, 'terms' | 'fingerprints'>

const confirmation = ({ terms, fingerprints }: Payable): Command => ({ kind: 'confirm', terms, fingerprints })

function registration(world: World, creditor?: number): Command {
  const { terms, fingerprints } = world.terms(creditor)
  return { kind: 'register', terms, fingerprints }
}

function withDebtor({ terms, fingerprints }: Registered, debtor: number): Payable {
  return { terms: { ...terms, debtor }, fingerprints }
}

interface OwnKey {
  /** ERC-7913 bytes. */
  signer: string
  key: SigningKey
}

/** An account whose maker, and checker if there are two keys, sign by SM2. */
class Sm2Account {
  readonly id: number
  readonly #address: string
  readonly #world: World
  readonly #keys: readonly OwnKey[]

  private constructor(world: World, id: number, address: string, keys: readonly OwnKey[]) {
    this.#world = world
    this.id = id
    this.#address = address
    this.#keys = keys
  }

  static async create(
    world: World,
    verifier: string,
    count: 1 | 2,
    role: 'supplier' | 'debtor',
    isPrepared: boolean
  ): Promise<Sm2Account> {
    const keys = Array.from({ length: count }, () => {
      const key = new SigningKey(newPrivateKey())
      return { key, signer: concat([verifier, key.publicKey]) }
    })
    if (isPrepared) {
      for (const { key } of keys) {
        const data = contracts.sm2Verifier.encodeFunctionData('prepare', [key.publicKey])
        await world.chain.send(world.chain.wallets[0]!.address, verifier, data)
      }
    }
    const address = await world.createAccount(keys.map(({ signer }, i) => ({ signer, duty: i + 1 })))
    return new Sm2Account(world, await world.admit(address, role), address, keys)
  }

  /** A relayer carries the batch. */
  async carry(calls: Call[]): Promise<Mined> {
    const { chain } = this.#world
    const nonce = nonceOfIntent(this.#world.hash().slice(2, 34))
    const data = executeTypedData(CHAIN_ID, this.#address, calls, nonce, chain.time + DAY)
    const digest = getBytes(digestOfTypedData(data))
    const parts = this.#keys.map(({ signer, key }) => ({ signer, signature: hexlify(key.sign(digest)) }))
    const args = [calls, nonce, data.message.deadline, encodeMultiSignature(parts)]
    const call = contracts.participantAccount.encodeFunctionData('execute', args)
    return chain.send(chain.wallets[0]!.address, this.#address, call)
  }
}

function rowOf(
  metric: string,
  gas: number,
  budget: number | null,
  peers: Record<string, number> = {},
  floor: number | null = null
): GuomiRow {
  const ours = Math.round(gas)
  const best = Math.min(...Object.values(peers))
  return {
    metric,
    unit: 'gas',
    ours,
    peers,
    floor,
    ratioToBestPeer: Number.isFinite(best) ? rounded(ours / best) : null,
    ratioToFloor: floor === null ? null : rounded(ours / floor),
    budget,
    missed: budget !== null && ours > budget ? [`at most ${budget} gas`] : []
  }
}

function halves(bytes: string): string[] {
  return Array.from({ length: (bytes.length - 2) / 64 }, (_, i) => `0x${bytes.slice(2 + 64 * i, 66 + 64 * i)}`)
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!
}
