"""How often an ordinary question goes to the database: each way there and back takes time, and work on both sides."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from helpdesk_bot.settings import Settings
from tests.fakes.slack import SlackServer
from tests.scenarios.conftest import Office, open_office

STATEMENT = re.compile(rb"\[(\d+)\] LOG:  (?:statement|execute [^:]*): ([^\n]*)")


@dataclass
class Log:
    """What PostgreSQL writes down of one database."""

    connection: psycopg.Connection
    path: Path
    read_to: int

    def statements(self) -> list[str]:
        """Since the last time."""
        pids = {
            row[0]
            for row in self.connection.execute("select pid from pg_stat_activity where datname = current_database()")
        }
        with self.path.open("rb") as log:
            log.seek(self.read_to)
            new = log.read()
        self.read_to += len(new)
        return [
            said.decode()
            for pid, said in STATEMENT.findall(new)
            if int(pid) in pids - {self.connection.info.backend_pid}
        ]


@pytest.fixture
def log(database_url: str) -> Iterator[Log]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        own = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("alter database {} set log_statement = 'all'").format(own))
        (folder,) = connection.execute("show data_directory").fetchone() or ("",)
        path = Path(folder) / "log"
        yield Log(connection=connection, path=path, read_to=path.stat().st_size)


async def ask(office: Office) -> str:
    """The question's key."""
    payload = office.slack.ask("CSTAFF", "UBO", "how long does a VPN session last?")
    assert (await office.send(payload)).status_code == 200
    return f"slack:{payload['team_id']}:CSTAFF:{payload['event']['ts']}"


async def test_an_ordinary_question_is_taken_in_and_answered_in_few_statements(
    settings: Settings, slack: SlackServer, log: Log
) -> None:
    async with open_office(settings, slack, working=False) as office:
        await office.app.desk.answer(await ask(office))
        log.statements()
        key = await ask(office)
        taken_in = log.statements()
        await office.app.desk.answer(key)
        answered = log.statements()
        assert await office.fetch("select distinct outcome from helpdesk.question") == [("answered",)]
    assert len(taken_in) <= 4, taken_in
    assert len(answered) <= 60, answered
