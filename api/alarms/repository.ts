import type { AlarmFacts } from '../../domain/alarms/facts.ts'
import { DEFAULT_THRESHOLD, type AlarmRule, type Finding, type SharedFact } from '../../domain/alarms/rules.ts'
import { lookupsOf, searchTraitsOf, traitsOf, type Trait } from '../../domain/alarms/traits.ts'
import { asService, type Pool, type Transaction } from '../database.ts'
import type { Caller } from '../plugins/auth.ts'
import type { Vault } from '../vault.ts'
import type { Watched } from './assess.ts'

/** Of one seller, buyer and currency there may be thousands: the newest count. */
const CANDIDATES_MAX = 500

export type Decision = 'accepted' | 'rejected'

/** One of the two documents of an alarm. */
export interface AlarmSide {
  documentId: string
  owner: number
  facts: AlarmFacts
  /** The receivable that it stands behind, if any. */
  receivable: SideReceivable | null
  /** Whether the caller may know more than the number. */
  isParty: boolean
}

export interface SideReceivable {
  receivableId: string
  creditor: number
  debtor: number
  cancelled: string
  registeredAt: number
}

export interface StoredAlarm {
  alarmId: number
  rule: AlarmRule
  score: number
  shared: SharedFact[]
  createdAt: string
  /** From this score on it stops the caller. */
  threshold: number
  /** The caller's newest, unless the score rose since. */
  decision: { decision: Decision; reason: string; decidedAt: string } | null
  sides: AlarmSide[]
}

const placeOf = (documentId: string): string => `alarm facts ${documentId}`
const reasonPlaceOf = (alarmId: number, participantId: number): string => `alarm decision ${alarmId} ${participantId}`

/** JSON has neither big integers nor undefined. */
interface StoredFacts extends Omit<AlarmFacts, 'gross' | 'issueDate' | 'payee'> {
  gross: string
  issueDate: string | null
  payee: string | null
}

/** What was kept of a document by {@link keepFacts}. */
export function openFacts(vault: Vault, documentId: string, sealed: Uint8Array): AlarmFacts {
  const { gross, issueDate, payee, ...rest } = vault.open(sealed, placeOf(documentId)) as StoredFacts
  return { ...rest, gross: BigInt(gross), issueDate: issueDate ?? undefined, payee: payee ?? undefined }
}

/** Keeps a document's facts and what it is found by, in place of those it had. */
export async function keepFacts(tx: Transaction, vault: Vault, { documentId, ...facts }: Watched): Promise<void> {
  const { gross, issueDate, payee, ...rest } = facts
  const stored: StoredFacts = { ...rest, gross: String(gross), issueDate: issueDate ?? null, payee: payee ?? null }
  await tx.query(
    `insert into app.alarm_facts (document_id, class, facts) values ($1, $2, $3)
     on conflict (document_id) do update set facts = excluded.facts`,
    [documentId, facts.class, vault.seal(stored, placeOf(documentId))]
  )
  await tx.query('delete from app.alarm_trait where document_id = $1', [documentId])
  const traits = digested(vault, [...traitsOf(facts), ...searchTraitsOf(facts)])
  await tx.query(
    `insert into app.alarm_trait (document_id, kind, digest)
     select distinct $1::uuid, * from unnest($2::text[], $3::bytea[])`,
    [documentId, traits.kinds, traits.digests]
  )
}

/** Undefined for a document of before alarms. */
export async function readFacts(tx: Transaction, vault: Vault, documentId: string): Promise<Watched | undefined> {
  const { rows } = await asService(tx, (service) =>
    service.query<{ facts: Buffer }>('select facts from app.alarm_facts where document_id = $1', [documentId])
  )
  return rows[0] && { ...openFacts(vault, documentId, rows[0].facts), documentId }
}

/** The document that a receivable was registered from through the api. */
export async function documentOf(tx: Transaction, receivableId: string): Promise<string | undefined> {
  const { rows } = await asService(tx, (service) =>
    service.query<{ documentId: string }>(
      `select d.document_id as "documentId"
       from projection.receivable r join app.document d on d.content_commitment = r.content_commitment
      where r.receivable_id = $1`,
      [receivableId]
    )
  )
  return rows[0]?.documentId
}

/** Documents that share a trait and stand behind a receivable, or credit one. */
export async function findCandidates(tx: Transaction, vault: Vault, facts: Watched): Promise<Watched[]> {
  const { kinds, digests } = digested(vault, lookupsOf(facts))
  const { rows } = await tx.query<{ documentId: string; facts: Buffer }>(
    `select f.document_id as "documentId", f.facts
       from (select distinct t.document_id from app.alarm_trait t
               join unnest($2::text[], $3::bytea[]) as wanted(kind, digest) using (kind, digest)
              where t.document_id <> $1) found
       join app.alarm_facts f using (document_id)
       join app.document d using (document_id)
      where f.class = 'C' or exists (select from projection.receivable r
              where r.content_commitment = d.content_commitment and r.state not in ('rejected', 'withdrawn'))
      order by d.created_at desc limit ${CANDIDATES_MAX}`,
    [facts.documentId, kinds, digests]
  )
  return rows.map(({ documentId, facts: sealed }) => ({ ...openFacts(vault, documentId, sealed), documentId }))
}

/** A finding, and the documents that it is about, the lower id first. */
interface Rung extends Finding {
  first: string
  second: string | null
}

/**
 * Keeps what rang between a document and others (null: it alone). The same rule between the same documents is one alarm, whichever was
 * looked at; its score only rises.
 */
export async function keepAlarms(
  tx: Transaction,
  documentId: string,
  findings: readonly { finding: Finding; other: string | null }[]
): Promise<void> {
  const highest = new Map<string, Rung>()
  for (const { finding, other } of findings) {
    const [first, second] = other === null ? [documentId, null] : ([documentId, other].sort() as [string, string])
    const key = `${finding.rule} ${first} ${second}`
    if (finding.score > (highest.get(key)?.score ?? -1)) highest.set(key, { ...finding, first, second })
  }
  if (highest.size === 0) return
  // In one order, so that two transactions with the same alarms do not wait for each other.
  const rung = [...highest.entries()].sort(([one], [next]) => (one < next ? -1 : 1)).map(([, value]) => value)
  await tx.query(
    `insert into app.alarm as a (rule, document_id, other_document_id, score, shared)
     select rule, document_id, other_document_id, score, shared::text[]
       from unnest($1::text[], $2::uuid[], $3::uuid[], $4::smallint[], $5::text[])
            as rung (rule, document_id, other_document_id, score, shared)
     on conflict on constraint alarm_key do update set score = excluded.score, shared = excluded.shared
      where excluded.score > a.score`,
    [
      rung.map(({ rule }) => rule),
      rung.map(({ first }) => first),
      rung.map(({ second }) => second),
      rung.map(({ score }) => score),
      // Arrays of arrays have to be of one length; names of facts need no quotes.
      rung.map(({ shared }) => `{${shared.join()}}`)
    ]
  )
}

export interface AlarmFilter {
  receivableId?: string | undefined
  documentId?: string | undefined
  alarmId?: number | undefined
  after?: number | undefined
  limit?: number
}

type Row = Omit<StoredAlarm, 'sides' | 'decision'> & {
  decision: Decision | null
  reason: Buffer | null
  decidedAt: string | null
  sides: (Omit<AlarmSide, 'facts'> & { facts: string })[]
}

/** Behind a document, as far as it is not ended. */
const standing = (document: string) => `select r.receivable_id, r.creditor, r.debtor, r.cancelled, r.registered_at
  from projection.receivable r
 where r.content_commitment = ${document}.content_commitment and r.state not in ('rejected', 'withdrawn') limit 1`

const sideOf = (d: string, f: string, r: string) => `json_build_object(
  'documentId', ${d}.document_id, 'owner', ${d}.participant_id, 'facts', encode(${f}.facts, 'base64'),
  'isParty', $2 or ${partyOf(d, r)},
  'receivable', case when ${r}.receivable_id is not null then json_build_object('receivableId', ${r}.receivable_id,
    'creditor', ${r}.creditor, 'debtor', ${r}.debtor, 'cancelled', ${r}.cancelled::text,
    'registeredAt', ${r}.registered_at) end)`

function partyOf(d: string, r: string): string {
  return `(${d}.participant_id is not distinct from $1 or exists (select from projection.receivable_party v
     where v.receivable_id = ${r}.receivable_id and v.participant_id = $1))`
}

/**
 * Alarms in force that the caller sees: those of its own documents and of receivables that it is or was a party of; a regulator and a
 * clearing agent see all. In force: one document stands behind a receivable, and the other does too or credits or corrects it. Of one
 * document all that it would ring if it were registered, so that its owner knows before.
 */
export async function listAlarms(
  client: Pool | Transaction,
  vault: Vault,
  caller: Caller,
  { receivableId, documentId, alarmId, after = 0, limit = 200 }: AlarmFilter
): Promise<StoredAlarm[]> {
  const seesAll = caller.roles.some((role) => role === 'regulator' || role === 'clearing')
  const { rows } = await asService(client, (service) =>
    service.query<Row>({
      name: 'alarm.list',
      text: `select a.alarm_id::float8 as "alarmId", a.rule, a.score, a.shared, a.created_at as "createdAt",
                  coalesce(t.score, ${DEFAULT_THRESHOLD}) as threshold, m.decision, m.reason, m.decided_at as "decidedAt",
                  json_build_array(${sideOf('d1', 'f1', 'r1')},
                    case when d2.document_id is not null then ${sideOf('d2', 'f2', 'r2')} end) as sides
             from app.alarm a
             join app.document d1 on d1.document_id = a.document_id
             join app.alarm_facts f1 on f1.document_id = a.document_id
             left join app.document d2 on d2.document_id = a.other_document_id
             left join app.alarm_facts f2 on f2.document_id = a.other_document_id
             left join lateral (${standing('d1')}) r1 on true
             left join lateral (${standing('d2')}) r2 on true
             left join app.alarm_threshold t on t.participant_id = $1 and t.rule = a.rule
             left join lateral (select * from app.alarm_decision x where x.alarm_id = a.alarm_id and x.participant_id = $1
                                 order by x.decision_id desc limit 1) m on m.score >= a.score
            where a.alarm_id > $3
              and ($4::text is null or $4 in (r1.receivable_id, r2.receivable_id))
              and ($5::uuid is null or $5 in (a.document_id, a.other_document_id))
              and ($6::bigint is null or a.alarm_id = $6)
              and ($2 or ${partyOf('d1', 'r1')} or ${partyOf('d2', 'r2')})
              and num_nonnulls(r1.receivable_id, r2.receivable_id) >=
                  case when $5::uuid is not null then (a.other_document_id is not null)::integer
                       when a.other_document_id is null or a.rule = 'names-preceding' then 1 else 2 end
            order by a.alarm_id limit $7`,
      values: [caller.participantId, seesAll, after, receivableId ?? null, documentId ?? null, alarmId ?? null, limit]
    })
  )
  return rows.map((row) => storedOf(vault, row, caller))
}

function storedOf(vault: Vault, { decision, reason, decidedAt, sides, ...row }: Row, caller: Caller): StoredAlarm {
  const open = ({ facts, ...side }: Row['sides'][number]): AlarmSide => {
    return { ...side, facts: openFacts(vault, side.documentId, Buffer.from(facts, 'base64')) }
  }
  const place = reasonPlaceOf(row.alarmId, caller.participantId)
  return {
    ...row,
    decision: decision && { decision, reason: vault.open(reason!, place) as string, decidedAt: decidedAt! },
    sides: sides.filter((side) => side !== null).map(open)
  }
}

export async function keepDecision(
  tx: Transaction,
  vault: Vault,
  caller: Caller,
  { alarmId, score }: StoredAlarm,
  { decision, reason }: { decision: Decision; reason: string }
): Promise<void> {
  await tx.query(
    'insert into app.alarm_decision (alarm_id, participant_id, decision, score, reason) values ($1, $2, $3, $4, $5)',
    [alarmId, caller.participantId, decision, score, vault.seal(reason, reasonPlaceOf(alarmId, caller.participantId))]
  )
}

/** The caller's own thresholds; rules without one have the default. */
export async function readThresholds(client: Pool | Transaction, caller: Caller): Promise<Map<AlarmRule, number>> {
  const { rows } = await client.query<{ rule: AlarmRule; score: number }>(
    'select rule, score from app.alarm_threshold where participant_id = $1',
    [caller.participantId]
  )
  return new Map(rows.map(({ rule, score }) => [rule, score]))
}

export async function keepThresholds(
  tx: Transaction,
  caller: Caller,
  thresholds: readonly { rule: AlarmRule; score: number }[]
): Promise<void> {
  await tx.query(
    `insert into app.alarm_threshold (participant_id, rule, score)
     select $1, * from unnest($2::text[], $3::smallint[])
     on conflict (participant_id, rule) do update set score = excluded.score`,
    [caller.participantId, thresholds.map(({ rule }) => rule), thresholds.map(({ score }) => score)]
  )
}

/** Traits as they are stored. */
export function digested(vault: Vault, traits: readonly Trait[]): { kinds: string[]; digests: Buffer[] } {
  return {
    kinds: traits.map(({ kind }) => kind),
    digests: traits.map(({ kind, value }) => vault.digest(value, `alarm trait ${kind}`))
  }
}
