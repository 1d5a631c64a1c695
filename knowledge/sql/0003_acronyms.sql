-- Short names and what they stand for, as the documents themselves explain them. Read by those who may read the document.
-- Processes of the version before this go on beside it: what they store is looked through by the next run of this one.
create table knowledge.acronym (
  document_id bigint not null references knowledge.document on delete cascade,
  short       text not null,                                -- as it is written
  long        text not null,                                -- in lower case, one space between words
  primary key (document_id, short, long)
);
create index acronym_by_short on knowledge.acronym (lower(short));
create index acronym_by_long on knowledge.acronym (long);

alter table knowledge.document add column acronyms_of text;  -- the version that was looked through for them
