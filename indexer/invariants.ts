import type pg from 'pg'

/** A rule of contracts/Receivables.sol, or of the feed (F), as a query that finds what breaks it. */
export interface Invariant {
  code: string
  name: string
  /** Gives offending rows, none when the rule holds. */
  sql: string
}

/** Hex digits of a word, from the left, as a number. */
const field = (column: string, from: number, digits: number) =>
  `('x' || substr(args ->> '${column}', ${from + 3}, ${digits}))::bit(${4 * digits})::bigint`

/**
 * The notes' events with what their words say (contracts/libraries/NoteWords.sol), so that the rules are held against the
 * log itself and not against the columns that the projection made of it.
 */
const told = `with told as not materialized (
  select event.*, block.time, (block_number, log_index) as place, args ->> 'noteId' as note_id,
    int8range(${field('noteId', 48, 16)}, ${field('note', 48, 16)}) as span, ${field('note', 40, 8)} as holder,
    ${field('note', 32, 8)} as counterparty, ${field('note', 24, 8)} as assignor,
    ${field('note', 4, 10)} as frozen_until, ${field('note', 2, 2)} as tier,
    ${field('note', 0, 2)} & 7 as state
  from event join block on block.number = event.block_number where args ? 'note')`

/** The newest of these events that covered the note's first unit: whatever was cut or merged since, it came from there. */
const newest = (names: string) =>
  `left join lateral (select * from told where told.receivable_id = n.receivable_id and told.name in (${names})
     and told.span @> lower(n.span) order by place desc limit 1)`

/**
 * The rules that live data can show. N3 is about who called, which no event says: the contracts' tests hold it, as the
 * callers' half of N5 and N8.
 */
export const invariants: readonly Invariant[] = [
  {
    code: 'N1',
    name: 'partition: the notes of a confirmed receivable cover it without gap or overlap',
    sql: `select r.receivable_id, r.state, r.amount, range_agg(n.span)::text as spans
      from receivable r left join note n using (receivable_id)
      group by r.receivable_id
      having case when r.state in ('confirmed', 'settled')
        then coalesce(range_agg(n.span), '{}') <> int8multirange(int8range(0, r.amount))
          or coalesce(sum(upper(n.span) - lower(n.span)), 0) <> r.amount
        else count(n.note_id) > 0 end or bool_or(n.registry <> r.registry)
      order by r.receivable_id`
  },
  {
    code: 'N2',
    name: 'finality: a final state never changes',
    sql: `${told}, final as (
        select receivable_id, name, block_number, log_index, address,
          case name when 'ReceivableRejected' then 'rejected' when 'ReceivableWithdrawn' then 'withdrawn' else 'settled' end
            as state
        from event
        where name in ('ReceivableRejected', 'ReceivableWithdrawn', 'ReceivableSettled', 'ReceivableClosed'))
      select final.receivable_id, final.name as final_event, later.name as later_event, later.block_number
      from final join event later on later.receivable_id = final.receivable_id
        and (later.block_number, later.log_index) > (final.block_number, final.log_index)
        and later.address = final.address
      union all
      select f.receivable_id, f.name, later.name, later.block_number
      from told f join told later on later.receivable_id = f.receivable_id and later.place > f.place
        and later.span && f.span
      where f.name in ('NoteSettled', 'NoteCancelled')
      union all
      select f.receivable_id, f.name, 'note is ' || coalesce(n.state, 'absent'), f.block_number
      from told f left join note n on n.note_id = f.note_id and n.span = f.span
      where f.name in ('NoteSettled', 'NoteCancelled')
        and n.state is distinct from lower(replace(f.name, 'Note', ''))
      union all
      select f.receivable_id, f.name, 'receivable is ' || coalesce(r.state, 'absent'), f.block_number
      from final f left join receivable r using (receivable_id) left join registry v on v.address = f.address
      where r.state is distinct from f.state and not coalesce(r.registry <> v.registry and f.state <> 'settled', false)
      order by 4, 1`
  },
  {
    code: 'N4',
    name: 'uniqueness: one fingerprint, one live claim',
    sql: `select r.receivable_id, r.state, f.fingerprint, c.subject as claimed_by
      from receivable r cross join unnest(r.fingerprints) as f (fingerprint)
        left join fingerprint_claim c on c.fingerprint = f.fingerprint and c.state = 'claimed' and c.reason = 'receivable'
      where (r.state in ('registered', 'confirmed', 'settled')
          and (c.subject, c.registry) is distinct from (r.receivable_id, r.registry))
        or (r.state in ('rejected', 'withdrawn') and c.subject = r.receivable_id)
      union all
      select r.receivable_id, r.state, c.fingerprint, c.subject
      from fingerprint_claim c join receivable r on r.receivable_id = c.subject
      where c.state = 'claimed' and c.reason = 'receivable' and not c.fingerprint = any(r.fingerprints)
      union all
      select n.receivable_id, n.state, n.trade_document, c.subject
      from note n left join fingerprint_claim c on c.fingerprint = n.trade_document and c.state = 'claimed'
        and c.reason = 'trade-document' and c.claimant = n.holder
      where n.state = 'offered' and n.purpose = 'trade-transfer' and c.fingerprint is null
      order by 1, 3`
  },
  {
    code: 'N5',
    name: 'exclusivity: nothing but settlement and the lifting of the freeze moves a frozen note',
    sql: `${told} select later.receivable_id, later.note_id, later.name, later.time, frozen.frozen_until
      from told frozen join told later on later.receivable_id = frozen.receivable_id and later.span && frozen.span
        and later.place > frozen.place and later.time < frozen.frozen_until
      where frozen.name = 'NoteFrozen' and later.name not in ('NoteSettled', 'NoteUnfrozen')
        and not exists (select from told lifted where lifted.name = 'NoteUnfrozen' and lifted.note_id = frozen.note_id
          and lifted.place > frozen.place and lifted.place < later.place)
      order by 2`
  },
  {
    code: 'N6',
    name: 'depth: an accepted transfer raises the tier by one, and nothing else changes it',
    sql: `${told} select n.receivable_id, n.note_id, n.tier, count(a.name) as accepted
      from note n left join told a on a.receivable_id = n.receivable_id and a.name = 'NoteAccepted'
        and a.span @> lower(n.span)
      group by n.note_id having n.tier <> count(a.name) order by n.note_id`
  },
  {
    code: 'N7',
    name: 'balance: settled + open + cancelled = amount',
    sql: `select r.receivable_id, r.state, r.amount, r.settled, r.cancelled, s.settled_notes, s.cancelled_notes, s.notes
      from receivable r cross join lateral (
        select coalesce(sum(upper(span) - lower(span)) filter (where state = 'settled'), 0) as settled_notes,
          coalesce(sum(upper(span) - lower(span)) filter (where state = 'cancelled'), 0) as cancelled_notes,
          coalesce(sum(upper(span) - lower(span)), 0) as notes
        from note where note.receivable_id = r.receivable_id) s
      where r.settled <> s.settled_notes or r.cancelled <> s.cancelled_notes
        or (r.state in ('confirmed', 'settled') and s.notes <> r.amount)
        or (r.state = 'settled' and r.settled + r.cancelled <> r.amount)
      order by r.receivable_id`
  },
  {
    code: 'N8',
    name: 'neutrality: a holder changes only by acceptance, financing, foreclosure and return',
    sql: `${told} select n.receivable_id, n.note_id, n.holder, coalesce(t.holder, r.creditor) as required
      from note n join receivable r using (receivable_id)
        ${newest(`'NoteAccepted', 'NoteFinanced', 'NoteForeclosed', 'NoteReturned'`)} t on true
      where n.holder <> coalesce(t.holder, r.creditor) order by n.note_id`
  },
  {
    code: 'N9',
    name: 'maturity: from maturity on no holder changes but by foreclosure and return, and by those not before',
    sql: `${told} select t.receivable_id, t.note_id, t.name, t.time, r.maturity
      from told t join receivable r using (receivable_id)
      where (t.name in ('NoteAccepted', 'NoteFinanced') and t.time >= r.maturity)
        or (t.name in ('NoteForeclosed', 'NoteReturned') and t.time < r.maturity)
      order by t.note_id`
  },
  {
    code: 'N10',
    name: 'payee: a settled note went to its escrow if frozen, to its lender if pledged, else to its holder',
    sql: `${told} select n.receivable_id, n.note_id, n.payee, p.required
      from note n ${newest(`'NoteFrozen', 'NoteUnfrozen'`)} f on true
        ${newest(`'NoteFinanced', 'NoteReleased', 'NoteForeclosed'`)} l on true
        cross join lateral (select case
          when f.name = 'NoteFrozen' and f.frozen_until > n.changed_at then (f.args -> 'freeze' ->> 'escrow')::bigint
          when l.name = 'NoteFinanced' and l.state = 4 then l.counterparty
          else n.holder end as required) p
      where n.state = 'settled' and n.payee is distinct from p.required order by n.note_id`
  },
  {
    code: 'N11',
    name: 'consent: what is cancelled the creditor offered and the debtor accepted',
    sql: `${told} select n.receivable_id, n.note_id, n.state
      from note n where n.state = 'cancelled' and not exists (
        select from told consent join told offered on offered.receivable_id = consent.receivable_id
          and offered.name = 'NoteDilutionOffered' and offered.place < consent.place and offered.span @> consent.span
        where consent.note_id = n.note_id and consent.name = 'NoteCancelled' and consent.span = n.span)
      order by n.note_id`
  },
  {
    code: 'N12',
    name: 'promise: amount, parties, currency, maturity and documents are as they were registered',
    sql: `select r.receivable_id, e.args -> 'terms' as registered
      from receivable r left join registry v using (registry) left join event e on e.receivable_id = r.receivable_id
        and e.name in ('ReceivableRegistered', 'ReceivableIssued') and e.address = v.address
      where e.args is distinct from jsonb_build_object('receivableId', r.receivable_id,
        'fingerprints', to_jsonb(r.fingerprints), 'terms', jsonb_build_object('creditor', r.creditor::text,
          'debtor', r.debtor::text, 'amount', r.amount::text, 'currency', r.currency::text,
          'maturity', r.maturity::text, 'contentCommitment', r.content_commitment))
      order by r.receivable_id`
  },
  {
    code: 'F1',
    name: 'feed: positions without gaps, and what stands in it is what happened',
    sql: `select first_position, block_number, 'required ' || before + 1 as problem
      from (select *, lag(last_position, 1, 0::bigint) over (order by first_position) as before from feed) f
      where first_position <> before + 1
      union all
      select f.first_position, coalesce(f.block_number, e.block_number),
        format('block %s with %s events', coalesce(e.hash, 'absent'), e.n)
      from (select * from feed where kind = 'added' and retracted_at is null) f
        full join (select block_number, hash, count(*) as n from event join block on number = block_number
          group by block_number, hash) e using (block_number)
      where coalesce(f.block_number, e.block_number) <= (select block_number from cursor)
        and (f.block_hash is distinct from e.hash or f.last_position - f.first_position + 1 is distinct from e.n)
      order by 1, 2`
  },
  {
    code: 'F2',
    name: 'branches: whom an event names is a party of its span from that block on, and nobody else is',
    sql: `${told}, named as (
        select receivable_id, participant_id, block_number, span
        from told cross join lateral (values (holder), (counterparty), (assignor),
          ((args -> 'freeze' ->> 'escrow')::bigint), ((args -> 'freeze' ->> 'authority')::bigint)) as n (participant_id)
        where participant_id <> 0
        union all
        select receivable_id, unnest(array[(args -> 'terms' ->> 'creditor')::bigint, (args -> 'terms' ->> 'debtor')::bigint]),
          block_number, int8range(0, (args -> 'terms' ->> 'amount')::bigint)
        from event where name in ('ReceivableRegistered', 'ReceivableIssued'))
      select n.receivable_id, n.participant_id, n.block_number, n.span::text, 'missing' as problem
      from (select distinct * from named) n left join receivable_party p on p.receivable_id = n.receivable_id
        and p.participant_id = n.participant_id and p.since_block <= n.block_number
      group by n.receivable_id, n.participant_id, n.block_number, n.span
      having not n.span <@ coalesce(
        range_agg(int8range(p.span_start, p.span_end)) filter (where p.span_end is not null), '{}')
      union all
      select receivable_id, participant_id, since_block, int8range(span_start, span_end)::text, 'named by no event'
      from receivable_party p
      where not exists (select from named n where n.receivable_id = p.receivable_id
        and n.participant_id = p.participant_id and n.block_number = p.since_block
        and n.span = int8range(p.span_start, p.span_end))
      order by 1, 2, 3`
  }
]

export interface InvariantResult extends Invariant {
  /** The first offending row; undefined when the rule holds. */
  offender: Record<string, unknown> | undefined
}

/** Checks all rules on one snapshot of the projection that `client` points at. */
export async function checkInvariants(client: pg.Client): Promise<InvariantResult[]> {
  await client.query('begin isolation level repeatable read read only')
  try {
    const results: InvariantResult[] = []
    for (const invariant of invariants) {
      const { rows } = await client.query<Record<string, unknown>>(`${invariant.sql} limit 1`)
      results.push({ ...invariant, offender: rows[0] })
    }
    return results
  } finally {
    await client.query('rollback')
  }
}
