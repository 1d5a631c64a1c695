-- Every call of a chat model, from before it is made. While it runs, what it may cost at most is set aside; a call whose
-- process died is charged at that. No person stands here: who asked is the question's to say, and goes with it.
create table helpdesk.model_call (
  id              bigint generated always as identity primary key,
  question_key    text references helpdesk.question on delete set null,
  role            text not null,
  model           text not null,
  answered_as     text not null default '',
  platform        text not null default '',
  tenant          text not null default '',
  channel         text not null default '',
  day             date not null,
  started_at      timestamptz not null default now(),
  outcome         text not null default 'running' check (outcome in ('running', 'answered', 'failed', 'stopped', 'lost')),
  reason          text not null default '',
  reserved_tokens integer not null,
  reserved_usd    numeric(16, 9) not null,
  input_tokens    integer not null default 0,
  output_tokens   integer not null default 0,
  is_estimated    boolean not null default false,
  cost_usd        numeric(16, 9) not null default 0,
  is_unpriced     boolean not null default false,
  took_ms         integer not null default 0
);
create index model_call_by_question on helpdesk.model_call (question_key);
create index model_call_by_time on helpdesk.model_call (started_at);
create index running_model_call on helpdesk.model_call (started_at) where outcome = 'running';

-- What each account spent in a period, and what running calls may spend yet: the sums of the calls above, kept so that
-- fifty requests at once ask one row. Empty columns are what an account's kind doesn't need.
create table helpdesk.budget (
  kind            text not null check (kind in ('installation', 'channel', 'person')),
  platform        text not null default '',
  tenant          text not null default '',
  channel         text not null default '',
  person_id       text not null default '',
  period          text not null check (period in ('day', 'month')),
  starts_on       date not null,
  tokens          bigint not null default 0,
  cost_usd        numeric(16, 9) not null default 0,
  reserved_tokens bigint not null default 0,
  reserved_usd    numeric(16, 9) not null default 0,
  alerted_at      timestamptz,
  primary key (kind, platform, tenant, channel, person_id, period, starts_on)
);

-- How a chat model fares, for every process: from so many failures in a row on it rests, and then one call tries it.
create table helpdesk.model_health (
  model     text primary key,
  failures  integer not null default 0,
  reason    text not null default '',
  opened_at timestamptz,
  probed_at timestamptz
);
