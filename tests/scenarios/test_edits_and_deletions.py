"""An edited question is answered again in place; a deleted one takes its answer with it."""

import pytest

from helpdesk_bot.delivery import Milestone
from helpdesk_bot.events import Step
from helpdesk_bot.settings import Settings
from tests.eventually import eventually, eventually_async
from tests.fakes.slack import Drop, Json, SlackServer
from tests.fakes.slack_blocks import said
from tests.scenarios.conftest import Office, open_office

QUESTION = "how long does a VPN session last?"
OTHER = "how do I reset a forgotten password?"


def mentioning(office: Office, text: str) -> str:
    return f"<@{office.slack.bot_user_id}> {text}"


async def ask(office: Office, text: str = QUESTION) -> Json:
    """The event of a question that is taken in and answered; its message is `event["ts"]`."""
    payload = office.slack.ask("CSTAFF", "UBO", text)
    await office.send(payload)
    await eventually(lambda: bool(office.slack.replies("CSTAFF", payload["event"]["ts"])))
    await office.settle()
    return payload["event"]


async def test_the_answer_changes_in_place(office: Office) -> None:
    event = await ask(office)
    (before,) = office.slack.replies("CSTAFF", event["ts"])
    await office.send(office.slack.change("CSTAFF", event["ts"], mentioning(office, OTHER)))
    await office.settle()
    (after,) = office.slack.replies("CSTAFF", event["ts"])
    assert after["ts"] == before["ts"]
    assert "12 hours" not in said(after)
    assert "portal" in said(after).casefold() or "password" in said(after).casefold()
    assert await office.fetch("select revision, outcome from helpdesk.question") == [(1, "answered")]


async def test_what_changes_no_meaning_changes_nothing(office: Office) -> None:
    event = await ask(office)
    await office.send(office.slack.change("CSTAFF", event["ts"], mentioning(office, f"  {QUESTION}\n ")))
    await office.settle()
    assert await office.fetch("select revision from helpdesk.question") == [(0,)]
    assert office.slack.calls_of("chat.update") == []


async def test_an_edit_that_mentions_the_bot_makes_it_a_question(office: Office) -> None:
    ts = office.slack.say("CSTAFF", "UBO", QUESTION)
    await office.send(office.slack.payloads.message("CSTAFF", "UBO", QUESTION, ts=ts))
    assert await office.fetch("select 1 from helpdesk.question") == []
    await office.send(office.slack.change("CSTAFF", ts, mentioning(office, QUESTION)))
    await eventually(lambda: bool(office.slack.replies("CSTAFF", ts)))
    assert "12 hours" in said(office.slack.replies("CSTAFF", ts)[0])


async def test_a_deleted_question_takes_its_answer_with_it(office: Office) -> None:
    event = await ask(office)
    await office.send(office.slack.delete("CSTAFF", event["ts"]))
    await office.settle()
    assert office.slack.posted("CSTAFF") == []
    assert await office.fetch("select outcome, text from helpdesk.question") == [("withdrawn", "")]
    assert await office.fetch("select state, body ->> 'text' from helpdesk.outgoing") == [("withdrawn", "")]


async def test_a_question_deleted_before_it_is_answered_gets_no_answer(settings: Settings, slack: SlackServer) -> None:
    async with open_office(settings, slack, working=False) as office:
        payload = slack.ask("CSTAFF", "UBO", QUESTION)
        await office.send(payload)
        await office.send(slack.delete("CSTAFF", payload["event"]["ts"]))
    async with open_office(settings, slack) as office:
        await office.settle()
        assert slack.posted("CSTAFF") == []


@pytest.mark.parametrize("reached", [Step.SEARCHING, Milestone.PLANNED, Milestone.CLAIMED, Milestone.SENT])
@pytest.mark.parametrize("what", ["edit", "deletion"])
async def test_whatever_the_moment_the_newest_word_of_the_author_counts(
    settings: Settings, slack: SlackServer, reached: Milestone | Step, what: str
) -> None:
    """The author changes or deletes the message while it is being answered."""
    moments: list[Milestone | Step] = []

    def note(_: str, at: Milestone | Step) -> None:
        if at == reached and not moments:
            moments.append(at)
            change()

    async with open_office(settings, slack, observe=note) as office:
        payload = slack.ask("CSTAFF", "UBO", QUESTION)
        ts = payload["event"]["ts"]
        pending: list[Json] = []

        def change() -> None:
            is_edit = what == "edit"
            pending.append(
                slack.change("CSTAFF", ts, mentioning(office, OTHER)) if is_edit else slack.delete("CSTAFF", ts)
            )

        await office.send(payload)
        await eventually(lambda: bool(pending))
        await office.send(pending[0])

        async def is_followed() -> bool:
            rows = await office.fetch("select revision, outcome is not null from helpdesk.question")
            return rows == [(1, True)]

        await eventually_async(is_followed)
        replies = slack.replies("CSTAFF", ts)
        assert len(replies) == (1 if what == "edit" else 0)
        assert not any("12 hours" in said(reply) for reply in replies)


async def test_a_post_that_got_lost_is_found_and_then_changed(office: Office) -> None:
    """Slack took the message, its answer got lost, and the question changed before anybody looked."""
    office.slack.fail("chat.postMessage", Drop(after_taking=True))
    payload = office.slack.ask("CSTAFF", "UBO", QUESTION)
    await office.send(payload)
    ts = payload["event"]["ts"]
    await eventually(lambda: bool(office.slack.replies("CSTAFF", ts)))
    await office.send(office.slack.change("CSTAFF", ts, mentioning(office, OTHER)))
    await office.settle()
    (reply,) = office.slack.replies("CSTAFF", ts)
    assert "12 hours" not in said(reply)


async def test_a_deleted_question_is_forgotten_by_its_thread(office: Office) -> None:
    first = await ask(office, "how do I connect to the VPN on Windows?")
    second = office.slack.ask("CSTAFF", "UBO", OTHER, thread=first["ts"])
    await office.send(second)
    await eventually(lambda: len(office.slack.replies("CSTAFF", first["ts"])) == 2)
    await office.settle()
    await office.send(office.slack.delete("CSTAFF", second["event"]["ts"]))
    await office.settle()
    reply = await office.ask("CSTAFF", "UBO", "and on a Mac?", thread=first["ts"])
    assert "Self Service" in said(reply)
