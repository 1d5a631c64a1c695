"""Forms as modals within Slack's limits, and what is read back from them."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk_bot.chat.slack.forms import fill_in, read_fields, to_view
from helpdesk_bot.chat.slack.home import to_home
from helpdesk_bot.chat.slack.payloads import Ignored, SlackBot, Submitted, read
from helpdesk_bot.events import FormName, Place, PlaceKind, Platform
from helpdesk_bot.messages import Asked, Choice, Field, FieldKind, Form, Home
from tests.fakes.slack_blocks import check_blocks, find_live, visible_text
from tests.fakes.slack_payloads import SlackPayloads

PLACE = Place(platform=Platform.SLACK, tenant="T0HELP", channel="C1", thread="1.1", kind=PlaceKind.CHANNEL)
BOT = SlackBot(team_id="T0HELP", user_id="UBOT", bot_id="BBOT", app_id="A0HELP")
SLACK = SlackPayloads(team_id="T0HELP", app_id="A0HELP", bot_user_id="UBOT")


def form(*fields: Field, title: str = "Why?") -> Form:
    return Form(name=FormName.REASON, value="m1", title=title, fields=fields)


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=4_000), st.integers(min_value=1, max_value=5_000), st.sampled_from(FieldKind))
def test_any_form_is_within_the_limits(text: str, max_chars: int, kind: FieldKind) -> None:
    value = "2026-01-01" if kind is FieldKind.DATE else text
    choices = (Choice(value="a", label=text), Choice(value="b", label="b"))
    field = Field(name="f", label=text, kind=kind, choices=choices, value=value, max_chars=max_chars, hint=text[:1_500])
    view = to_view(form(field, title=text), PLACE)

    check_blocks(view["blocks"], surface="modal")
    for key in ("title", "submit", "close"):
        assert 1 <= len(view[key]["text"]) <= 24  # type: ignore[index]
    json.dumps(view)


def test_a_value_that_does_not_fit_is_cut_and_the_field_says_so() -> None:
    [block] = to_view(form(Field(name="f", label="L", kind=FieldKind.TEXT, value="x" * 5_000)), PLACE)["blocks"]  # type: ignore[misc]

    assert len(block["element"]["initial_value"]) == 3_000
    assert block["hint"]["text"] == "Only the first 3,000 characters fit here."


@pytest.mark.parametrize(
    ("state", "fields"),
    [
        ({}, {}),
        ({"values": None}, {}),
        ({"values": {"a": {"value": {"type": "plain_text_input", "value": None}}}}, {"a": ""}),
        ({"values": {"a": {"value": {"type": "plain_text_input", "value": "x"}}}}, {"a": "x"}),
        ({"values": {"a": {"value": {"type": "users_select", "selected_user": "U1"}}}}, {"a": "U1"}),
        ({"values": {"a": {"value": {"type": "datepicker", "selected_date": "2026-01-01"}}}}, {"a": "2026-01-01"}),
        ({"values": {"a": {"value": {"type": "static_select", "selected_option": {"value": "x"}}}}}, {"a": "x"}),
        ({"values": {"a": {"value": {"type": "static_select", "selected_option": None}}}}, {"a": ""}),
        ({"values": {"a": {"other": {"value": "x"}}, "b": 7}}, {"a": "", "b": ""}),
    ],
)
def test_what_was_filled_in_is_read_by_name(state: dict, fields: dict[str, str]) -> None:
    assert read_fields(state) == fields


def test_words_go_into_an_empty_answer_only() -> None:
    given_form = form(Field(name="question", label="Q"), Field(name="answer", label="A"))
    filled = fill_in(given_form, "the words")

    assert [field.value for field in filled.fields] == ["", "the words"]
    assert fill_in(filled, "other words") == filled


@pytest.mark.parametrize("metadata", ["", "{}", "null", '{"form": "unknown", "value": "", "channel": "C1"}', "["])
def test_a_form_that_does_not_say_what_it_is_for_is_malformed(metadata: str) -> None:
    view = {**to_view(form(Field(name="f", label="L")), PLACE), "id": "V1", "private_metadata": metadata}

    assert read(SLACK.submission("UADA", view, {}), BOT) is Ignored.MALFORMED


def test_a_form_of_somebody_else_is_ignored() -> None:
    view = {**to_view(form(Field(name="f", label="L")), PLACE), "id": "V1", "callback_id": "other"}

    assert read(SLACK.submission("UADA", view, {}), BOT) is Ignored.OTHER_FORM


def test_a_form_is_answered_where_it_was_opened() -> None:
    view = {**to_view(form(Field(name="f", label="L")), PLACE), "id": "V1"}
    sent = read(SLACK.submission("UADA", view, {"f": "x"}), BOT)

    assert isinstance(sent, Submitted)
    assert (sent.event.place, sent.event.value, sent.event.fields) == (PLACE, "m1", {"f": "x"})


@settings(deadline=None, max_examples=40)
@given(st.lists(st.text(max_size=300), max_size=200), st.lists(st.text(max_size=80), max_size=20))
def test_any_home_is_within_the_limits(sections: list[str], suggestions: list[str]) -> None:
    view = to_home(Home(sections=tuple(sections), suggestions=tuple(suggestions)))

    check_blocks(view["blocks"], surface="home")
    assert len(json.dumps(view)) < 250_000


def test_a_home_that_is_too_long_says_so() -> None:
    view = to_home(Home(sections=tuple(f"section {number}" for number in range(200))))

    assert visible_text(view["blocks"]).endswith("There is more than fits here.")  # type: ignore[arg-type]


def test_the_home_leads_back_to_each_question():
    link = "https://example.slack.com/archives/C1/p1"
    asked = (Asked(text="**How** do I [1]?", state="answered, 30 Nov", link=link), Asked(text="And?", state="failed"))
    view = to_home(Home(asked=asked, sections=()))
    check_blocks(view["blocks"], surface="home")
    assert find_live({"blocks": view["blocks"]}).links == [link]
    assert "**How** do I [1]? — answered, 30 Nov" in visible_text(view["blocks"])
