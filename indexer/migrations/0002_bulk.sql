-- What a backfill pays for most, made cheaper (docs/adr/0019-fold-in-memory.md). Runs with search_path set to the schema.

-- Both rows come from one writer in one transaction, and a rebuild shows a missing one; per row the checks cost a tenth of a backfill.
alter table event drop constraint event_block_fkey;
alter table note drop constraint note_receivable_fkey;

-- The same rule over 128 bits of the id, which is a hash: compared as bytes of fixed length, not as text.
alter table note drop constraint note_span_partition;
alter table note add constraint note_span_partition
  exclude using gist ((substr(receivable_id, 3, 32)::uuid) with =, span with &&) deferrable initially deferred;

create table index_aside (
  name text not null,
  definition text not null,
  constraint index_aside_pkey primary key (name)
);
comment on table index_aside is
  'Indexes that are built once a first backfill has caught up, instead of row by row: what is here is not there. '
  'Written by indexer/bulk.ts, which puts them back; empty otherwise.';
do $roles$
begin
  if exists (select from pg_roles where rolname = 'tallystick_indexer') then
    grant select on index_aside to tallystick_indexer;
  end if;
end
$roles$;
