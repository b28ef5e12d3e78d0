-- Blocks in the evidence log, and accounts to pay: what certificates need.

alter table evidence_leaf drop constraint evidence_leaf_kind_known;
alter table evidence_leaf add constraint evidence_leaf_kind_known
  check (kind in ('document', 'command', 'state', 'block'));
create unique index evidence_leaf_block_key on evidence_leaf (block_hash) where kind = 'block';

alter table participant add column payment_account text;
alter table participant add constraint participant_payment_account_length
  check (length(payment_account) between 1 and 128);
comment on column participant.payment_account is
  'Where the debtor pays, SCHEME:value (IBAN, or CN for bank code and number); null: not on record.';
