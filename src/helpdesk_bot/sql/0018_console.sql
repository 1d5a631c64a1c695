-- Who may come into the console: links that work once, and sessions. Of what a person holds only the SHA-256 is kept.
create table helpdesk.console_link (
  digest     bytea primary key,
  platform   text not null,
  tenant     text not null,
  person_id  text not null,
  expires_at timestamptz not null
);

create table helpdesk.console_session (
  digest     bytea primary key,
  platform   text not null,
  tenant     text not null,
  person_id  text not null,
  expires_at timestamptz not null
);
