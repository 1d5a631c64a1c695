"""`review`: what people were not helped with, for admins in chat and on the command line."""

import json

from helpdesk_bot.desk.wording import reference_of
from helpdesk_bot.settings import Settings
from tests.fakes.slack import SlackServer
from tests.scenarios.conftest import Office, open_office
from tests.scenarios.test_admin_commands import QUESTION, command
from tests.scenarios.test_command_line import environment, run
from tests.scenarios.test_feedback_reasons import give_reason

UNKNOWN = "who won the chess tournament in Zagreb?"


async def reference_to(office: Office, text: str) -> str:
    [(key,)] = await office.fetch("select key from helpdesk.question where text = %s", [text])
    return reference_of(key)


async def test_where_everybody_was_helped_it_says_so(office: Office) -> None:
    await office.ask("CSTAFF", "UBO", QUESTION)
    await office.settle()
    assert "there was no 👎" in await command(office, "UADA", "review")


async def test_a_thumbs_down_is_shown_with_its_reason_and_the_way_to_more(office: Office) -> None:
    await give_reason(office, {"reason": "outdated", "comment": "It is 8 hours now.", "person": "no"})
    said = await command(office, "UADA", "review 30")
    assert f"{await reference_to(office, QUESTION)} just now: answered, 1 👎, It is outdated" in said
    assert QUESTION in said
    assert "It is 8 hours now." in said
    assert "Votes: 0 👍, 1 👎" in await command(office, "UADA", f"why {await reference_to(office, QUESTION)}")


async def test_an_opinion_that_was_taken_back_is_shown_no_more(office: Office) -> None:
    await give_reason(office, {"reason": "wrong", "comment": "It is 8 hours now.", "person": "no"})
    reply = office.slack.posted("CSTAFF")[0]
    await office.send(office.slack.payloads.button("CSTAFF", "UBO", reply, at="4000000000.0"))
    assert "there was no 👎" in await command(office, "UADA", "review")


async def test_what_was_passed_on_is_shown_and_what_should_not_be_seen_comes_first(office: Office) -> None:
    await give_reason(office, {"reason": "not_for_me", "person": "no"})
    await office.ask("CSTAFF", "UBO", UNKNOWN)
    await office.settle()
    said = await command(office, "UADA", "review")
    assert f"{await reference_to(office, UNKNOWN)} just now: escalated, case" in said
    assert said.index(QUESTION) < said.index(UNKNOWN)


async def test_words_are_for_those_who_read_the_place_they_were_said_in(office: Office) -> None:
    direct = office.slack.open_direct("UBO")
    await office.ask(direct, "UBO", UNKNOWN)
    await office.settle()
    said = await command(office, "UADA", "review")
    assert await reference_to(office, UNKNOWN) in said
    assert "not yours to read" in said
    assert "chess" not in said


async def test_a_question_that_was_deleted_is_not_shown(office: Office) -> None:
    await office.ask("CSTAFF", "UBO", UNKNOWN)
    await office.settle()
    async with office.app.knowledge.pool.connection() as connection:
        await connection.execute("update helpdesk.question set deleted_at = now()")
    assert "there was no 👎" in await command(office, "UADA", "review")


async def test_a_span_that_is_none_is_refused_plainly(office: Office) -> None:
    for words in ("review 0", "review 366", "review everything", f"review {'9' * 5_000}"):
        assert "It is review or review DAYS" in await command(office, "UADA", words)


async def test_the_command_line_shows_the_same(settings: Settings, slack: SlackServer, database_url: str) -> None:
    async with open_office(settings, slack) as office:
        await give_reason(office, {"reason": "outdated", "comment": "It is 8 hours now.", "person": "no"})
        await office.ask(office.slack.open_direct("UBO"), "UBO", UNKNOWN)
        await office.settle()
        handbook = settings.folders["handbook"]
        known = environment(database_url)

        code, out, _ = await run("review", cwd=handbook, **known)
        assert code == 0
        assert f"{QUESTION} | It is 8 hours now. | It is outdated" in out
        assert await reference_to(office, UNKNOWN) in out
        assert "chess" not in out
        assert await office.fetch("select 1 from helpdesk.audit where action = 'review'") == []

        _, out, _ = await run("review", "--direct", "--json", cwd=handbook, **known)
        assert [(one["outcome"], one["question"], one["reasons"]) for one in json.loads(out)] == [
            ("answered", QUESTION, ["outdated"]),
            ("escalated", UNKNOWN, []),
        ]
        assert await office.fetch("select words from helpdesk.audit where action = 'review'") == [("7 days, direct",)]

        code, out, _ = await run("review", "--limit", "1", "--json", cwd=handbook, **known)
        assert [one["question"] for one in json.loads(out)] == [QUESTION]
