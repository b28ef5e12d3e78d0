import { inTransaction, type Pool, type Transaction } from '../database.ts'
import type { Tracing } from '../operation/tracing.ts'

interface Ended {
  intentId: string
  kind: string
  traceParent: string
  refusal: string | null
  steps: { state: string; at: string }[]
  /** Of the database, as of which it was seen to have ended. */
  now: Date
  outcome: 'projected' | 'refused' | 'expired'
}

/** Came to its end: projected (as api/intents/repository.ts has it), refused, or not signed in time. */
const ended = `
  select i.intent_id as "intentId", i.kind, i.trace_parent as "traceParent", i.refusal ->> 'code' as refusal, clock_timestamp() as now,
         case i.state when 'mined' then 'projected' when 'refused' then 'refused' else 'expired' end as outcome,
         (select json_agg(json_build_object('state', s.state, 'at', s.at) order by s.step_id)
            from app.intent_step s where s.intent_id = i.intent_id) as steps
    from app.intent i
   where i.intent_id in (select intent_id from app.intent_step) and (i.state = 'refused'
      or i.state = 'mined' and (i.block_number < (select block_number - 256 from projection.cursor)
         or exists (select from projection.block b where b.number = i.block_number and b.hash = i.block_hash))
      or i.state = 'awaiting-signatures' and (i.typed_data #>> '{message,deadline}')::bigint < extract(epoch from now()))
   order by i.intent_id limit 200`

/** What a state is called in a trace. */
const names: Record<string, string> = { recorded: 'accepted' }

/**
 * Tells the way of each traced intent that came to its end: one span in the request that it began with, and in that one for each state that it
 * came to. A kill between may lose what was told last, never an intent.
 * @returns whether there was one
 */
export async function tellIntents(pool: Pool, tracing: Tracing): Promise<boolean> {
  const { rows } = await pool.query<Ended>({ name: 'trace.ended', text: ended })
  if (rows.length === 0) return false
  await inTransaction(pool, (tx: Transaction) =>
    tx.query('delete from app.intent_step where intent_id = any($1)', [rows.map(({ intentId }) => intentId)])
  )
  for (const row of rows) tell(tracing, row)
  return true
}

function tell(tracing: Tracing, { intentId, kind, traceParent, refusal, steps, now, outcome }: Ended): void {
  const last = outcome === 'refused' ? [] : [{ state: outcome, at: now }]
  const all = [...steps.map(({ state, at }) => ({ state, at: new Date(at) })), ...last]
  const whole = tracing.tell({
    name: `intent ${kind}`,
    parent: traceParent,
    startedAt: all[0]!.at,
    endedAt: all.at(-1)!.at,
    attributes: {
      'tallystick.intent.id': intentId,
      'tallystick.intent.outcome': outcome,
      ...(refusal && { 'error.type': refusal })
    },
    hasFailed: outcome === 'refused'
  })
  for (const [i, { state, at }] of all.entries()) {
    if (i === 0) continue
    tracing.tell({ name: `intent ${names[state] ?? state}`, parent: whole, startedAt: all[i - 1]!.at, endedAt: at })
  }
}
