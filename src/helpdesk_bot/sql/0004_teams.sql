-- A bot reaches Teams only through what it was told: which service serves a conversation, and where it met a person.
create table helpdesk.teams_conversation (
  tenant       text not null,
  conversation text not null,
  kind         text not null check (kind in ('personal', 'group', 'channel')),
  service_url  text not null,
  bot_id       text not null,
  bot_name     text not null,
  team         text not null default '',
  is_shared    boolean not null default false,
  seen_at      timestamptz not null default now(),
  primary key (tenant, conversation)
);

create table helpdesk.teams_person (
  tenant       text not null,
  person_id    text not null,
  account_id   text not null,
  name         text not null default '',
  met_in       text not null,
  direct       text,
  seen_at      timestamptz not null default now(),
  primary key (tenant, person_id)
);

-- Teams has no history that a bot may read, so what was posted is found here. A row without an id is an attempt whose
-- end is not known.
create table helpdesk.teams_sent (
  marker       text not null,
  part         smallint not null,
  parts        smallint not null,
  conversation text not null,
  message_id   text,
  thread       text,
  tried_at     timestamptz not null default now(),
  primary key (marker, part)
);
create index teams_sent_by_message on helpdesk.teams_sent (conversation, message_id);
create index teams_sent_newest on helpdesk.teams_sent (conversation, tried_at desc);
