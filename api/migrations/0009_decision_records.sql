-- Decisions on alarms leave a record in the log, shown to who decided and to regulators.

alter table evidence_leaf drop constraint evidence_leaf_kind_known;
alter table evidence_leaf add constraint evidence_leaf_kind_known
  check (kind in ('document', 'command', 'state', 'cut', 'statement', 'decision'));
alter table evidence_leaf add column participant_id integer references participant;
comment on column evidence_leaf.participant_id is 'Who decided, for decisions: nobody else but a regulator is shown them.';
alter table evidence_leaf add constraint evidence_leaf_decided check ((kind = 'decision') = (participant_id is not null));
