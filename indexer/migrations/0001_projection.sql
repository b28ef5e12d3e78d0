-- The projection of the contracts' events. One writer: the indexer. Everything here can be dropped and rebuilt from the
-- chain's blocks to the same digest. Runs with search_path set to the schema it fills ("projection", or a scratch one).
-- Receivable ids are '0x' + 48 hex digits, note ids and 32-byte words '0x' + 64, addresses in EIP-55 spelling, amounts in
-- the currency's minor unit, times in unix seconds of block time, parties are participant numbers.

create table block (
  number bigint not null,
  hash text not null,
  parent_hash text not null,
  time bigint not null,
  constraint block_pkey primary key (number),
  constraint block_hash_key unique (hash)
);
comment on table block is
  'Blocks that have events of ours, for ever, and the newest blocks without, by which a fork is found.';

create table cursor (
  single boolean not null default true,
  block_number bigint not null,
  block_hash text not null,
  block_time bigint not null,
  genesis_hash text not null,
  chain_id bigint not null,
  deployment_hash text not null,
  constraint cursor_pkey primary key (single),
  constraint cursor_one_row check (single)
);
comment on table cursor is
  'The block as of which every row of this schema holds. No row: nothing is indexed yet. '
  'Written in the transaction that writes the rows.';
comment on column cursor.deployment_hash is 'SHA-256 of the deployment that was indexed: another one is refused.';

create table event (
  block_number bigint not null,
  log_index integer not null,
  tx_hash text not null,
  tx_index integer not null,
  address text not null,
  name text not null,
  args jsonb not null,
  receivable_id text,
  constraint event_pkey primary key (block_number, log_index),
  constraint event_block_fkey foreign key (block_number) references block (number)
);
comment on column event.args is 'Arguments by their Solidity names; integers as decimal strings, ids and words as hex.';
comment on column event.receivable_id is 'The receivable that it is about, also for its claims; null for the directory.';
create index event_receivable_idx on event (receivable_id, block_number, log_index) where receivable_id is not null;
create index event_tx_idx on event (tx_hash);
create index event_note_idx on event ((args ->> 'noteId'), block_number, log_index) where args ? 'noteId';
create index event_fingerprint_idx on event ((args ->> 'fingerprint')) where args ? 'fingerprint';
create index event_participant_idx on event ((args ->> 'id')) where args ? 'id';

create table participant (
  participant_id integer not null,
  account text not null,
  roles integer not null,
  status text not null,
  legal_identity_hash text not null,
  certificate_hash text not null,
  admitted_block bigint not null,
  changed_block bigint not null,
  changed_tx text not null,
  constraint participant_pkey primary key (participant_id),
  constraint participant_account_key unique (account),
  constraint participant_status_known check (status in ('active', 'suspended'))
);
comment on column participant.roles is 'Bits as in domain/participant/roles.ts.';

create table registry (
  registry integer not null,
  address text not null,
  changed_block bigint not null,
  changed_tx text not null,
  constraint registry_pkey primary key (registry),
  constraint registry_address_key unique (address)
);
comment on table registry is 'Registry versions that may claim fingerprints; ours is the one with the address of Receivables.';

create table fingerprint_claim (
  fingerprint text not null,
  registry integer not null,
  subject text not null,
  state text not null,
  claimed_at bigint not null,
  released_at bigint,
  changed_block bigint not null,
  changed_tx text not null,
  constraint fingerprint_claim_pkey primary key (fingerprint),
  constraint fingerprint_claim_state_known check (state in ('claimed', 'released')),
  constraint fingerprint_claim_released check ((state = 'released') = (released_at is not null))
);
comment on table fingerprint_claim is 'The newest claim of each fingerprint (N4): live when claimed, free when released.';
comment on column fingerprint_claim.subject is 'What the claim stands for: a receivable id within that registry.';
create index fingerprint_claim_subject_idx on fingerprint_claim (subject);

create table receivable (
  receivable_id text not null,
  creditor integer not null,
  debtor integer not null,
  amount bigint not null,
  settled bigint not null,
  currency integer not null,
  maturity bigint not null,
  content_commitment text not null,
  fingerprints text[] not null,
  state text not null,
  reason text,
  registered_at bigint not null,
  registered_block bigint not null,
  registered_tx text not null,
  confirmed_at bigint,
  changed_at bigint not null,
  changed_block bigint not null,
  changed_tx text not null,
  constraint receivable_pkey primary key (receivable_id),
  constraint receivable_state_known check (state in ('registered', 'confirmed', 'rejected', 'withdrawn', 'settled')),
  constraint receivable_amount_positive check (amount > 0),
  constraint receivable_settled_within check (settled between 0 and amount),
  constraint receivable_settled_closed check ((state = 'settled') <= (settled = amount))
);
comment on column receivable.reason is 'Commitment to the reason of a rejection.';
comment on column receivable.confirmed_at is 'Null while the debtor has not promised to pay.';
create index receivable_debtor_idx on receivable (debtor, state, maturity, receivable_id);
create index receivable_creditor_idx on receivable (creditor, state, receivable_id);
create index receivable_registered_idx on receivable (registered_block, receivable_id);

create table note (
  note_id text not null,
  receivable_id text not null,
  span int8range not null,
  holder integer not null,
  counterparty integer,
  assignor integer,
  deadline bigint,
  tier smallint not null,
  state text not null,
  trade_document text,
  quote text,
  disbursement text,
  payment text,
  opened_block bigint not null,
  changed_at bigint not null,
  changed_block bigint not null,
  changed_tx text not null,
  constraint note_pkey primary key (note_id),
  constraint note_receivable_fkey foreign key (receivable_id) references receivable (receivable_id)
    deferrable initially deferred,
  constraint note_span_partition exclude using gist (receivable_id with =, span with &&) deferrable initially deferred,
  constraint note_span_shape check (lower_inc(span) and not upper_inc(span) and lower(span) >= 0),
  constraint note_state_known check (state in ('live', 'offered', 'locked', 'settled')),
  constraint note_bound check ((state in ('offered', 'locked')) = (counterparty is not null)),
  constraint note_bound_until check ((counterparty is null) = (deadline is null)),
  constraint note_settled_paid check ((state = 'settled') = (payment is not null))
);
comment on table note is 'Spans of confirmed receivables; together they cover each one without gap or overlap (N1).';
comment on column note.counterparty is 'Assignee of an offer, factor of a lock; null otherwise.';
comment on column note.assignor is 'From whom the holder has it; null for the first creditor.';
comment on column note.deadline is 'Until when the counterparty may act; null when nobody is named.';
comment on column note.tier is 'Accepted transfers between the first creditor (0) and the holder.';
comment on column note.trade_document is 'Commitment of the newest offer of this span; null when it was never offered.';
comment on column note.quote is 'Commitment of the newest quote that locked this span.';
comment on column note.disbursement is 'Commitment of the newest disbursement: not null means that the span was financed.';
comment on column note.payment is 'Commitment to the entry of the bank statement that settled it.';
create index note_receivable_idx on note (receivable_id);
create index note_holder_idx on note (holder, state, note_id);
create index note_counterparty_idx on note (counterparty, state, note_id) where counterparty is not null;

create table receivable_party (
  receivable_id text not null,
  participant_id integer not null,
  since_block bigint not null,
  constraint receivable_party_pkey primary key (receivable_id, participant_id)
);
comment on table receivable_party is
  'Who is or ever was debtor, creditor, holder, assignee or factor: the membership that decides who may read.';
create index receivable_party_participant_idx on receivable_party (participant_id, receivable_id);

create table log_head (
  size bigint not null,
  root text not null,
  anchored_at bigint not null,
  changed_block bigint not null,
  changed_tx text not null,
  constraint log_head_pkey primary key (size)
);
comment on table log_head is 'Anchored heads of the evidence log.';

do $roles$
declare
  wanted text;
begin
  foreach wanted in array array['tallystick_indexer', 'tallystick_api'] loop
    begin
      if not exists (select from pg_roles where rolname = wanted) then
        execute format('create role %I nologin', wanted);
      end if;
      execute format('grant %I to current_user', wanted);
    exception
      -- Two databases of one server may be migrated at once; a managed server may keep roles to itself.
      when duplicate_object or unique_violation or insufficient_privilege then
        raise notice 'role % is left as it is: %', wanted, sqlerrm;
    end;
  end loop;
  if exists (select from pg_roles where rolname = 'tallystick_indexer') then
    execute format('grant usage on schema %I to tallystick_indexer', current_schema());
    execute format(
      'grant select, insert, update, delete, truncate on all tables in schema %I to tallystick_indexer', current_schema());
  end if;
  if exists (select from pg_roles where rolname = 'tallystick_api') then
    execute format('grant usage on schema %I to tallystick_api', current_schema());
    execute format('grant select on all tables in schema %I to tallystick_api', current_schema());
  end if;
end
$roles$;
