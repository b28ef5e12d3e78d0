/** Which registry version a command goes to: that of its receivable, and for a new receivable the newest. */
import type { Deployment } from '../../domain/chain/contracts.ts'
import { registryAddresses } from '../../domain/chain/registries.ts'
import { receivableOfCommand, type Command, type Targets } from '../../domain/intent/commands.ts'
import { receivableIdToHex } from '../../domain/note/span.ts'
import type { Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'

/** The deployment's contracts as each command calls them, in the order of the commands. */
export async function targetsOf(
  tx: Transaction,
  deployment: Deployment,
  commands: readonly Command[]
): Promise<Targets[]> {
  const ids = commands.map((command) => {
    const id = receivableOfCommand(command)
    return id === undefined ? undefined : receivableIdToHex(id)
  })
  const wanted = [...new Set(ids.filter((id) => id !== undefined))]
  const isFounding = commands.some(({ kind }) => kind === 'register' || kind === 'issue')
  if (wanted.length === 0 && !isFounding) return commands.map(() => deployment)
  const { rows } = await tx.query<{ receivableId: string | null; registry: number }>({
    name: 'intent.versions',
    text: `select receivable_id as "receivableId", registry from projection.receivable where receivable_id = any($1)
           union all select null, max(registry) from projection.registry having count(*) > 0`,
    values: [wanted]
  })
  const versions = new Map(rows.map(({ receivableId, registry }) => [receivableId, registry]))
  return commands.map((command, i) => {
    if (ids[i] === undefined && command.kind !== 'register' && command.kind !== 'issue') return deployment
    const version = versions.get(ids[i] ?? null)
    if (version === undefined) {
      // Who gives a command has seen its receivable; before the first block of the deployment there is no version either.
      throw new ApiError('PROJECTION_BEHIND', { presented: ids[i] ?? null })
    }
    return { ...deployment, receivables: registryAddresses(deployment.fingerprints)[version - 1]! }
  })
}
