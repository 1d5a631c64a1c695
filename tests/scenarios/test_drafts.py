"""Answers on sensitive matters wait for an approver; nobody else sees them first, and none is lost."""

from collections.abc import AsyncGenerator

import pytest

from helpdesk_bot.settings import Settings
from tests.fakes.slack import Json, SlackServer
from tests.scenarios.conftest import PEOPLE_CHANNEL, Office, eventually, open_office
from tests.scenarios.test_slack_question import said

QUESTION = "how long does a VPN session last?"


@pytest.fixture
async def careful(settings: Settings, slack: SlackServer) -> AsyncGenerator[Office]:
    """VPN is a sensitive word; approvers are in the people's channel."""
    careful = settings.model_copy(update={"sensitive_words": ("VPN",), "slack_approvers_channel": PEOPLE_CHANNEL})
    async with open_office(careful, slack) as office:
        yield office


async def draft_of(office: Office) -> Json:
    await eventually(lambda: any("12 hours" in said(one) for one in office.slack.posted(PEOPLE_CHANNEL)))
    return office.slack.posted(PEOPLE_CHANNEL)[0]


async def press(office: Office, user: str, message: Json, action: str, *, at: str = "1767225700.000100") -> None:
    assert (
        await office.send(office.slack.payloads.press(PEOPLE_CHANNEL, user, message, action, at=at))
    ).status_code == 200


async def test_the_answer_waits_and_is_sent_once_somebody_approves(careful: Office) -> None:
    reply = await careful.ask("CSTAFF", "UBO", QUESTION)
    assert "12 hours" not in said(reply)
    assert "a person looks at my answer" in said(reply)
    draft = await draft_of(careful)
    for at in ("1767225700.000100", "1767225700.000100", "1767225700.000200"):
        await press(careful, "UADA", draft, "approve", at=at)
    await eventually(lambda: "12 hours" in said(careful.slack.replies("CSTAFF", reply["thread_ts"])[0]))
    await careful.settle()
    assert len(careful.slack.replies("CSTAFF", reply["thread_ts"])) == 1
    await eventually(lambda: "Sent" in said(careful.slack.posted(PEOPLE_CHANNEL)[0]))


async def test_an_approver_may_change_it_first(careful: Office) -> None:
    reply = await careful.ask("CSTAFF", "UBO", QUESTION)
    draft = await draft_of(careful)
    await press(careful, "UADA", draft, "revise")
    await eventually(lambda: bool(careful.slack.modals))
    user, view = careful.slack.modals[-1]
    text = "A session lasts 12 hours, and that is an order. [1]"
    await careful.send(careful.slack.payloads.submission(user, view, {"text": text}))
    await eventually(lambda: "an order" in said(careful.slack.replies("CSTAFF", reply["thread_ts"])[0]))


async def test_a_declined_answer_goes_to_people_and_is_never_shown(careful: Office) -> None:
    reply = await careful.ask("CSTAFF", "UBO", QUESTION)
    await press(careful, "UADA", await draft_of(careful), "decline")
    await eventually(lambda: "a person looks" not in said(careful.slack.replies("CSTAFF", reply["thread_ts"])[0]))
    assert "12 hours" not in said(careful.slack.replies("CSTAFF", reply["thread_ts"])[0])
    assert await careful.fetch("select outcome from helpdesk.question") == [("escalated",)]


async def test_what_nobody_decides_goes_to_people_in_time(careful: Office) -> None:
    reply = await careful.ask("CSTAFF", "UBO", QUESTION)
    await careful.fetch("update helpdesk.draft set due_at = now() returning 1")
    await eventually(lambda: "a person looks" not in said(careful.slack.replies("CSTAFF", reply["thread_ts"])[0]))
    assert await careful.fetch("select state from helpdesk.draft") == [("overdue",)]


async def test_only_where_approvers_are_it_can_be_approved(careful: Office) -> None:
    await careful.ask("CSTAFF", "UBO", QUESTION)
    draft = await draft_of(careful)
    await careful.send(careful.slack.payloads.press("CSTAFF", "UBO", draft, "approve"))
    assert await careful.fetch("select state from helpdesk.draft") == [("waiting",)]


async def test_a_question_that_is_taken_back_takes_its_draft_with_it(careful: Office) -> None:
    reply = await careful.ask("CSTAFF", "UBO", QUESTION)
    draft = await draft_of(careful)
    await careful.settle()
    await careful.send(careful.slack.delete("CSTAFF", reply["thread_ts"]))
    await careful.settle()
    assert careful.slack.posted(PEOPLE_CHANNEL) == []
    await press(careful, "UADA", draft, "approve")
    assert await careful.fetch("select state from helpdesk.draft") == [("waiting",)]
