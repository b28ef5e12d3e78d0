-- Files are sealed to their readers, what was read from them and the answers to commands under the service's key.

do $$
begin
  if exists (select from document) then
    raise exception 'this database has documents in clear, which cannot be sealed by SQL: begin anew with --fresh';
  end if;
end
$$;

alter table participant add column encryption_key text;
comment on column participant.encryption_key is 'SM2 public key x ‖ y (0x-hex, 64 bytes) that documents are sealed to; its owner has the private one.';

alter table document drop column bytes, drop column invoice, drop column identity, drop column content_salt;
alter table document add column sealed bytea not null, add column fields bytea not null, add column media_type text not null;
comment on column document.sealed is 'The file under a data key of its own: nothing here opens it but the keys of document_key.';
comment on column document.fields is 'What was read, and the salt of the commitment, sealed under the service''s key.';
comment on column document.content_digest is 'Keyed digest of the content array: tells copies from conflicts and nothing to who has no key.';

create table document_key (
  document_id uuid not null references document,
  participant_id integer not null references participant,
  key_id text not null,
  wrapped bytea not null,
  granted_by integer references participant,
  created_at timestamptz not null default now(),
  constraint document_key_pkey primary key (document_id, key_id)
);
comment on table document_key is 'The data key of a document, wrapped by SM2 for each of its readers.';
comment on column document_key.granted_by is 'The reader who let this one in; null for readers from the upload on, whom nobody can put out.';
create index document_key_reader_idx on document_key (participant_id, document_id);

delete from idempotency;
alter table idempotency drop column response;
alter table idempotency add column response bytea not null;
comment on column idempotency.response is 'Sealed under the service''s key: answers repeat what was read from documents.';

grant select, insert, update on document_key to tallystick_api;
