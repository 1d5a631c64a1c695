-- Versions of prompts beside the packaged ones, which of them is in force, and trials of one against another.

-- A version is named for its text and never changes.
create table helpdesk.prompt (
  version text primary key,
  name    text not null,
  text    text not null,
  author  text not null,
  note    text not null default '',
  made_at timestamptz not null default now()
);
create index prompt_by_name on helpdesk.prompt (name, made_at);

create function helpdesk.keep_prompt() returns trigger
language plpgsql as $$
begin
  raise exception 'a version of a prompt never changes: add another one';
end
$$;
create trigger keep_prompt before update or delete on helpdesk.prompt for each row execute function helpdesk.keep_prompt();
create trigger keep_prompts before truncate on helpdesk.prompt execute function helpdesk.keep_prompt();

-- A label points where its newest move says; no version is the packaged one. `behind` is where a rollback goes from
-- there: the move that stood before, null for the packaged prompt.
create table helpdesk.prompt_move (
  id       bigint generated always as identity primary key,
  name     text not null,
  label    text not null,
  version  text references helpdesk.prompt,
  behind   bigint references helpdesk.prompt_move,
  moved_by text not null,
  moved_at timestamptz not null default now()
);
create index prompt_move_by_label on helpdesk.prompt_move (name, label, id desc);

-- A share of the conversations gets `version` instead of what is in production. Another share is another trial.
create table helpdesk.prompt_trial (
  id         bigint generated always as identity primary key,
  name       text not null,
  version    text not null references helpdesk.prompt,
  share      real not null check (share > 0 and share <= 100),
  started_by text not null,
  began_at   timestamptz not null default now(),
  ended_by   text,
  ended_at   timestamptz
);
create unique index one_trial on helpdesk.prompt_trial (name) where ended_at is null;

-- Every process hears of a change when it commits.
create function helpdesk.announce_prompt() returns trigger
language plpgsql as $$
begin
  perform pg_notify('helpdesk_prompts', new.name);
  return new;
end
$$;
create trigger announce_move after insert on helpdesk.prompt_move
  for each row execute function helpdesk.announce_prompt();
create trigger announce_trial after insert or update on helpdesk.prompt_trial
  for each row execute function helpdesk.announce_prompt();
