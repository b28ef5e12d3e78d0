/** What a factor asks about documents, and the one query that answers a batch. */
import type pg from 'pg'
import { alarmFactsOf, type AlarmFacts } from '../../domain/alarms/facts.ts'
import { compare, type AlarmRule } from '../../domain/alarms/rules.ts'
import { lookupsOf } from '../../domain/alarms/traits.ts'
import { hexOf } from '../../domain/fingerprint/fingerprint.ts'
import { sha256 } from '../../domain/crypto/hash.ts'
import type { NormalisedInvoice, Party } from '../../domain/documents/invoice.ts'
import {
  CHECK_WINDOW,
  CHECKS_PER_HOUR,
  standingOf,
  type FoundClaim,
  type Standing
} from '../../domain/factoring/duplicates.ts'
import { identitiesOf, partyKeyOf } from '../../domain/fingerprint/identity.ts'
import { fingerprintsOf } from '../../domain/fingerprint/keys.ts'
import { digested, openFacts } from '../alarms/repository.ts'
import type { Services } from '../app.ts'
import { serviceQuery, type Pool, type Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import { legalIdentityByParty } from '../participants/directory.ts'

/** One document as it is looked for. Without facts nothing but the fingerprint can be compared. */
export interface Sought {
  fingerprints: readonly string[]
  facts?: AlarmFacts
}

export interface Finding {
  standing: Standing
  /** How many registered documents each rule rings with; null when only a fingerprint was given. */
  nearDuplicates: { rule: AlarmRule; count: number }[] | null
}

/** Names a party by the directory, else by what the document says of it. */
export type PartyNames = (party: Party) => Promise<string | undefined>

/** Each party is looked up once in a batch: a factor asks about many invoices of few sellers. */
export function partyNames(client: Pool | Transaction): PartyNames {
  const known = new Map<string, Promise<string | undefined>>()
  const find = async (party: Party) => (await legalIdentityByParty(client, party)) ?? partyKeyOf(party)
  return (party) => {
    const key = JSON.stringify(party)
    const name = known.get(key) ?? find(party)
    known.set(key, name)
    return name
  }
}

/** What is looked for in a document that was read or typed in: nothing of it is kept. */
export async function soughtOf(
  { fingerprintKeys }: Pick<Services, 'fingerprintKeys'>,
  nameOf: PartyNames,
  invoice: NormalisedInvoice,
  file: Uint8Array | undefined
): Promise<Sought> {
  const [seller, buyer] = [await nameOf(invoice.seller), await nameOf(invoice.buyer)]
  const identities = identitiesOf(invoice, (party) => (party === invoice.seller ? seller : partyKeyOf(party)))
  const digest = file ? hexOf(sha256(file)) : ''
  const parties = { seller: seller ?? '', buyer, payee: undefined }
  return { fingerprints: fingerprintsOf(identities, fingerprintKeys), facts: alarmFactsOf(invoice, parties, digest) }
}

interface Row {
  place: number
  claims: FoundClaim[]
  /** Sealed facts of registered documents that could be the same debt. */
  candidates: { documentId: string; facts: string }[]
}

/** Of one seller and buyer there may be thousands: as many are compared. */
const CANDIDATES_MAX = 200

/** In the order of the question. One statement, whatever its size. */
export async function findDuplicates(
  client: Pool | Transaction,
  { vault }: Pick<Services, 'vault'>,
  sought: readonly Sought[]
): Promise<Finding[]> {
  const fingerprints = sought.flatMap((one, place) => one.fingerprints.map((fingerprint) => ({ place, fingerprint })))
  const traits = sought.flatMap(({ facts }, place) => {
    if (!facts) return []
    const { kinds, digests } = digested(vault, lookupsOf(facts))
    return kinds.map((kind, i) => ({ place, kind, digest: digests[i]! }))
  })
  const { rows } = await serviceQuery<Row>(client, {
    name: 'duplicate.find',
    text: `select asked.place,
              (select coalesce(json_agg(json_build_object('reason', c.reason, 'state', r.state)), '[]')
                 from unnest($2::int[], $3::text[]) as wanted (place, fingerprint)
                 join projection.fingerprint_claim c on c.fingerprint = wanted.fingerprint and c.state = 'claimed'
                 left join projection.receivable r on c.reason = 'receivable' and r.receivable_id = c.subject
                where wanted.place = asked.place) as claims,
              (select coalesce(json_agg(json_build_object('documentId', f.document_id, 'facts', encode(f.facts, 'base64'))), '[]')
                 from (select t.document_id from unnest($4::int[], $5::text[], $6::bytea[]) as wanted (place, kind, digest)
                         join app.alarm_trait t on t.kind = wanted.kind and t.digest = wanted.digest
                         join app.document d on d.document_id = t.document_id
                         join projection.receivable r on r.content_commitment = d.content_commitment
                        where wanted.place = asked.place and r.state not in ('rejected', 'withdrawn')
                        group by t.document_id order by max(r.registered_at) desc limit ${CANDIDATES_MAX}) near
                 join app.alarm_facts f on f.document_id = near.document_id) as candidates
         from generate_series(0, $1::int - 1) as asked (place) order by asked.place`,
    values: [
      sought.length,
      fingerprints.map(({ place }) => place),
      fingerprints.map(({ fingerprint }) => fingerprint),
      traits.map(({ place }) => place),
      traits.map(({ kind }) => kind),
      traits.map(({ digest }) => digest)
    ]
  })
  return rows.map(({ place, claims, candidates }) => {
    const { facts } = sought[place]!
    const others = candidates.map((one) => openFacts(vault, one.documentId, Buffer.from(one.facts, 'base64')))
    return { standing: standingOf(claims), nearDuplicates: facts ? countsOf(facts, others) : null }
  })
}

/** A document of the same identity rings nothing: its fingerprint says it. */
function countsOf(facts: AlarmFacts, others: readonly AlarmFacts[]): { rule: AlarmRule; count: number }[] {
  const counts = new Map<AlarmRule, number>()
  for (const other of others) {
    for (const { rule } of compare(facts, other)) counts.set(rule, (counts.get(rule) ?? 0) + 1)
  }
  return [...counts].map(([rule, count]) => ({ rule, count }))
}

/**
 * Counts a question against the participant's hour and logs it, also when that refuses it. In the database, so that several processes
 * count as one; questions of one participant queue while they are counted, and not while they are answered.
 * @throws ApiError CHECKS_TOO_MANY
 */
export async function countCheck(pool: Pool, participantId: number, documents: number): Promise<number> {
  // In one message, which is one transaction: under load it is the way to the database and back that takes long. The second statement
  // sees what those before it in the queue have kept.
  const asked = `(select coalesce(sum(documents), 0)::int from app.duplicate_check where participant_id = ${participantId}
                    and asked_at > now() - interval '${CHECK_WINDOW} seconds' and answers is not null)`
  // Takes what is still free; a refused question is kept with null answers and counts nothing.
  const results = await serviceQuery(
    pool,
    `select pg_advisory_xact_lock(hashtextextended('${participantId}', 4));
     insert into app.duplicate_check (participant_id, documents, answers)
     select ${participantId}, ${documents}, case when asked + ${documents} <= ${CHECKS_PER_HOUR} then '{}'::jsonb end
       from (select ${asked} as asked) before
     returning check_id as "checkId", ${asked} as asked`
  )
  const [, { rows }] = results as unknown as [unknown, pg.QueryResult<{ checkId: string; asked: number }>]
  const { checkId, asked: before } = rows[0]!
  if (before + documents > CHECKS_PER_HOUR) {
    const required = `at most ${CHECKS_PER_HOUR} documents in ${CHECK_WINDOW} s, ${CHECKS_PER_HOUR - before} are left`
    throw new ApiError('CHECKS_TOO_MANY', { presented: documents, required })
  }
  return Number(checkId)
}

/** How many of each answer a question got. */
export async function keepAnswers(pool: Pool, checkId: number, findings: readonly Finding[]): Promise<void> {
  const answers: Record<string, number> = {}
  for (const { standing, nearDuplicates } of findings) {
    answers[standing.status] = (answers[standing.status] ?? 0) + 1
    if (nearDuplicates && nearDuplicates.length > 0) answers['near'] = (answers['near'] ?? 0) + 1
  }
  await serviceQuery(pool, {
    name: 'duplicate.keep',
    text: 'update app.duplicate_check set answers = $2 where check_id = $1',
    values: [checkId, JSON.stringify(answers)]
  })
}
