-- The thread whose conversation a direct message goes on with, where that is another than its own: people type their
-- follow-ups below an answer, not into its thread.
alter table helpdesk.question add column continues text;
