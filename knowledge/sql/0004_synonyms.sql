-- Two names of one thing, as the documents themselves say: "Drive for desktop (formerly Drive File Stream)". Read by those
-- who may read the document. All documents are looked through once more, by the next run of each source. Processes of the
-- version before this go on beside it; what they look through is not looked through for synonyms.
create table knowledge.synonym (
  document_id bigint not null references knowledge.document on delete cascade,
  name        text not null,                                -- in lower case, one space between words, as the other
  other       text not null,
  primary key (document_id, name, other)
);
create index synonym_by_name on knowledge.synonym (name);
create index synonym_by_other on knowledge.synonym (other);

update knowledge.document set acronyms_of = null where acronyms_of is not null;
