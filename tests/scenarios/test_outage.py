"""The database goes away and comes back: nothing is acknowledged and lost, and workers recover (RELIABILITY row 6)."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from helpdesk_bot.database import migrate_all
from helpdesk_bot.settings import Settings
from knowledge.embedded_postgres import embedded_postgres
from tests.eventually import eventually, eventually_async
from tests.fakes.slack import Json, SlackServer
from tests.killing import kill_postgres
from tests.scenarios.conftest import Office, inform, open_office


@pytest.fixture
def folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="helpdesk-bot-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_questions_around_a_crash_of_the_database_are_each_answered_once(
    folder: Path, settings: Settings, slack: SlackServer
) -> None:
    with ExitStack() as servers:
        url = servers.enter_context(embedded_postgres(folder))
        await migrate_all(url)
        await inform(url)
        async with open_office(settings.model_copy(update={"database_url": url}), slack) as office:
            asked: list[Json] = []
            for round_ in range(3):
                before = slack.ask("CSTAFF", "UBO", f"how long does a VPN session last? before {round_}")
                assert (await office.send(before)).status_code == 200
                kill_postgres(folder)
                during = slack.ask("CSTAFF", "UBO", f"how long does a VPN session last? during {round_}")
                assert (await office.send(during)).status_code == 503, "Slack is to send it again"
                servers.enter_context(embedded_postgres(folder))
                await send_until_taken(office, during)
                asked += [before, during]
            await eventually(lambda: all(slack.replies("CSTAFF", one["event"]["ts"]) for one in asked), within_s=120)
            await eventually_async(office.is_idle)
            assert all(len(slack.replies("CSTAFF", one["event"]["ts"])) == 1 for one in asked)


async def send_until_taken(office: Office, payload: Json) -> None:
    """As Slack does: again, until it is acknowledged."""
    for retry in range(1, 20):
        if (await office.send(payload, retry=retry)).status_code == 200:
            return
    pytest.fail("it was never taken in")
