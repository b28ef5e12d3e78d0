import type { Deployment } from '../../domain/chain/contracts.ts'
import { codeHashOf } from '../config.ts'
import type { PlacedEvent } from '../decode.ts'
import { IndexerError } from '../errors.ts'
import type { Rpc } from '../rpc.ts'
import { headerCall, type ChainBlock } from './blocks.ts'
import { toHeader } from './header.ts'
import { keccakOfHex } from '#keccak'

/**
 * Holds the chain against the deployment: chain id, genesis, and the contracts' code once the chain is that long.
 * @param missingCode `tolerate`: a chain that lost its newest blocks gets them again, so that absence refuses nothing.
 * @throws IndexerError CHAIN_MISMATCH with presented and required value.
 */
export async function requireDeployedChain(
  rpc: Rpc,
  deployment: Deployment,
  missingCode: 'refuse' | 'tolerate'
): Promise<void> {
  const [chainId, genesis, head] = await rpc.batch([
    { method: 'eth_chainId', params: [] },
    headerCall(0),
    headerCall('latest')
  ])
  requireSame('chainId', String(Number(chainId)), String(deployment.chainId))
  requireSame('genesisHash', (await toHeader(genesis))?.hash ?? 'none', deployment.genesisHash)
  if (((await toHeader(head))?.number ?? 0) < deployment.fromBlock) return
  const addresses = [deployment.participants, deployment.fingerprints, deployment.receivables, deployment.evidenceLog]
  const codes = await rpc.batch(addresses.map((address) => ({ method: 'eth_getCode', params: [address, 'latest'] })))
  for (const [i, address] of addresses.entries()) {
    const code = codes[i] as string
    if (code === '0x' && missingCode === 'tolerate') continue
    requireSame(
      `code hash of ${address}`,
      code === '0x' ? 'no code' : `0x${keccakOfHex((code as string).slice(2))}`,
      codeHashOf(deployment, address)!
    )
  }
}

/**
 * Asks for the code of the registry versions that these blocks announce: only the deployment's own is known by its hash. What
 * another kind of contract tells would be read by the wrong rules.
 * @throws IndexerError REGISTRY_UNKNOWN; BLOCK_CHANGED for a node that lags, which passes
 */
export async function requireKnownRegistries(
  rpc: Rpc,
  deployment: Deployment,
  blocks: readonly ChainBlock[]
): Promise<void> {
  const announced = blocks.flatMap(({ events }) => events.filter(({ name }) => name === 'RegistryAuthorised'))
  for (const event of announced as PlacedEvent<'RegistryAuthorised'>[]) {
    const { number, registry } = event.args
    if (registry.toLowerCase() === deployment.receivables.toLowerCase()) continue
    const code = (await rpc.call('eth_getCode', [registry, 'latest'])) as string
    if (code === '0x') {
      throw new IndexerError('BLOCK_CHANGED', `the node has no code yet of registry version ${number} ${registry}`, {
        transient: true
      })
    }
    const { registryCodeFault } = await import('../../domain/chain/registry-code.ts')
    const fault = registryCodeFault(code, Number(number), deployment)
    if (fault === undefined) continue
    throw new IndexerError(
      'REGISTRY_UNKNOWN',
      `registry version ${number} ${registry} is no Receivables that this version knows: ${fault}. ` +
        'Run the indexer of the version that created it',
      { transient: false }
    )
  }
}

function requireSame(what: string, presented: string, required: string): void {
  if (presented.toLowerCase() === required.toLowerCase()) return
  throw new IndexerError(
    'CHAIN_MISMATCH',
    `${what}: presented ${presented}, required ${required}. This is not the chain of the deployment: ` +
      'point rpcUrl at the right one, or deploy anew and reindex',
    { transient: false }
  )
}
