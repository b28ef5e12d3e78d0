-- Certificates of participants' SM2 keys: packages carry those of who signed.

create table participant_certificate (
  sha256 bytea not null,
  participant_id integer not null references participant,
  public_key text not null,
  use text not null,
  der bytea not null,
  intermediates bytea[] not null default '{}',
  constraint participant_certificate_pkey primary key (sha256),
  constraint participant_certificate_use_known check (use in ('signature', 'encryption'))
);
comment on table participant_certificate is 'X.509 of SM2 keys, as registered. Old ones stay: what they signed is verified as of then.';
comment on column participant_certificate.public_key is 'x ‖ y, 0x-hex in lower case.';
comment on column participant_certificate.intermediates is 'DER of those between it and an authority.';
create index participant_certificate_key_idx on participant_certificate (participant_id, public_key);

grant select, insert, update on participant_certificate to tallystick_api;
