/** What the compiler says about the contracts beside their code: storage, size, documentation. */
import { glob, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { artifactFileOf, deployedContracts, type DeployedName } from './artifacts.ts'

const artifacts = fileURLToPath(new URL('../../artifacts', import.meta.url))

interface Variable {
  label: string
  slot: string
  offset: number
  type: string
}

interface Layout {
  storage: Variable[]
  types: Record<string, { label: string; numberOfBytes: string; members?: Variable[] }> | null
}

export interface AstNode {
  nodeType: string
  name?: string
  src: string
  documentation?: { text: string } | null
  nodes?: AstNode[]
  members?: { name: string }[]
  [other: string]: unknown
}

interface BuildInfo {
  output: {
    contracts: Record<string, Record<string, { storageLayout: Layout }>>
    sources: Record<string, { ast: AstNode }>
  }
}

/** Bytes of the code of each deployed contract as it stands on the chain. */
export async function codeSizes(): Promise<Map<DeployedName, number>> {
  const sizes = new Map<DeployedName, number>()
  for (const name of deployedContracts) {
    const { deployedBytecode } = await artifactOf(name)
    sizes.set(name, (deployedBytecode.length - 2) / 2)
  }
  return sizes
}

/**
 * Where each deployed contract keeps its variables, and each struct its members: `slot+offset` → `name: type`. The words
 * of receivables and notes are not in it: they are stored at their ids (docs/adr/0007).
 */
export async function storageLayouts(): Promise<Record<string, Record<string, Record<string, string>>>> {
  const layouts: Record<string, Record<string, Record<string, string>>> = {}
  for (const name of deployedContracts) {
    const { buildInfoId, inputSourceName } = await artifactOf(name)
    const { storage, types } = (await buildInfoOf(buildInfoId)).contracts[inputSourceName]![name]!.storageLayout
    const labelOf = ({ type }: Variable) => `${types![type]!.label}, ${types![type]!.numberOfBytes} bytes`
    const rowsOf = (variables: readonly Variable[]) =>
      Object.fromEntries(variables.map((at) => [`${at.slot}+${at.offset}`, `${at.label}: ${labelOf(at)}`]))
    layouts[name] = { storage: rowsOf(storage) }
    for (const { label, members } of Object.values(types ?? {})) {
      if (members) layouts[name][label] = rowsOf(members)
    }
  }
  return layouts
}

/**
 * A contract's runtime code before its constructor fills in its immutables, and where each of them stands in it, in bytes,
 * by its name in the source.
 */
export async function codeTemplateOf(
  name: DeployedName
): Promise<{ code: string; immutables: Record<string, number[]> }> {
  const { deployedBytecode, immutableReferences, buildInfoId } = await artifactOf(name)
  const { sources } = await buildInfoOf(buildInfoId)
  const immutables: Record<string, number[]> = {}
  for (const [id, places] of Object.entries(immutableReferences)) {
    const label = Object.values(sources)
      .map(({ ast }) => nodeById(ast, Number(id))?.name)
      .find((found) => found !== undefined)
    immutables[label!] = places.map(({ start }) => start)
  }
  return { code: deployedBytecode, immutables }
}

function nodeById(node: AstNode, id: number): AstNode | undefined {
  if (node.id === id) return node
  for (const child of node.nodes ?? []) {
    const found = nodeById(child, id)
    if (found) return found
  }
  return undefined
}

/** The newest syntax trees of the sources in `folder`, by path. */
export async function syntaxTrees(folder: string): Promise<Map<string, AstNode>> {
  const trees = new Map<string, AstNode>()
  for await (const file of glob(`${folder}/**/*.sol/*.json`, { cwd: artifacts })) {
    const { buildInfoId, inputSourceName, sourceName } = JSON.parse(
      await readFile(`${artifacts}/${file}`, 'utf8')
    ) as RawArtifact
    trees.set(sourceName, (await buildInfoOf(buildInfoId)).sources[inputSourceName]!.ast)
  }
  return trees
}

interface RawArtifact {
  deployedBytecode: string
  /** Each 32 bytes long. */
  immutableReferences: Record<string, { start: number; length: number }[]>
  buildInfoId: string
  inputSourceName: string
  sourceName: string
}

async function artifactOf(name: DeployedName): Promise<RawArtifact> {
  return JSON.parse(await readFile(artifactFileOf(name), 'utf8')) as RawArtifact
}

const read = new Map<string, Promise<BuildInfo['output']>>()

function buildInfoOf(id: string): Promise<BuildInfo['output']> {
  const known = read.get(id)
  if (known) return known
  const reading = readFile(`${artifacts}/build-info/${id}.output.json`, 'utf8').then(
    (text) => (JSON.parse(text) as BuildInfo).output
  )
  read.set(id, reading)
  return reading
}
