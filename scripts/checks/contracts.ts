import { codeSizes, syntaxTrees, type AstNode } from '../world/compiled.ts'

/** EIP-170. */
const MAX_CODE_SIZE = 24_576

/** Whether every deployed contract fits on a chain; prints their sizes. */
export async function areContractsSmall(): Promise<boolean> {
  const sizes = [...(await codeSizes())]
  const over = sizes.filter(([, size]) => size > MAX_CODE_SIZE)
  for (const [name, size] of over) console.error(`✗ ${name} has ${size} bytes of code, allowed are ${MAX_CODE_SIZE}`)
  const list = sizes.map(([name, size]) => `${name} ${size}`).join(', ')
  console.log(`${over.length === 0 ? '✓' : '✗'} contract sizes, at most ${MAX_CODE_SIZE} bytes: ${list}`)
  return over.length === 0
}

/**
 * Whether the interfaces explain themselves (solhint's `use-natspec` knows neither errors nor structs): each function,
 * event, error, struct and enum says by `@notice` what it means, and each struct so of each field by `@param`.
 */
export async function areInterfacesExplained(): Promise<boolean> {
  const silent: string[] = []
  for (const [path, tree] of await syntaxTrees('contracts/interfaces')) {
    for (const contract of tree.nodes ?? []) {
      if (contract.nodeType !== 'ContractDefinition') continue
      for (const node of contract.nodes ?? []) {
        silent.push(...unexplained(node).map((name) => `${path}: ${name}`))
      }
    }
  }
  for (const place of silent) console.error(`✗ ${place} is not explained (NatSpec)`)
  console.log(`${silent.length === 0 ? '✓' : '✗'} interfaces explain each function, event, error and field`)
  return silent.length === 0
}

/** What of a definition has no words: itself, or fields of a struct. */
function unexplained({ nodeType, name, documentation, members }: AstNode): string[] {
  const text = documentation?.text ?? ''
  const isSaid = /@notice\s+\S|@inheritdoc\s+\S/.test(text)
  const silent = isSaid ? [] : [name!]
  if (nodeType !== 'StructDefinition') return silent
  const fields = (members ?? []).filter((field) => !new RegExp(`@param\\s+${field.name}\\s+\\S`).test(text))
  return [...silent, ...fields.map((field) => `${name}.${field.name}`)]
}
