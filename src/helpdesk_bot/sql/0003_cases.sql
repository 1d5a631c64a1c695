-- What people do: cases, why an answer did not help, curated answers, tickets, and what admins set.

-- A case is its question. `due_at` is when the timer looks next; a new row is due at once, and the look sets its times.
-- The packet in the people's channel is stale while `shown_version` is behind `version`.
alter table helpdesk.escalation drop constraint escalation_state_check;
alter table helpdesk.escalation
  add constraint escalation_state_check check (state in ('open', 'claimed', 'answered', 'resolved', 'withdrawn')),
  add column cause text not null default 'unsure' check (cause in ('unsure', 'asked', 'not_helpful')),
  add column claimed_by text not null default '',
  add column claimed_at timestamptz,
  add column answered_by text not null default '',
  add column answer text not null default '',
  add column closed_by text not null default '',
  add column closed_at timestamptz,
  add column steps_done smallint not null default 0,
  add column due_at timestamptz default now(),
  add column version integer not null default 0,
  add column shown_version integer not null default 0;
create index case_by_due on helpdesk.escalation (due_at) where due_at is not null;
create index case_with_stale_packet on helpdesk.escalation (question_key) where shown_version < version;

create table helpdesk.case_event (
  id           bigint generated always as identity primary key,
  question_key text not null references helpdesk.escalation on delete cascade,
  at           timestamptz not null,
  move         text not null,
  person_id    text not null default '',
  to_person_id text not null default ''
);
create index case_event_by_case on helpdesk.case_event (question_key, id);

-- Presses of buttons and forms that had their effect: a repeated delivery finds its row and does nothing.
create table helpdesk.press (
  key text primary key,
  at  timestamptz not null default now()
);

-- A ticket in another system. planned -> made | failed; its key doubles as the idempotency key of every attempt.
create table helpdesk.ticket (
  question_key text primary key references helpdesk.escalation on delete cascade,
  state        text not null default 'planned' check (state in ('planned', 'made', 'failed')),
  attempts     integer not null default 0,
  name         text not null default '',
  url          text not null default '',
  reason       text not null default '',
  planned_at   timestamptz not null default now(),
  next_at      timestamptz not null default now()
);

-- Why an answer did not help; it counts while the vote that it explains is a thumbs-down.
create table helpdesk.feedback_reason (
  platform   text not null,
  tenant     text not null,
  channel    text not null,
  message_id text not null,
  person_id  text not null,
  reason     text not null,
  comment    text not null,
  given_at   timestamptz not null,
  primary key (platform, tenant, channel, message_id, person_id)
);

-- What people answered, kept as knowledge: offered to the search as documents of the source `curated`.
-- `all_of` is the access rule; the members of `channel_*` are the group that it may name.
create table helpdesk.curated (
  id           bigint generated always as identity primary key,
  question_key text references helpdesk.question on delete set null,
  state        text not null default 'draft' check (state in ('draft', 'approved', 'declined', 'expired')),
  question     text not null,
  answer       text not null,
  owner        text not null,
  all_of       jsonb not null,
  platform     text not null,
  tenant       text not null,
  channel      text not null,
  thread       text,
  place_kind   text not null,
  drafted_by   text not null,
  drafted_at   timestamptz not null default now(),
  decided_by   text not null default '',
  decided_at   timestamptz,
  expires_on   date not null,
  check ((state = 'draft') = (decided_at is null))
);
create index curated_by_state on helpdesk.curated (state, expires_on);

-- When a source is synced, where an admin set it in chat; an empty cron is never.
create table helpdesk.source_schedule (
  source text primary key,
  cron   text not null,
  set_by text not null,
  set_at timestamptz not null default now()
);

-- Where the bot is silent: a channel, or everywhere where platform and channel are empty.
create table helpdesk.pause (
  platform  text not null,
  tenant    text not null,
  channel   text not null,
  paused_by text not null,
  paused_at timestamptz not null default now(),
  primary key (platform, tenant, channel)
);
