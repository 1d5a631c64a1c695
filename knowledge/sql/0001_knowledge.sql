-- Documents as chunks, found by meaning (a vector table per embedding space) and by word (BM25 as a sparse vector).
create extension if not exists vector;
create schema if not exists knowledge;

-- An access rule is stored once and known by a small id; moving rights moves ids and embeds nothing.
create table knowledge.access_rule (
  id     integer generated always as identity primary key,
  digest bytea not null unique,
  all_of jsonb not null          -- array of arrays of principals: a conjunction of any-of sets
);

-- Direct members of each group, as its source reports them; people and other groups.
create table knowledge.membership (
  source       text not null,
  group_key    text not null,
  member       text not null,
  primary key (group_key, member, source)
);
create index membership_by_member on knowledge.membership (member);

create table knowledge.source (
  name      text primary key,
  cursor    text,
  synced_at timestamptz
);

create table knowledge.document (
  id          bigint generated always as identity primary key,
  source      text not null,
  key         text not null,
  version     text not null,
  title       text not null,
  url         text not null,
  access_id   integer not null references knowledge.access_rule,
  modified_at timestamptz not null,
  synced_at   timestamptz not null default now(),
  unique (source, key)
);

create table knowledge.chunk (
  id           bigint generated always as identity primary key,
  document_id  bigint not null references knowledge.document on delete cascade,
  position     integer not null,
  heading_path text[] not null,
  text         text not null,
  page         integer,
  tokens       integer not null,    -- of what is embedded, in the embedder's own tokens
  digest       bytea not null,      -- sha-256 of what is embedded: equal text is embedded once
  unique (document_id, position)
);
create index chunk_by_digest on knowledge.chunk (digest);

-- An embedding space is a model with its dimension. Its vectors live in knowledge.vector_<id>; answers never mix spaces.
create table knowledge.embedding_space (
  id         integer generated always as identity primary key,
  model      text not null unique,
  dimension  integer not null check (dimension between 1 and 4000),
  is_active  boolean not null default false,
  created_at timestamptz not null default now()
);
create unique index one_active_space on knowledge.embedding_space (is_active) where is_active;

-- The words. Document frequencies change without touching chunks; a chunk's weights hold term frequency and length only.
create table knowledge.term (
  id     integer generated always as identity primary key,
  lexeme text not null unique,
  df     integer not null default 0
);

create table knowledge.lexical (
  chunk_id  bigint primary key references knowledge.chunk on delete cascade,
  access_id integer not null,
  length    integer not null,       -- words, counted as the text-search configuration counts them
  term_ids  integer[] not null,     -- distinct, ascending
  counts    integer[] not null,     -- of term_ids, in their order
  weights   sparsevec not null      -- tf (k1 + 1) / (tf + k1 (1 - b + b length / average_length))
);
create index lexical_by_term on knowledge.lexical using gin (term_ids);
create index lexical_by_access on knowledge.lexical (access_id);

create table knowledge.lexical_statistics (
  only_row       boolean primary key default true check (only_row),
  configuration  text not null,     -- of to_tsvector
  k1             real not null,
  b              real not null,
  average_length real not null,     -- as used in the weights now stored
  chunks         bigint not null,
  total_length   bigint not null
);

-- A document that could not be read, and why; tried again when its version changes.
create table knowledge.quarantine (
  source   text not null,
  key      text not null,
  version  text not null,
  reason   text not null,
  attempts integer not null default 1,
  last_at  timestamptz not null default now(),
  primary key (source, key)
);

create table knowledge.sync_run (
  id          bigint generated always as identity primary key,
  source      text not null,
  started_at  timestamptz not null default now(),
  finished_at timestamptz,
  state       text not null default 'running' check (state in ('running', 'complete', 'incomplete', 'failed')),
  receipt     jsonb
);
create index sync_run_by_source on knowledge.sync_run (source, started_at desc);
