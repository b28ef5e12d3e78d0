/** Which registry version a command goes to: that of its receivable, and for a new receivable the newest. */
import type { Deployment } from '../../domain/chain/contracts.ts'
import { registryAddresses, registryNumberOf } from '../../domain/chain/registries.ts'
import { receivableOfCommand, type Command, type Targets } from '../../domain/intent/commands.ts'
import { receivableIdToHex } from '../../domain/note/span.ts'
import type { Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'

/**
 * The deployment's contracts as each command calls them, in the order of the commands. While the projection is built again from
 * nothing, the newest version is the newest that it has so far, or the deployment's own: any of them takes a new receivable.
 * @throws ApiError PROJECTION_BEHIND for a receivable that is not projected, which who gives a command about it has seen there
 */
export async function targetsOf(
  tx: Transaction,
  deployment: Deployment,
  commands: readonly Command[]
): Promise<Targets[]> {
  const subjects = commands.map((command) => {
    const id = receivableOfCommand(command)
    if (id !== undefined) return receivableIdToHex(id)
    return command.kind === 'register' || command.kind === 'issue' ? NEW : undefined
  })
  const wanted = [...new Set(subjects.filter((subject) => subject !== undefined))]
  if (wanted.length === 0) return commands.map(() => deployment)
  const { rows } = await tx.query<{ subject: string; registry: number }>({
    name: 'intent.versions',
    text: `select receivable_id as subject, registry from projection.receivable where receivable_id = any($1)
           union all select '${NEW}', greatest(max(registry), $2) from projection.registry`,
    values: [wanted, registryNumberOf(deployment.fingerprints, deployment.receivables)]
  })
  const versions = new Map(rows.map(({ subject, registry }) => [subject, registry]))
  return subjects.map((subject) => {
    if (subject === undefined) return deployment
    const version = versions.get(subject)
    if (version === undefined) throw new ApiError('PROJECTION_BEHIND', { presented: subject })
    return { ...deployment, receivables: registryAddresses(deployment.fingerprints)[version - 1]! }
  })
}

/** Stands for the receivable that a command founds. */
const NEW = 'new'
