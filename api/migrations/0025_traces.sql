-- The way of an intent, for traces: which span it began in, and when it came to each state (docs/adr/0038).

alter table intent add column trace_parent text
  constraint intent_trace_parent_form check (trace_parent ~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$');
comment on column intent.trace_parent is 'W3C traceparent of the request that it began with; null where nobody traces.';

create table intent_step (
  step_id bigint generated always as identity,
  intent_id uuid not null references intent,
  state text not null,
  at timestamptz not null default clock_timestamp(),
  constraint intent_step_pkey primary key (step_id)
);
comment on table intent_step is 'When an intent that is traced came to a state. Told and deleted by the relayer at its end.';
create index intent_step_intent_idx on intent_step (intent_id);

alter table intent_step enable row level security;
grant select, insert, delete on intent_step to tallystick_service;
create policy service on intent_step to tallystick_service using (true) with check (true);
grant insert on intent_step to tallystick_api;
create policy own on intent_step for insert to tallystick_api with check (exists
  (select from intent i where i.intent_id = intent_step.intent_id and i.participant_id = (select caller())));

create function note_step() returns trigger language plpgsql as $$
begin
  insert into app.intent_step (intent_id, state) values (new.intent_id, new.state);
  return null;
end $$;
create trigger intent_step_begun after insert on intent for each row when (new.trace_parent is not null)
  execute function note_step();
create trigger intent_step_moved after update of state on intent for each row
  when (new.trace_parent is not null and new.state is distinct from old.state) execute function note_step();
