import type { Deployment } from '../../domain/chain/contracts.ts'
import { registryAddresses } from '../../domain/chain/registries.ts'
import type { Pool, Transaction } from '../database.ts'

/** Address of the registry version that a receivable lives on; the deployment's own for one that is not projected. */
export async function versionOf(
  client: Pool | Transaction,
  { fingerprints, receivables }: Deployment,
  receivableId: string
): Promise<string> {
  const { rows } = await client.query<{ registry: number }>({
    name: 'receivable.version',
    text: 'select registry from projection.receivable where receivable_id = $1',
    values: [receivableId]
  })
  return rows[0] ? registryAddresses(fingerprints)[rows[0].registry - 1]! : receivables
}
