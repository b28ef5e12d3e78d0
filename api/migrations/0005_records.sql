-- One leaf per event, cuts beside, and the statements of certificates: a package of a note holds nothing of other branches.

do $$
begin
  if exists (select from evidence_leaf) then
    raise exception 'this database has evidence of an older form, which can not be changed: begin anew with --fresh';
  end if;
end
$$;

alter table evidence_leaf add column log_index integer;
comment on column evidence_leaf.log_index is 'Of the event in its block, for states and cuts.';
alter table evidence_leaf drop constraint evidence_leaf_kind_known;
alter table evidence_leaf add constraint evidence_leaf_kind_known
  check (kind in ('document', 'command', 'state', 'cut', 'statement'));
alter table evidence_leaf add constraint evidence_leaf_placed
  check ((kind in ('state', 'cut')) = (log_index is not null));
drop index evidence_leaf_block_key;
drop index evidence_leaf_state_key;
create unique index evidence_leaf_place_key on evidence_leaf (tx_hash, log_index, block_hash, kind)
  where kind in ('state', 'cut');
create index evidence_node_leaf_idx on evidence_node (hash) where level = 0;
