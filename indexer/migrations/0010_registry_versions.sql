-- Receivables of every registry version (docs/adr/0040-registry-versions-side-by-side.md). Runs with search_path set to the schema.

-- Until now the events of all versions but one were left out, so what was built while there were several is built again. The feed
-- keeps copies of what it told; where its blocks turn out to have more events it takes them back and tells them anew.
do $rebuild$
begin
  if (select count(*) from registry) > 1 then
    update feed set events = feed_events(block_number) where kind = 'added' and retracted_at is null and events is null;
    truncate cursor, block, event, participant, registry, fingerprint_claim, receivable, note, receivable_party, log_head;
  end if;
end
$rebuild$;

alter table receivable add column registry integer;
update receivable r set registry = v.registry
from event e join registry v using (address)
where e.receivable_id = r.receivable_id and e.name in ('ReceivableRegistered', 'ReceivableIssued');
alter table receivable alter column registry set not null;
alter table note add column registry integer;
update note n set registry = r.registry from receivable r where r.receivable_id = n.receivable_id;
alter table note alter column registry set not null;
comment on column note.registry is 'That of its receivable.';
comment on column receivable.registry is
  'Registry version that it lives on, where its notes are and its commands go. An id that one version ended (rejected, withdrawn) '
  'may be registered again on another one: the row is the newest life, the events are of both.';
comment on table registry is
  'Registry versions that Fingerprints created, from 1, each at the address of its nonce. New receivables go to the newest.';
