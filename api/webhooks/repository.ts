import type { Pool, Transaction } from '../database.ts'
import type { Vault } from '../vault.ts'

type Client = Pool | Transaction

export interface EndpointView {
  endpointId: string
  url: string
  description: string | null
  state: 'active' | 'disabled'
  /** Why it is disabled. */
  reason: string | null
  /** Up to where the feed was delivered. */
  place: string
  failures: number
  failingSince: string | null
  nextAttemptAt: string
  createdAt: string
}

export interface DeliveryView {
  deliveryId: string
  eventId: string
  eventName: string
  isReplay: boolean
  status: number | null
  problem: string | null
  durationMs: number
  attemptedAt: string
}

/** An endpoint as the deliverer needs it. */
export interface Due {
  endpointId: string
  participantId: number
  roles: string[]
  url: string
  place: string
  failures: number
  failingSince: Date | null
  secret: Buffer
}

const iso = (column: string) => `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
const columns = `endpoint_id as "endpointId", url, description, state, reason, place, failures,
  ${iso('failing_since')} as "failingSince", ${iso('next_attempt_at')} as "nextAttemptAt", ${iso('created_at')} as "createdAt"`

const secretPlace = (endpointId: string) => `webhook secret ${endpointId}`

export async function insertEndpoint(
  tx: Transaction,
  vault: Vault,
  endpoint: {
    endpointId: string
    participantId: number
    url: string
    description: string | null
    secret: string
    place: string
  }
): Promise<EndpointView> {
  const { endpointId, participantId, url, description, secret, place } = endpoint
  const { rows } = await tx.query<EndpointView>(
    `insert into app.webhook_endpoint (endpoint_id, participant_id, url, description, secret, place)
     values ($1, $2, $3, $4, $5, $6) returning ${columns}`,
    [endpointId, participantId, url, description, vault.seal({ secret }, secretPlace(endpointId)), place]
  )
  return rows[0]!
}

/** Counts a participant's endpoints; those that want one more queue here until the transaction ends. */
export async function countEndpoints(tx: Transaction, participantId: number): Promise<number> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 2))', [`webhooks ${participantId}`])
  const { rows } = await tx.query<{ count: number }>(
    'select count(*)::int as count from app.webhook_endpoint where participant_id = $1',
    [participantId]
  )
  return rows[0]!.count
}

export async function listEndpoints(client: Client, participantId: number): Promise<EndpointView[]> {
  const { rows } = await client.query<EndpointView>(
    `select ${columns} from app.webhook_endpoint where participant_id = $1 order by created_at, endpoint_id`,
    [participantId]
  )
  return rows
}

export async function findEndpoint(
  client: Client,
  participantId: number,
  endpointId: string
): Promise<EndpointView | undefined> {
  const { rows } = await client.query<EndpointView>(
    `select ${columns} from app.webhook_endpoint where participant_id = $1 and endpoint_id = $2`,
    [participantId, endpointId]
  )
  return rows[0]
}

/** Disables with a reason, or enables with a new start: what failed before is forgotten. */
export async function setState(tx: Client, endpointId: string, reason: string | null): Promise<void> {
  await tx.query(
    `update app.webhook_endpoint set state = case when $2::text is null then 'active' else 'disabled' end, reason = $2,
       failures = 0, failing_since = null, next_attempt_at = now() where endpoint_id = $1`,
    [endpointId, reason]
  )
}

export async function setPlace(tx: Transaction, endpointId: string, place: string): Promise<void> {
  await tx.query('update app.webhook_endpoint set place = $2, next_attempt_at = now() where endpoint_id = $1', [
    endpointId,
    place
  ])
}

export async function addReplay(tx: Transaction, endpointId: string, eventId: string): Promise<void> {
  await tx.query('insert into app.webhook_replay (endpoint_id, event_id) values ($1, $2)', [endpointId, eventId])
}

export async function listDeliveries(
  client: Client,
  endpointId: string,
  before: string | undefined,
  limit: number
): Promise<DeliveryView[]> {
  const { rows } = await client.query<DeliveryView>(
    `select delivery_id::text as "deliveryId", event_id as "eventId", event_name as "eventName", is_replay as "isReplay", status,
       problem, duration_ms as "durationMs", ${iso('attempted_at')} as "attemptedAt"
     from app.webhook_delivery where endpoint_id = $1 and ($2::bigint is null or delivery_id < $2)
     order by delivery_id desc limit $3`,
    [endpointId, before ?? null, limit]
  )
  return rows
}

/** Ids of the active endpoints whose time has come. */
export async function dueEndpoints(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ endpointId: string }>({
    name: 'webhook.due',
    text: `select endpoint_id as "endpointId" from app.webhook_endpoint
           where state = 'active' and next_attempt_at <= now() order by next_attempt_at limit 1000`
  })
  return rows.map(({ endpointId }) => endpointId)
}

/** An endpoint with what its participant may see, if it still is due. */
export async function findDue(client: Client, endpointId: string): Promise<Due | undefined> {
  const { rows } = await client.query<Due>({
    name: 'webhook.find-due',
    text: `select endpoint_id as "endpointId", participant_id as "participantId", roles, url, place, failures,
             failing_since as "failingSince", secret
           from app.webhook_endpoint join app.participant using (participant_id)
           where endpoint_id = $1 and state = 'active' and next_attempt_at <= now()`,
    values: [endpointId]
  })
  return rows[0]
}

export function openSecret(vault: Vault, { endpointId, secret }: Due): string {
  return (vault.open(secret, secretPlace(endpointId)) as { secret: string }).secret
}

/** The oldest event that is wanted once more. */
export async function nextReplay(
  client: Client,
  endpointId: string
): Promise<{ replayId: string; eventId: string } | undefined> {
  const { rows } = await client.query<{ replayId: string; eventId: string }>({
    name: 'webhook.next-replay',
    text: `select replay_id as "replayId", event_id as "eventId" from app.webhook_replay
           where endpoint_id = $1 and done_at is null order by replay_id limit 1`,
    values: [endpointId]
  })
  return rows[0]
}

export async function endReplay(client: Client, replayId: string): Promise<void> {
  await client.query('update app.webhook_replay set done_at = now() where replay_id = $1', [replayId])
}

/** Moves on, unless somebody moved it meanwhile. Returns whether it moved. */
export async function moveOn(client: Client, endpointId: string, from: string, to: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `update app.webhook_endpoint set place = $3, failures = 0, failing_since = null
     where endpoint_id = $1 and place = $2 and state = 'active'`,
    [endpointId, from, to]
  )
  return rowCount === 1
}

export async function countFailure(client: Client, endpointId: string, waitMs: number): Promise<void> {
  await client.query(
    `update app.webhook_endpoint set failures = failures + 1, failing_since = coalesce(failing_since, now()),
       next_attempt_at = now() + $2 * interval '1 millisecond' where endpoint_id = $1 and state = 'active'`,
    [endpointId, waitMs]
  )
}

export async function logDelivery(
  client: Client,
  endpointId: string,
  delivery: Omit<DeliveryView, 'deliveryId' | 'attemptedAt'>
): Promise<void> {
  const { eventId, eventName, isReplay, status, problem, durationMs } = delivery
  await client.query(
    `insert into app.webhook_delivery (endpoint_id, event_id, event_name, is_replay, status, problem, duration_ms)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [endpointId, eventId, eventName, isReplay, status, problem, durationMs]
  )
}
