-- Quotes signed by keys of the factor (docs/adr/0044).

create table quote_signature (
  quote_id uuid not null references quote,
  signer text not null,
  signature text not null,
  duty text not null,
  user_id uuid references participant_user,
  signed_at bigint not null,
  constraint quote_signature_pkey primary key (quote_id, signer),
  constraint quote_signature_duty_known check (duty in ('maker', 'checker'))
);
comment on table quote_signature is 'Keys of the factor that signed the text of a quote, one row each. Seen by whom the quote is seen by.';
comment on column quote_signature.user_id is 'Whose session brought it; null for a session by key and an API key, which are no person''s.';
comment on column quote_signature.signed_at is 'Time of the chain, unix seconds.';
create trigger quote_signature_unchanged before update or delete on quote_signature for each row execute function refuse_change();

alter table quote_signature enable row level security;
grant select, insert on quote_signature to tallystick_service;
create policy service on quote_signature to tallystick_service using (true) with check (true);

alter table quote add column signed_at bigint;
comment on column quote.signed_at is 'When as many keys as the factor''s account wants had signed; unix seconds, null: they have not.';
alter table funding_request add column signed_quotes_only boolean not null default false;
comment on column funding_request.signed_quotes_only is 'Its requester accepts no quote that the factor''s keys have not signed.';

-- What was offered, and signed, no process changes.
revoke update on quote from tallystick_service;
grant update (withdrawn_at, intent_id, signed_at) on quote to tallystick_service;

-- A key in custody signs intents and quotes.
alter table managed_key_use drop constraint managed_key_use_pkey;
alter table managed_key_use alter column intent_id drop not null;
alter table managed_key_use add column quote_id uuid references quote;
alter table managed_key_use add constraint managed_key_use_of_one check (num_nonnulls(intent_id, quote_id) = 1);
alter table managed_key_use add column subject_id uuid generated always as (coalesce(intent_id, quote_id)) stored;
alter table managed_key_use add constraint managed_key_use_pkey primary key (managed_key_id, subject_id);
comment on column managed_key_use.subject_id is 'The intent or quote: both ids sort by time.';

alter table evidence_leaf drop constraint evidence_leaf_kind_known;
alter table evidence_leaf add constraint evidence_leaf_kind_known
  check (kind in ('document', 'command', 'state', 'cut', 'statement', 'decision', 'audit', 'grant', 'signature', 'withdrawal'));
create index evidence_leaf_quote_idx on evidence_leaf (document_id) where kind in ('signature', 'withdrawal');
