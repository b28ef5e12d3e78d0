-- Near-duplicate alarms: what people have to look at because the fingerprint can not decide it.

create table alarm_facts (
  document_id uuid not null references document,
  class text not null,
  facts bytea not null,
  constraint alarm_facts_pkey primary key (document_id),
  constraint alarm_facts_class_known check (class in ('R', 'C'))
);
comment on table alarm_facts is 'What the rules look at in a document, sealed under the service''s key.';

create table alarm_trait (
  document_id uuid not null references document,
  kind text not null,
  digest bytea not null,
  constraint alarm_trait_pkey primary key (document_id, kind, digest)
);
comment on table alarm_trait is 'Keyed digests of values by which documents find those that could be the same debt.';
create index alarm_trait_digest_idx on alarm_trait (kind, digest);

create table alarm (
  alarm_id bigint generated always as identity,
  rule text not null,
  document_id uuid not null references document,
  other_document_id uuid references document,
  score smallint not null,
  shared text[] not null,
  created_at timestamptz not null default now(),
  constraint alarm_pkey primary key (alarm_id),
  constraint alarm_key unique nulls not distinct (rule, document_id, other_document_id),
  constraint alarm_score_within check (score between 0 and 100)
);
comment on table alarm is 'A rule that rang between two documents, the lower id first; other-payee is about one alone.';
comment on column alarm.shared is 'What both say alike.';
create index alarm_document_idx on alarm (document_id);
create index alarm_other_document_idx on alarm (other_document_id);

create table alarm_decision (
  decision_id bigint generated always as identity,
  alarm_id bigint not null references alarm,
  participant_id integer not null references participant,
  decision text not null,
  score smallint not null,
  reason bytea not null,
  decided_at timestamptz not null default now(),
  constraint alarm_decision_pkey primary key (decision_id),
  constraint alarm_decision_known check (decision in ('accepted', 'rejected'))
);
comment on table alarm_decision is 'What a participant decided for itself, with its reason (sealed). The newest counts; none is ever changed.';
comment on column alarm_decision.score is 'That the alarm had then: when it rises, the decision stands no more.';
create index alarm_decision_alarm_idx on alarm_decision (alarm_id, participant_id, decision_id);

create table alarm_threshold (
  participant_id integer not null references participant,
  rule text not null,
  score smallint not null,
  constraint alarm_threshold_pkey primary key (participant_id, rule),
  constraint alarm_threshold_within check (score between 0 and 101)
);
comment on table alarm_threshold is 'From which score on an alarm stops this participant; 101: never. None: the default of domain/alarms/rules.ts.';

grant select, insert, update on alarm_facts, alarm_trait, alarm, alarm_decision, alarm_threshold to tallystick_api;
grant delete on alarm_trait to tallystick_api;
grant usage on all sequences in schema app to tallystick_api;
