-- What people and programs told us. One writer: the api's processes (api, relayer). Runs with search_path = app.
-- Ids and hashes are written as in `projection`; amounts are decimal strings inside jsonb.

create table participant (
  participant_id integer not null,
  account text not null,
  name text not null,
  country text not null,
  legal_identity text not null,
  roles text[] not null,
  signers jsonb not null,
  makers_required smallint not null,
  checkers_required smallint not null,
  api_key_sha256 bytea not null,
  constraint participant_pkey primary key (participant_id),
  constraint participant_account_key unique (account),
  constraint participant_api_key_key unique (api_key_sha256),
  constraint participant_makers_reachable check (
    makers_required between 1 and jsonb_array_length(jsonb_path_query_array(signers, '$[*] ? (@.duty == "maker")'))),
  constraint participant_checkers_reachable check (
    checkers_required between 0 and jsonb_array_length(jsonb_path_query_array(signers, '$[*] ? (@.duty == "checker")')))
);
comment on column participant.legal_identity is 'Canonical identifier that fingerprints name the participant by; the same in every registry version.';
comment on column participant.signers is
  'Signers of the account with their duties, [{signer, duty}]: ERC-7913 bytes, an address or verifier and key.';

create table participant_identifier (
  scheme text not null,
  value text not null,
  participant_id integer not null references participant,
  constraint participant_identifier_pkey primary key (scheme, value)
);
comment on table participant_identifier is 'The directory: by which registered identifiers a document names a participant.';

create table document (
  document_id uuid not null,
  participant_id integer not null references participant,
  bytes bytea not null,
  format text not null,
  sha256 text not null,
  sm3 text not null,
  invoice jsonb not null,
  identity jsonb not null,
  fingerprint text not null,
  content_digest text not null,
  content_salt bytea not null,
  content_commitment text not null,
  created_at timestamptz not null default now(),
  constraint document_pkey primary key (document_id),
  constraint document_owner_key unique (participant_id, sha256)
);
comment on column document.content_digest is 'Unsalted SM3 of the content array: never leaves this database; tells copies from conflicts.';
create index document_fingerprint_idx on document (fingerprint);
create unique index document_commitment_key on document (content_commitment);
comment on column document.content_commitment is 'What a registration puts on chain: by it a receivable finds its document.';

create table intent (
  intent_id uuid not null,
  participant_id integer not null references participant,
  kind text not null,
  command jsonb not null,
  typed_data jsonb not null,
  digest text not null,
  words_en text not null,
  words_zh text not null,
  receivable_id text,
  note_id text,
  state text not null,
  refusal jsonb,
  tx_hash text,
  block_number bigint,
  block_hash text,
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  constraint intent_pkey primary key (intent_id),
  constraint intent_state_known check (state in ('awaiting-signatures', 'recorded', 'sent', 'mined', 'refused')),
  constraint intent_refused check ((state = 'refused') = (refusal is not null)),
  constraint intent_mined check (state <> 'mined' or (tx_hash is not null and block_number is not null))
);
create index intent_participant_idx on intent (participant_id, intent_id);
create index intent_receivable_idx on intent (receivable_id);

create table intent_signature (
  intent_id uuid not null references intent,
  signer text not null,
  signature text not null,
  created_at timestamptz not null default now(),
  constraint intent_signature_pkey primary key (intent_id, signer)
);

create table idempotency (
  participant_id integer not null references participant,
  key text not null,
  request_sha256 bytea not null,
  status integer not null,
  response jsonb not null,
  created_at timestamptz not null default now(),
  constraint idempotency_pkey primary key (participant_id, key)
);
comment on table idempotency is 'Kept as long as the commands themselves: the same key gives the same answer for ever.';

create table sender (
  address text not null,
  next_nonce bigint not null,
  constraint sender_pkey primary key (address)
);
comment on table sender is 'The nonce counter of a chain key: raised in the transaction that stores the signed bytes.';

create table outbox (
  outbox_id bigint generated always as identity,
  purpose text not null,
  intent_id uuid references intent,
  head_size bigint,
  target text not null,
  data text not null,
  state text not null default 'queued',
  sender text,
  nonce bigint,
  raw text,
  tx_hash text,
  block_number bigint,
  block_hash text,
  created_at timestamptz not null default now(),
  constraint outbox_pkey primary key (outbox_id),
  constraint outbox_purpose_known check (purpose in ('intent', 'anchor')),
  constraint outbox_state_known check (state in ('queued', 'sent', 'mined', 'refused')),
  constraint outbox_subject check (num_nonnulls(intent_id, head_size) = 1),
  constraint outbox_signed check ((state in ('sent', 'mined')) <= (raw is not null and nonce is not null)),
  constraint outbox_intent_key unique (intent_id),
  constraint outbox_nonce_key unique (sender, nonce)
);
create index outbox_open_idx on outbox (state, outbox_id) where state in ('queued', 'sent');

create table evidence_leaf (
  leaf_index bigint not null,
  kind text not null,
  record bytea not null,
  intent_id uuid,
  document_id uuid,
  tx_hash text,
  block_hash text,
  receivable_ids text[] not null,
  constraint evidence_leaf_pkey primary key (leaf_index),
  constraint evidence_leaf_kind_known check (kind in ('document', 'command', 'state'))
);
comment on column evidence_leaf.record is 'Canonical bytes: exactly what the leaf hashes.';
create index evidence_leaf_receivable_idx on evidence_leaf using gin (receivable_ids);
create unique index evidence_leaf_state_key on evidence_leaf (tx_hash, block_hash) where kind = 'state';
create unique index evidence_leaf_command_key on evidence_leaf (intent_id) where kind = 'command';
create unique index evidence_leaf_document_key on evidence_leaf (document_id) where kind = 'document';

create table evidence_node (
  level smallint not null,
  index bigint not null,
  hash bytea not null,
  constraint evidence_node_pkey primary key (level, index)
);
comment on table evidence_node is 'Hashes of the complete subtrees of the RFC 9162 log.';

create table evidence_head (
  size bigint not null,
  root text not null,
  signed jsonb not null,
  created_at timestamptz not null default now(),
  constraint evidence_head_pkey primary key (size)
);
comment on table evidence_head is 'Heads that the operator signed; anchored ones have a mined outbox row.';

grant usage on schema app to tallystick_api;
grant select, insert, update on all tables in schema app to tallystick_api;
grant usage on all sequences in schema app to tallystick_api;
