-- Whoever wrote a version of a prompt can be forgotten; the version itself still never changes.
create or replace function helpdesk.keep_prompt() returns trigger
language plpgsql as $$
begin
  if tg_op = 'UPDATE' and new.author = ''
     and (new.version, new.name, new.text, new.note, new.made_at)
       = (old.version, old.name, old.text, old.note, old.made_at) then
    return new;
  end if;
  raise exception 'a version of a prompt never changes: add another one';
end
$$;
