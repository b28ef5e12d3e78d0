/** Compiles the peers' contracts and the floor. They stay out of the product's artifacts. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Artifact } from '../../scripts/world/artifacts.ts'

const peerSources = [
  'bench/gas/contracts/Floor.sol',
  'bench/gas/contracts/Erc3525Notes.sol',
  'bench/gas/contracts/Oz721Notes.sol',
  'bench/gas/contracts/Solady721Notes.sol',
  'bench/gas/contracts/Oz1155Notes.sol',
  'bench/gas/contracts/Oz6909Notes.sol',
  'bench/gas/contracts/Solady6909Notes.sol',
  '@tradetrust-tt/token-registry/contracts/TitleEscrowFactory.sol',
  '@tradetrust-tt/token-registry/contracts/TradeTrustToken.sol'
] as const

/** Their versions decide, beside our own sources, what is compiled. */
const manifests = [
  '@openzeppelin/contracts',
  '@openzeppelin/contracts-upgradeable',
  '@solvprotocol/erc-3525',
  '@tradetrust-tt/token-registry',
  'solady',
  'solc'
].map((name) => `${name}/package.json`)

/** The settings of hardhat.config.ts: peers and product are compiled alike. */
const settings = {
  viaIR: true,
  evmVersion: 'cancun',
  optimizer: { enabled: true, runs: 1_000_000 },
  // ERC-3525 was written against OpenZeppelin 4 and comes with its own.
  remappings: [
    '@solvprotocol/erc-3525/:@openzeppelin/contracts/=@solvprotocol/erc-3525/node_modules/@openzeppelin/contracts/'
  ],
  outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } }
}

interface SolcOutput {
  errors?: { severity: string; formattedMessage: string }[]
  contracts: Record<
    string,
    Record<
      string,
      {
        abi: Artifact['abi']
        evm: { bytecode: { object: string }; deployedBytecode: { object: string } }
      }
    >
  >
}

interface Solc {
  compile(input: string, callbacks: { import: (path: string) => { contents: string } | { error: string } }): string
}

/** Contract name → what the compiler made of it. */
export function compilePeers(): Promise<Map<string, Artifact>> {
  return compileSources(peerSources)
}

/**
 * Compiles sources of `bench/` or of packages. It takes half a minute, so what it made is kept in `cache/`, until one of them
 * or of `imported` is another.
 */
export async function compileSources(
  sources: readonly string[],
  imported: readonly string[] = []
): Promise<Map<string, Artifact>> {
  const digest = createHash('sha256').update(JSON.stringify(settings))
  for (const path of [...sources, ...imported, ...manifests]) digest.update(contentOf(path))
  const file = fileURLToPath(
    new URL(`../../cache/bench-gas-${digest.digest('hex').slice(0, 16)}.json`, import.meta.url)
  )
  const kept = await readFile(file, 'utf8').catch(() => undefined)
  if (kept !== undefined) return new Map(JSON.parse(kept) as [string, Artifact][])
  const artifacts = compile(sources)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, JSON.stringify([...artifacts]))
  return artifacts
}

function compile(sources: readonly string[]): Map<string, Artifact> {
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries(sources.map((path) => [path, { content: contentOf(path) }])),
    settings
  }
  const solc = createRequire(import.meta.url)('solc') as Solc
  const output = JSON.parse(
    solc.compile(JSON.stringify(input), {
      import: (path) => {
        try {
          return { contents: contentOf(path) }
        } catch (error) {
          return { error: String(error) }
        }
      }
    })
  ) as SolcOutput
  const errors = (output.errors ?? []).filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw new Error(errors.map((error) => error.formattedMessage).join('\n'))
  return new Map(
    sources.flatMap((path) =>
      Object.entries(output.contracts[path]!).map(([name, { abi, evm }]) => [
        name,
        { abi, bytecode: `0x${evm.bytecode.object}` }
      ])
    )
  )
}

function contentOf(path: string): string {
  const folder = /^(bench|contracts)\//.test(path) ? '' : 'node_modules/'
  return readFileSync(fileURLToPath(new URL(`../../${folder}${path}`, import.meta.url)), 'utf8')
}
