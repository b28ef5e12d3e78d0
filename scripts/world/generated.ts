import { EventFragment, Interface, keccak256, type ParamType } from 'ethers'
import { buildApp } from '../../api/app.ts'
import { openPool } from '../../api/database.ts'
import { errors } from '../../api/errors.ts'
import { managedKeyMoves } from '../../domain/participant/managed-key.ts'
import { vaultOf } from '../../api/vault.ts'
import { quoteMoves, requestMoves } from '../../domain/factoring/states.ts'
import { noteMoves } from '../../domain/note/note-states.ts'
import { receivableMoves } from '../../domain/receivable/receivable-states.ts'
import { gasSnapshot } from '../../bench/gas/snapshot.ts'
import { clientModule, type Description } from './client-types.ts'
import { contractArtifact, deployableContracts } from './artifacts.ts'
import { accessPage, configPage } from './pages.ts'
import { codeTemplateOf, storageLayouts } from './compiled.ts'

/** Files that are derived from others: path from the root → content. */
export async function generatedFiles(): Promise<Map<string, string>> {
  const description = await openApi()
  return new Map([
    ['domain/chain/abi.generated.ts', await abiModule()],
    ['domain/chain/events.generated.ts', await eventsModule()],
    ['domain/chain/registry-code.generated.ts', await registryCodeModule()],
    ['docs/ERRORS.md', errorsPage()],
    ['docs/STATES.md', statesPage()],
    ['docs/openapi.json', description],
    ['docs/ACCESS.md', accessPage(description)],
    ['docs/CONFIG.md', configPage()],
    ['client/operations.generated.ts', clientModule(JSON.parse(description) as Description)],
    ['contracts/storage-layout.json', jsonOf(await storageLayouts())],
    ['contracts/gas-snapshot.json', jsonOf(await gasSnapshot())]
  ])
}

function jsonOf(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

/** The ABIs as TypeScript, so that `domain` needs neither files nor the compiler. */
async function abiModule(): Promise<string> {
  const parts = await Promise.all(
    deployableContracts.map(async (name) => {
      const { abi } = await contractArtifact(name)
      return `export const ${variableOf(name)}Abi = ${JSON.stringify(abi)} as const\n`
    })
  )
  return `// Generated from contracts/ by \`npm run generate\`. Do not edit.\n${parts.join('')}`
}

/** The events of those that the indexer reads, by the hashes that begin their logs: working these out is most of what a generic decoder's start takes. */
async function eventsModule(): Promise<string> {
  const parts = await Promise.all(
    (['Participants', 'Fingerprints', 'Receivables', 'EvidenceLog', 'ParticipantAccount'] as const).map(
      async (name) => {
        const { abi } = await contractArtifact(name)
        const events = new Interface(abi).fragments.filter((fragment) => fragment instanceof EventFragment)
        const listed = events.map(({ name, topicHash, inputs }) => ({
          name,
          topic: topicHash,
          inputs: inputs.map(parameterOf)
        }))
        return `export const ${variableOf(name)}Events: readonly ContractEvent[] = ${JSON.stringify(listed)}\n`
      }
    )
  )
  return (
    '// Generated from contracts/ by `npm run generate`. Do not edit.\n' +
    `import type { ContractEvent } from './events.ts'\n${parts.join('')}`
  )
}

function parameterOf({ name, type, indexed, components }: ParamType): object {
  return { name, type, indexed: indexed ?? undefined, components: components?.map(parameterOf) }
}

/** What code every version of Receivables has, but for its immutables: `domain/chain/registry-code.ts` holds code against it. */
async function registryCodeModule(): Promise<string> {
  const { code, immutables } = await codeTemplateOf('Receivables')
  return (
    '// Generated from contracts/ by `npm run generate`. Do not edit.\n' +
    `export const registryCodeHash = '${keccak256(code)}'\n` +
    `export const registryCodeBytes = ${(code.length - 2) / 2}\n` +
    `export const registryImmutables = ${JSON.stringify(immutables)} as const\n`
  )
}

/** `SM2Verifier` → `sm2Verifier`. */
function variableOf(name: string): string {
  return name.replace(/^[A-Z]+(?=\d)|^[A-Z]/, (head) => head.toLowerCase())
}

/** The api's description. Nothing is asked of the database: a pool connects at its first query. */
async function openApi(): Promise<string> {
  const nowhere = 'http://127.0.0.1:1'
  const address = `0x${'0'.repeat(40)}`
  const contracts = {
    participants: address,
    fingerprints: address,
    receivables: address,
    evidenceLog: address,
    accountFactory: address,
    p256Verifier: address,
    sm2Verifier: address
  }
  const none = new Uint8Array()
  const silent = { publicKey: none, certificate: none, intermediates: [], sign: () => none }
  const app = await buildApp({
    pool: openPool('postgres://127.0.0.1:1/none'),
    fingerprintKeys: [{ key: new Uint8Array(32), epoch: 1 }],
    vault: vaultOf(new Uint8Array(32)),
    certificateSigner: silent,
    tokens: { issue: () => Promise.reject(new Error('none')), read: () => Promise.resolve(undefined) },
    config: {
      host: '127.0.0.1',
      port: 0,
      databaseUrl: nowhere,
      rpcUrl: nowhere,
      deployment: { chainId: 0, genesisHash: '', fromBlock: 0, codeHashes: {}, ...contracts },
      fingerprintKeys: [],
      serviceKeyFile: '',
      sessionKeyFile: '',
      signing: { keyStoreFile: '', keyEncryptionKeyFile: '', certificateFile: '' },
      logKeys: [],
      certificateKeys: [],
      authorities: []
    }
  })
  await app.ready()
  const description = JSON.stringify(app.swagger(), null, 2)
  await app.close()
  return `${description}\n`
}

function errorsPage(): string {
  const rows = Object.entries(errors).map(
    ([code, { status, title, retry }]) => `| \`${code}\` | ${status} | ${title} | ${retry} |`
  )
  return [
    '# Refusals of the API',
    '',
    'Generated from `api/errors.ts` by `npm run generate`. Problem details by RFC 9457; act on `code`.',
    'An intent that a contract refused carries the name of the contract’s own error instead: see `contracts/interfaces/`.',
    '',
    '| code | status | meaning | retry |',
    '|---|--:|---|---|',
    ...rows,
    ''
  ].join('\n')
}

function statesPage(): string {
  const table = (title: string, moves: Record<string, readonly string[]>) => [
    `## ${title}`,
    '',
    '| from | to |',
    '|---|---|',
    ...Object.entries(moves).map(([from, to]) => `| ${from} | ${to.length > 0 ? to.join(', ') : '– (final)'} |`),
    ''
  ]
  return [
    '# State machines',
    '',
    'Generated from `domain/` by `npm run generate`; a test compares the first two with the tables in `contracts/libraries/`.',
    '',
    ...table('Receivable', receivableMoves),
    ...table('Note', noteMoves),
    'The states of funding requests and quotes are read off what people did and what the chain shows; no contract has them.',
    '',
    ...table('Funding request', requestMoves),
    ...table('Quote', quoteMoves),
    'Of a key in custody active, removed and lapsed are what its account says (docs/adr/0037).',
    '',
    ...table('Key in custody', managedKeyMoves)
  ].join('\n')
}
