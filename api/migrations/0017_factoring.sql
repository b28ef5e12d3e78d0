-- Funding requests, quotes, limits of factors, and their questions about duplicates. No state is stored here but people's own acts: what
-- became of a lock is read from the projection (domain/factoring/states.ts).

create table funding_request (
  request_id uuid not null,
  requester integer not null references participant,
  receivable_id text not null,
  note_id text not null,
  amount bigint not null,
  kinds text[] not null,
  fund_from bigint not null,
  fund_until bigint not null,
  expires_at bigint not null,
  is_open boolean not null,
  withdrawn_at bigint,
  created_at timestamptz not null default now(),
  constraint funding_request_pkey primary key (request_id),
  constraint funding_request_amount_positive check (amount > 0),
  constraint funding_request_kinds_known check (
    cardinality(kinds) > 0 and kinds <@ array['assignment', 'recourse-assignment', 'pledge']),
  constraint funding_request_times check (fund_from <= fund_until and expires_at <= fund_until)
);
comment on table funding_request is 'A holder asks factors to finance a note or a part of it. Times are unix seconds, the amount minor units.';
comment on column funding_request.is_open is 'Asked of every factor; else of those in funding_request_factor.';
create index funding_request_requester_idx on funding_request (requester, request_id);
create index funding_request_note_idx on funding_request (note_id);
create index funding_request_open_idx on funding_request (request_id) where is_open;

create table funding_request_factor (
  request_id uuid not null references funding_request,
  factor integer not null references participant,
  constraint funding_request_factor_pkey primary key (factor, request_id)
);
create index funding_request_factor_request_idx on funding_request_factor (request_id);

create table quote (
  quote_id uuid not null,
  request_id uuid not null references funding_request,
  factor integer not null references participant,
  text bytea not null,
  commitment text not null,
  is_firm boolean not null,
  expires_at bigint not null,
  withdrawn_at bigint,
  intent_id uuid references intent,
  created_at timestamptz not null default now(),
  constraint quote_pkey primary key (quote_id),
  constraint quote_commitment_key unique (commitment),
  constraint quote_firm check (not (is_firm and withdrawn_at is not null))
);
comment on table quote is 'Confidential: read by the factor that gave it and by the requester, and by nobody else.';
comment on column quote.text is 'The one text of its terms (RFC 8785), sealed under the service''s key.';
comment on column quote.commitment is 'What the lock commits to on chain: SHA-256 over the receivable''s id and the text.';
comment on column quote.intent_id is 'The newest order to lock by it.';
create index quote_request_idx on quote (request_id, created_at);
create index quote_ordered_idx on quote (factor, expires_at) where intent_id is not null;

create table factor_limit (
  limit_id bigint generated always as identity,
  factor integer not null references participant,
  scope text not null,
  counterpart integer references participant,
  currency integer not null,
  amount bigint,
  expires_at bigint not null,
  set_at timestamptz not null default now(),
  constraint factor_limit_pkey primary key (limit_id),
  constraint factor_limit_key unique nulls not distinct (factor, currency, scope, counterpart),
  constraint factor_limit_scope_known check (scope in ('total', 'debtor', 'seller')),
  constraint factor_limit_counterpart check ((scope = 'total') = (counterpart is null)),
  constraint factor_limit_amount_positive check (amount >= 0)
);
comment on table factor_limit is
  'What a factor lets stand with a debtor, with a seller or in all. Its rows are locked while a quote is accepted; what stands is counted '
  'from the projection and from orders under way, never kept.';
comment on column factor_limit.amount is 'Minor units; null: no limit any more.';

create table duplicate_check (
  check_id bigint generated always as identity,
  participant_id integer not null references participant,
  documents smallint not null,
  answers jsonb,
  asked_at timestamptz not null default now(),
  constraint duplicate_check_pkey primary key (check_id)
);
comment on table duplicate_check is 'Who asked about how many documents, and how many of each answer it got. Neither documents nor fingerprints.';
comment on column duplicate_check.answers is 'Null: refused, the participant had asked too much.';
create index duplicate_check_participant_idx on duplicate_check (participant_id, asked_at);

-- The service's alone: a request is seen by whom it asks, who may be no party of the debt, a quote by its two sides, and limits decide
-- over what their factor does not order itself. The queries of api/factoring say who sees what.
do $service$
declare
  name text;
begin
  foreach name in array array['funding_request', 'funding_request_factor', 'quote', 'factor_limit', 'duplicate_check'] loop
    execute format('alter table %I enable row level security', name);
    execute format('grant select, insert, update on %I to tallystick_service', name);
    execute format('create policy service on %I to tallystick_service using (true) with check (true)', name);
  end loop;
end
$service$;
