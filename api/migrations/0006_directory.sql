-- The directory by canonical identifiers: all of a participant's are read beside the one that a document has.

create index participant_identifier_participant_idx on participant_identifier (participant_id);
comment on table participant_identifier is
  'The directory: by which registered identifiers a document names a participant. Spellings are those of domain/participant/identifiers.ts.';
