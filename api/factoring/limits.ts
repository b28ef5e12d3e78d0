/**
 * Limits of factors. What stands against one is counted each time, from the projection (locked, pledged and held notes) and from orders
 * under way, so that no counter can drift: a repayment, a settlement or a lapse frees its part by being projected. Acceptances of one
 * factor's quotes queue at the rows of its limits.
 */
import { freeUnder, type LimitScope } from '../../domain/factoring/limits.ts'
import { serviceQuery, type Pool, type Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import { isOrderedSql } from './repository.ts'

export interface StoredLimit {
  scope: LimitScope
  /** The debtor or the seller; null for `total`. */
  counterpart: number | null
  currency: number
  /** Minor units; null: no limit any more. */
  amount: string | null
  expiresAt: number
  used: string
  reserved: string
}

/**
 * What stands with a factor, one row a note or order, at the chain's time `$1` for the factor `$2`. A note that it holds was assigned by
 * its seller; one pledged or locked is still the seller's. A lock counts when it carries out one of its quotes, so that nobody can fill
 * its limits by locking notes for it unasked; an order counts until the projection shows its lock.
 */
export const exposureSql = `
  select 'used' as kind, r.debtor, n.assignor as seller, r.currency, upper(n.span) - lower(n.span) as amount
    from projection.note n join projection.receivable r using (receivable_id)
   where n.holder = $2 and n.state in ('live', 'offered', 'locked', 'pledged') and n.assignor is not null
  union all
  select case n.state when 'pledged' then 'used' else 'reserved' end, r.debtor, n.holder, r.currency, upper(n.span) - lower(n.span)
    from projection.note n join projection.receivable r using (receivable_id)
   where n.counterparty = $2 and (n.state = 'pledged' or n.state = 'locked' and exists (
         select from app.quote q where q.commitment = n.quote and q.factor = $2 and q.intent_id is not null))
  union all
  select 'reserved', r.debtor, f.requester, r.currency, f.amount
    from app.quote q
    join app.funding_request f using (request_id)
    join projection.receivable r using (receivable_id)
    join app.intent i using (intent_id)
   where q.factor = $2 and q.intent_id is not null and q.expires_at >= $1 - ${7 * 86_400} and ${isOrderedSql('$1')}`

const limitSql = `with exposure as (${exposureSql})
  select m.scope, m.counterpart, m.currency, m.amount::text, m.expires_at::float8 as "expiresAt",
         coalesce(sum(e.amount) filter (where e.kind = 'used'), 0)::text as used,
         coalesce(sum(e.amount) filter (where e.kind = 'reserved'), 0)::text as reserved
    from app.factor_limit m
    left join exposure e on e.currency = m.currency
     and case m.scope when 'debtor' then e.debtor = m.counterpart when 'seller' then e.seller = m.counterpart else true end
   where m.factor = $2`
const grouped = 'group by m.limit_id order by m.currency, m.scope desc, m.counterpart'

export async function listLimits(client: Pool | Transaction, factor: number, now: number): Promise<StoredLimit[]> {
  const { rows } = await serviceQuery<StoredLimit>(client, {
    name: 'factoring.limits',
    text: `${limitSql} ${grouped}`,
    values: [now, factor]
  })
  return rows
}

export type NewLimit = Pick<StoredLimit, 'scope' | 'counterpart' | 'currency' | 'amount' | 'expiresAt'>

/** Sets a limit in the place of the one before. */
export async function keepLimit(tx: Transaction, factor: number, limit: NewLimit): Promise<void> {
  await serviceQuery(
    tx,
    `insert into app.factor_limit (factor, scope, counterpart, currency, amount, expires_at) values ($1, $2, $3, $4, $5, $6)
     on conflict on constraint factor_limit_key do update
       set amount = excluded.amount, expires_at = excluded.expires_at, set_at = now()`,
    [factor, limit.scope, limit.counterpart, limit.currency, limit.amount, limit.expiresAt]
  )
}

/** What is going to be financed. */
export interface Financing {
  factor: number
  debtor: number
  seller: number
  currency: number
  amount: bigint
}

/**
 * Refuses unless the financing fits under every limit that its factor set. The rows stay locked until the transaction ends, so that of
 * many at once each sees the ones before. The figures are the factor's own business: who asks is not told them.
 * @throws ApiError LIMIT_EXHAUSTED
 */
export async function requireRoom(
  tx: Transaction,
  { factor, debtor, seller, currency, amount }: Financing,
  now: number
): Promise<void> {
  const applying = `m.currency = $3 and (m.counterpart is null or m.counterpart = case m.scope when 'debtor' then $4::integer else $5::integer end)`
  const { rowCount } = await serviceQuery(
    tx,
    `select from app.factor_limit m where m.factor = $1 and m.currency = $2 order by m.limit_id for update`,
    [factor, currency]
  )
  if (rowCount === 0) return
  // A statement of its own: it sees what those that held the rows before have written.
  const { rows } = await serviceQuery<StoredLimit>(tx, `${limitSql} and ${applying} ${grouped}`, [
    now,
    factor,
    currency,
    debtor,
    seller
  ])
  const exhausted = rows.some((limit) => {
    const set = { amount: limit.amount === null ? null : BigInt(limit.amount), expiresAt: limit.expiresAt }
    const free = freeUnder(set, { used: BigInt(limit.used), reserved: BigInt(limit.reserved) }, now)
    return free !== null && free < amount
  })
  if (exhausted) throw new ApiError('LIMIT_EXHAUSTED', { presented: String(amount) })
}
