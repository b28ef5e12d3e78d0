-- The ordered feed of events (docs/adr/0022-a-feed-of-blocks-and-retractions.md). Runs with search_path set to the schema.

create table feed (
  first_position bigint not null,
  last_position bigint not null,
  kind text not null,
  block_number bigint not null,
  block_hash text not null,
  retracted_at bigint,
  retracts bigint,
  events jsonb,
  constraint feed_pkey primary key (first_position),
  constraint feed_positions check (first_position >= 1 and last_position >= first_position),
  constraint feed_kind_known check (kind in ('added', 'retracted')),
  constraint feed_retracts check ((kind = 'retracted') = (retracts is not null)),
  constraint feed_retracted check (retracted_at is null or (kind = 'added' and retracted_at > last_position))
);
comment on table feed is
  'An entry is a block that came, or that a fork took back; its events have consecutive positions, a retraction''s in the order '
  'from the last to the first. Only appended to, in the transaction that moves the cursor, and kept when the projection is '
  'emptied and built again. No part of the digest: a fork leaves traces here, and nowhere else.';
comment on column feed.retracted_at is 'First position of the entry that takes this one back; null: it stands.';
comment on column feed.retracts is 'First position of the entry that this one takes back.';
comment on column feed.events is
  'Copy of the events as feed_events gave them, where `event` has them no more or not yet again; null: read them there.';
create unique index feed_standing_idx on feed (block_number) where kind = 'added' and retracted_at is null;

-- Bound to these tables by identity, not by name: it goes with the schema.
create function feed_events(of_block bigint) returns jsonb language sql stable
begin atomic
  select coalesce(jsonb_agg(jsonb_build_object(
    'logIndex', e.log_index, 'time', b.time, 'txHash', e.tx_hash, 'address', e.address, 'name', e.name, 'args', e.args,
    'receivableId', e.receivable_id,
    'parties', case
      when e.receivable_id is not null then (
        select to_jsonb(array_agg(p.participant_id order by p.participant_id)) from receivable_party p
        where p.receivable_id = e.receivable_id and p.since_block <= e.block_number)
      when e.args ? 'claim' then
        jsonb_build_array((('x' || substr(e.args ->> 'claim', 11, 8))::bit(32)::bigint))
    end) order by e.log_index), '[]')
  from event e join block b on b.number = e.block_number
  where e.block_number = of_block;
end;
comment on function feed_events is
  'A block''s events in order, each with those who may read it: the parties of its receivable from that block or earlier, the '
  'claimant of a claim about none; null: everyone.';

insert into feed (first_position, last_position, kind, block_number, block_hash)
select sum(n) over (order by number) - n + 1, sum(n) over (order by number), 'added', number, hash
from (select number, hash, count(*) as n from event join block on number = block_number group by number) as b;

do $roles$
begin
  if exists (select from pg_roles where rolname = 'tallystick_indexer') then
    grant select, insert, update on feed to tallystick_indexer;
  end if;
  if exists (select from pg_roles where rolname = 'tallystick_api') then
    grant select on feed to tallystick_api;
  end if;
end
$roles$;
