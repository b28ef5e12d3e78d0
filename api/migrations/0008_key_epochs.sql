-- A document has a fingerprint under every key in force, so that it is found across a rotation.

alter table document add column fingerprints text[];
update document set fingerprints = array[fingerprint];
alter table document alter column fingerprints set not null;
alter table document drop column fingerprint, drop column content_digest;
create index document_fingerprints_idx on document using gin (fingerprints);
comment on column document.fingerprints is
  'Of its identity under the keys in force, and under those that were. The api adds what lacks when it starts.';
