from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from helpdesk_bot.chat.browser.kept import (
    KeptDeletion,
    KeptEdit,
    KeptNotice,
    KeptQuestion,
    KeptWithdrawal,
    find_current,
    find_question,
    keep,
    keep_packet,
    keep_reply,
)
from helpdesk_bot.chat.browser.shown import describe_age, show_form, show_message, show_passage
from helpdesk_bot.events import Action, Citation, FormName, Outcome
from helpdesk_bot.json_object import JsonObject
from helpdesk_bot.messages import Button, Choice, Field, FieldKind, Form, Link, Notice, Packet, Reply
from helpdesk_bot.records import BrowserMessage
from tests.fakes.browser_desk import passage

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def message(body: JsonObject) -> BrowserMessage:
    return BrowserMessage(id=5, body=body, at=NOW)


def reply(**changes: object) -> Reply:
    fields: dict[str, object] = {
        "question_key": "k",
        "outcome": Outcome.ANSWERED,
        "text": "Use **Self-service** [1].",
        "citations": (Citation(number=1, passage=passage(7, modified_at=NOW - timedelta(days=95))),),
        "reference": "K7Q2",
    }
    return Reply(**{**fields, **changes})  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("days", "age"),
    [
        (-3, "updated today"),
        (0, "updated today"),
        (1, "updated yesterday"),
        (2, "updated 2 days ago"),
        (13, "updated 13 days ago"),
        (14, "updated 2 weeks ago"),
        (29, "updated 4 weeks ago"),
        (30, "updated 1 month ago"),
        (95, "updated 3 months ago"),
        (364, "updated 12 months ago"),
        (365, "updated 1 year ago"),
        (800, "updated 2 years ago"),
    ],
)
def test_an_age_is_told_in_its_largest_whole_unit(days: int, age: str) -> None:
    assert describe_age(NOW - timedelta(days=days, hours=1), now=NOW) == age


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://localhost:8080/console", {"label": "Open it", "url": "http://localhost:8080/console"}),
        ("javascript:alert(1)", None),
    ],
)
def test_an_answer_leads_on_by_a_link_of_ours(url: str, shown: object) -> None:
    leading = replace(reply(), link=Link(label="Open it", url=url))
    told = show_message(message(keep_reply(leading).model_dump(mode="json")), now=NOW)
    assert told is not None
    assert told["link"] == shown


def test_a_reply_is_shown_as_safe_html_with_its_sources() -> None:
    body = keep_reply(reply()).model_dump(mode="json")
    shown = show_message(message(body), now=NOW)
    assert shown is not None
    assert shown["id"] == 5
    assert shown["outcome"] == "answered"
    assert '<button type="button" class="citation" data-number="1"' in str(shown["html"])
    assert shown["sources"] == [
        {
            "number": 1,
            "chunk_id": 7,
            "title": "VPN access",
            "heading_path": ["Tokens", "Reset a token"],
            "page": None,
            "url": None,
            "age": "updated 3 months ago",
            "is_old": False,
            "modified_at": (NOW - timedelta(days=95)).isoformat(),
        }
    ]


@pytest.mark.parametrize(
    ("url", "shown_url"),
    [("https://status.example.com/", "https://status.example.com/"), ("javascript:alert(1)", None)],
)
def test_what_a_tool_looked_up_has_its_address_since_no_passage_has(url: str, shown_url: str | None) -> None:
    looked_up = Citation(number=1, passage=passage(-1, url=url))
    shown = show_message(message(keep_reply(reply(citations=(looked_up,))).model_dump(mode="json")), now=NOW)
    assert shown is not None
    assert [source["url"] for source in shown["sources"]] == [shown_url]


def test_the_text_of_a_passage_is_not_kept_with_the_reply() -> None:
    kept = keep_reply(reply(citations=(Citation(number=1, passage=passage(7, text="restricted words")),)))
    assert "restricted words" not in kept.model_dump_json()


def test_a_packet_for_people_is_kept_but_not_shown_to_a_visitor() -> None:
    packet = Packet(
        question_key="k", question="q", asked_by="visitor", link=None, tried=(passage(7),), reference="K7Q2"
    )
    assert show_message(message(keep_packet(packet).model_dump(mode="json")), now=NOW) is None


@pytest.mark.parametrize(
    "body", [{}, {"kind": "hologram"}, {"kind": "reply"}, {"kind": "vote", "value": 9}, {"kind": None}]
)
def test_what_another_version_kept_is_passed_over(body: JsonObject) -> None:
    assert show_message(message(body), now=NOW) is None


def test_a_question_is_shown_as_it_was_typed() -> None:
    body = KeptQuestion(key="k", client_id="c", text="<b>2 < 3</b>").model_dump(mode="json")
    shown = show_message(message(body), now=NOW)
    assert shown is not None
    assert shown["text"] == "<b>2 < 3</b>"


def test_a_passage_is_shown_with_its_place_its_age_and_its_original() -> None:
    shown = show_passage(passage(7, page=3, text="*now*", modified_at=NOW - timedelta(days=500)), now=NOW)
    assert shown == {
        "title": "VPN access",
        "heading_path": ["Tokens", "Reset a token"],
        "page": 3,
        "html": "<p><em>now</em></p>\n",
        "url": "https://wiki.example.com/vpn",
        "age": "updated 1 year ago",
        "is_old": True,
        "modified_at": (NOW - timedelta(days=500)).isoformat(),
    }


def kept(number: int, body: object) -> BrowserMessage:
    return BrowserMessage(id=number, body=body.model_dump(mode="json"), at=NOW)  # pyright: ignore[reportAttributeAccessIssue]


def test_a_message_reads_as_it_was_last_edited() -> None:
    messages = [
        kept(1, keep_reply(reply())),
        kept(2, KeptEdit(of=1, message=keep_reply(reply(text="Newer.")))),
        kept(3, KeptEdit(of=9, message=KeptNotice(text="another"))),
    ]
    current = find_current(messages, 1)
    assert current is not None
    assert current.kind == "reply"
    assert current.text == "Newer."
    assert find_current([*messages, kept(4, KeptWithdrawal(of=1))], 1) is None
    assert find_current(messages, 2) is None


def test_a_question_that_was_taken_back_is_no_longer_found() -> None:
    asked = kept(1, KeptQuestion(key="k", client_id="c", text="How?"))
    assert find_question([asked], "c") == (1, KeptQuestion(key="k", client_id="c", text="How?"))
    assert find_question([asked], "d") is None
    assert find_question([asked, kept(2, KeptDeletion(client_id="c"))], "c") is None


def test_an_edit_is_shown_as_the_message_it_makes_of_an_earlier_one() -> None:
    shown = show_message(kept(2, KeptEdit(of=1, message=keep_reply(reply(note="Its source changed.")))), now=NOW)
    assert shown is not None
    assert (shown["kind"], shown["of"]) == ("edit", 1)
    edited = shown["message"]
    assert isinstance(edited, dict)
    assert edited["note"] == "Its source changed."


def test_an_edited_packet_stays_with_the_people() -> None:
    packet = keep_packet(Packet(question_key="k", question="How?", asked_by="U1", link=None))
    assert show_message(kept(2, KeptEdit(of=1, message=packet)), now=NOW) is None


def test_a_notice_shows_its_buttons_and_no_live_markup() -> None:
    button = Button(action=Action.SHARE, value="k", label="Share here", confirm="Really?")
    shown = show_message(kept(1, keep(Notice(text="<b>Hello</b> **you**", buttons=(button,)))), now=NOW)
    assert shown is not None
    assert shown["buttons"] == [
        {"action": "share", "value": "k", "label": "Share here", "style": "plain", "confirm": "Really?"}
    ]
    assert "<b>" not in str(shown["html"])
    assert "<strong>you</strong>" in str(shown["html"])


def test_a_form_is_shown_field_by_field() -> None:
    choice = Field(name="why", label="Why?", kind=FieldKind.CHOICE, choices=(Choice(value="wrong", label="Wrong"),))
    form = Form(name=FormName.REASON, value="7", title="What was wrong?", fields=(choice,))
    assert show_form(form)["fields"] == [
        {
            "name": "why",
            "label": "Why?",
            "kind": "choice",
            "choices": [{"value": "wrong", "label": "Wrong"}],
            "value": "",
            "is_required": True,
            "max_chars": 3_000,
            "hint": "",
        }
    ]
