import type pg from 'pg'

/** A rule of contracts/Receivables.sol as a query that finds what breaks it. */
export interface Invariant {
  code: string
  name: string
  /** Gives offending rows, none when the rule holds. */
  sql: string
}

/** The rules that live data can show. N3, N5 and N8 are about who may act: the contracts' tests hold them. */
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
        else count(n.note_id) > 0 end
      order by r.receivable_id`
  },
  {
    code: 'N2',
    name: 'finality: a final state never changes',
    sql: `select final.receivable_id, final.name as final_event, later.name as later_event, later.block_number
      from event final join event later on later.receivable_id = final.receivable_id
        and (later.block_number, later.log_index) > (final.block_number, final.log_index)
      where (final.name in ('ReceivableRejected', 'ReceivableWithdrawn', 'ReceivableSettled')
          and later.name not like 'Fingerprint%')
        or (final.name = 'NoteSettled'
          and final.args ->> 'noteId' in (later.args ->> 'noteId', later.args ->> 'fromNoteId'))
      union all
      select e.receivable_id, e.name, 'note is ' || coalesce(n.state, 'absent'), e.block_number
      from event e left join note n on n.note_id = e.args ->> 'noteId'
      where e.name = 'NoteSettled' and n.state is distinct from 'settled'
      union all
      select e.receivable_id, e.name, 'receivable is ' || coalesce(r.state, 'absent'), e.block_number
      from event e left join receivable r using (receivable_id)
      where e.name in ('ReceivableRejected', 'ReceivableWithdrawn', 'ReceivableSettled')
        and r.state is distinct from lower(replace(e.name, 'Receivable', ''))
      order by 4, 1`
  },
  {
    code: 'N4',
    name: 'uniqueness: one fingerprint, one live claim',
    sql: `select r.receivable_id, r.state, f.fingerprint, c.subject as claimed_by
      from receivable r cross join unnest(r.fingerprints) as f (fingerprint)
        left join fingerprint_claim c on c.fingerprint = f.fingerprint and c.state = 'claimed'
      where (r.state in ('registered', 'confirmed', 'settled') and c.subject is distinct from r.receivable_id)
        or (r.state in ('rejected', 'withdrawn') and c.subject = r.receivable_id)
      union all
      select r.receivable_id, r.state, c.fingerprint, c.subject
      from fingerprint_claim c join receivable r on r.receivable_id = c.subject
      where c.state = 'claimed' and not c.fingerprint = any(r.fingerprints)
      order by 1, 3`
  },
  {
    code: 'N6',
    name: 'depth: an accepted transfer raises the tier by one',
    sql: `select n.receivable_id, n.note_id, n.tier
      from note n join receivable r using (receivable_id)
      where case when n.tier = 0 then n.holder <> r.creditor and n.disbursement is null
        else not exists (
          select from event e where e.receivable_id = n.receivable_id and e.name = 'NoteAccepted'
            and (e.args ->> 'tier')::int = n.tier and e.args ->> 'noteId' <= n.note_id) end
      union all
      select e.receivable_id, e.args ->> 'noteId', (e.args ->> 'tier')::smallint
      from event e
      where e.name = 'NoteAccepted' and (e.args ->> 'tier')::int > 1 and not exists (
        select from event before where before.receivable_id = e.receivable_id and before.name = 'NoteAccepted'
          and (before.args ->> 'tier')::int = (e.args ->> 'tier')::int - 1
          and before.args ->> 'noteId' <= e.args ->> 'noteId'
          and (before.block_number, before.log_index) < (e.block_number, e.log_index))
      order by 2`
  },
  {
    code: 'N7',
    name: 'balance: settled + open = amount',
    sql: `select r.receivable_id, r.state, r.amount, r.settled,
        coalesce(sum(upper(n.span) - lower(n.span)) filter (where n.state = 'settled'), 0) as settled_notes,
        coalesce(sum(upper(n.span) - lower(n.span)) filter (where n.state <> 'settled'), 0) as open_notes
      from receivable r left join note n using (receivable_id)
      group by r.receivable_id
      having r.settled <> coalesce(sum(upper(n.span) - lower(n.span)) filter (where n.state = 'settled'), 0)
        or (r.state in ('confirmed', 'settled') and coalesce(sum(upper(n.span) - lower(n.span)), 0) <> r.amount)
        or (r.state = 'settled') <> (r.settled = r.amount)
      order by r.receivable_id`
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
