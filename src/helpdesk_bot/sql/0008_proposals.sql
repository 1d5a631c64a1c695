-- A change in another system that waits for a person's word:
--
--   waiting -> agreed -> running -> done | failed | unclear
--   waiting -> declined | expired,  waiting | agreed -> void
--
-- `arguments` is JSON as text, so that what was shown, what the digest covers and what is sent are the same letters. The
-- id is the key under which the other system is told. `void`: the question was changed or taken back. `running` with no
-- process behind it means that nobody knows whether it was done. The message is behind while `shown` is not the state.
create table helpdesk.proposal (
  id           text primary key,
  question_key text not null references helpdesk.question on delete cascade,
  revision     integer not null,
  attempt      integer not null default 0,
  tool         text not null,
  title        text not null,
  arguments    text not null,
  digest       bytea not null,
  approvers    text[] not null default '{}',
  state        text not null default 'waiting' check (state in
    ('waiting', 'agreed', 'running', 'done', 'failed', 'unclear', 'declined', 'expired', 'void')),
  due_at       timestamptz not null,
  decided_by   text not null default '',
  decided_at   timestamptz,
  result       text not null default '',
  link         text not null default '',
  ended_at     timestamptz,
  shown        text not null default 'waiting',
  made_at      timestamptz not null default now(),
  touched_at   timestamptz not null default now(),
  unique (question_key, revision, attempt)
);
create index waiting_proposal on helpdesk.proposal (due_at) where state = 'waiting';
create index proposal_behind on helpdesk.proposal (touched_at) where state in ('agreed', 'running') or shown <> state;
