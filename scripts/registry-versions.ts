/**
 * `npm run registry:versions`: the registry versions and those that governance has proposed, each held against the code of this
 * version of Tallystick. `propose [--policy FILE]` announces the next one, `create` creates what was announced long enough ago;
 * both with `--key FILE` of a key that governs. `calls` prints what an account has to call instead (docs/RUNBOOK-VERSIONS.md).
 */
import { readFile } from 'node:fs/promises'
import { JsonRpcProvider, Wallet } from 'ethers'
import { toIndexerError } from '../indexer/errors.ts'
import { readTarget } from '../indexer/target.ts'
import { callsOf, carryOut, proposalsOf, propose, versionsOf, type Policy } from './world/versions.ts'

const policyFields = {
  maxTenor: 'number',
  minAcceptanceWindow: 'number',
  maxTier: 'number',
  requiresTradeClaim: 'boolean'
}

/** Takes `--name VALUE` out of the arguments; the rest says which instance. */
function option(args: string[], name: string): string | undefined {
  const at = args.indexOf(`--${name}`)
  return at === -1 ? undefined : args.splice(at, 2)[1]
}

async function readPolicy(file: string): Promise<Policy> {
  const value = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>
  const isPolicy =
    Object.keys(value).length === 4 && Object.entries(policyFields).every(([name, type]) => typeof value[name] === type)
  if (!isPolicy) throw new Error(`${file}: required exactly ${Object.keys(policyFields).join(', ')}`)
  return value as unknown as Policy
}

function wordsOf(policy: Policy | undefined, fault: string | undefined): string {
  if (fault !== undefined) return `NOT the code of this version: ${fault}`
  const { maxTenor, minAcceptanceWindow, maxTier, requiresTradeClaim } = policy!
  const trade = requiresTradeClaim ? 'trade claims required' : 'trade claims optional'
  return `tenor ≤ ${maxTenor} s, acceptance ≥ ${minAcceptanceWindow} s, tiers ≤ ${maxTier}, ${trade}`
}

try {
  const args = process.argv.slice(2)
  const [keyFile, policyFile] = [option(args, 'key'), option(args, 'policy')]
  const verb = (['calls', 'propose', 'create'] as const).find((one) => args.includes(one))
  if (verb !== undefined) args.splice(args.indexOf(verb), 1)
  const target = await readTarget(args, process.env)
  const deployment = await target.deployment()
  const provider = new JsonRpcProvider(target.rpcUrl(), deployment.chainId, { staticNetwork: true, cacheTimeout: -1 })
  const governor = async (): Promise<Wallet> => {
    if (keyFile === undefined) throw new Error(`${verb} needs --key FILE: the private key of who governs, as hex`)
    return new Wallet((await readFile(keyFile, 'utf8')).trim(), provider)
  }
  try {
    if (verb === 'calls' || verb === 'propose') {
      const newest = (await versionsOf(provider, deployment)).at(-1)
      const policy = policyFile === undefined ? newest?.policy : await readPolicy(policyFile)
      if (policy === undefined) throw new Error('the newest version has no policy that is known: give --policy FILE')
      if (verb === 'propose') await propose(await governor(), deployment, policy)
      else console.log(JSON.stringify(await callsOf(provider, deployment, policy)))
    } else if (verb === 'create') {
      const now = (await provider.getBlock('latest'))!.timestamp
      const wallet = await governor()
      const due = (await proposalsOf(provider, deployment)).find(({ from, caller, fault }) => {
        return from <= now && fault === undefined && caller === wallet.address
      })
      if (due === undefined) throw new Error('nothing of this key is proposed that is due and whose code is known')
      await carryOut(wallet, deployment, due)
    }
    const versions = await versionsOf(provider, deployment)
    for (const { number, address, policy, fault } of versions) {
      console.log(`${fault ? '✗' : '✓'} version ${number} ${address}: ${wordsOf(policy, fault)}`)
    }
    const proposals = await proposalsOf(provider, deployment)
    for (const { caller, from, policy, fault } of proposals) {
      const when = new Date(from * 1000).toISOString()
      console.log(`${fault ? '✗' : '…'} proposed by ${caller}, can be created from ${when}: ${wordsOf(policy, fault)}`)
    }
    if ([...versions, ...proposals].some(({ fault }) => fault !== undefined)) process.exitCode = 1
  } finally {
    provider.destroy()
  }
} catch (caught) {
  console.error(`registry:versions: ${toIndexerError(caught).message}`)
  process.exitCode = 1
}
