-- Who sees what of a document that was read: its owner gives and withdraws (docs/adr/0036).

create table document_grant (
  grant_id uuid primary key,
  document_id uuid not null references document,
  granted_to integer not null references participant,
  sections text[] not null,
  ends_at bigint,
  granted_at bigint not null,
  withdrawn_at bigint,
  constraint document_grant_sections_known
    check (sections <@ array['numbers', 'references', 'parties', 'payee', 'attachments'] and cardinality(sections) > 0),
  constraint document_grant_withdrawn_later check (withdrawn_at >= granted_at)
);
comment on table document_grant is 'Sections of what was read from a document that its owner shows to another participant.';
comment on column document_grant.ends_at is 'Unix seconds; null: until it is withdrawn.';
create index document_grant_document_idx on document_grant (document_id);
create index document_grant_reader_idx on document_grant (granted_to, document_id);

alter table document_grant enable row level security;
grant select, insert, update on document_grant to tallystick_service;
create policy service on document_grant to tallystick_service using (true) with check (true);
grant select, insert, update on document_grant to tallystick_api;
create policy reader on document_grant for select to tallystick_api using (granted_to = (select caller())
  or exists (select from document d where d.document_id = document_grant.document_id and d.participant_id = (select caller())));
create policy owner_new on document_grant for insert to tallystick_api
  with check (exists (select from document d where d.document_id = document_grant.document_id and d.participant_id = (select caller())));
create policy owner_withdraws on document_grant for update to tallystick_api
  using (exists (select from document d where d.document_id = document_grant.document_id and d.participant_id = (select caller())));

-- A reader that was let in after the upload can be let in no more: the service gives it the file no longer.
alter table document_key add column withdrawn_at bigint;
comment on column document_key.withdrawn_at is 'Unix seconds from which the service no longer gives the file to this reader.';
drop policy own on document;
create policy own on document for select to tallystick_api using (participant_id = (select caller())
  or exists (select from document_key k where k.document_id = document.document_id and k.participant_id = (select caller())
             and k.withdrawn_at is null));

alter table evidence_leaf drop constraint evidence_leaf_kind_known;
alter table evidence_leaf add constraint evidence_leaf_kind_known
  check (kind in ('document', 'command', 'state', 'cut', 'statement', 'decision', 'audit', 'grant'));
alter table evidence_leaf drop constraint evidence_leaf_decided;
alter table evidence_leaf add constraint evidence_leaf_decided
  check ((kind in ('decision', 'grant')) = (participant_id is not null));
comment on column evidence_leaf.participant_id is 'Who decided, for decisions; to whom, for grants.';
create index evidence_leaf_grant_idx on evidence_leaf (document_id) where kind = 'grant';
