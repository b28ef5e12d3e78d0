import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Contract, Interface, JsonRpcProvider, Wallet, ZeroHash, isError, type ContractRunner } from 'ethers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyChain } from '../../domain/crypto/certificate.ts'
import { certificateHashOf } from '../../domain/participant/certificates.ts'
import { contracts } from '../../domain/chain/contracts.ts'
import { askChain, startChain, type Chain } from '../../scripts/instance/chain.ts'
import { contractArtifact } from '../../scripts/world/artifacts.ts'
import { buildContracts } from '../../scripts/world/build.ts'
import { cast } from '../../scripts/world/cast.ts'
import { deployWorld, type Baseline, type World } from '../../scripts/world/deploy.ts'
import { certificatesOf, derOf, ensureCertificates, type WorldCertificates } from '../../scripts/world/authority.ts'
import { ensureKeys, type WorldKeys } from '../../scripts/world/keys.ts'
import { participantIdOf } from '../../scripts/world/prepare.ts'
import { accountSignerOf } from '../../scripts/world/signing.ts'

const dir = mkdtempSync(join(tmpdir(), 'tallystick-world-'))
const base: Baseline = { deployer: 0, registrar: 0, block: 0 }
const DELAY = 2 * 86_400
let chain: Chain
let provider: JsonRpcProvider
let keys: WorldKeys
let certificates: WorldCertificates['participants']
let world: World
let managerAbi: Interface
let manager: string

beforeAll(async () => {
  await buildContracts()
  chain = await startChain({ dir })
  provider = new JsonRpcProvider(chain.url, 31415, { staticNetwork: true, cacheTimeout: -1 })
  keys = await ensureKeys(dir)
  certificates = (await ensureCertificates(dir, keys)).participants
  world = await deployWorld(chain.url, keys, certificates, base)
  managerAbi = new Interface((await contractArtifact('AccessManager')).abi as string[])
  manager = await at('fingerprints').getFunction('authority')()
})
afterAll(async () => {
  provider?.destroy()
  await chain?.stop()
  rmSync(dir, { recursive: true, force: true })
})

const at = (
  name: 'fingerprints' | 'accountFactory' | 'receivables' | 'participants',
  runner: ContractRunner = provider
) => new Contract(world.deployment[name], contracts[name], runner)
const wallet = (key: string) => new Wallet(key, provider)

async function send(key: string, to: string, data: string): Promise<void> {
  const sender = wallet(key)
  const nonce = await provider.getTransactionCount(sender.address)
  const fees = { type: 0, gasLimit: 12_000_000, gasPrice: 0, chainId: 31415 }
  const sent = await sender.sendTransaction({ to, data, nonce, ...fees })
  expect((await sent.wait())?.status).toBe(1)
}

/** The name and arguments of the refusal that the call meets. */
async function refusalOf(key: string, to: string, data: string): Promise<[string | undefined, unknown[]]> {
  return refused(wallet(key).address, to, data)
}

async function refused(from: string, to: string, data: string): Promise<[string | undefined, unknown[]]> {
  try {
    await provider.call({ from, to, data })
  } catch (error) {
    if (!isError(error, 'CALL_EXCEPTION') || !error.data) throw error
    const refusal = managerAbi.parseError(error.data) ?? contracts.fingerprints.parseError(error.data)
    return [refusal?.name, [...(refusal?.args ?? [])]]
  }
  return [undefined, []]
}

async function registryCode(): Promise<string> {
  const { abi, bytecode } = await contractArtifact('Receivables')
  const { participants, fingerprints } = world.deployment
  return (
    bytecode + new Interface(abi as string[]).encodeDeploy([participants, fingerprints, [86_400, 1, 16, true]]).slice(2)
  )
}

describe('the deployed world', () => {
  it('leaves nobody who could do an act of governance without announcing it', async () => {
    const { fingerprints, accountFactory, p256Verifier } = world.deployment
    const create = contracts.fingerprints.encodeFunctionData('create', [await registryCode()])
    const allow = contracts.accountFactory.encodeFunctionData('allowVerifier', [p256Verifier, false])
    const grant = managerAbi.encodeFunctionData('grantRole', [2n, wallet(keys.registrar).address, 0])
    for (const [to, data] of [
      [fingerprints, create],
      [accountFactory, allow],
      [manager, grant]
    ] as const) {
      const operation = managerAbi.encodeFunctionData('hashOperation', [wallet(keys.deployer).address, to, data])
      const id = await provider.call({ to: manager, data: operation })
      expect(await refusalOf(keys.deployer, to, data)).toEqual(['AccessManagerNotScheduled', [id]])
    }
    for (const key of [keys.registrar, keys.operator]) {
      const { address } = wallet(key)
      expect(await refusalOf(key, fingerprints, create)).toEqual(['AccessManagedUnauthorized', [address]])
      expect(await refusalOf(key, accountFactory, allow)).toEqual(['AccessManagedUnauthorized', [address]])
      expect(await refusalOf(key, manager, grant)).toEqual(['AccessManagerUnauthorizedAccount', [address, 0n]])
    }
  })

  it('lets nobody but the registrar admit participants and help with lost keys', async () => {
    const { participants, accountFactory } = world.deployment
    const { address } = Wallet.createRandom()
    const admit = contracts.participants.encodeFunctionData('admit', [
      address,
      2,
      `0x${'00'.repeat(32)}`,
      `0x${'00'.repeat(32)}`
    ])
    const recover = contracts.accountFactory.encodeFunctionData('startRecovery', [
      world.accounts['alder'],
      [{ signer: address, duty: 1 }],
      { makers: 1, checkers: 0 }
    ])
    for (const [to, data] of [
      [participants, admit],
      [accountFactory, recover]
    ] as const) {
      const deployer = wallet(keys.deployer).address
      expect(await refusalOf(keys.deployer, to, data)).toEqual(['AccessManagedUnauthorized', [deployer]])
      expect(await refusalOf(keys.registrar, to, data)).toEqual([undefined, []])
      // The two people's account; and no other account.
      expect(await refused(world.accounts['registrar']!, to, data)).toEqual([undefined, []])
      const [name] = await refused(world.accounts['regulator']!, to, data)
      expect(name).toBe('AccessManagedUnauthorized')
    }
    expect(await at('accountFactory').getFunction('recoveryDelay')()).toBe(3n * 86_400n)
  })

  it('has each account with the signers and the quorum of the cast', async () => {
    for (const { slug, signers } of cast) {
      const account = new Contract(world.accounts[slug]!, contracts.participantAccount, provider)
      const known = keys.participants[slug]!.signers.map((key) => accountSignerOf(key, world.deployment))
      for (const { signer, duty } of known) {
        expect(await account.getFunction('dutyOf')(signer), slug).toBe(duty === 'maker' ? 1n : 2n)
      }
      expect([...(await account.getFunction('quorum')())]).toEqual([1n, signers.length === 2 ? 1n : 0n])
      expect(await account.getFunction('factory')()).toBe(world.deployment.accountFactory)
    }
  })

  it('is the same after a second run, and after the chain has lost its newest blocks', async () => {
    const head = await provider.getBlockNumber()
    expect(await deployWorld(chain.url, keys, certificates, base)).toEqual(world)
    expect(await provider.getBlockNumber()).toBe(head)
    const fresh = mkdtempSync(join(tmpdir(), 'tallystick-world-'))
    const other = await startChain({ dir: fresh })
    try {
      const empty = (await askChain(other.url, 'evm_snapshot')) as string
      const first = await deployWorld(other.url, keys, certificates, base)
      await askChain(other.url, 'evm_revert', [empty])
      const again = await deployWorld(other.url, keys, certificates, base)
      expect(again.accounts).toEqual(world.accounts)
      expect(again).toEqual(first)
    } finally {
      await other.stop()
      rmSync(fresh, { recursive: true, force: true })
    }
  })

  it('names on the chain the certificates that its data folder keeps, each by its own participant', async () => {
    const known = await ensureCertificates(dir, keys)
    expect(known.participants).toEqual(certificates)
    const events = await at('participants').queryFilter('ParticipantAdmitted', 0)
    const admitted = new Map(
      events.map((event) => ('args' in event ? [Number(event.args[0]), String(event.args[4])] : [0, '']))
    )
    const hashes = new Set<string>()
    for (const { slug, name, signers, identifiers } of cast) {
      const ders = certificatesOf(certificates[slug]!)
      const hash = admitted.get(participantIdOf(slug))!
      expect(hash, slug).toBe(certificateHashOf(ders))
      hashes.add(hash)
      const sm2 = signers.filter(({ kind }) => kind === 'sm2').length
      expect(ders.length, slug).toBe(sm2 + 1)
      for (const der of ders) {
        const usage = der === ders.at(-1) ? 'keyEncipherment' : 'digitalSignature'
        const chain = verifyChain(der, [derOf(known.issuing)], [derOf(known.root)], { at: new Date(), usage })
        expect(chain[0]).toMatchObject({
          organizationIdentifier: identifiers[0],
          subject: expect.stringContaining(name)
        })
      }
    }
    expect(hashes.size).toBe(cast.length)
    expect(certificateHashOf([])).toBe(ZeroHash)
  })

  it('gets its next registry version when the announced time is over', async () => {
    const { fingerprints, receivables } = world.deployment
    const create = contracts.fingerprints.encodeFunctionData('create', [await registryCode()])
    await send(keys.deployer, manager, managerAbi.encodeFunctionData('schedule', [fingerprints, create, 0]))
    expect((await refusalOf(keys.deployer, fingerprints, create))[0]).toBe('AccessManagerNotReady')
    await askChain(chain.url, 'evm_increaseTime', [DELAY])
    await askChain(chain.url, 'evm_mine')
    await send(keys.deployer, fingerprints, create)
    expect(await at('fingerprints').getFunction('registryCount')()).toBe(2n)
    expect(await at('fingerprints').getFunction('registryOf')(1)).toBe(receivables)
    const [, , number] = await at('receivables').getFunction('peers')()
    expect(number).toBe(1n)
  })
})
