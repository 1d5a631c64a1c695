"""What Teams is sent: nothing in it is live but what we put there, and nothing is lost on the way through the SDK."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msrest import Serializer

from helpdesk_bot.chat.teams.activities import to_activity
from helpdesk_bot.chat.teams.cards import form_card
from helpdesk_bot.chat.teams.markdown import render_markdown, size, split_part, to_plain
from helpdesk_bot.chat.teams.messages import MAX_TEXT_BYTES, Look, Named, render
from helpdesk_bot.chat.teams.pace import LIMITS, Pace
from helpdesk_bot.errors import RateLimited
from helpdesk_bot.events import Action, Citation, FormName, Outcome
from helpdesk_bot.messages import Button, Choice, Field, FieldKind, Form, Link, Notice, Packet, Reply
from knowledge.passages import Passage, Scores

LOOK = Look()


def passage(**changes: Any) -> Passage:
    facts: dict[str, Any] = {
        "chunk_id": 1,
        "document_id": 1,
        "source": "wiki",
        "key": "k",
        "title": "Guide",
        "url": "https://wiki.example/a",
        "heading_path": (),
        "text": "Text and **more** " * 20,
        "page": 3,
        "modified_at": datetime(2026, 5, 1, tzinfo=UTC),
        "scores": Scores(),
    }
    return Passage(**{**facts, **changes})


def answer(text: str, *, citations: int = 1, **changes: Any) -> Reply:
    cited = tuple(Citation(number=number, passage=passage(**changes)) for number in range(1, citations + 1))
    return Reply(question_key="q", outcome=Outcome.ANSWERED, text=text, citations=cited)


def shown(text: str) -> str:
    return "\n\n".join(render_markdown(text, markers=frozenset({1})))


def test_the_sdk_writes_out_every_field_of_an_entity() -> None:
    [activity] = render(answer("So [1]."), look=LOOK)
    info = {"type": "streaminfo", "streamId": "1", "streamType": "final"}
    content = {**activity, "entities": [*activity["entities"], info]}  # pyright: ignore[reportGeneralTypeIssues]
    written = Serializer().body(to_activity(content), "Activity")
    assert written["entities"] == content["entities"]
    assert written["channelData"] == {"feedbackLoop": {"type": "default"}}
    assert json.loads(json.dumps(written))["text"] == activity["text"]


def test_a_field_that_the_sdk_would_lose_is_an_error() -> None:
    with pytest.raises(KeyError):
        to_activity({"type": "message", "streamType": "final"})


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("[click](https://evil.example/a)", "evil"),
        ("![x](https://evil.example/a?d=secret)", "evil"),
        ("[1]: https://evil.example/a\n\nSee [1]", "](https"),
        ("<img src=https://evil.example>", "<img"),
        ("<at>everyone</at>", "<at>"),
        ("a <a href='https://evil.example'>b</a>", "<a "),
        ("<https://evil.example/a>", "<https"),
        ("[a](javascript:alert(1))", "javascript"),
        ("[a][b]\n\n[b]: //evil.example", "](//"),
    ],
)
def test_nothing_a_model_writes_is_live(text: str, gone: str) -> None:
    assert gone not in shown(text)


@pytest.mark.parametrize(
    "address", ["https://evil.example/a", "www.evil.example", "evil.example/x", "evil.com", "mailto:a@b.c"]
)
def test_bare_addresses_are_code_which_no_client_makes_a_link(address: str) -> None:
    assert f"`{address}`" in shown(f"see {address} now")


def test_marks_of_citations_stay_and_other_numbers_in_brackets_are_none() -> None:
    assert shown("So [1], not [7], nor [x].") == "So [1], not (7), nor \\[x\\]."


def test_tables_and_code_stay_readable() -> None:
    assert shown("| Name | Price |\n|--|--|\n| Visio | 12 |") == "```\nName   Price\n-----  -----\nVisio  12\n```"
    assert shown("```python\nprint('[1] <a>')\n```") == "```\nprint('[1] <a>')\n```"
    assert shown("# Title\n\n- one\n- *two*\n\n1. a\n2. b") == "**Title**\n\n- one\n- *two*\n\n1. a\n2. b"
    assert shown("> quoted\n> text") == "> quoted\n> text"
    assert to_plain("a **b**\n\n- c") == "a b c"


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab*_`[]()<>!1 \n#|-~&;@\\:/."), max_size=80))
def test_no_text_makes_a_link_a_picture_or_a_tag(text: str) -> None:
    parts = [part for part in render_markdown(text) if not part.startswith("```")]
    outside = "".join("".join(part.split("`")[::2]) for part in parts)
    assert "<" not in outside
    assert "](" not in outside.replace("\\](", "")


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=400), st.integers(min_value=40, max_value=120))
def test_a_part_is_split_without_loss_and_within_its_size(text: str, room: int) -> None:
    clean = text.encode("utf-8", "ignore").decode()
    pieces = list(split_part(clean, room))
    assert all(size(piece) <= room for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(clean.split())


def test_a_long_listing_is_closed_and_opened_again() -> None:
    pieces = list(split_part("```\n" + "line\n" * 100 + "end\n```", 200))
    assert len(pieces) > 3
    assert all(piece.startswith("```\n") and piece.endswith("\n```") for piece in pieces)


def test_parts_of_a_long_answer_fit_and_only_their_own_citations_are_marked() -> None:
    text = (
        "First [1].\n\n" + "\n\n".join(f"Paragraph {number} " + "wörd " * 100 for number in range(60)) + "\n\nLast [2]."
    )
    activities = render(answer(text, citations=2), look=LOOK)
    assert len(activities) > 2
    for activity in activities:
        written = str(activity["text"])
        assert size(written) < MAX_TEXT_BYTES + 200
        [entity] = activity["entities"]  # pyright: ignore[reportGeneralTypeIssues]
        for claim in entity.get("citation", []):
            assert f"[{claim['position']}]" in written


def test_more_citations_than_teams_takes_and_longer_words_are_cut() -> None:
    text = " ".join(f"a [{number}]" for number in range(1, 26))
    [activity] = render(answer(text, citations=25, title="T" * 200), look=LOOK)
    claims = activity["entities"][0]["citation"]  # pyright: ignore[reportIndexIssue]
    assert len(claims) == 20
    assert len(claims[0]["appearance"]["name"]) == 80
    assert len(claims[0]["appearance"]["abstract"]) <= 160
    assert "(25)" in str(activity["text"])


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "javascript:alert(1)", "https://a@evil.example/", "https://x y/"]
)
def test_a_source_without_a_web_address_is_named_and_not_linked(url: str) -> None:
    [activity] = render(answer("So [1].", url=url), look=LOOK)
    assert "](" not in str(activity["text"])
    assert "url" not in str(activity["entities"])


def test_unsure_and_failed_answers_have_no_sources_and_failed_ones_no_thumbs() -> None:
    cited = answer("x")
    for outcome in (Outcome.ESCALATED, Outcome.FAILED, Outcome.DECLINED):
        reply = Reply(question_key="q", outcome=outcome, text="Sorry.", citations=cited.citations)
        [activity] = render(reply, look=LOOK)
        assert (activity["text"], activity["entities"]) == ("Sorry.", [])
        assert ("channelData" in activity) is (outcome is not Outcome.FAILED)


def test_a_notice_mentions_its_person_and_nobody_else() -> None:
    people = {"aad-ada": Named(account_id="29:ada", name="Ada </at><at>all")}
    [activity] = render(Notice(text="<at>Bo</at> hi", person_id="aad-ada"), look=LOOK, people=people)
    assert activity["text"] == "<at>Ada /atatall</at> &lt;at>Bo&lt;/at> hi"
    assert [entity["mentioned"]["id"] for entity in activity["entities"]] == ["29:ada"]  # pyright: ignore[reportGeneralTypeIssues]


def test_two_who_are_called_alike_are_both_mentioned() -> None:
    people = {"aad-1": Named(account_id="29:1", name="Ada"), "aad-2": Named(account_id="29:2", name="Ada")}
    packet = Packet(question_key="q", question="?", asked_by="aad-2", link=None, people_ids=("aad-1",))
    [activity] = render(packet, look=LOOK, people=people)
    content: Any = activity["attachments"][0]["content"]  # pyright: ignore[reportIndexIssue]
    marks = {entity["text"]: entity["mentioned"]["id"] for entity in content["msteams"]["entities"]}
    assert marks == {"<at>Ada</at>": "29:1", "<at>Ada 2</at>": "29:2"}
    written = " ".join(element.get("text", "") for element in content["body"])
    assert all(mark in written for mark in marks)


def test_a_button_that_asks_first_asks_in_the_card() -> None:
    buttons = (
        Button(action=Action.CLAIM, value="c", label="Claim", confirm="Sure?"),
        Button(action=Action.RESOLVE, value="c", label="Resolve"),
    )
    [_, activity] = render(Notice(text="x", buttons=buttons), look=LOOK)
    asking, opening = activity["attachments"][0]["content"]["actions"]  # pyright: ignore[reportIndexIssue]
    assert asking["type"] == "Action.ShowCard"
    assert asking["card"]["actions"][0]["data"]["helpdesk"]["name"] == "claim"
    assert (opening["type"], opening["data"]["msteams"]) == ("Action.Submit", {"type": "task/fetch"})


def test_a_form_has_an_input_for_each_field() -> None:
    fields = (
        Field(name="line", label="L", max_chars=10, hint="short"),
        Field(name="text", label="T", kind=FieldKind.TEXT, value="so far", is_required=False),
        Field(name="choice", label="C", kind=FieldKind.CHOICE, choices=(Choice(value="a", label="A"),)),
        Field(name="who", label="W", kind=FieldKind.PERSON),
        Field(name="day", label="D", kind=FieldKind.DATE),
    )
    content = form_card(Form(name=FormName.SAVE, value="v", title="Save", fields=fields), in_dialog=True)
    inputs: Any = content["body"]
    assert [one["type"] for one in inputs] == [
        "Input.Text",
        "Input.Text",
        "Input.ChoiceSet",
        "Input.ChoiceSet",
        "Input.Date",
    ]
    assert [one["isRequired"] for one in inputs] == [True, False, True, True, True]
    assert (inputs[0]["maxLength"], inputs[1]["value"]) == (10, "so far")
    assert inputs[3]["choices.data"]["dataset"].startswith("graph.microsoft.com/users")


async def test_the_pace_waits_a_moment_and_refuses_where_that_is_long() -> None:
    now = [0.0]

    async def sleep(seconds: float) -> None:
        now[0] += seconds

    pace = Pace(clock=lambda: now[0], sleep=sleep)
    taken: list[float] = []
    with pytest.raises(RateLimited) as refused:
        await _take_all(pace, taken, now)
    assert refused.value.retry_after_s > 2
    for period_s, times in LIMITS:
        for at in taken:
            assert sum(at <= other < at + period_s for other in taken) <= times
    await pace.take("another conversation")


async def _take_all(pace: Pace, taken: list[float], now: list[float]) -> None:
    for _ in range(100):
        await pace.take("a")
        taken.append(now[0])


def test_an_answer_leads_on_by_a_link_of_ours():
    """Such as the one into the console, which only a command gives."""
    for url, shown in (
        ("https://help.example.com/console", "[Open it](https://help.example.com/console)"),
        ("x:y", "Open it"),
    ):
        link = Link(label="Open it", url=url)
        reply = Reply(question_key="k", outcome=Outcome.ANSWERED, text="Here.", link=link, asks_feedback=False)
        [activity] = render(reply, look=LOOK)
        assert activity["text"] == f"Here.\n\n{shown}"


def test_a_notice_leads_to_what_it_is_about():
    link = Link(label="Open it", url="https://tickets.example/IT-1")
    [activity] = render(Notice(text="There is a ticket.", link=link), look=LOOK)
    assert activity["text"] == "There is a ticket.\n\n[Open it](https://tickets.example/IT-1)"
    [activity] = render(Notice(text="There is a ticket.", link=Link(label="x", url="javascript:alert(1)")), look=LOOK)
    assert activity["text"] == "There is a ticket."
