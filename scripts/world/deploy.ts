import {
  AbiCoder,
  concat,
  Contract,
  getCreate2Address,
  getCreateAddress,
  id,
  Interface,
  JsonRpcProvider,
  keccak256,
  Wallet
} from 'ethers'
import { contracts, type Deployment } from '../../domain/chain/contracts.ts'
import { certificateHashOf } from '../../domain/participant/certificates.ts'
import { rolesToBits } from '../../domain/participant/roles.ts'
import { signerDuties } from '../../domain/participant/signers.ts'
import { certificatesOf, type WorldCertificates } from './authority.ts'
import { contractArtifact, type Artifact } from './artifacts.ts'
import { cast } from './cast.ts'
import type { WorldKeys } from './keys.ts'
import { accountSignerOf, quorumOf } from './signing.ts'
import { creationCall, type Policy } from './versions.ts'

/** Of the first registry version of the embedded world. */
const policy: Policy = { maxTenor: 366 * 24 * 3600, minAcceptanceWindow: 1, maxTier: 16, requiresTradeClaim: false }
/** How long an account can veto a recovery of its keys. Seconds, as the next one. */
const RECOVERY_DELAY = 3 * 24 * 3600
/** From the founding on, whoever governs announces an act this long before it can be done. */
const GOVERNANCE_DELAY = 2 * 24 * 3600

/** Roles of the AccessManager. Its own role 0 gives them. */
const ADMIN_ROLE = 0n
/** Admits, suspends and helps with lost keys; can never move a note. */
const REGISTRAR_ROLE = 1n
/** Lets registry versions claim fingerprints and accounts use verifiers. */
const GOVERNANCE_ROLE = 2n

/** Gas of one step: creating the registry takes six million. Below the 2^24 that newer chains allow a transaction. */
const STEP_GAS = 12_000_000

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
export async function deployWorld(
  rpcUrl: string,
  keys: WorldKeys,
  certificates: WorldCertificates['participants'],
  base: Baseline
): Promise<World> {
  const provider = new JsonRpcProvider(rpcUrl, undefined, { staticNetwork: true, cacheTimeout: -1 })
  provider.pollingInterval = POLL_MS
  try {
    const chainId = Number((await provider.getNetwork()).chainId)
    const deployer = new Wallet(keys.deployer, provider)
    const registrar = new Wallet(keys.registrar, provider)
    const at = (index: number) => getCreateAddress({ from: deployer.address, nonce: base.deployer + index })
    const fingerprints = at(2)
    const addresses: Addresses = {
      manager: at(0),
      participants: at(1),
      fingerprints,
      // The first registry version: what Fingerprints creates with its own first nonce.
      receivables: getCreateAddress({ from: fingerprints, nonce: 1 }),
      evidenceLog: at(3),
      accountFactory: at(4),
      p256Verifier: at(5),
      sm2Verifier: at(6)
    }
    const founding = [
      ...(await contractSteps(deployer, addresses)),
      ...(await governanceSteps(deployer, [registrar.address, await registrarAccount(keys, addresses)], addresses))
    ]
    await run(deployer, base.deployer, founding, chainId)
    const admission = await admissionSteps(provider, keys, certificates, addresses)
    await run(registrar, base.registrar, admission.steps, chainId)
    const { manager: _, ...deployed } = addresses
    const deployment: Deployment = {
      chainId,
      genesisHash: (await provider.getBlock(0))!.hash!,
      fromBlock: base.block + 1,
      ...deployed,
      codeHashes: await codeHashesOf(provider, Object.values(deployed))
    }
    return { deployment, accounts: admission.accounts }
  } finally {
    provider.destroy()
  }
}

type Addresses = Record<
  | 'manager'
  | 'participants'
  | 'fingerprints'
  | 'receivables'
  | 'evidenceLog'
  | 'accountFactory'
  | 'p256Verifier'
  | 'sm2Verifier',
  string
>

/** The contracts that the deployer creates itself, in the order of their addresses. */
async function contractSteps(deployer: Wallet, { manager, participants }: Addresses): Promise<Step[]> {
  return [
    create(await contractArtifact('AccessManager'), ['address'], [deployer.address]),
    create(await contractArtifact('Participants'), ['address'], [manager]),
    create(await contractArtifact('Fingerprints'), ['address', 'address'], [manager, participants]),
    create(await contractArtifact('EvidenceLog'), ['address'], [participants]),
    create(await contractArtifact('AccountFactory'), ['address', 'uint40'], [manager, RECOVERY_DELAY]),
    create(await contractArtifact('P256Verifier'), [], []),
    create(await contractArtifact('SM2Verifier'), [], [])
  ]
}

/** The account of the registrar's people, where the factory will create it: known before it is there. */
async function registrarAccount(keys: WorldKeys, addresses: Addresses): Promise<string> {
  const { abi, bytecode } = await contractArtifact('ParticipantAccount')
  const [signers, quorum, salt] = accountOf('registrar', keys, addresses)
  const code = concat([bytecode, new Interface(abi as string[]).encodeDeploy([signers, quorum])])
  return getCreate2Address(addresses.accountFactory, salt, keccak256(code))
}

/** What the factory makes a member's account of. */
function accountOf(slug: string, keys: WorldKeys, addresses: Addresses) {
  const signers = keys.participants[slug]!.signers.map((key) => {
    const { signer, duty } = accountSignerOf(key, addresses)
    return { signer, duty: signerDuties.indexOf(duty) }
  })
  return [signers, quorumOf(keys.participants[slug]!.signers), id(slug)] as const
}

/**
 * Who may do what. The role of registrar is held by its people's account, and by the key that admits the cast before that account is there. At the founding the deployer governs without a delay: it creates the registry and allows the two
 * verifiers. Then it gives itself the delay, as governance and as admin, so that from then on every member sees an act of
 * governance coming. In production both roles go on to the consortium's own accounts and the deployer keeps nothing.
 */
async function governanceSteps(deployer: Wallet, registrars: readonly string[], addresses: Addresses): Promise<Step[]> {
  const { manager, participants, fingerprints, accountFactory, p256Verifier, sm2Verifier } = addresses
  const abi = new Interface((await contractArtifact('AccessManager')).abi as string[])
  const manage = (name: string, ...args: unknown[]): Step => ({
    to: manager,
    data: abi.encodeFunctionData(name, args)
  })
  const allow = (target: string, contract: Interface, names: string[], role: bigint): Step => {
    const selectors = names.map((name) => contract.getFunction(name)!.selector)
    return manage('setTargetFunctionRole', target, selectors, role)
  }
  const allowVerifier = (verifier: string): Step => ({
    to: accountFactory,
    data: contracts.accountFactory.encodeFunctionData('allowVerifier', [verifier, true])
  })
  return [
    allow(fingerprints, contracts.fingerprints, ['create'], GOVERNANCE_ROLE),
    allow(accountFactory, contracts.accountFactory, ['allowVerifier'], GOVERNANCE_ROLE),
    allow(participants, contracts.participants, ['admit', 'setRoles', 'setStatus'], REGISTRAR_ROLE),
    allow(accountFactory, contracts.accountFactory, ['startRecovery', 'cancelRecovery'], REGISTRAR_ROLE),
    ...registrars.map((registrar) => manage('grantRole', REGISTRAR_ROLE, registrar, 0)),
    manage('grantRole', GOVERNANCE_ROLE, deployer.address, 0),
    { to: fingerprints, data: await creationCall(addresses, policy) },
    allowVerifier(p256Verifier),
    allowVerifier(sm2Verifier),
    manage('grantRole', GOVERNANCE_ROLE, deployer.address, GOVERNANCE_DELAY),
    manage('grantRole', ADMIN_ROLE, deployer.address, GOVERNANCE_DELAY)
  ]
}

/**
 * The operator first, with its plain account; then an account contract and an admission for each member. What the SM2
 * verifier keeps of a key makes each of its signatures cost less than half.
 */
async function admissionSteps(
  provider: JsonRpcProvider,
  keys: WorldKeys,
  certificates: WorldCertificates['participants'],
  addresses: Addresses
) {
  const admit = (
    account: string,
    roles: Parameters<typeof rolesToBits>[0],
    identity: string,
    ders: readonly Uint8Array[] = []
  ): Step => ({
    to: addresses.participants,
    data: contracts.participants.encodeFunctionData('admit', [
      account,
      rolesToBits(roles),
      id(identity),
      certificateHashOf(ders)
    ])
  })
  const factory = new Contract(addresses.accountFactory, contracts.accountFactory, provider)
  const steps = [admit(new Wallet(keys.operator).address, ['evidence'], 'operator')]
  const accounts: Record<string, string> = {}
  for (const member of cast) {
    for (const key of keys.participants[member.slug]!.signers.filter(({ kind }) => kind === 'sm2')) {
      const { signer } = accountSignerOf(key, addresses)
      const data = contracts.sm2Verifier.encodeFunctionData('prepare', [`0x${signer.slice(42)}`])
      steps.push({ to: addresses.sm2Verifier, data })
    }
    const account = accountOf(member.slug, keys, addresses)
    accounts[member.slug] = await factory.getFunction('addressOf')(...account)
    steps.push({ to: addresses.accountFactory, data: contracts.accountFactory.encodeFunctionData('create', account) })
    // A plain hash of a public identifier would be guessable: the consortium's key makes it a secret.
    const identity = `${keys.fingerprint} ${member.identifiers[0]}`
    steps.push(admit(accounts[member.slug]!, member.roles, identity, certificatesOf(certificates[member.slug]!)))
  }
  return { steps, accounts }
}

function create(artifact: Artifact, types: string[], args: unknown[]): Step {
  return { to: null, data: artifact.bytecode + AbiCoder.defaultAbiCoder().encode(types, args).slice(2) }
}

/** ethers asks every four seconds unless told; people wait for this. */
const POLL_MS = 100

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
        gasLimit: STEP_GAS,
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
