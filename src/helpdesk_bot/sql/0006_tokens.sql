-- Tokens that change when they are used: what a service gave last, for all processes together.
create table helpdesk.token (
  name     text primary key,                                -- which connection
  seed     bytea not null,                                  -- SHA-256 of the first token, as configured: a new one starts anew
  body     jsonb not null,
  saved_at timestamptz not null default now()
);
