-- When the author of a message took its deletion back, in Teams: an older deletion that arrives later changes nothing.
alter table helpdesk.hearing add column brought_back_at timestamptz;
