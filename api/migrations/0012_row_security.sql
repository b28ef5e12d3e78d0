-- Each participant reads and writes its own rows, as second net under the api's own conditions (docs/adr/0025). What looks across
-- participants goes by the role tallystick_service: asService in api/database.ts.

do $roles$
declare
  wanted text;
begin
  foreach wanted in array array['tallystick_api', 'tallystick_service'] loop
    begin
      if not exists (select from pg_roles where rolname = wanted) then
        execute format('create role %I nologin', wanted);
      end if;
      execute format('grant %I to current_user', wanted);
    exception
      when duplicate_object or unique_violation or insufficient_privilege then
        raise notice 'role % is left as it is: %', wanted, sqlerrm;
    end;
  end loop;
end
$roles$;

create function caller() returns integer language sql stable parallel safe
  as $$ select nullif(current_setting('tallystick.participant', true), '')::integer $$;
comment on function caller() is 'The participant that the transaction is for; null outside of a request.';

create function sees_all() returns boolean language sql stable parallel safe
  as $$ select coalesce(string_to_array(current_setting('tallystick.roles', true), ',') && array['regulator', 'clearing'], false) $$;
comment on function sees_all() is 'Whether the transaction is for a regulator or a clearing agent, who work on what they are no party of.';

-- The service does what the api could until now; the api keeps what its policies below are for.
grant usage on schema app to tallystick_service;
grant delete on alarm_trait to tallystick_service;
alter table migration enable row level security;
revoke all on migration from tallystick_api;

do $service$
declare
  name text;
begin
  foreach name in array array['participant', 'participant_identifier', 'participant_certificate', 'document', 'document_key', 'intent',
    'intent_signature', 'idempotency', 'sender', 'outbox', 'evidence_leaf', 'evidence_node', 'evidence_head', 'alarm_facts',
    'alarm_trait', 'alarm', 'alarm_decision', 'alarm_threshold'] loop
    execute format('alter table %I enable row level security', name);
    execute format('revoke all on %I from tallystick_api', name);
    execute format('grant select, insert, update on %I to tallystick_service', name);
    execute format('create policy service on %I to tallystick_service using (true) with check (true)', name);
  end loop;
end
$service$;

-- The directory. What is nobody else's business, the key and the account, has no grant.
grant select (participant_id, account, name, country, legal_identity, roles, signers, makers_required, checkers_required,
  encryption_key) on participant to tallystick_api;
create policy participants on participant for select to tallystick_api using ((select caller()) is not null);
grant select on participant_certificate to tallystick_api;
create policy participants on participant_certificate for select to tallystick_api using ((select caller()) is not null);
grant select on participant_identifier to tallystick_api;
create policy own on participant_identifier for select to tallystick_api
  using (participant_id = (select caller()) or (select sees_all()));

-- A document is its owner's, and of those whom its key was wrapped for.
grant select on document_key to tallystick_api;
create policy own on document_key for select to tallystick_api
  using (participant_id = (select caller()) or granted_by = (select caller()));
grant select, insert on document to tallystick_api;
create policy own on document for select to tallystick_api using (participant_id = (select caller())
  or exists (select from document_key k where k.document_id = document.document_id and k.participant_id = (select caller())));
create policy own_new on document for insert to tallystick_api with check (participant_id = (select caller()));

grant select, insert, update on intent, intent_signature, idempotency to tallystick_api;
create policy own on intent to tallystick_api using (participant_id = (select caller()));
create policy own on intent_signature to tallystick_api
  using (exists (select from intent i where i.intent_id = intent_signature.intent_id and i.participant_id = (select caller())));
create policy own on idempotency to tallystick_api using (participant_id = (select caller()));

-- The relayer's: a caller adds its own command, and reads nothing.
grant insert on outbox to tallystick_api;
create policy own_new on outbox for insert to tallystick_api with check (purpose = 'intent'
  and exists (select from intent i where i.intent_id = outbox.intent_id and i.participant_id = (select caller())));

-- Hashes and heads are open to everybody; the records themselves are told by packages.
grant select on evidence_node, evidence_head to tallystick_api;
create policy everyone on evidence_node for select to tallystick_api using (true);
create policy everyone on evidence_head for select to tallystick_api using (true);

grant select, insert, update on alarm_decision, alarm_threshold to tallystick_api;
create policy own on alarm_decision to tallystick_api using (participant_id = (select caller()));
create policy own on alarm_threshold to tallystick_api using (participant_id = (select caller()));
