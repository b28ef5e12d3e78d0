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
comment on column event.args is
  'Arguments by their Solidity names; integers as decimal strings, ids and words as hex. A note or claim word is as the log '
  'has it: domain/note/note-word.ts and domain/fingerprint/claim-word.ts read it.';
comment on column event.receivable_id is
  'The receivable that it is about, also for the claims on its own documents; null for the directory, for claims of trade '
  'documents and for those made elsewhere.';
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
comment on table registry is
  'Registry versions that may claim fingerprints, from 1; ours is the one with the address of Receivables.';

create table fingerprint_claim (
  fingerprint text not null,
  registry integer not null,
  subject text not null,
  claimant integer not null,
  reason text not null,
  state text not null,
  claimed_at bigint not null,
  released_at bigint,
  release_reason text,
  changed_block bigint not null,
  changed_tx text not null,
  constraint fingerprint_claim_pkey primary key (fingerprint),
  constraint fingerprint_claim_state_known check (state in ('claimed', 'released')),
  constraint fingerprint_claim_reason_known check (
    reason in ('receivable', 'trade-document', 'assigned-elsewhere', 'pledged-elsewhere', 'reserved-elsewhere')),
  constraint fingerprint_claim_elsewhere check ((registry = 0) = (reason like '%-elsewhere')),
  constraint fingerprint_claim_release_reason_known check (
    release_reason in ('closed', 'repaid', 'declined', 'claimed-in-error')),
  constraint fingerprint_claim_released check (
    (state = 'released') = (released_at is not null) and (released_at is null) = (release_reason is null))
);
comment on table fingerprint_claim is 'The newest claim of each fingerprint (N4): live when claimed, free when released.';
comment on column fingerprint_claim.registry is 'Registry version that claimed it; 0: a factor did so itself.';
comment on column fingerprint_claim.claimant is 'For which participant it was claimed.';
comment on column fingerprint_claim.subject is
  'What the claim stands for: a receivable id, the claim subject of an offer (Spans.claimSubjectOf), or a factor''s reference.';
create index fingerprint_claim_subject_idx on fingerprint_claim (subject);
create index fingerprint_claim_claimant_idx on fingerprint_claim (claimant, state, fingerprint);

create table receivable (
  receivable_id text not null,
  creditor integer not null,
  debtor integer not null,
  amount bigint not null,
  settled bigint not null,
  cancelled bigint not null,
  currency integer not null,
  maturity bigint not null,
  content_commitment text not null,
  fingerprints text[] not null,
  state text not null,
  reason text,
  disputed boolean not null,
  dispute_reason text,
  payment text,
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
  constraint receivable_sums_within check (settled >= 0 and cancelled >= 0 and settled + cancelled <= amount),
  constraint receivable_settled_closed check ((state = 'settled') <= (settled + cancelled = amount)),
  constraint receivable_rejected_reason check ((state = 'rejected') = (reason is not null)),
  constraint receivable_confirmed_when check ((state in ('confirmed', 'settled')) = (confirmed_at is not null)),
  constraint receivable_disputed_confirmed check (disputed <= (confirmed_at is not null)),
  constraint receivable_disputed_reason check (disputed <= (dispute_reason is not null)),
  constraint receivable_paid_settled check ((payment is not null) <= (state = 'settled'))
);
comment on column receivable.settled is 'Sum of the settled notes. The contract keeps no such sum: it follows from the spans.';
comment on column receivable.cancelled is 'Sum of the notes cancelled by dilution: owed no more.';
comment on column receivable.reason is 'Commitment to the reason of a rejection.';
comment on column receivable.disputed is 'The debtor disputes it: no new transfer and no new lock.';
comment on column receivable.dispute_reason is
  'Commitment of the newest dispute, or of its lifting when it is disputed no more; null when it never was.';
comment on column receivable.payment is
  'Commitment to the payment that settled all open notes at once; null when each was settled by itself.';
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
  frozen_until bigint,
  tier smallint not null,
  state text not null,
  purpose text not null,
  has_recourse boolean not null,
  trade_document text,
  credit_note text,
  quote text,
  disbursement text,
  repayment text,
  demand text,
  freeze_order text,
  freeze_escrow integer,
  freeze_authority integer,
  payment text,
  payee integer,
  opened_block bigint not null,
  changed_at bigint not null,
  changed_block bigint not null,
  changed_tx text not null,
  constraint note_pkey primary key (note_id),
  constraint note_receivable_fkey foreign key (receivable_id) references receivable (receivable_id)
    deferrable initially deferred,
  constraint note_span_partition exclude using gist (receivable_id with =, span with &&) deferrable initially deferred,
  constraint note_span_shape check (lower_inc(span) and not upper_inc(span) and lower(span) >= 0),
  constraint note_state_known check (state in ('live', 'offered', 'locked', 'pledged', 'settled', 'cancelled')),
  constraint note_purpose_fits check (case state
    when 'offered' then purpose in ('transfer', 'trade-transfer', 'dilution', 'return')
    when 'locked' then purpose in ('assignment', 'recourse-assignment', 'pledge')
    when 'pledged' then purpose = 'pledge'
    when 'settled' then true
    else purpose = 'none' end),
  constraint note_bound check (state = 'settled'
    or (state in ('offered', 'locked', 'pledged')) = (counterparty is not null)),
  constraint note_bound_until check (state = 'settled'
    or (state in ('offered', 'locked')) = (deadline is not null)),
  constraint note_recourse_known check (has_recourse <= (assignor is not null)),
  constraint note_frozen_by check ((frozen_until is not null) <= (freeze_order is not null)),
  constraint note_freeze_whole check (num_nulls(freeze_order, freeze_escrow, freeze_authority) in (0, 3)),
  constraint note_settled_paid check (
    (state = 'settled') = (payment is not null) and (payment is null) = (payee is null))
);
comment on table note is
  'Spans of confirmed receivables; together they cover each one without gap or overlap (N1). A merged note is gone. The '
  'columns up to has_recourse are the contract''s own, null for its zeros; a piece has the documents of the note that it was '
  'cut off.';
comment on column note.counterparty is
  'Whom it waits for: assignee, debtor or assignor of an offer, factor of a lock, lender of a pledge. Of a settled note what '
  'the contract shows: who was paid, or, when all were settled at once, whom it had waited for.';
comment on column note.assignor is 'From whom the holder has it; null for the first creditor.';
comment on column note.deadline is 'Until when the counterparty may act; null when nobody is named, and for a pledge.';
comment on column note.frozen_until is
  'A freeze is in force while this is later than block time; nothing is written when it ends by itself.';
comment on column note.tier is 'Accepted transfers between the first creditor (0) and the holder.';
comment on column note.purpose is 'What the counterparty may do with it: domain/note/note-word.ts.';
comment on column note.has_recourse is 'The assignor answers for the debtor''s payment.';
comment on column note.trade_document is
  'Commitment of the newest offer of this span, or the fingerprint it claimed; null when it was never offered.';
comment on column note.credit_note is 'Commitment of the newest offer to cancel this span.';
comment on column note.quote is 'Commitment of the newest quote that locked this span.';
comment on column note.disbursement is 'Commitment of the newest disbursement: not null means that the span was financed.';
comment on column note.repayment is 'Commitment of the newest repayment of a pledge.';
comment on column note.demand is 'Commitment of the newest demand for recourse.';
comment on column note.freeze_order is 'Commitment to the newest order that froze it, in force or not.';
comment on column note.freeze_escrow is 'Who is paid while that freeze is in force.';
comment on column note.freeze_authority is 'The regulator who froze it.';
comment on column note.payment is 'Commitment to the entry of the bank statement that settled it.';
comment on column note.payee is 'Who was paid: the escrow of a freeze in force, else the lender of a pledge, else the holder.';
create index note_receivable_idx on note (receivable_id);
create index note_holder_idx on note (holder, state, note_id);
create index note_counterparty_idx on note (counterparty, state, note_id) where counterparty is not null;
create index note_payee_idx on note (payee, note_id) where payee is not null;

create table receivable_party (
  receivable_id text not null,
  participant_id integer not null,
  since_block bigint not null,
  constraint receivable_party_pkey primary key (receivable_id, participant_id)
);
comment on table receivable_party is
  'Who is or ever was debtor, creditor, holder, assignee, factor, or escrow or authority of a freeze: the membership that '
  'decides who may read.';
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
