-- The audit becomes a chain: each row's digest covers the one before it, so that a change, a gap, a swap or an insertion
-- shows. A row names its person beside a commitment to that name: forgetting a person takes the name and the salt, and
-- the chain holds. `words` are a command's own words, never a person's name.
alter table helpdesk.audit
  add column words   text not null default '',
  add column number  bigint,
  add column salt    bytea,
  add column subject bytea,
  add column digest  bytea;

-- Where the chain begins and ends. Rows past their time go from its beginning, and the beginning moves with them.
create table helpdesk.audit_head (
  only_one      boolean primary key default true check (only_one),
  before_number bigint not null default 0,
  before_digest bytea not null default '\x',
  number        bigint not null default 0,
  digest        bytea not null default '\x'
);
insert into helpdesk.audit_head default values;

-- The same in Python: `helpdesk_bot.records.audit.digest_of`. Times count in microseconds since 1970.
create function helpdesk.audit_digest(previous bytea, entry helpdesk.audit) returns bytea
language sql immutable as $$
  select sha256(
    sha256(previous)
    || sha256(convert_to(entry.number::text, 'UTF8'))
    || sha256(convert_to((extract(epoch from entry.at) * 1000000)::bigint::text, 'UTF8'))
    || sha256(convert_to(entry.platform, 'UTF8'))
    || sha256(convert_to(entry.action, 'UTF8'))
    || sha256(convert_to(entry.words, 'UTF8'))
    || sha256(convert_to(entry.allowed::text, 'UTF8'))
    || sha256(entry.subject)
  )
$$;

-- The lock on the head puts the writers of all processes in a row.
create function helpdesk.chain_audit() returns trigger
language plpgsql as $$
declare head helpdesk.audit_head;
begin
  select * into head from helpdesk.audit_head for update;
  new.number := head.number + 1;
  new.salt := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
  new.subject := sha256(new.salt || convert_to(new.person_id, 'UTF8'));
  new.digest := helpdesk.audit_digest(head.digest, new);
  update helpdesk.audit_head set number = new.number, digest = new.digest;
  return new;
end
$$;

-- Nothing is changed but a name that is forgotten, and nothing goes but by its age.
create function helpdesk.keep_audit() returns trigger
language plpgsql as $$
begin
  if tg_op = 'UPDATE' and new.person_id = 'erased' and new.salt is null
     and (new.id, new.at, new.platform, new.action, new.words, new.allowed, new.number, new.subject, new.digest)
       = (old.id, old.at, old.platform, old.action, old.words, old.allowed, old.number, old.subject, old.digest) then
    return new;
  end if;
  if tg_op = 'DELETE' and current_setting('helpdesk.audit_is_aged', true) = 'on' then
    return old;
  end if;
  raise exception 'the audit is only added to';
end
$$;

do $$
declare entry helpdesk.audit;
declare head helpdesk.audit_head;
begin
  for entry in select * from helpdesk.audit order by id loop
    select * into head from helpdesk.audit_head;
    entry.number := head.number + 1;
    entry.salt := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
    entry.subject := sha256(entry.salt || convert_to(entry.person_id, 'UTF8'));
    entry.digest := helpdesk.audit_digest(head.digest, entry);
    update helpdesk.audit
    set number = entry.number, salt = entry.salt, subject = entry.subject, digest = entry.digest
    where id = entry.id;
    update helpdesk.audit_head set number = entry.number, digest = entry.digest;
  end loop;
end
$$;

alter table helpdesk.audit
  alter column number set not null,
  alter column subject set not null,
  alter column digest set not null,
  add constraint audit_number_key unique (number);
create trigger chain_audit before insert on helpdesk.audit for each row execute function helpdesk.chain_audit();
create trigger keep_audit before update or delete on helpdesk.audit for each row execute function helpdesk.keep_audit();
create trigger keep_whole_audit before truncate on helpdesk.audit execute function helpdesk.keep_audit();
