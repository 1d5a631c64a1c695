-- The conversation: what was heard and why the bot spoke or kept silent, edits and deletions, threads, channels.

-- One row for every message the desk was handed, whether the bot speaks or not; without its text. `as_of` is when the
-- newest version was written: what is older changes nothing. `early` is the one exception to "without its text": an edit
-- that was left alone, kept for a day at most, since an older version that addresses the bot may come after it.
create table helpdesk.hearing (
  key        text primary key,
  platform   text not null,
  tenant     text not null,
  channel    text not null,
  thread     text,
  kind       text not null,
  message_id text not null,
  person_id  text not null,
  speaks     boolean not null,
  rule       text not null,
  reason     text not null default '',
  as_of      timestamptz not null,
  deleted_at timestamptz,
  early      jsonb,
  heard_at   timestamptz not null default now()
);
create index hearing_by_message on helpdesk.hearing (platform, channel, message_id);
create index hearing_by_time on helpdesk.hearing (heard_at);

-- `revision` counts the edits that changed the meaning. An edit and a deletion open the question again.
alter table helpdesk.question
  add column addressed   text not null default 'mention' check (addressed in ('direct', 'mention', 'overheard')),
  add column tags_people boolean not null default false,
  add column files       jsonb not null default '[]',
  add column revision    integer not null default 0,
  add column deleted_at  timestamptz,
  drop constraint question_outcome_check,
  add constraint question_outcome_check
    check (outcome in ('answered', 'clarified', 'escalated', 'declined', 'failed', 'withdrawn'));
create index question_by_person on helpdesk.question (platform, tenant, person_id, accepted_at);
create index question_by_message on helpdesk.question (platform, channel, message_id);

insert into helpdesk.hearing
  (key, platform, tenant, channel, thread, kind, message_id, person_id, speaks, rule, as_of, heard_at)
select key, platform, tenant, channel, thread, kind, message_id, person_id, true, 'addressed', asked_at, accepted_at
from helpdesk.question;

-- Which revision a decision answers, and how many passages only access kept away from it (for admins).
alter table helpdesk.decision
  add column revision integer not null default 0,
  add column hidden   integer;

-- Any kind of message, any number for a question, each by its own marker. Planned with a `message_id` means: put it in
-- the place of that message. `version` counts what its body said, `posted_version` is what the newest attempt to post
-- said. `revision` is the question's. `whisper_to` alone sees it. `is_begun`: it is shown while it is written, the answer itself
-- is not planned yet.
alter table helpdesk.outgoing
  drop constraint outgoing_kind_check,
  drop constraint outgoing_question_key_kind_key,
  drop constraint outgoing_state_check,
  add constraint outgoing_kind_check check (kind in ('reply', 'packet', 'notice')),
  add constraint outgoing_state_check check (state in ('planned', 'sending', 'sent', 'refused', 'withdrawn')),
  add column revision       integer not null default 0,
  add column version        integer not null default 0,
  add column posted_version integer not null default 0,
  add column whisper_to     text,
  add column is_begun       boolean not null default false;
create index outgoing_by_question on helpdesk.outgoing (question_key);

-- Threads of channels in which the bot was addressed. `hushed_by` says why follow-ups need a mention; null: they don't.
create table helpdesk.thread (
  conversation_id text primary key,
  asker_ids       text[] not null default '{}',
  hushed_by       text,
  changed_at      timestamptz not null default now()
);

-- What an admin set for a channel, by the platform's id of it: only what differs from the configuration.
create table helpdesk.channel (
  platform   text not null,
  tenant     text not null,
  channel    text not null,
  settings   jsonb not null,
  changed_by text not null,
  changed_at timestamptz not null default now(),
  primary key (platform, tenant, channel)
);

-- An answer that waits for an approver. It is decided once; what waits too long becomes a case.
create table helpdesk.draft (
  question_key text primary key references helpdesk.question on delete cascade,
  revision     integer not null,
  reply        jsonb not null,
  state        text not null default 'waiting' check (state in ('waiting', 'approved', 'declined', 'overdue')),
  decided_by   text not null default '',
  due_at       timestamptz not null,
  made_at      timestamptz not null default now()
);
create index waiting_draft on helpdesk.draft (due_at) where state = 'waiting';
