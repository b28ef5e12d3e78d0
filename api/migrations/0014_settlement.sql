-- Settlement: what debtors order to be paid, what bank statements say was paid, and which entry pays which note. Amounts are
-- minor units, days YYYY-MM-DD. Names, accounts and texts are sealed under the service's key.

create table payment_run (
  run_id uuid not null,
  participant_id integer not null references participant,
  up_to text not null,
  block_number bigint not null,
  block_hash text not null,
  block_time bigint not null,
  fields bytea not null,
  created_at timestamptz not null default now(),
  cancelled_at timestamptz,
  constraint payment_run_pkey primary key (run_id)
);
comment on table payment_run is 'A debtor''s order to pay what is due, as of a block.';
comment on column payment_run.fields is 'The debtor''s account and what could not be paid, sealed.';
create index payment_run_participant_idx on payment_run (participant_id, created_at);

create table payment (
  run_id uuid not null references payment_run,
  end_to_end_id text not null,
  note_id text not null,
  note_end bigint not null,
  receivable_id text not null,
  payee integer not null,
  amount bigint not null,
  currency text not null,
  payment_day text not null,
  is_day_published boolean not null,
  fields bytea not null,
  is_cancelled boolean not null default false,
  constraint payment_pkey primary key (run_id, end_to_end_id),
  constraint payment_amount_positive check (amount > 0)
);
comment on table payment is 'One note to its payee of the moment. The reference comes back in the payee''s statement.';
comment on column payment.fields is 'Name and account of the payee, sealed.';
create unique index payment_ordered_once on payment (end_to_end_id) where not is_cancelled;
create index payment_end_to_end_idx on payment (end_to_end_id);
create index payment_note_idx on payment (note_id);

create table bank_account (
  account_id bigint generated always as identity,
  participant_id integer not null references participant,
  digest bytea not null,
  currency text not null,
  fields bytea not null,
  constraint bank_account_pkey primary key (account_id),
  constraint bank_account_key unique (participant_id, digest, currency)
);
comment on table bank_account is 'Accounts of which a clearing bank brought statements. Its row is locked while entries come in.';
comment on column bank_account.digest is 'Keyed digest of the account''s number, by which it is found.';

create table statement_file (
  statement_id uuid not null,
  participant_id integer not null references participant,
  format text not null,
  media_type text not null,
  byte_length integer not null,
  sha256 text not null,
  sm3 text not null,
  entries_digest text not null,
  leaf_index bigint not null,
  sealed bytea not null,
  created_at timestamptz not null default now(),
  constraint statement_file_pkey primary key (statement_id),
  constraint statement_file_key unique (participant_id, sha256)
);
comment on table statement_file is
  'Bank statements as they came, sealed under the service''s key. Written last: its record takes the lock of the whole log.';
comment on column statement_file.entries_digest is 'SHA-256 over the digests of its entries: the record in the log has it beside the file''s.';

create table statement_part (
  statement_id uuid not null references statement_file deferrable initially deferred,
  part integer not null,
  account_id bigint not null references bank_account,
  opening bigint,
  closing bigint,
  first_day text,
  closing_day text,
  movement bigint not null,
  outcome text not null,
  difference bigint,
  entries integer not null,
  fresh integer not null,
  constraint statement_part_pkey primary key (statement_id, part),
  constraint statement_part_outcome_known check (outcome in ('balanced', 'unbalanced', 'no-balances'))
);
comment on table statement_part is 'The statements in a file, each of one account.';
comment on column statement_part.first_day is 'Of its entries: from there the opening balance is carried to a later day.';
comment on column statement_part.fresh is 'Entries that no delivery before had, or had only as not booked.';
create index statement_part_day_idx on statement_part (account_id, closing_day);

create table statement_entry (
  entry_id bigint generated always as identity,
  participant_id integer not null references participant,
  account_id bigint not null references bank_account,
  statement_id uuid not null references statement_file deferrable initially deferred,
  key text not null,
  ordinal integer not null,
  digest text not null,
  amount bigint not null,
  effect text not null,
  is_reversal boolean not null,
  status text not null,
  day text,
  references_ours text[] not null,
  is_trusted boolean not null,
  finding text not null,
  allocated bigint not null default 0,
  reversal_of bigint references statement_entry (entry_id),
  fields bytea not null,
  created_at timestamptz not null default now(),
  constraint statement_entry_pkey primary key (entry_id),
  constraint statement_entry_once unique (account_id, key, ordinal),
  constraint statement_entry_allocated_within check (allocated between 0 and amount),
  constraint statement_entry_reversed_once unique (reversal_of),
  constraint statement_entry_effect_known check (effect in ('credit', 'debit'))
);
comment on table statement_entry is 'Each entry of each account once, however often it is delivered.';
comment on column statement_entry.allocated is
  'Sum of the parts of its accepted matches. Changed under the row''s lock: an entry never pays more than its amount.';
comment on column statement_entry.is_trusted is 'False when its statement does not add up.';
comment on column statement_entry.statement_id is 'The delivery that first had it booked.';
comment on column statement_entry.fields is 'What the bank says of it, sealed.';
create index statement_entry_day_idx on statement_entry (participant_id, day);
create index statement_entry_references_idx on statement_entry using gin (references_ours);

create table match (
  match_id bigint generated always as identity,
  entry_id bigint not null references statement_entry,
  participant_id integer not null references participant,
  state text not null,
  rule text not null,
  score smallint not null,
  reasons text[] not null,
  created_at timestamptz not null default now(),
  decided_by integer references participant,
  decided_at timestamptz,
  decision bytea,
  constraint match_pkey primary key (match_id),
  constraint match_state_known check (state in ('proposed', 'accepted', 'rejected', 'superseded', 'cancelled')),
  constraint match_score_within check (score between 0 and 100)
);
comment on table match is 'That an entry pays notes: proposed to people, or accepted by rule or by them.';
comment on column match.decided_by is 'Null for what the rule accepted.';
comment on column match.decision is 'The reason that was given, sealed.';
create index match_queue_idx on match (participant_id, state, match_id);
create index match_entry_idx on match (entry_id);

create table match_part (
  match_id bigint not null references match,
  part integer not null,
  entry_id bigint not null references statement_entry,
  note_id text not null,
  receivable_id text not null,
  payee integer not null,
  amount bigint not null,
  is_active boolean not null default false,
  intent_id uuid references intent,
  settled_note_id text,
  payment text,
  constraint match_part_pkey primary key (match_id, part),
  constraint match_part_amount_positive check (amount > 0),
  constraint match_part_settled_ordered check ((intent_id is null) = (settled_note_id is null))
);
comment on column match_part.is_active is 'Its match is accepted: it counts against the entry and the note.';
comment on column match_part.intent_id is 'The settlement that orders it. A refused one is replaced by the next.';
comment on column match_part.settled_note_id is 'The note that this settlement leaves settled: a piece when only a part is paid.';
create unique index match_part_note_once on match_part (entry_id, note_id) where is_active;
create index match_part_note_idx on match_part (note_id) where is_active;
create index match_part_settled_idx on match_part (settled_note_id) where settled_note_id is not null;
create index match_part_intent_idx on match_part (intent_id) where intent_id is not null;

create table settlement_exception (
  exception_id bigint generated always as identity,
  participant_id integer not null references participant,
  entry_id bigint not null references statement_entry,
  kind text not null,
  note_ids text[] not null,
  created_at timestamptz not null default now(),
  closed_by integer references participant,
  closed_at timestamptz,
  resolution bytea,
  constraint settlement_exception_pkey primary key (exception_id),
  constraint settlement_exception_once unique (entry_id, kind),
  constraint settlement_exception_kind_known check (kind in
    ('returned-after-settlement', 'reversal-unmatched', 'duplicate-payment', 'wrong-currency', 'parts-differ', 'payee-changed')),
  constraint settlement_exception_closed check ((closed_at is null) = (resolution is null))
);
comment on table settlement_exception is 'What no match can put right: people close it, with a reason.';
create index settlement_exception_queue_idx on settlement_exception (participant_id, exception_id) where closed_at is null;

do $service$
declare
  name text;
begin
  foreach name in array array['payment_run', 'payment', 'bank_account', 'statement_file', 'statement_part', 'statement_entry', 'match',
    'match_part', 'settlement_exception'] loop
    execute format('alter table %I enable row level security', name);
    execute format('grant select, insert, update on %I to tallystick_service, tallystick_api', name);
    execute format('create policy service on %I to tallystick_service using (true) with check (true)', name);
  end loop;
  foreach name in array array['payment_run', 'bank_account', 'statement_file', 'statement_entry', 'match', 'settlement_exception'] loop
    execute format('create policy own on %I to tallystick_api using (participant_id = (select caller()))', name);
  end loop;
end
$service$;
create policy own on payment to tallystick_api
  using (exists (select from payment_run r where r.run_id = payment.run_id and r.participant_id = (select caller())));
create policy own on statement_part for select to tallystick_api
  using (exists (select from statement_file f where f.statement_id = statement_part.statement_id and f.participant_id = (select caller())));
-- Written before its file: the reference is checked at the end.
create policy own_new on statement_part for insert to tallystick_api with check ((select caller()) is not null);
create policy own on match_part to tallystick_api
  using (exists (select from match m where m.match_id = match_part.match_id and m.participant_id = (select caller())));
