-- Which question's answer tells a person that most of their day's tokens are used: it says so each time it is worked on,
-- and no other answer of that day does.
alter table helpdesk.budget add column told_in text references helpdesk.question on delete set null;
