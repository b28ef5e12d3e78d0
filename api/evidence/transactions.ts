import { asService, type Pool } from '../database.ts'
import { withoutLeaf } from './leaves.ts'

/**
 * Who ordered a transaction that is projected: null when no intent of ours did. Undefined when there is none, or only an anchor of the log
 * or an account's word on its keys, of which there are no leaves.
 */
export async function originOf(pool: Pool, txHash: string): Promise<{ participantId: number | null } | undefined> {
  const { rows } = await asService(pool, (service) =>
    service.query<{ participantId: number | null }>({
      name: 'evidence.origin-of',
      text: `select (select i.participant_id from app.outbox o join app.intent i using (intent_id)
                    where o.tx_hash = $1 and o.purpose = 'intent' limit 1) as "participantId"
             from projection.event where tx_hash = $1 and name <> all($2) limit 1`,
      values: [txHash, withoutLeaf]
    })
  )
  return rows[0]
}
