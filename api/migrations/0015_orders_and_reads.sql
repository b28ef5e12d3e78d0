-- Orders of authorities with their files, groups of participants, and digests by which evidence is found.

create table order_document (
  order_id uuid not null,
  participant_id integer not null references participant,
  sealed bytea not null,
  media_type text not null,
  sha256 text not null,
  sm3 text not null,
  created_at timestamptz not null default now(),
  constraint order_document_pkey primary key (order_id),
  constraint order_document_owner_key unique (participant_id, sha256)
);
comment on table order_document is
  'Files of orders that an authority acts by, sealed to the regulators: the log has a record of each as of a document.';
create index order_document_sha256_idx on order_document (sha256);
create index order_document_sm3_idx on order_document (sm3);

create table order_document_key (
  order_id uuid not null references order_document,
  participant_id integer not null references participant,
  key_id text not null,
  wrapped bytea not null,
  constraint order_document_key_pkey primary key (order_id, key_id)
);
comment on table order_document_key is 'The data key of an order''s file, wrapped by SM2 for each of its readers.';

create table order_reference (
  commitment text not null,
  receivable_id text not null,
  participant_id integer not null references participant,
  reference text not null,
  court text not null,
  document text not null,
  created_at timestamptz not null default now(),
  constraint order_reference_pkey primary key (commitment)
);
comment on table order_reference is
  'What stands behind the commitment to an order that the chain holds: shown to the parties of what it is about.';
comment on column order_reference.document is 'SHA-256 of the order''s file, 0x-hex.';

create table participant_group (
  participant_id integer not null references participant,
  name text not null,
  constraint participant_group_pkey primary key (participant_id),
  constraint participant_group_name_length check (length(name) between 1 and 200)
);
comment on table participant_group is 'Firms under one control, as the registrar keeps them: exposures are counted by group too.';
create index participant_group_name_idx on participant_group (name);

create index document_sha256_idx on document (sha256);
create index document_sm3_idx on document (sm3);

do $service$
declare
  name text;
begin
  foreach name in array array['order_document', 'order_document_key', 'order_reference', 'participant_group'] loop
    execute format('alter table %I enable row level security', name);
    execute format('grant select, insert, update on %I to tallystick_service', name);
    execute format('create policy service on %I to tallystick_service using (true) with check (true)', name);
  end loop;
end
$service$;

-- An order's file is for its authority and the regulators whom its key was wrapped for; what it is called, for the parties of the debt.
grant select, insert on order_document_key to tallystick_api;
create policy own on order_document_key for select to tallystick_api using (participant_id = (select caller()));
create policy own_new on order_document_key for insert to tallystick_api
  with check (exists (select from order_document o where o.order_id = order_document_key.order_id));
grant select, insert on order_document to tallystick_api;
create policy own on order_document for select to tallystick_api using (participant_id = (select caller()) or (select sees_all()));
create policy own_new on order_document for insert to tallystick_api with check (participant_id = (select caller()));
grant select, insert on order_reference to tallystick_api;
create policy parties on order_reference for select to tallystick_api using (participant_id = (select caller()) or (select sees_all())
  or exists (select from projection.receivable_party v where v.receivable_id = order_reference.receivable_id));
create policy own_new on order_reference for insert to tallystick_api with check (participant_id = (select caller()));
grant select on participant_group to tallystick_api;
create policy regulators on participant_group for select to tallystick_api using ((select sees_all()));
