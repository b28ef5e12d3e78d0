-- A recovery that a fork moved to another block is carried in again: what the node said of the first branch may not be so on this one.

alter table account_recovery add column block_hash text;
comment on column account_recovery.block_hash is
  'The block that had it when the directory got the keys. Null: carried in by the version before, which kept no block.';
grant update (block_hash) on account_recovery to tallystick_service;
