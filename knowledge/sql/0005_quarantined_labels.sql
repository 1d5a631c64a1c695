-- What a listing said of a document that could not be read, to the last word: it is stored so once it can be read.
-- It only adds: what the version before puts here has no trail and labels until the place lists it again.
alter table knowledge.quarantine
  add column trail  text[] not null default '{}',
  add column labels text[] not null default '{}';
