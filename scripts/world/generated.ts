import { errors } from '../../api/errors.ts'
import { noteMoves } from '../../domain/note/note-states.ts'
import { receivableMoves } from '../../domain/receivable/receivable-states.ts'
import { contractArtifact, deployableContracts } from './artifacts.ts'

/** Files that are derived from others: path from the root → content. */
export async function generatedFiles(): Promise<Map<string, string>> {
  return new Map([
    ['domain/chain/abi.generated.ts', await abiModule()],
    ['docs/ERRORS.md', errorsPage()],
    ['docs/STATES.md', statesPage()]
  ])
}

/** The ABIs as TypeScript, so that `domain` needs neither files nor the compiler. */
async function abiModule(): Promise<string> {
  const parts = await Promise.all(
    deployableContracts.map(async (name) => {
      const { abi } = await contractArtifact(name)
      return `export const ${name[0]!.toLowerCase()}${name.slice(1)}Abi = ${JSON.stringify(abi)} as const\n`
    })
  )
  return `// Generated from contracts/ by \`npm run generate\`. Do not edit.\n${parts.join('')}`
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
    'Generated from `domain/` by `npm run generate`; a test compares them with the tables in `contracts/libraries/`.',
    '',
    ...table('Receivable', receivableMoves),
    ...table('Note', noteMoves)
  ].join('\n')
}
