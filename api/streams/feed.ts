/** Reads `projection.feed` (docs/adr/0022-a-feed-of-blocks-and-retractions.md) as one participant may see it. */
import { serviceQuery, type Pool, type Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import type { Caller } from '../plugins/auth.ts'

/** For whom the feed is read. */
export type Reader = Pick<Caller, 'participantId' | 'roles'>

/** One position of the feed: an event that came, or one that a fork took back. */
export interface Entry {
  position: number
  token: string
  kind: 'added' | 'retracted'
  block: number
  blockHash: string
  event: {
    logIndex: number
    time: number
    txHash: string
    address: string
    name: string
    args: object
    receivableId: string | null
    /** Who may read it; null: everyone. */
    parties: number[] | null
    /** Clearing agents may too: its receivable's debtor had promised to pay by the end of the block. */
    isConfirmed: boolean
  }
  /** The intent that made the transaction, and whose it is. */
  intentId: string | null
  intentOf: number | null
}

/** What a participant gets of an entry. */
export interface EventView {
  id: string
  kind: 'added' | 'retracted'
  name: string
  receivableId: string | null
  block: number
  blockHash: string
  time: number
  logIndex: number
  txHash: string
  address: string
  args: object
  intentId: string | null
}

/** A place between two entries: all up to `position` were passed. */
export interface Place {
  position: number
  token: string
}

export interface Page {
  entries: Entry[]
  /** Where to go on. */
  next: Place
  /** Nothing more is there at the moment. */
  isEnd: boolean
}

export const START: Place = { position: 0, token: '0' }

/** Positions looked through at a time, so that who sees little of much costs no more than others. */
const SCAN = 2_000

interface Row {
  first: number
  last: number
  kind: 'added' | 'retracted'
  hash: string
}

const tokenOf = (position: number, { first, kind, hash }: Row): string =>
  `${position}-${kind[0]}-${hash.slice(2, 10)}-${position - first}`

const rowColumns = `first_position::float8 as first, last_position::float8 as last, kind, block_hash as hash`

async function rowAt(client: Pool | Transaction, position: number): Promise<Row | undefined> {
  const { rows } = await serviceQuery<Row>(client, {
    name: 'feed.row-at',
    text: `select ${rowColumns} from projection.feed where first_position <= $1 order by first_position desc limit 1`,
    values: [position]
  })
  return rows[0]
}

/** The newest position. */
export async function endOfFeed(client: Pool | Transaction): Promise<Place> {
  const row = await rowAt(client, Number.MAX_SAFE_INTEGER)
  return row ? { position: row.last, token: tokenOf(row.last, row) } : START
}

/**
 * The place that a token names.
 * @throws ApiError POSITION_UNKNOWN when the feed has something else there: it was begun anew, or the token is made up
 */
export async function placeOf(client: Pool | Transaction, token: string): Promise<Place> {
  if (token === START.token) return START
  const position = Number(token.split('-')[0])
  const row = await rowAt(client, position)
  if (!row || row.last < position || tokenOf(position, row) !== token) {
    throw new ApiError('POSITION_UNKNOWN', { presented: token })
  }
  return { position, token }
}

/** Entries after a position that the caller may see, and how far was looked. */
export async function readFeed(client: Pool | Transaction, caller: Reader, after: Place, limit: number): Promise<Page> {
  const end = await endOfFeed(client)
  const until = Math.min(after.position + SCAN, end.position)
  if (until <= after.position) return { entries: [], next: after, isEnd: true }
  const { rows } = await serviceQuery<Omit<Entry, 'token'> & { first: number }>(client, {
    name: 'feed.page',
    text: `
      select position, kind, block, hash as "blockHash", first, event, i.intent_id as "intentId", i.participant_id as "intentOf"
      from (
        select f.first_position::float8 as first, f.kind, f.block_number::float8 as block, f.block_hash as hash, event,
          case f.kind when 'added' then f.first_position + at - 1 else f.last_position - at + 1 end::float8 as position
        from projection.feed f left join projection.feed taken on taken.first_position = f.retracts
          cross join lateral jsonb_array_elements(
            coalesce(f.events, taken.events, projection.feed_events(f.block_number))) with ordinality as e (event, at)
        where f.first_position <= $2 and f.first_position >= (
          select coalesce(max(first_position), 0) from projection.feed where first_position <= $1::bigint + 1)) entry
        left join lateral (
          select intent_id, participant_id from app.intent where tx_hash = event ->> 'txHash' limit 1) i on true
      where position > $1 and position <= $2
        and ($3::boolean or event -> 'parties' = 'null' or event -> 'parties' @> to_jsonb($4::bigint)
          or ($5::boolean and (event -> 'isConfirmed')::boolean))
      order by position limit $6`,
    values: [
      after.position,
      until,
      caller.roles.includes('regulator'),
      caller.participantId,
      caller.roles.includes('clearing'),
      limit
    ]
  })
  const entries = rows.map(({ first, ...row }) => ({
    ...row,
    token: tokenOf(row.position, { first, last: first, kind: row.kind, hash: row.blockHash })
  }))
  const last = entries.at(-1)
  if (last && entries.length === limit) return { entries, next: last, isEnd: last.position === end.position }
  const row = until === end.position ? undefined : await rowAt(client, until)
  return { entries, next: row ? { position: until, token: tokenOf(until, row) } : end, isEnd: row === undefined }
}

/** The same rule in memory, for entries that were read for everyone. */
export function isVisible({ event: { parties, isConfirmed } }: Entry, { roles, participantId }: Reader): boolean {
  const isOverseer = roles.includes('regulator') || (isConfirmed && roles.includes('clearing'))
  return parties === null || isOverseer || parties.includes(participantId)
}

/** Who else may read it is nobody's business, and an intent its giver's only. */
export function viewOf({ token, kind, block, blockHash, event, intentId, intentOf }: Entry, caller: Reader): EventView {
  const { name, receivableId, time, logIndex, txHash, address, args } = event
  const own = intentOf === caller.participantId ? intentId : null
  return { id: token, kind, name, receivableId, block, blockHash, time, logIndex, txHash, address, args, intentId: own }
}
