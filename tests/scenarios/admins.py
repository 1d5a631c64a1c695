"""What only admins may do, and who tries it in vain."""

from helpdesk_bot.desk.seen import value_of
from helpdesk_bot.events import Action
from tests.fakes.slack_blocks import said
from tests.scenarios.conftest import Office
from tests.scenarios.dialogues.town import Town

ADMIN_COMMANDS = (
    "sources",
    "resync handbook",
    "sync approve handbook",
    "sync cancel handbook",
    "receipt",
    "schedule handbook",
    "status",
    "channel",
    "review 30",
    "why ABCDEFGH",
    "pause",
    "resume",
    "curated list",
    "console",
    "console end",
    "prompt rollback answer",
    "stale",
    "forget-me UBO yes",
)
ADMIN = "ada@example.com"
OUTSIDERS = {
    "UCY": "a colleague",
    "UFAKE": "a guest with an admin's address",
    "UOTHER": "somebody of another company with an admin's address",
    "UFORMER": "an admin who has left",
    "UBOT": "a bot with an admin's address",
    "UCLAIMS": "a member whose address is an admin's and was never confirmed",
    "UNAMED": "a member whose name is an admin's address",
    "UNOBODY": "nobody that Slack knows",
}
SEEDED = """
insert into helpdesk.curated
  (question, answer, owner, all_of, platform, tenant, channel, place_kind, drafted_by, expires_on)
values
  ('When is lunch?', 'At noon.', 'Ada', '[["staff"]]', 'slack', 'T0HELP', 'CSTAFF', 'channel', 'UADA', '2099-01-01')
returning id
"""
STATE = """
select
  (select jsonb_agg(row(state, claimed_by, answered_by, answer, closed_by)) from helpdesk.escalation),
  (select jsonb_agg(row(state, decided_by)) from helpdesk.draft),
  (select jsonb_agg(row(state, decided_by)) from helpdesk.curated),
  (select jsonb_agg(row(key, outcome) order by key) from helpdesk.question),
  (select count(*) from helpdesk.outgoing)
"""
FREE = {Action.ASK_PERSON, Action.REASON}
"""What whoever reads the message may press."""


async def command(office: Office, user: str, text: str, channel: str = "CSTAFF") -> str:
    response = await office.send(office.slack.payloads.command(channel, user, text))
    assert response.status_code == 200
    body = response.json()
    assert body["response_type"] == "ephemeral"
    return said(body)


async def list_values(at: Office | Town) -> list[str]:
    """What buttons about each question carry. One has a draft that waits: its revision is part of that."""
    keys = [key for (key,) in await at.fetch("select key from helpdesk.question order by key")]
    [(drafted, revision, state)] = await at.fetch("select question_key, revision, state from helpdesk.draft")
    assert state == "waiting"
    return [value_of(key, revision) if key == drafted else key for key in keys]
