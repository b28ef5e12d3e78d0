-- Parties by branch, so that the feed tells of a note only those of its branch (docs/adr/0041-the-feed-goes-by-branch.md). Runs with
-- search_path set to the schema. What is stored is brought to what a rebuild would store.

-- Whom an event makes a party, and of which span: as the fold has it (indexer/projections).
create function named_by(name text, args jsonb) returns table (participant_id integer, span_start bigint, span_end bigint)
language sql immutable as $$
  select (args -> 'terms' ->> party)::integer, 0::bigint, (args -> 'terms' ->> 'amount')::bigint
  from unnest(array['creditor', 'debtor']) as t (party) where name in ('ReceivableRegistered', 'ReceivableIssued')
  union
  select p, ('x' || substr(args ->> 'noteId', 51, 16))::bit(64)::bigint, ('x' || substr(args ->> 'note', 51, 16))::bit(64)::bigint
  from (select ('x' || substr(args ->> 'note', 35, 8))::bit(32)::bigint::integer where name in ('NoteOffered', 'NoteLocked')
    union select (args -> 'freeze' ->> party)::integer from unnest(array['escrow', 'authority']) as t (party)
    where name = 'NoteFrozen') as n (p)
$$;

truncate receivable_party;
alter table receivable_party
  add column span_start bigint not null,
  add column span_end bigint not null,
  drop constraint receivable_party_pkey,
  add constraint receivable_party_pkey primary key (receivable_id, participant_id, span_start, span_end),
  add constraint receivable_party_span check (span_start >= 0 and span_start < span_end);
comment on table receivable_party is
  'Who is or ever was debtor, creditor, holder, assignee, factor, or escrow or authority of a freeze, of which span [span_start, '
  'span_end) and since which block: the membership that decides who may read. Debtor and creditor are parties of the whole. A row '
  'within an older one of the same participant is left out.';

with named as materialized (
  select e.receivable_id, n.*, e.block_number, e.log_index from event e cross join lateral named_by(e.name, e.args) n
  where e.name in ('ReceivableRegistered', 'ReceivableIssued', 'NoteOffered', 'NoteLocked', 'NoteFrozen'))
insert into receivable_party (receivable_id, participant_id, since_block, span_start, span_end)
select receivable_id, participant_id, block_number, span_start, span_end from named n
where not exists (select from named older
  where older.receivable_id = n.receivable_id and older.participant_id = n.participant_id
    and (older.block_number, older.log_index) < (n.block_number, n.log_index)
    and older.span_start <= n.span_start and older.span_end >= n.span_end);

-- Bound to these tables by identity, not by name: it goes with the schema.
create or replace function feed_events(of_block bigint) returns jsonb language sql stable
begin atomic
  select coalesce(jsonb_agg(jsonb_build_object(
    'logIndex', e.log_index, 'time', b.time, 'txHash', e.tx_hash, 'address', e.address, 'name', e.name, 'args', e.args,
    'receivableId', e.receivable_id,
    'parties', case
      when e.receivable_id is not null then (
        select to_jsonb(array_agg(distinct p.participant_id order by p.participant_id)) from receivable_party p
        where p.receivable_id = e.receivable_id and p.since_block <= e.block_number
          and (s.first is null or (p.span_start < s.last and s.first < p.span_end)))
      when e.args ? 'claim' then
        jsonb_build_array((('x' || substr(e.args ->> 'claim', 11, 8))::bit(32)::bigint))
    end,
    'isConfirmed', s.first is not null or exists (select from event c
      where c.receivable_id = e.receivable_id and c.block_number <= e.block_number
        and c.name in ('ReceivableConfirmed', 'ReceivableIssued'))) order by e.log_index), '[]')
  from event e join block b on b.number = e.block_number
    left join lateral (select ('x' || substr(e.args ->> 'noteId', 51, 16))::bit(64)::bigint,
      ('x' || substr(e.args ->> 'note', 51, 16))::bit(64)::bigint) as s (first, last) on e.args ? 'note'
  where e.block_number = of_block;
end;
comment on function feed_events is
  'A block''s events in order, each with those who may read it: of a note''s the parties of a span that overlaps it, of a '
  'receivable''s all of its parties, each from that block or earlier; the claimant of a claim about none; null: everyone. '
  'isConfirmed: the debtor had promised to pay by the end of the block, so clearing agents may read it too.';

-- Copies of events that forks took, or that a rebuild has not met again, keep their parties in them: as they were by branch when they
-- were told, from the blocks that stood then.
create table spoken as
select f.first_position as since, coalesce(f.retracted_at, 9223372036854775807) as until, e.*
from feed f cross join lateral (
  select c ->> 'receivableId' as receivable_id, c ->> 'name' as name, c -> 'args' as args
  from jsonb_array_elements(f.events) c
  union all
  select receivable_id, name, args from event where f.events is null and block_number = f.block_number) e
where f.kind = 'added' and e.receivable_id in (
  select c ->> 'receivableId' from feed kept cross join jsonb_array_elements(kept.events) c);
create index on spoken (receivable_id);
analyze spoken;

update feed f set events = (
  select jsonb_agg(case when c ->> 'receivableId' is null then c || jsonb_build_object('isConfirmed', false) else c || (
    select jsonb_build_object(
      'parties', coalesce(to_jsonb(array_agg(distinct n.participant_id order by n.participant_id)
        filter (where n.participant_id is not null
          and (not c -> 'args' ? 'note' or (n.span_start < o.span_end and o.span_start < n.span_end)))), '[]'),
      'isConfirmed', coalesce(bool_or(s.name in ('ReceivableConfirmed', 'ReceivableIssued')), false))
    from spoken s left join lateral named_by(s.name, s.args) n on true
      cross join lateral (select ('x' || substr(c -> 'args' ->> 'noteId', 51, 16))::bit(64)::bigint,
        ('x' || substr(c -> 'args' ->> 'note', 51, 16))::bit(64)::bigint) as o (span_start, span_end)
    where s.receivable_id = c ->> 'receivableId' and s.since <= f.first_position and s.until > f.first_position)
  end order by at)
  from jsonb_array_elements(f.events) with ordinality as e (c, at))
where f.events is not null;

drop table spoken;
drop function named_by;
