/** Funding requests with their quotes, and the facts from which their states follow. */
import { parseQuote, type FundingKind, type Quote } from '../../domain/factoring/terms.ts'
import type { LockFacts, QuoteFacts } from '../../domain/factoring/states.ts'
import { decodeNoteHex } from '../../domain/note/note-word.ts'
import type { NoteState } from '../../domain/note/note-states.ts'
import { serviceQuery, type Pool, type Transaction } from '../database.ts'
import type { SignerPart } from '../../domain/intent/typed-data.ts'
import type { SignerDuty } from '../../domain/participant/signers.ts'
import type { SignerOfUser } from '../intents/signature.ts'
import type { Caller } from '../plugins/auth.ts'
import { chainTime } from '../receivables/repository.ts'
import type { Vault } from '../vault.ts'

/** A lock that the projection shows, and the transactions of it and of what followed. */
export type StoredLock = LockFacts & { noteId: string; txHash: string; nextTx: string | null }

export interface StoredQuote extends QuoteFacts {
  quoteId: string
  factor: number
  terms: Quote
  /** The terms' one text. */
  text: string
  commitment: string
  intentId: string | null
  /** When enough of the factor's keys had signed the text, unix seconds. */
  signedAt: number | null
  /** In the order that they came in. */
  signatures: QuoteSignature[]
  lock: StoredLock | null
}

/** A key of the factor that signed. `signedAt` is the chain's time, unix seconds. */
export interface QuoteSignature extends SignerPart {
  duty: SignerDuty
  signedAt: number
}

export interface StoredRequest {
  requestId: string
  requester: number
  receivableId: string
  noteId: string
  amount: string
  kinds: FundingKind[]
  fundFrom: number
  fundUntil: number
  expiresAt: number
  isOpen: boolean
  /** Its requester accepts no quote that the factor's keys have not signed. */
  signedQuotesOnly: boolean
  withdrawnAt: number | null
  createdAt: Date
  /** Whom it was addressed to; empty when it is open to all. */
  factors: number[]
  debtor: number
  currency: number
  maturity: number
  confirmedAt: number
  isDisputed: boolean
  /** The note as it stands now; null when it was merged into another. */
  note: { state: NoteState; holder: number; tier: number; amount: string; frozenUntil: number | null } | null
  /** By when they were given. */
  quotes: StoredQuote[]
}

interface QuoteRow extends Omit<StoredQuote, 'terms' | 'text' | 'lock'> {
  sealed: string
  lock: {
    noteId: string
    word: string
    at: number
    txHash: string
    next: { name: string; at: number; txHash: string } | null
  } | null
}

const nextEvents = { NoteFinanced: 'financed', NoteUnlocked: 'unlocked', NoteSettled: 'settled' } as const

/** An order to lock that can still come through. `$now` stands for the parameter with the chain's time. */
export const isOrderedSql = (now: string) => `(i.state in ('recorded', 'sent')
  or i.state = 'awaiting-signatures' and (i.typed_data -> 'message' ->> 'deadline')::bigint >= ${now}
  or i.state = 'mined' and not exists (select from projection.block b where b.number = i.block_number and b.hash = i.block_hash))`

/** By its commitment, and not by the note that was expected: another cut may have come first. */
const locksSql = `left join lateral (
    select e.args ->> 'noteId' as note_id, e.args ->> 'note' as word, e.tx_hash, e.block_number, e.log_index, b.time
      from projection.event e join projection.block b on b.number = e.block_number
     where e.receivable_id = f.receivable_id and e.name = 'NoteLocked' and e.args ->> 'quote' = q.commitment
     order by e.block_number, e.log_index limit 1) l on true
  left join lateral (
    select e.name, b.time, e.tx_hash
      from projection.event e join projection.block b on b.number = e.block_number
     where e.args ? 'noteId' and e.args ->> 'noteId' = l.note_id and e.name in ('NoteFinanced', 'NoteUnlocked', 'NoteSettled')
       and (e.block_number, e.log_index) > (l.block_number, l.log_index)
     order by e.block_number, e.log_index limit 1) x on true`

const requestSql = `select f.request_id as "requestId", f.requester, f.receivable_id as "receivableId", f.note_id as "noteId",
    f.amount::text, f.kinds, f.fund_from::float8 as "fundFrom", f.fund_until::float8 as "fundUntil",
    f.expires_at::float8 as "expiresAt", f.is_open as "isOpen",
    f.signed_quotes_only as "signedQuotesOnly", f.withdrawn_at::float8 as "withdrawnAt",
    f.created_at as "createdAt",
    coalesce((select array_agg(a.factor order by a.factor) from app.funding_request_factor a
               where a.request_id = f.request_id), '{}') as factors,
    r.debtor, r.currency, r.maturity::float8 as maturity, r.confirmed_at::float8 as "confirmedAt", r.disputed as "isDisputed",
    case when n.note_id is not null then json_build_object('state', n.state, 'holder', n.holder, 'tier', n.tier,
      'amount', (upper(n.span) - lower(n.span))::text, 'frozenUntil', n.frozen_until) end as note,
    coalesce((select json_agg(json_build_object('quoteId', q.quote_id, 'factor', q.factor, 'sealed', encode(q.text, 'base64'),
        'commitment', q.commitment, 'expiresAt', q.expires_at, 'isWithdrawn', q.withdrawn_at is not null,
        'signedAt', q.signed_at,
        'signatures', (select coalesce(json_agg(json_build_object('signer', s.signer, 'signature', s.signature, 'duty', s.duty,
            'signedAt', s.signed_at) order by s.signed_at, s.signer), '[]') from app.quote_signature s where s.quote_id = q.quote_id),
        'intentId', q.intent_id, 'isOrdered', coalesce(${isOrderedSql('$1')}, false),
        'lock', case when l.note_id is not null then json_build_object('noteId', l.note_id, 'word', l.word, 'at', l.time, 'txHash', l.tx_hash,
          'next', case when x.name is not null then json_build_object('name', x.name, 'at', x.time, 'txHash', x.tx_hash) end)
        end) order by q.created_at, q.quote_id)
      from app.quote q left join app.intent i using (intent_id) ${locksSql}
     where q.request_id = f.request_id), '[]') as quotes
  from app.funding_request f
  join projection.receivable r using (receivable_id)
  left join projection.note n on n.note_id = f.note_id`

/** The requester, whom it is addressed to, and every factor but the debtor when it is open to all. */
const isVisible = `(f.requester = $2 or exists (select from app.funding_request_factor a
    where a.request_id = f.request_id and a.factor = $2) or f.is_open and $3 and r.debtor <> $2)`

function viewer(now: number, caller: Caller): [number, number, boolean] {
  return [now, caller.participantId, caller.roles.includes('factor')]
}

type Row = Omit<StoredRequest, 'quotes'> & { quotes: QuoteRow[] }

function storedOf(vault: Vault, { quotes, ...row }: Row): StoredRequest {
  return { ...row, quotes: quotes.map((quote) => quoteOf(vault, quote)) }
}

function quoteOf(vault: Vault, { sealed, lock, ...row }: QuoteRow): StoredQuote {
  const text = vault.open(Buffer.from(sealed, 'base64'), placeOf(row.quoteId)) as string
  return { ...row, text, terms: parseQuote(text), lock: lock && lockOf(lock) }
}

function lockOf({ noteId, word, at, txHash, next }: NonNullable<QuoteRow['lock']>): StoredLock {
  const event = next && { event: nextEvents[next.name as keyof typeof nextEvents], at: next.at }
  return { noteId, at, txHash, deadline: decodeNoteHex(word).deadline, next: event, nextTx: next && next.txHash }
}

const placeOf = (quoteId: string): string => `quote ${quoteId}`

/** The request with this id, or the one of the quote with it, if the caller may see it. */
export async function findRequest(
  client: Pool | Transaction,
  vault: Vault,
  caller: Caller,
  now: number,
  by: { requestId: string } | { quoteId: string }
): Promise<StoredRequest | undefined> {
  const isByQuote = 'quoteId' in by
  const { rows } = await serviceQuery<Row>(client, {
    name: `factoring.request-by-${isByQuote ? 'quote' : 'id'}`,
    text: `${requestSql} where ${isVisible} and f.request_id = ${isByQuote ? '(select request_id from app.quote where quote_id = $4)' : '$4'}`,
    values: [...viewer(now, caller), isByQuote ? by.quoteId : by.requestId]
  })
  return rows[0] && storedOf(vault, rows[0])
}

export interface RequestFilter {
  role: 'requester' | 'factor'
  noteId?: string | undefined
  before?: string | undefined
  limit: number
}

/** Newest first: ids are UUIDs of version 7. */
export async function listRequests(
  pool: Pool,
  vault: Vault,
  caller: Caller,
  now: number,
  { role, noteId, before, limit }: RequestFilter
): Promise<StoredRequest[]> {
  const { rows } = await serviceQuery<Row>(pool, {
    name: `factoring.requests-of-${role}`,
    text: `${requestSql} where ${isVisible} and f.requester ${role === 'requester' ? '=' : '<>'} $2
              and ($4::text is null or f.note_id = $4) and ($5::uuid is null or f.request_id < $5)
            order by f.request_id desc limit $6`,
    values: [...viewer(now, caller), noteId ?? null, before ?? null, limit]
  })
  return rows.map((row) => storedOf(vault, row))
}

/** Whether its holder asks the caller to finance this note: then it may see where that comes from. */
export async function isAskedFor(client: Pool | Transaction, noteId: string, caller: Caller): Promise<boolean> {
  const { rows } = await serviceQuery<{ asked: boolean }>(client, {
    name: 'factoring.is-asked',
    text: `select exists (select from app.funding_request f join projection.receivable r using (receivable_id)
               join projection.note n on n.note_id = f.note_id and n.holder = f.requester
             where f.note_id = $4 and f.withdrawn_at is null and f.expires_at >= $1 and f.requester <> $2 and ${isVisible}) as asked`,
    values: [...viewer(await chainTime(client), caller), noteId]
  })
  return rows[0]!.asked
}

/** Whoever changes a request or its quotes queues here until the transaction ends. */
export async function lockRequest(tx: Transaction, requestId: string): Promise<void> {
  await serviceQuery(tx, 'select from app.funding_request where request_id = $1 for update', [requestId])
}

export type NewRequest = Pick<
  StoredRequest,
  | 'requestId'
  | 'requester'
  | 'receivableId'
  | 'noteId'
  | 'amount'
  | 'kinds'
  | 'fundFrom'
  | 'fundUntil'
  | 'expiresAt'
  | 'isOpen'
  | 'signedQuotesOnly'
  | 'factors'
>

export async function insertRequest(tx: Transaction, request: NewRequest): Promise<void> {
  const { requestId, requester, receivableId, noteId, amount, kinds, fundFrom, fundUntil, expiresAt } = request
  const { isOpen, signedQuotesOnly } = request
  await serviceQuery(
    tx,
    `insert into app.funding_request (request_id, requester, receivable_id, note_id, amount, kinds, fund_from, fund_until,
                                      expires_at, is_open, signed_quotes_only)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      requestId,
      requester,
      receivableId,
      noteId,
      amount,
      kinds,
      fundFrom,
      fundUntil,
      expiresAt,
      isOpen,
      signedQuotesOnly
    ]
  )
  await serviceQuery(
    tx,
    'insert into app.funding_request_factor (request_id, factor) select $1::uuid, * from unnest($2::integer[])',
    [requestId, request.factors]
  )
}

export async function withdrawRequest(tx: Transaction, requestId: string, now: number): Promise<void> {
  await serviceQuery(tx, 'update app.funding_request set withdrawn_at = $2 where request_id = $1', [requestId, now])
}

export async function insertQuote(
  tx: Transaction,
  vault: Vault,
  quote: Quote,
  text: string,
  commitment: string
): Promise<void> {
  const { quoteId, requestId, factor, isFirm, expiresAt } = quote
  await serviceQuery(
    tx,
    `insert into app.quote (quote_id, request_id, factor, text, commitment, is_firm, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [quoteId, requestId, factor, vault.seal(text, placeOf(quoteId)), commitment, isFirm, expiresAt]
  )
}

export async function withdrawQuote(tx: Transaction, quoteId: string, now: number): Promise<void> {
  await serviceQuery(tx, 'update app.quote set withdrawn_at = $2 where quote_id = $1 and not is_firm', [quoteId, now])
}

/**
 * Keeps a signature under a quote; one of each signer. `userId`: the person in whose session it came, if it is one's.
 * @returns whether the signer had not signed before
 */
export async function addQuoteSignature(
  tx: Transaction,
  quoteId: string,
  { signer, signature, duty, signedAt, userId }: QuoteSignature & { userId: string | undefined }
): Promise<boolean> {
  const { rowCount } = await serviceQuery(
    tx,
    `insert into app.quote_signature (quote_id, signer, signature, duty, user_id, signed_at)
     values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
    [quoteId, signer, signature, duty, userId ?? null, signedAt]
  )
  return rowCount === 1
}

/** Enough of the factor's keys have signed. A quote that is signed stays so, whatever becomes of the keys. */
export async function completeQuote(tx: Transaction, quoteId: string, now: number): Promise<void> {
  await serviceQuery(tx, 'update app.quote set signed_at = $2 where quote_id = $1 and signed_at is null', [
    quoteId,
    now
  ])
}

/** Signers of a quote whose signatures came in sessions of one user, and whether each is a key in custody. */
export async function quoteSignersOfUser(tx: Transaction, quoteId: string, userId: string): Promise<SignerOfUser[]> {
  const { rows } = await serviceQuery<SignerOfUser>(
    tx,
    `select s.signer, exists (select from app.managed_key k where k.signer = s.signer) as "isManaged"
       from app.quote_signature s where s.quote_id = $1 and s.user_id = $2`,
    [quoteId, userId]
  )
  return rows
}

/** The order to lock by a quote. */
export async function orderQuote(tx: Transaction, quoteId: string, intentId: string): Promise<void> {
  await serviceQuery(tx, 'update app.quote set intent_id = $2 where quote_id = $1', [quoteId, intentId])
}

/** Of each of these notes: what accepted quotes wait for that the projection does not show locked yet, minor units. */
export async function promisedOf(
  client: Pool | Transaction,
  noteIds: readonly string[],
  now: number
): Promise<Map<string, bigint>> {
  const { rows } = await serviceQuery<{ noteId: string; amount: string }>(client, {
    name: 'factoring.promised',
    text: `select f.note_id as "noteId", sum(f.amount)::text as amount
             from app.funding_request f join app.quote q using (request_id) join app.intent i using (intent_id)
            where f.note_id = any($2) and ${isOrderedSql('$1')} group by f.note_id`,
    values: [now, noteIds]
  })
  return new Map(rows.map(({ noteId, amount }) => [noteId, BigInt(amount)]))
}
