-- Files that an admin handed over by the command line: a source whose place is this table.
create table helpdesk.upload (
  name        text primary key,                             -- the document's key
  media_type  text not null,
  content     bytea not null,
  sha256      bytea not null,                               -- of the content: the document's version
  readers     text[] not null,                              -- principals, any of whom may read
  uploaded_by text not null,
  uploaded_at timestamptz not null default clock_timestamp()
);
