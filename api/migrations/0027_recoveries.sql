-- What a recovery of an account's keys ends (docs/adr/0045).

alter table participant add column recoveries integer not null default 0;
comment on column participant.recoveries is
  'How many recoveries of its account''s keys the directory has carried in. A session holds while it is of the same count.';

alter table api_key add column ended_by_recovery boolean not null default false;
alter table api_key add constraint api_key_recovery_ended check (not ended_by_recovery or revoked_at is not null);
grant select (ended_by_recovery) on api_key to tallystick_api;

create table account_recovery (
  participant_id integer not null references participant,
  tx_hash text not null,
  ended_at timestamptz not null default now(),
  constraint account_recovery_pkey primary key (participant_id, tx_hash)
);
comment on table account_recovery is
  'Transactions that put proposed keys in force, ours or not, after which credentials were ended: once each, however often the projection tells of them.';
alter table account_recovery enable row level security;
grant select, insert on account_recovery to tallystick_service;
create policy service on account_recovery to tallystick_service using (true) with check (true);

drop trigger tell_access on participant;
create trigger tell_access after update of account, name, roles, signers, recoveries or delete on participant
  for each statement execute function tell_access();

-- Recoveries that were carried in before: what is younger than the newest of them stays.
insert into account_recovery (participant_id, tx_hash, ended_at)
select (command ->> 'participantId')::integer, tx_hash, changed_at from intent
where kind = 'finishRecovery' and state = 'mined' on conflict do nothing;
update api_key k set revoked_at = now(), ended_by_recovery = true
from recovery r where r.participant_id = k.participant_id and r.state = 'finished' and k.created_at < r.ended_at and k.revoked_at is null;
