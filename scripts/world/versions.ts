/**
 * Registry versions as governance makes them: proposed to the AccessManager, visible to every member for its delay, then
 * created by Fingerprints (docs/RUNBOOK-VERSIONS.md).
 */
import { AbiCoder, Contract, dataSlice, Interface, keccak256, type JsonRpcProvider, type Wallet } from 'ethers'
import { contracts, type Deployment } from '../../domain/chain/contracts.ts'
import { registryAddresses } from '../../domain/chain/registries.ts'
import { registryCodeFault } from '../../domain/chain/registry-code.ts'
import { contractArtifact } from './artifacts.ts'

/** Bounds of one registry version. Tenor and window in seconds. */
export interface Policy {
  maxTenor: number
  minAcceptanceWindow: number
  maxTier: number
  requiresTradeClaim: boolean
}

type Addresses = Pick<Deployment, 'participants' | 'fingerprints'>

const constructorTypes = [
  'address',
  'address',
  'tuple(uint40 maxTenor, uint40 minAcceptanceWindow, uint8 maxTier, bool requiresTradeClaim)'
]

/** Creating a version takes six million gas. Below the 2^24 that newer chains allow a transaction. */
const GAS = 12_000_000

/** The call by which Fingerprints creates a version with this policy. */
export async function creationCall({ participants, fingerprints }: Addresses, policy: Policy): Promise<string> {
  const { bytecode } = await contractArtifact('Receivables')
  const args = AbiCoder.defaultAbiCoder().encode(constructorTypes, [participants, fingerprints, policy])
  return contracts.fingerprints.encodeFunctionData('create', [bytecode + args.slice(2)])
}

export interface Version {
  number: number
  address: string
  policy: Policy | undefined
  /** Why it is not a Receivables that this version of Tallystick knows; undefined when it is. */
  fault: string | undefined
}

/** The versions that exist, from the first. */
export async function versionsOf(provider: JsonRpcProvider, deployment: Addresses): Promise<Version[]> {
  const { fingerprints } = deployment
  const count = Number(
    await new Contract(fingerprints, contracts.fingerprints, provider).getFunction('registryCount')()
  )
  const addresses = registryAddresses(fingerprints).slice(0, count)
  return Promise.all(
    addresses.map(async (address, i) => {
      const fault = registryCodeFault(await provider.getCode(address), i + 1, deployment)
      const policy = fault === undefined ? await policyAt(provider, address) : undefined
      return { number: i + 1, address, policy, fault }
    })
  )
}

async function policyAt(provider: JsonRpcProvider, address: string): Promise<Policy> {
  const answer = await new Contract(address, contracts.receivables, provider).getFunction('policy')()
  return policyOf(answer.toArray())
}

function policyOf([maxTenor, minAcceptanceWindow, maxTier, requiresTradeClaim]: unknown[]): Policy {
  return {
    maxTenor: Number(maxTenor),
    minAcceptanceWindow: Number(minAcceptanceWindow),
    maxTier: Number(maxTier),
    requiresTradeClaim: Boolean(requiresTradeClaim)
  }
}

export interface Proposal {
  operationId: string
  caller: string
  /** From when on it can be carried out, unix seconds. */
  from: number
  policy: Policy | undefined
  /** Why what it creates is not the Receivables of this version of Tallystick. */
  fault: string | undefined
  data: string
}

/** Versions that governance has announced, and neither created nor called off. */
export async function proposalsOf(provider: JsonRpcProvider, deployment: Deployment): Promise<Proposal[]> {
  const manager = await managerOf(provider, deployment)
  const events = await manager.queryFilter('OperationScheduled', deployment.fromBlock)
  const proposals: Proposal[] = []
  for (const event of events) {
    if (!('args' in event)) continue
    const [operationId, , schedule, caller, target, data] = event.args as unknown as [
      string,
      bigint,
      bigint,
      string,
      string,
      string
    ]
    const isOurs = target.toLowerCase() === deployment.fingerprints.toLowerCase()
    if (!isOurs || !data.startsWith(contracts.fingerprints.getFunction('create')!.selector)) continue
    // Zero once it is carried out, called off or expired; another time when it was proposed anew.
    if ((await manager.getFunction('getSchedule')(operationId)) !== schedule) continue
    proposals.push({ operationId, caller, from: Number(schedule), data, ...(await readCreation(data, deployment)) })
  }
  return proposals
}

/** What a call of `create` would make, read from its bytes. */
async function readCreation(
  data: string,
  { participants, fingerprints }: Addresses
): Promise<Pick<Proposal, 'policy' | 'fault'>> {
  const [code] = contracts.fingerprints.decodeFunctionData('create', data) as unknown as [string]
  const { bytecode } = await contractArtifact('Receivables')
  if (!code.startsWith(bytecode)) {
    return { policy: undefined, fault: `its creation code is another: ${keccak256(code)}` }
  }
  let args: unknown[]
  try {
    args = [...AbiCoder.defaultAbiCoder().decode(constructorTypes, dataSlice(code, (bytecode.length - 2) / 2))]
  } catch {
    return { policy: undefined, fault: 'its constructor’s arguments are no such' }
  }
  const policy = policyOf([...(args[2] as unknown[])])
  const isSame = (await creationCall({ participants, fingerprints }, policy)).toLowerCase() === data.toLowerCase()
  return { policy, fault: isSame ? undefined : 'it names another directory or Fingerprints' }
}

/** The two calls to the AccessManager that announce a version and create it, for an account that makes them by its own means. */
export async function callsOf(
  provider: JsonRpcProvider,
  deployment: Deployment,
  policy: Policy
): Promise<{ target: string; schedule: string; execute: string }> {
  const data = await creationCall(deployment, policy)
  const manager = await managerOf(provider, deployment)
  const encode = (name: string, args: unknown[]): string => manager.interface.encodeFunctionData(name, args)
  return {
    target: await manager.getAddress(),
    schedule: encode('schedule', [deployment.fingerprints, data, 0]),
    execute: encode('execute', [deployment.fingerprints, data])
  }
}

/** Announces a version. It can be created once the delay of the caller's role is over. */
export async function propose(wallet: Wallet, deployment: Deployment, policy: Policy): Promise<void> {
  const { target, schedule } = await callsOf(wallet.provider as JsonRpcProvider, deployment, policy)
  await send(wallet, target, schedule)
}

/** Creates a proposed version. */
export async function carryOut(wallet: Wallet, deployment: Deployment, { data }: Proposal): Promise<void> {
  const manager = await managerOf(wallet.provider as JsonRpcProvider, deployment)
  const call = manager.interface.encodeFunctionData('execute', [deployment.fingerprints, data])
  await send(wallet, await manager.getAddress(), call)
}

async function send(wallet: Wallet, to: string, data: string): Promise<void> {
  // The node says why it would not go, which a transaction that failed does not.
  await wallet.call({ to, data })
  const sent = await wallet.sendTransaction({ type: 0, to, data, gasPrice: 0, gasLimit: GAS })
  await sent.wait(1, 60_000)
}

async function managerOf(provider: JsonRpcProvider, { fingerprints }: Addresses): Promise<Contract> {
  const { abi } = await contractArtifact('AccessManager')
  const authority = await new Contract(fingerprints, contracts.fingerprints, provider).getFunction('authority')()
  return new Contract(authority as string, new Interface(abi as string[]), provider)
}
