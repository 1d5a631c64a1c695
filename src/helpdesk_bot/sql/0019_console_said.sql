-- What an act in the console came to, until the page after it says so, once.
alter table helpdesk.console_session add column said text not null default '';
