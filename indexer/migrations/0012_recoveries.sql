-- What participants' accounts tell of keys proposed for them (docs/adr/0045-what-a-recovery-ends.md). Runs with search_path set to the
-- schema. Events of the kind that came before this version are there once the projection is built again: npm run reindex.

create index event_recovery_idx on event (address) where name in ('RecoveryStarted', 'RecoveryEnded');

-- As before, and what an account tells is its participant's.
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
      when e.name in ('RecoveryStarted', 'RecoveryEnded') then
        (select coalesce(jsonb_agg(a.participant_id), '[]') from participant a where a.account = e.address)
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
  'receivable''s all of its parties, each from that block or earlier; the claimant of a claim about none; the participant of an '
  'account''s; null: everyone. isConfirmed: the debtor had promised to pay by the end of the block, so clearing agents may read it too.';

drop policy parties on event;
-- An event of the directory or of the log is of everybody; one about a fingerprint of no receivable is the claimant's business, whom
-- the event shows only inside its word; what an account tells is its participant's.
create policy parties on event for select to tallystick_api using (
  (select string_to_array(current_setting('tallystick.roles', true), ',') && array['regulator', 'clearing'])
  or exists (select from receivable_party p
    where p.receivable_id = event.receivable_id
      and p.participant_id = (select nullif(current_setting('tallystick.participant', true), '')::integer))
  or (receivable_id is null and not args ? 'fingerprint' and name not in ('RecoveryStarted', 'RecoveryEnded')
    and (select nullif(current_setting('tallystick.participant', true), '')) is not null)
  or (name in ('RecoveryStarted', 'RecoveryEnded') and exists (select from participant a
    where a.account = event.address
      and a.participant_id = (select nullif(current_setting('tallystick.participant', true), '')::integer))));
