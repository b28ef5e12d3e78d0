-- Users, API keys and logins of participants, and the log of who did what (docs/adr/0026).

create table participant_user (
  user_id uuid not null,
  participant_id integer not null references participant,
  name text not null,
  duties text[] not null,
  issuer text,
  subject text,
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  constraint participant_user_pkey primary key (user_id),
  constraint participant_user_duties_known check (duties <@ array['viewer', 'maker', 'checker', 'admin'] and cardinality(duties) > 0),
  constraint participant_user_identity_key unique (participant_id, issuer, subject),
  constraint participant_user_identity_whole check (num_nulls(issuer, subject) in (0, 2))
);
comment on table participant_user is 'People of a participant. They come in by single sign-on; null: not linked to anybody there yet.';

create table api_key (
  key_id uuid not null,
  participant_id integer not null references participant,
  sha256 bytea not null,
  prefix text not null,
  name text not null,
  scopes text[] not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  constraint api_key_pkey primary key (key_id),
  constraint api_key_sha256_key unique (sha256),
  constraint api_key_scopes_known check (scopes <@ array['read', 'propose', 'sign'] and cardinality(scopes) > 0)
);
comment on column api_key.sha256 is 'Of the key, which nobody can be shown again.';
comment on column api_key.prefix is 'Its beginning, by which people know it.';
comment on column api_key.last_used_at is 'To the minute.';
create index api_key_participant_idx on api_key (participant_id, key_id);

insert into api_key (key_id, participant_id, sha256, prefix, name, scopes, created_by)
select gen_random_uuid(), participant_id, api_key_sha256, 'ts_', 'first key', '{read,propose,sign}', 'registrar' from participant;
alter table participant drop column api_key_sha256;

create table login_nonce (
  nonce bytea not null,
  expires_at timestamptz not null,
  constraint login_nonce_pkey primary key (nonce)
);
comment on table login_nonce is 'Challenges that were used, until they would have run out anyway.';

create table revoked_session (
  session_id uuid not null,
  expires_at timestamptz not null,
  constraint revoked_session_pkey primary key (session_id)
);
comment on table revoked_session is 'Tokens that were given back before their end, until it.';

create table audit_record (
  seq bigint not null,
  at timestamptz not null,
  participant_id integer not null,
  actor text not null,
  request_id text not null,
  operation text not null,
  path text not null,
  status smallint not null,
  code text,
  previous bytea not null,
  hash bytea not null,
  constraint audit_record_pkey primary key (seq),
  constraint audit_record_hash_length check (octet_length(hash) = 32 and octet_length(previous) = 32)
);
comment on table audit_record is 'Who did what, in the order of seq. Each row has the SM3 of its own fields and of the row before: npm run check:audit.';
comment on column audit_record.actor is 'By which credential: key, signer or user.';
create index audit_record_participant_idx on audit_record (participant_id, seq);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'rows of % are never changed', tg_table_name using errcode = 'restrict_violation';
end
$$;
create trigger audit_record_unchanged before update or delete on audit_record for each row execute function refuse_change();
create trigger audit_record_kept before truncate on audit_record for each statement execute function refuse_change();

create table application (
  application_id uuid not null,
  secret_sha256 bytea not null,
  content bytea not null,
  state text not null default 'submitted',
  screenings jsonb not null,
  decided_by text,
  reason bytea,
  submitted_at timestamptz not null default now(),
  decided_at timestamptz,
  constraint application_pkey primary key (application_id),
  constraint application_state_known check (state in ('submitted', 'accepted', 'refused')),
  constraint application_decided check ((state = 'submitted') = (num_nulls(decided_by, reason, decided_at) = 3))
);
comment on table application is 'Who wants to be admitted. An accepted one waits for the registrar to admit it on chain with its own key.';
comment on column application.content is 'What was applied with, sealed under the service''s key; so is the reason.';
comment on column application.secret_sha256 is 'Of what the applicant asks for the fate with.';

alter table evidence_leaf drop constraint evidence_leaf_kind_known;
alter table evidence_leaf add constraint evidence_leaf_kind_known
  check (kind in ('document', 'command', 'state', 'cut', 'statement', 'decision', 'audit'));

do $service$
declare
  name text;
begin
  foreach name in array array['participant_user', 'api_key', 'login_nonce', 'revoked_session', 'audit_record', 'application'] loop
    execute format('alter table %I enable row level security', name);
    execute format('grant select, insert on %I to tallystick_service', name);
    execute format('create policy service on %I to tallystick_service using (true) with check (true)', name);
  end loop;
end
$service$;
grant update on participant_user, api_key, application to tallystick_service;
grant delete on login_nonce, revoked_session to tallystick_service;

grant select, insert, update on participant_user to tallystick_api;
create policy own on participant_user to tallystick_api using (participant_id = (select caller()));
grant select (key_id, participant_id, prefix, name, scopes, created_by, created_at, expires_at, revoked_at, last_used_at),
  insert, update (revoked_at) on api_key to tallystick_api;
create policy own on api_key to tallystick_api using (participant_id = (select caller()));
grant select on audit_record to tallystick_api;
create policy own on audit_record for select to tallystick_api using (participant_id = (select caller())
  or (select string_to_array(current_setting('tallystick.roles', true), ',') && array['regulator']));
