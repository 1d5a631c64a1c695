-- Under which rules of reading and cutting a document could not be read: under other ones it is tried again.
-- It only adds: what the version before puts here is tried once more by this one.
alter table knowledge.quarantine
  add column recipe text not null default '';
