-- Admission, suspension and key recovery by the registrar (docs/adr/0033).

alter table application drop constraint application_state_known;
alter table application add constraint application_state_known
  check (state in ('submitted', 'accepted', 'refused', 'admitted'));
alter table application add column participant_id integer references participant;
alter table application add constraint application_admitted check ((state = 'admitted') = (participant_id is not null));
comment on table application is
  'Who wants to be admitted. Accepted: the registrar''s people have proposed the admission; admitted: the chain has it, and the directory.';

create table admission (
  intent_id uuid not null references intent,
  application_id uuid not null references application,
  account text not null,
  roles text[] not null,
  created_at timestamptz not null default now(),
  constraint admission_pkey primary key (intent_id)
);
comment on table admission is 'Which intent of the registrar admits whom. The chain''s directory tells by the account when it did.';
create index admission_application_idx on admission (application_id);

create table recovery (
  intent_id uuid not null references intent,
  participant_id integer not null references participant,
  proposal text not null,
  signers jsonb not null,
  makers_required smallint not null,
  checkers_required smallint not null,
  reason bytea not null,
  proposed_by text not null,
  state text not null default 'proposed',
  ready_at bigint,
  last_at bigint,
  created_at timestamptz not null default now(),
  ended_at timestamptz,
  constraint recovery_pkey primary key (intent_id),
  constraint recovery_state_known check (state in ('proposed', 'pending', 'finished', 'vetoed', 'cancelled', 'lapsed')),
  constraint recovery_dates check (num_nulls(ready_at, last_at) in (0, 2)),
  constraint recovery_ended check ((state in ('proposed', 'pending')) = (ended_at is null))
);
comment on table recovery is 'Keys that the registrar proposed for a participant that lost its own. From pending on as the account''s contract says it.';
comment on column recovery.proposal is 'keccak256 of the signers and the quorum, as the account keeps it.';
comment on column recovery.ready_at is 'From then on it can be finished, unix seconds; until then the account can veto. last_at: the last moment.';
comment on column recovery.reason is 'Sealed under the service''s key.';
create index recovery_participant_idx on recovery (participant_id, created_at);
create unique index recovery_open_key on recovery (participant_id) where state = 'pending';

create table standing_reason (
  intent_id uuid not null references intent,
  participant_id integer not null references participant,
  reason bytea not null,
  constraint standing_reason_pkey primary key (intent_id)
);
comment on table standing_reason is 'Why the registrar suspends, reinstates or gives other roles; sealed under the service''s key.';
create index standing_reason_participant_idx on standing_reason (participant_id);

alter table participant_certificate add column revoked_at timestamptz;
comment on column participant_certificate.revoked_at is
  'Its key is none of the account any more, by a recovery: it logs nobody in. What it signed before is verified as of then.';

do $service$
declare
  name text;
begin
  foreach name in array array['admission', 'recovery', 'standing_reason'] loop
    execute format('alter table %I enable row level security', name);
    execute format('grant select, insert, update on %I to tallystick_service', name);
    execute format('create policy service on %I to tallystick_service using (true) with check (true)', name);
  end loop;
end
$service$;
