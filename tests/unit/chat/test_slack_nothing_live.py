"""Whatever text says, and wherever it stands: it pings nobody, links nowhere, and shows as it was written."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from helpdesk_bot.chat.slack.forms import to_view
from helpdesk_bot.chat.slack.home import to_home
from helpdesk_bot.chat.slack.messages import SlackMessage, render, render_note
from helpdesk_bot.chat.slack.posts import escape
from helpdesk_bot.events import Action, Citation, FormName, Outcome, Place, PlaceKind, Platform
from helpdesk_bot.messages import Button, Choice, Field, FieldKind, Form, Home, Notice, Packet, Reply
from knowledge.passages import Passage, Scores
from tests.fakes.slack_blocks import Live, check_blocks, find_live

ATTACKS = [
    "<!channel>",
    "<!here|here>",
    "<!everyone>",
    "<@U123ABC>",
    "<!subteam^S123|@it>",
    "<#C123|general>",
    "@channel @here",
    "<https://evil.example|our wiki>",
    "https://evil.example/?q=secret",
    "[our wiki](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "[x]: https://evil.example\n[x]",
    "<mailto:a@evil.example|write>",
    '{"type": "user", "user_id": "U123ABC"}',
    "</blocks><image_url>https://evil.example",
]
PASSAGE = Passage(
    chunk_id=1,
    document_id=1,
    source="s",
    key="k",
    title="VPN",
    url="https://wiki.example.com/a",
    heading_path=(),
    text="t",
    page=None,
    modified_at=datetime(2026, 5, 1, tzinfo=UTC),
    scores=Scores(),
)
REPLY = Reply(question_key="k", outcome=Outcome.ANSWERED, text="Yes.", citations=(Citation(number=1, passage=PASSAGE),))
PACKET = Packet(question_key="k", question="?", asked_by="UADA", link=None, tried=(PASSAGE,))
PLACE = Place(platform=Platform.SLACK, tenant="T", channel="C1", thread=None, kind=PlaceKind.CHANNEL)


def cite(passage: Passage) -> Reply:
    return replace(REPLY, citations=(Citation(number=1, passage=passage),))


def press_with(text: str) -> tuple[Button, ...]:
    return (Button(action=Action.CLAIM, value=text, label=text, confirm=text),)


MESSAGES = {
    "answer": lambda text: render(replace(REPLY, text=text)),
    "title": lambda text: render(cite(replace(PASSAGE, title=text))),
    "heading": lambda text: render(cite(replace(PASSAGE, heading_path=(text,)))),
    "address": lambda text: render(cite(replace(PASSAGE, url=text))) if "//" not in text else [],
    "note": lambda text: render(replace(REPLY, note=text)),
    "reference": lambda text: render(replace(REPLY, reference=text)),
    "question": lambda text: render(replace(PACKET, question=text)),
    "missing": lambda text: render(replace(PACKET, missing=text)),
    "urgency": lambda text: render(replace(PACKET, urgency=text)),
    "state": lambda text: render(replace(PACKET, state=text)),
    "notice": lambda text: render(Notice(text=text)),
    "label": lambda text: render(Notice(text="?", buttons=press_with(text))),
    "command": lambda text: [render_note(text)],
}
ON_PURPOSE = {"https://wiki.example.com/a", str({"type": "user", "user_id": "UADA"})}


def live_in(content: dict) -> set[str]:
    live: Live = find_live(content)
    return {*live.mentions, *live.links, *live.images} - ON_PURPOSE


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("where", MESSAGES)
def test_no_text_in_a_message_is_live(where: str, attack: str) -> None:
    messages: list[SlackMessage] = MESSAGES[where](attack)
    for message in messages:
        check_blocks(list(message.blocks))
        assert live_in({"text": escape(message.text), "parse": "none", "blocks": list(message.blocks)}) == set()


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_text_in_a_view_is_live(attack: str) -> None:
    choice = Choice(value="a", label=attack)
    fields = (
        Field(name="a", label=attack, hint=attack, value=attack),
        Field(name="b", label="b", kind=FieldKind.CHOICE, choices=(choice,)),
    )
    view = to_view(Form(name=FormName.ANSWER, value=attack, title=attack, fields=fields), PLACE)
    home = to_home(Home(sections=(attack,), suggestions=(attack,)))

    assert live_in({"blocks": view["blocks"]}) == live_in({"blocks": home["blocks"]}) == set()
    check_blocks(view["blocks"], surface="modal")
    check_blocks(home["blocks"], surface="home")
