-- Each participant reads its own rows, as second net under the api's own conditions (docs/adr/0025). Runs with search_path set to the
-- schema it fills. A later table enables row-level security and says here how it is read, or is read by the service alone:
-- api/migrations/README.md has the recipe, and a test goes through the catalogue.

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
  -- Postgres refuses COPY into a table that has policies for who copies, whatever they say.
  if exists (select from pg_roles where rolname = 'tallystick_indexer' and not rolbypassrls) then
    begin
      alter role tallystick_indexer bypassrls;
    exception
      when insufficient_privilege then
        raise exception 'the indexer copies rows into tables with row-level security: have an administrator run '
          '"alter role tallystick_indexer bypassrls" and start again';
    end;
  end if;
end
$roles$;

do $grants$
begin
  execute format('grant usage on schema %I to tallystick_service', current_schema());
  execute format('grant select on all tables in schema %I to tallystick_service', current_schema());
  execute format('alter default privileges in schema %I grant select on tables to tallystick_service', current_schema());
end
$grants$;

do $service$
declare
  name text;
begin
  foreach name in array array['block', 'cursor', 'event', 'participant', 'registry', 'fingerprint_claim', 'receivable', 'note',
    'receivable_party', 'log_head', 'index_aside', 'feed', 'migration'] loop
    execute format('alter table %I enable row level security', name);
    execute format('create policy service on %I for select to tallystick_service using (true)', name);
  end loop;
end
$service$;

-- The chain's own: nobody's rows.
create policy everyone on block for select to tallystick_api using (true);
create policy everyone on cursor for select to tallystick_api using (true);
create policy everyone on registry for select to tallystick_api using (true);
create policy everyone on log_head for select to tallystick_api using (true);

-- The directory.
create policy participants on participant for select to tallystick_api
  using ((select nullif(current_setting('tallystick.participant', true), '')) is not null);

-- Who is or was a party of a receivable reads it with its notes and events; regulators and clearing agents read all.
create policy parties on receivable_party for select to tallystick_api using (
  participant_id = (select nullif(current_setting('tallystick.participant', true), '')::integer)
  or (select string_to_array(current_setting('tallystick.roles', true), ',') && array['regulator', 'clearing']));

create policy parties on receivable for select to tallystick_api using (
  (select string_to_array(current_setting('tallystick.roles', true), ',') && array['regulator', 'clearing'])
  or exists (select from receivable_party p
    where p.receivable_id = receivable.receivable_id
      and p.participant_id = (select nullif(current_setting('tallystick.participant', true), '')::integer)));

create policy parties on note for select to tallystick_api using (
  (select string_to_array(current_setting('tallystick.roles', true), ',') && array['regulator', 'clearing'])
  or exists (select from receivable_party p
    where p.receivable_id = note.receivable_id
      and p.participant_id = (select nullif(current_setting('tallystick.participant', true), '')::integer)));

-- An event of the directory or of the log is of everybody; one about a fingerprint of no receivable is the claimant's business, whom
-- the event shows only inside its word.
create policy parties on event for select to tallystick_api using (
  (select string_to_array(current_setting('tallystick.roles', true), ',') && array['regulator', 'clearing'])
  or exists (select from receivable_party p
    where p.receivable_id = event.receivable_id
      and p.participant_id = (select nullif(current_setting('tallystick.participant', true), '')::integer))
  or (receivable_id is null and not args ? 'fingerprint'
    and (select nullif(current_setting('tallystick.participant', true), '')) is not null));

create policy claimant on fingerprint_claim for select to tallystick_api using (
  claimant = (select nullif(current_setting('tallystick.participant', true), '')::integer)
  or (select string_to_array(current_setting('tallystick.roles', true), ',') && array['regulator', 'clearing']));
