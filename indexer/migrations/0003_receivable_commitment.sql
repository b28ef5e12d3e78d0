-- The api finds a document's receivable by what was committed to.
create index receivable_commitment_idx on receivable (content_commitment);
