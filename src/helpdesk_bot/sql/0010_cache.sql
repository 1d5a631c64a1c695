-- Answers that a model wrote, for when the same is asked again. No question's text: two hashes of it. `seen` is what the
-- model was shown, in order, as chunk ids and digests of their text: an answer is used only for an audience that has just
-- been found the very same passages, so that a change of a page or of a right makes it unusable in the same transaction.
create table helpdesk.cached_answer (
  id             bigint generated always as identity primary key,
  context        bytea not null,                            -- prompt version, model, tone, sources, settings
  exact          bytea not null,                            -- of the question's words
  alike          bytea not null,                            -- of what the question means, as far as words tell
  question_key   text not null,                             -- of the question that it was written for
  text           text not null,
  composer       text not null,
  model          text not null,
  prompt_version text not null,
  seen           jsonb not null,
  uses           integer not null default 0,
  made_at        timestamptz not null default now(),
  used_at        timestamptz not null default now(),
  unique (context, exact)
);
create index cached_answer_alike on helpdesk.cached_answer (context, alike);
create index cached_answer_by_use on helpdesk.cached_answer (used_at);
create index cached_answer_by_question on helpdesk.cached_answer (question_key);

alter table helpdesk.decision add column cached_id bigint;  -- the cached answer that was used
