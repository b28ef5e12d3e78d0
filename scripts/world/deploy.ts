import { AbiCoder, getCreateAddress, id, Interface, JsonRpcProvider, keccak256, Wallet } from 'ethers'
import { contracts, type Deployment } from '../../domain/chain/contracts.ts'
import { rolesToBits } from '../../domain/participant/roles.ts'
import { contractArtifact, type Artifact } from './artifacts.ts'
import { cast } from './cast.ts'
import type { WorldKeys } from './keys.ts'

/** Registry policy of the embedded world. Tenor and window in seconds. */
const policy = { maxTenor: 366 * 24 * 3600, maxTier: 16, minAcceptanceWindow: 1 }
const REGISTRAR_ROLE = 1n

interface Step {
  to: string | null
  data: string
}

export interface World {
  deployment: Deployment
  /** Account of each member of the cast, by slug. */
  accounts: Record<string, string>
}

/** The chain before the first deployment; on a chain of our own all zero. Kept, because later it can't be told. */
export interface Baseline {
  /** Nonces that the two keys had. */
  deployer: number
  registrar: number
  /** The newest block: nothing of ours is in it. */
  block: number
}

/**
 * Deploys the contracts and admits the cast. Every transaction has its fixed place in the nonces of its key, so a run that
 * was cut off, or a chain that lost its newest blocks, goes on where it stands and ends at the same addresses.
 */
export async function deployWorld(rpcUrl: string, keys: WorldKeys, base: Baseline): Promise<World> {
  const provider = new JsonRpcProvider(rpcUrl, undefined, { staticNetwork: true, cacheTimeout: -1 })
  try {
    const chainId = Number((await provider.getNetwork()).chainId)
    const deployer = new Wallet(keys.deployer, provider)
    const registrar = new Wallet(keys.registrar, provider)
    const at = (index: number) => getCreateAddress({ from: deployer.address, nonce: base.deployer + index })
    const addresses = {
      manager: at(0),
      participants: at(1),
      fingerprints: at(2),
      receivables: at(3),
      evidenceLog: at(4)
    }
    await run(deployer, base.deployer, await contractSteps(deployer, registrar.address, addresses), chainId)
    const admission = await admissionSteps(registrar, base.registrar, keys, addresses.participants)
    await run(registrar, base.registrar, admission.steps, chainId)
    const deployment: Deployment = {
      chainId,
      genesisHash: (await provider.getBlock(0))!.hash!,
      fromBlock: base.block + 1,
      participants: addresses.participants,
      fingerprints: addresses.fingerprints,
      receivables: addresses.receivables,
      evidenceLog: addresses.evidenceLog,
      codeHashes: await codeHashesOf(provider, Object.values(addresses).slice(1))
    }
    return { deployment, accounts: admission.accounts }
  } finally {
    provider.destroy()
  }
}

async function contractSteps(
  deployer: Wallet,
  registrar: string,
  addresses: Record<'manager' | 'participants' | 'fingerprints' | 'receivables', string>
): Promise<Step[]> {
  const manager = await contractArtifact('AccessManager')
  const { abi } = manager
  const admission = ['admit', 'setRoles', 'setStatus'].map((name) => contracts.participants.getFunction(name)!.selector)
  const managed = new Interface(abi as string[])
  return [
    create(manager, ['address'], [deployer.address]),
    create(await contractArtifact('Participants'), ['address'], [addresses.manager]),
    create(await contractArtifact('Fingerprints'), ['address'], [addresses.manager]),
    create(
      await contractArtifact('Receivables'),
      ['address', 'address', 'uint40', 'uint8', 'uint40'],
      [addresses.participants, addresses.fingerprints, policy.maxTenor, policy.maxTier, policy.minAcceptanceWindow]
    ),
    create(await contractArtifact('EvidenceLog'), ['address'], [addresses.participants]),
    {
      to: addresses.fingerprints,
      data: contracts.fingerprints.encodeFunctionData('authorise', [addresses.receivables])
    },
    {
      to: addresses.manager,
      data: managed.encodeFunctionData('setTargetFunctionRole', [addresses.participants, admission, REGISTRAR_ROLE])
    },
    { to: addresses.manager, data: managed.encodeFunctionData('grantRole', [REGISTRAR_ROLE, registrar, 0]) }
  ]
}

/** The operator first, with its plain account; then an account contract and an admission for each member. */
async function admissionSteps(registrar: Wallet, base: number, keys: WorldKeys, participants: string) {
  const admit = (account: string, roles: Parameters<typeof rolesToBits>[0], identity: string): Step => ({
    to: participants,
    data: contracts.participants.encodeFunctionData('admit', [
      account,
      rolesToBits(roles),
      id(identity),
      `0x${'0'.repeat(64)}`
    ])
  })
  const account = await contractArtifact('ParticipantAccount')
  const steps = [admit(new Wallet(keys.operator).address, ['evidence'], 'operator')]
  const accounts: Record<string, string> = {}
  for (const member of cast) {
    const signers = keys.participants[member.slug]!.signers.map((key) => new Wallet(key).address)
    accounts[member.slug] = getCreateAddress({ from: registrar.address, nonce: base + steps.length })
    steps.push(create(account, ['bytes[]', 'uint64'], [signers, member.threshold]))
    // A plain hash of a public identifier would be guessable: the consortium's key makes it a secret.
    steps.push(admit(accounts[member.slug]!, member.roles, `${keys.fingerprint} ${member.identifiers[0]}`))
  }
  return { steps, accounts }
}

function create(artifact: Artifact, types: string[], args: unknown[]): Step {
  return { to: null, data: artifact.bytecode + AbiCoder.defaultAbiCoder().encode(types, args).slice(2) }
}

/** Sends the steps that the chain has not taken yet. */
async function run(wallet: Wallet, base: number, steps: Step[], chainId: number): Promise<void> {
  const done = (await wallet.provider!.getTransactionCount(wallet.address, 'latest')) - base
  const sent = []
  for (const [index, step] of steps.entries()) {
    if (index < done) continue
    sent.push(
      await wallet.sendTransaction({
        type: 0,
        chainId,
        nonce: base + index,
        data: step.data,
        gasLimit: 6_000_000,
        gasPrice: 0,
        ...(step.to ? { to: step.to } : {})
      })
    )
  }
  for (const transaction of sent) {
    const receipt = await transaction.wait(1, 60_000)
    if (receipt?.status !== 1) throw new Error(`deployment step ${transaction.nonce - base} failed`)
  }
}

async function codeHashesOf(provider: JsonRpcProvider, addresses: string[]): Promise<Record<string, string>> {
  const entries = await Promise.all(
    addresses.map(async (address) => [address, keccak256(await provider.getCode(address))] as const)
  )
  return Object.fromEntries(entries)
}
