"""What counts as a question that was answered: none of the commands that people type to the bot."""

from datetime import UTC, datetime, timedelta

from helpdesk_bot.records.asked import AskedQuestions
from helpdesk_bot.settings import Settings
from tests.fakes.slack import SlackServer
from tests.fakes.teams import TeamsServer
from tests.scenarios.conftest import open_office


async def test_a_command_in_a_message_is_no_question_that_was_answered(
    on_teams: Settings, slack: SlackServer, teams: TeamsServer
) -> None:
    direct = teams.add_personal("ada")
    async with open_office(on_teams, slack) as office:
        for text in ("help", "how long does a VPN session last?", "status"):
            message = teams.message(direct, "ada", text)
            assert (await office.client.post("/teams/messages", json=message)).status_code == 200
            await office.settle()
        counts = await office.app.desk.records.count_since(datetime.now(UTC) - timedelta(days=1))
        asked = await AskedQuestions(office.app.knowledge.pool).list_asked(limit=10)
    assert "1 answered" in str(teams.shown(direct))
    assert (counts.answered, counts.open) == (1, 0)
    assert [one.text for one in asked] == ["how long does a VPN session last?"]
