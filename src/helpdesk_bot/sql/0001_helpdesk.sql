-- Questions, what was decided, what was said, and what people thought of it.
create schema helpdesk;

-- An accepted message. The key names the message, so that every delivery of it is the same row.
create table helpdesk.question (
  key         text primary key,
  platform    text not null,
  tenant      text not null,
  channel     text not null,
  thread      text,
  kind        text not null,
  person_id   text not null,
  message_id  text not null,
  text        text not null,
  asked_at    timestamptz not null,
  accepted_at timestamptz not null default now(),
  outcome     text check (outcome in ('answered', 'clarified', 'escalated', 'declined', 'failed')),
  ended_at    timestamptz,
  check ((outcome is null) = (ended_at is null))
);
create index question_by_time on helpdesk.question (accepted_at);
create index open_question on helpdesk.question (accepted_at) where ended_at is null;

-- What the agent decided, with every score but without the passages' text: rights may shrink, records stay.
create table helpdesk.decision (
  question_key text primary key references helpdesk.question on delete cascade,
  outcome      text not null,
  confidence   real not null,
  standalone   text not null,
  reason       text not null,
  composer     text not null,
  model        text not null,
  prompt_version text not null,
  input_tokens integer not null,
  output_tokens integer not null,
  took_ms      jsonb not null,
  tried        jsonb not null,
  decided_at   timestamptz not null default now()
);

-- What is to be said. planned -> sending -> sent; 'sending' after a crash means: look before posting again.
create table helpdesk.outgoing (
  id           bigint generated always as identity primary key,
  question_key text not null references helpdesk.question on delete cascade,
  kind         text not null check (kind in ('reply', 'packet')),
  marker       text not null unique,
  platform     text not null,
  tenant       text not null,
  channel      text not null,
  thread       text,
  place_kind   text not null,
  body         jsonb not null,
  state        text not null default 'planned' check (state in ('planned', 'sending', 'sent', 'refused')),
  attempts     integer not null default 0,
  claimed_at   timestamptz,
  message_id   text,
  refusal      text,
  unique (question_key, kind)
);
create index outgoing_by_message on helpdesk.outgoing (platform, tenant, channel, message_id);

-- One opinion per person and message; the newest wins. 0 is an opinion taken back, kept for its time.
create table helpdesk.feedback (
  platform   text not null,
  tenant     text not null,
  channel    text not null,
  message_id text not null,
  person_id  text not null,
  value      smallint not null check (value between -1 and 1),
  via        text not null,
  voted_at   timestamptz not null,
  primary key (platform, tenant, channel, message_id, person_id)
);

create table helpdesk.escalation (
  question_key text primary key references helpdesk.question on delete cascade,
  state        text not null default 'open' check (state in ('open', 'resolved')),
  opened_at    timestamptz not null default now()
);

-- The browser chat's own memory: it is the platform that keeps its messages.
create table helpdesk.browser_message (
  id           bigint generated always as identity primary key,
  conversation text not null,
  marker       text not null unique,
  body         jsonb not null,
  posted_at    timestamptz not null default now()
);
create index browser_message_by_conversation on helpdesk.browser_message (conversation, id);

-- Each schedule fires once for each time on its wall clock, however many processes and clock changes there are.
create table helpdesk.schedule_run (
  schedule   text not null,
  logical_at timestamp not null,
  fired_at   timestamptz not null default now(),
  primary key (schedule, logical_at)
);

-- Who used which admin command, and whether it was allowed.
create table helpdesk.audit (
  id        bigint generated always as identity primary key,
  at        timestamptz not null default now(),
  platform  text not null,
  person_id text not null,
  action    text not null,
  allowed   boolean not null
);
