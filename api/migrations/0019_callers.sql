-- Processes remember for a moment whom a credential is of. Whatever decides about that tells them when it changes (docs/adr/0032).

create function tell_access() returns trigger language plpgsql as $$
begin
  perform pg_notify('tallystick_access', '');
  return null;
end $$;
comment on function tell_access() is 'What was remembered of credentials is not to be relied on any more.';

create trigger tell_access after update of participant_id, sha256, scopes, expires_at, revoked_at or delete on api_key
  for each statement execute function tell_access();
create trigger tell_access after update of account, name, roles, signers or delete on participant
  for each statement execute function tell_access();
create trigger tell_access after update or delete on participant_user
  for each statement execute function tell_access();
create trigger tell_access after update or delete on participant_certificate
  for each statement execute function tell_access();
create trigger tell_access after insert on revoked_session
  for each statement execute function tell_access();
