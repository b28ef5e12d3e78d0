-- Keys that the service keeps for users of participants that chose so (docs/adr/0037).

create table managed_key (
  managed_key_id uuid not null,
  participant_id integer not null references participant,
  user_id uuid not null references participant_user,
  duty text not null,
  kind text not null,
  signer text not null,
  state text not null default 'proposed',
  sealed bytea,
  sealed_under text,
  certificate_request bytea,
  intent_id uuid not null references intent,
  removal_intent_id uuid references intent,
  created_by text not null,
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  constraint managed_key_pkey primary key (managed_key_id),
  constraint managed_key_signer_key unique (signer),
  constraint managed_key_duty_known check (duty in ('maker', 'checker')),
  constraint managed_key_kind_known check (kind in ('secp256k1', 'p256', 'sm2')),
  constraint managed_key_state_known check (state in ('proposed', 'active', 'suspended', 'ended', 'removed', 'lapsed')),
  constraint managed_key_sealed_while_alive
    check ((state in ('proposed', 'active', 'suspended')) = (sealed is not null) and (sealed is null) = (sealed_under is null))
);
comment on table managed_key is 'Signing keys in custody. The private key is there only sealed under the service''s key, and no more once it can never sign again.';
comment on column managed_key.sealed_under is 'Id of the service''s key that it is sealed under.';
comment on column managed_key.certificate_request is 'PKCS#10 of an SM2 key, made with it: what an authority is asked with.';
comment on column managed_key.intent_id is 'By which the participant''s own signers chose it. removal_intent_id: by which they last proposed to remove it.';
comment on column managed_key.state is
  'Ended: by an administrator, whatever the account says. Removed: the account does not hold it any more. Lapsed: it was never chosen.';
create index managed_key_participant_idx on managed_key (participant_id, created_at);
create unique index managed_key_user_key on managed_key (user_id) where state in ('proposed', 'active', 'suspended');

create table managed_key_use (
  managed_key_id uuid not null references managed_key,
  intent_id uuid not null references intent,
  participant_id integer not null references participant,
  user_id uuid not null references participant_user,
  digest text not null,
  request_id text not null,
  used_at timestamptz not null default now(),
  constraint managed_key_use_pkey primary key (managed_key_id, intent_id)
);
comment on table managed_key_use is 'What each key in custody has signed, for whom; written with the signature. The audit log has the same.';
create trigger managed_key_use_unchanged before update or delete on managed_key_use for each row execute function refuse_change();

alter table intent_signature add column user_id uuid references participant_user;
comment on column intent_signature.user_id is 'Whose session brought it; null for a session by key and an API key, which are no person''s.';

do $service$
declare
  name text;
begin
  foreach name in array array['managed_key', 'managed_key_use'] loop
    execute format('alter table %I enable row level security', name);
    execute format('create policy service on %I to tallystick_service using (true) with check (true)', name);
    execute format('create policy own on %I to tallystick_api using (participant_id = (select caller()))', name);
  end loop;
end
$service$;
grant select, insert, update on managed_key to tallystick_service;
grant select, insert on managed_key_use to tallystick_service;
-- Of a request's own rights the private key is none, sealed or not.
grant select (managed_key_id, participant_id, user_id, duty, kind, signer, state, certificate_request, intent_id, removal_intent_id,
  created_by, created_at, changed_at) on managed_key to tallystick_api;
grant select on managed_key_use to tallystick_api;
