-- Webhooks: where participants want the feed delivered (docs/adr/0023-streams-and-webhooks.md).

create table webhook_endpoint (
  endpoint_id uuid not null,
  participant_id integer not null references participant,
  url text not null,
  description text,
  secret bytea not null,
  state text not null default 'active',
  reason text,
  place text not null,
  failures integer not null default 0,
  failing_since timestamptz,
  next_attempt_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  constraint webhook_endpoint_pkey primary key (endpoint_id),
  constraint webhook_endpoint_state_known check (state in ('active', 'disabled')),
  constraint webhook_endpoint_reason check ((state = 'disabled') = (reason is not null)),
  constraint webhook_endpoint_failing check ((failures > 0) = (failing_since is not null))
);
comment on column webhook_endpoint.secret is 'Sealed under the service''s key; shown once.';
comment on column webhook_endpoint.reason is 'Why nothing is delivered.';
comment on column webhook_endpoint.place is 'All entries of the feed up to it were delivered, or are not for this participant.';
comment on column webhook_endpoint.failures is 'Attempts in a row that failed.';
create index webhook_endpoint_participant_idx on webhook_endpoint (participant_id, endpoint_id);
create index webhook_endpoint_due_idx on webhook_endpoint (next_attempt_at) where state = 'active';

create table webhook_replay (
  replay_id bigint generated always as identity,
  endpoint_id uuid not null references webhook_endpoint,
  event_id text not null,
  done_at timestamptz,
  constraint webhook_replay_pkey primary key (replay_id)
);
comment on table webhook_replay is 'Single events that are wanted once more, beside what is delivered in order.';
create index webhook_replay_open_idx on webhook_replay (endpoint_id, replay_id) where done_at is null;

create table webhook_delivery (
  delivery_id bigint generated always as identity,
  endpoint_id uuid not null references webhook_endpoint,
  event_id text not null,
  event_name text not null,
  is_replay boolean not null,
  status smallint,
  problem text,
  duration_ms integer not null,
  attempted_at timestamptz not null default now(),
  constraint webhook_delivery_pkey primary key (delivery_id),
  constraint webhook_delivery_outcome check (status is not null or problem is not null)
);
comment on table webhook_delivery is 'Every attempt. Delivered: problem is null.';
create index webhook_delivery_endpoint_idx on webhook_delivery (endpoint_id, delivery_id);

-- An event's transaction finds the intent that made it.
create index intent_tx_idx on intent (tx_hash) where tx_hash is not null;

do $service$
declare
  name text;
begin
  foreach name in array array['webhook_endpoint', 'webhook_replay', 'webhook_delivery'] loop
    execute format('alter table %I enable row level security', name);
    execute format('grant select, insert, update on %I to tallystick_service, tallystick_api', name);
    execute format('create policy service on %I to tallystick_service using (true) with check (true)', name);
  end loop;
end
$service$;
create policy own on webhook_endpoint to tallystick_api using (participant_id = (select caller()));
create policy own on webhook_replay to tallystick_api
  using (exists (select from webhook_endpoint e where e.endpoint_id = webhook_replay.endpoint_id and e.participant_id = (select caller())));
create policy own on webhook_delivery to tallystick_api
  using (exists (select from webhook_endpoint e where e.endpoint_id = webhook_delivery.endpoint_id and e.participant_id = (select caller())));
