"""Answers on sensitive matters wait for an approver; nobody else sees them first, and none is lost."""

import copy
from collections.abc import AsyncGenerator

import pytest

from helpdesk_bot.settings import Settings
from tests.eventually import eventually
from tests.fakes.slack import Json, SlackServer
from tests.fakes.slack_blocks import said
from tests.scenarios.conftest import PEOPLE_CHANNEL, Office, open_office

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


async def test_who_is_no_colleague_in_their_channel_approves_nothing(careful: Office) -> None:
    await careful.ask("CSTAFF", "UBO", QUESTION)
    draft = await draft_of(careful)
    careful.slack.add_user("UCY", email="cy@example.com")
    careful.slack.add_user("UFAY", email="fay@example.com", is_guest=True)
    careful.slack.channel(PEOPLE_CHANNEL).members.append("UFAY")
    for person in ("UFAY", "UCY"):
        await press(careful, person, draft, "approve")
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


async def ask(office: Office) -> str:
    """A question in a channel, answered with a draft; its message."""
    reply = await office.ask("CSTAFF", "UBO", QUESTION)
    await draft_of(office)
    await office.settle()
    return reply["thread_ts"]


async def change(office: Office, ts: str, text: str) -> None:
    await office.send(office.slack.change("CSTAFF", ts, f"<@{office.slack.bot_user_id}> {text}"))
    await office.settle()


async def test_a_press_approves_only_the_draft_that_was_seen(careful: Office) -> None:
    ts = await ask(careful)
    seen = copy.deepcopy(careful.slack.posted(PEOPLE_CHANNEL)[0])
    assert "Self Service" not in said(seen)
    await change(careful, ts, "how do I connect to the VPN on a Mac?")
    await press(careful, "UADA", seen, "approve")
    await eventually(lambda: "was changed" in whispered(careful))
    assert "Self Service" in whispered(careful)
    assert await careful.fetch("select state, revision from helpdesk.draft") == [("waiting", 1)]
    assert await careful.fetch("select allowed from helpdesk.audit where action = 'draft'") == [(False,)]
    (now,) = careful.slack.posted(PEOPLE_CHANNEL)
    assert "Self Service" in said(now)
    await press(careful, "UADA", now, "approve", at="1767225700.000200")
    await eventually(lambda: "Self Service" in said(careful.slack.replies("CSTAFF", ts)[0]))


def as_before_the_update(draft: Json) -> Json:
    """The notice of a version that named no revision in its buttons."""
    draft = copy.deepcopy(draft)
    for button in (element for block in draft["blocks"] if block["type"] == "actions" for element in block["elements"]):
        button["value"] = button["value"].partition("#")[0]
    return draft


async def test_a_button_from_before_an_update_decides_as_long_as_the_question_was_never_changed(
    careful: Office,
) -> None:
    ts, changed = await ask(careful), await ask(careful)
    await change(careful, changed, "how do I connect to the VPN on a Mac?")
    waiting, other = map(as_before_the_update, careful.slack.posted(PEOPLE_CHANNEL))
    await press(careful, "UADA", other, "approve")
    await eventually(lambda: "was changed" in whispered(careful))
    await press(careful, "UADA", waiting, "approve", at="1767225700.000200")
    await eventually(lambda: "12 hours" in said(careful.slack.replies("CSTAFF", ts)[0]))
    assert "Self Service" not in said(careful.slack.replies("CSTAFF", changed)[0])


async def test_a_form_that_was_opened_before_an_edit_sends_nothing(careful: Office) -> None:
    ts = await ask(careful)
    await press(careful, "UADA", careful.slack.posted(PEOPLE_CHANNEL)[0], "revise")
    await eventually(lambda: bool(careful.slack.modals))
    user, view = careful.slack.modals[-1]
    await change(careful, ts, "how do I connect to the VPN on a Mac?")
    await careful.send(careful.slack.payloads.submission(user, view, {"text": "It lasts 12 hours."}))
    await eventually(lambda: "was changed" in whispered(careful))
    assert await careful.fetch("select state, revision from helpdesk.draft") == [("waiting", 1)]


async def test_where_a_changed_question_needs_no_approval_an_old_draft_sends_nothing(careful: Office) -> None:
    ts = await ask(careful)
    seen = copy.deepcopy(careful.slack.posted(PEOPLE_CHANNEL)[0])
    await change(careful, ts, "paper jam in the printer, what do I do")
    await press(careful, "UADA", seen, "decline")
    await eventually(lambda: "was changed" in whispered(careful))
    assert "tray 2" in said(careful.slack.replies("CSTAFF", ts)[0])
    assert await careful.fetch("select outcome from helpdesk.question") == [("answered",)]


def whispered(office: Office) -> str:
    return "\n".join(said(one) for one in office.slack.whispers)
