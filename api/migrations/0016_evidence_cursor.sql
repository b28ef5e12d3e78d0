-- Up to where the projected events have their leaves, so that the relayer need not look at all of history at every turn.

create table evidence_cursor (
  single boolean not null default true,
  block_number bigint not null,
  block_hash text not null,
  constraint evidence_cursor_pkey primary key (single),
  constraint evidence_cursor_one_row check (single)
);
comment on table evidence_cursor is
  'Every event of ours up to this block has its leaf. Where the projection has another block of that number, or none, the chain '
  'was forked: then all is looked at again.';

alter table evidence_cursor enable row level security;
grant select, insert, update on evidence_cursor to tallystick_service;
create policy service on evidence_cursor to tallystick_service using (true) with check (true);
