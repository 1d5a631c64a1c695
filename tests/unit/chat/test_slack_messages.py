"""Replies and packets as messages: whole, within Slack's limits, with our own links only."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk_bot.chat.slack.messages import SlackMessage, render, render_note
from helpdesk_bot.chat.slack.payloads import Pressed, SlackBot, read
from helpdesk_bot.events import Action, Citation, Click, Outcome, Vote
from helpdesk_bot.messages import Button, Link, Notice, Packet, Reply, Style
from knowledge.passages import Passage, Scores
from tests.fakes.slack_blocks import check_blocks, find_live, iter_objects, visible_text
from tests.fakes.slack_payloads import SlackPayloads


def passage(url: str = "https://wiki.example.com/a", title: str = "VPN", headings: tuple[str, ...] = ()) -> Passage:
    return Passage(
        chunk_id=1,
        document_id=1,
        source="s",
        key="k",
        title=title,
        url=url,
        heading_path=headings,
        text="t",
        page=None,
        modified_at=datetime(2026, 5, 1, 23, tzinfo=UTC),
        scores=Scores(),
    )


def reply(text: str, *passages: Passage, outcome: Outcome = Outcome.ANSWERED) -> Reply:
    citations = tuple(Citation(number=number, passage=cited) for number, cited in enumerate(passages, start=1))
    return Reply(question_key="slack:T:C:1.1", outcome=outcome, text=text, citations=citations, reference="R1")


def text_of(message: SlackMessage) -> str:
    return visible_text(list(message.blocks))


def check(messages: list[SlackMessage]) -> None:
    assert messages
    for message in messages:
        assert message.text
        assert message.blocks or message.text == "…"
        check_blocks(json.loads(json.dumps(message.blocks)))


@settings(deadline=None, max_examples=60)
@given(
    st.text(alphabet="ab é漢😀", max_size=80),
    st.integers(min_value=1, max_value=300),
    st.sampled_from(["\n\n", "\n- ", "\n1. ", "\n> ", " ", "\n```\n", " **x** "]),
)
def test_any_answer_is_within_the_limits_and_whole(text: str, times: int, joint: str) -> None:
    words = [f"w{number}" for number in range(times)]

    messages = render(reply(joint.join(f"{word} {text}" for word in words), passage()))

    check(messages)
    assert re.findall(r"\bw\d+\b", "\n".join(map(text_of, messages))) == words
    assert ["(Helpful)" in text_of(message) for message in messages] == [True] + [False] * (len(messages) - 1)


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=3_000))
def test_any_text_at_all_is_within_the_limits(text: str) -> None:
    check(render(reply(text, passage(title=text))))
    check(render(Packet(question_key="k", question=text, asked_by=text, link=text, reference="R1")))


@pytest.mark.parametrize(("is_positive", "value"), [(True, 1), (False, -1)])
def test_a_press_of_a_button_comes_back_as_a_vote(is_positive: bool, value: int) -> None:
    bot = SlackBot(team_id="T", user_id="UBOT", bot_id="BBOT")
    slack = SlackPayloads(team_id="T", app_id="A", bot_user_id="UBOT")
    message = {"ts": "1.1", "blocks": render(reply("Yes."))[0].blocks}

    pressed = read(slack.button("C1", "UADA", message, at="2.5", is_positive=is_positive), bot)

    assert isinstance(pressed, Pressed)
    vote = pressed.event
    assert isinstance(vote, Vote)
    assert (vote.value, vote.message_id, vote.via) == (value, "1.1", "button")


def test_five_hundred_entries_come_whole() -> None:
    messages = render(reply("\n".join(f"- entry {number}" for number in range(500))))

    check(messages)
    assert re.findall(r"entry (\d+)", "\n".join(map(text_of, messages))) == [str(number) for number in range(500)]


def test_two_hundred_paragraphs_come_whole() -> None:
    messages = render(reply("\n\n".join(f"paragraph {number}" for number in range(200))))

    check(messages)
    assert re.findall(r"paragraph (\d+)", "\n".join(map(text_of, messages))) == [str(number) for number in range(200)]


def test_the_sources_come_after_the_text_in_the_last_message() -> None:
    messages = render(reply("word " * 5_000, passage()))

    assert ["Sources" in text_of(message) for message in messages] == [False] * (len(messages) - 1) + [True]
    assert text_of(messages[-1]).endswith("Reference R1")


def test_equal_replies_give_equal_messages() -> None:
    assert render(reply("word " * 5_000, passage())) == render(reply("word " * 5_000, passage()))


@pytest.mark.parametrize("text", ["", "   \n", "\0"])
def test_an_empty_answer_is_still_a_message(text: str) -> None:
    check(render(Reply(question_key="k", outcome=Outcome.ANSWERED, text=text)))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "https://user@wiki.example.com/",
        "https://wiki.example.com/a b",
        "https://wiki.example.com/a|<!channel>",
        "https://wiki.example.com/\n",
        "https://wiki.example.com/\u202egnp",
        "https://[::1/",
        "https://wiki.example.com/" + "x" * 3_000,
        "//wiki.example.com/",
        "handbook/vpn.md",
    ],
)
def test_a_source_whose_address_is_odd_is_named_without_a_link(url: str) -> None:
    messages = render(reply("Use it [1].", passage(url=url)))

    check(messages)
    assert find_live({"blocks": list(messages[0].blocks)}).links == []
    assert "[1] VPN" in text_of(messages[0])


@pytest.mark.parametrize(
    "title", ["<!channel>", "<https://evil.example|x>", "https://evil.example", "a\n\nb", "*b*", "", "t" * 999]
)
def test_a_title_is_text_whatever_it_says(title: str) -> None:
    messages = render(reply("See [1].", passage(title=title, headings=("<@U1>",))))

    check(messages)
    live = find_live({"blocks": list(messages[0].blocks)})
    assert (live.mentions, set(live.links)) == ([], {"https://wiki.example.com/a"})


def test_the_asker_is_mentioned_only_by_a_proper_id() -> None:
    def mentions(asker: str) -> list[str]:
        [message] = render(Packet(question_key="k", question="<@U9> help", asked_by=asker, link=None))
        return find_live({"blocks": list(message.blocks)}).mentions

    assert mentions("UADA") == ["{'type': 'user', 'user_id': 'UADA'}"]
    assert mentions("<!channel>") == mentions("") == mentions("UADA> <!here") == []


def test_a_packet_without_passages_says_so() -> None:
    [message] = render(Packet(question_key="k", question="where?", asked_by="UADA", link="javascript:x"))

    assert "I found no passage on it." in text_of(message)
    assert "Open the question" not in text_of(message)


def test_a_long_question_goes_whole_to_the_people() -> None:
    question = " ".join(f"w{number}" for number in range(8_000))

    messages = render(Packet(question_key="k", question=question, asked_by="UADA", link=None))

    check(messages)
    assert re.findall(r"w\d+", "\n".join(map(text_of, messages))) == question.split()


def test_a_note_that_is_too_long_says_so() -> None:
    note = render_note("- source\n" * 2_000)

    check([note])
    assert text_of(note).endswith("There is more than fits here.")


def test_a_note_keeps_its_form() -> None:
    assert text_of(render_note("**handbook**: 12 documents")) == "handbook: 12 documents"


# Buttons, notices, cards


def press(message: SlackMessage, action: str) -> Click:
    bot = SlackBot(team_id="T", user_id="UBOT", bot_id="BBOT")
    slack = SlackPayloads(team_id="T", app_id="A", bot_user_id="UBOT")
    pressed = read(slack.press("C1", "UADA", {"ts": "1.1", "blocks": message.blocks}, action), bot)
    assert isinstance(pressed, Pressed)
    assert isinstance(pressed.event, Click)
    return pressed.event


def test_a_button_comes_back_with_its_action_and_value() -> None:
    buttons = (
        Button(action=Action.ASK_PERSON, value="slack:T:C:1.1", label="Ask a person"),
        Button(action=Action.SHARE, value="k", label="Share here", style=Style.PRIMARY, confirm="Everybody reads it."),
        Button(action=Action.DECLINE, value="d", label="x" * 200, style=Style.DANGER, confirm="y" * 900),
    )
    [message] = render(Notice(text="What now?", buttons=buttons))

    check([message])
    click = press(message, "share")
    assert (click.action, click.value, click.message_id) == (Action.SHARE, "k", "1.1")
    assert press(message, "ask_person").value == "slack:T:C:1.1"


def test_two_buttons_of_one_action_are_told_apart() -> None:
    buttons = tuple(Button(action=Action.REASSIGN, value=f"c{number}", label=f"To {number}") for number in range(30))

    check(render(Notice(text="To whom?", buttons=buttons)))


def test_the_buttons_of_a_long_answer_are_on_its_first_part() -> None:
    long = Reply(
        question_key="k",
        outcome=Outcome.ANSWERED,
        text="word " * 5_000,
        buttons=(Button(action=Action.ASK_PERSON, value="k", label="Ask a person"),),
    )
    messages = render(long)

    check(messages)
    assert ["[Ask a person]" in text_of(message) for message in messages] == [True] + [False] * (len(messages) - 1)


def test_an_answer_that_wants_no_feedback_has_no_thumbs() -> None:
    [message] = render(Reply(question_key="k", outcome=Outcome.ANSWERED, text="Yes.", asks_feedback=False))

    assert "(Helpful)" not in text_of(message)


def test_a_note_stands_beneath_the_sources_as_text() -> None:
    noted = Reply(
        question_key="k",
        outcome=Outcome.ANSWERED,
        text="Yes [1].",
        citations=(Citation(number=1, passage=passage()),),
        note="<!here> I can say more in private: https://evil.example",
    )
    [message] = render(noted)

    check([message])
    assert text_of(message).splitlines()[-2] == noted.note
    assert find_live({"blocks": list(message.blocks)}).mentions == []


def test_a_notice_mentions_only_whom_it_is_addressed_to() -> None:
    [message] = render(Notice(text="<@UBO> has it, <!channel>. [x](https://evil.example)", person_id="UADA"))

    live = find_live({"blocks": list(message.blocks)})
    assert live.mentions == ["{'type': 'user', 'user_id': 'UADA'}"]
    assert live.links == []
    assert text_of(message) == "@UADA\n<@UBO> has it, <!channel>. x"


@pytest.mark.parametrize("person_id", ["", "<!channel>", "UADA> <!here"])
def test_a_notice_to_nobody_in_particular_mentions_nobody(person_id: str) -> None:
    [message] = render(Notice(text="Done.", person_id=person_id))

    assert find_live({"blocks": list(message.blocks)}).mentions == []


def test_a_card_shows_who_has_it_what_is_missing_and_how_urgent_it_is() -> None:
    packet = Packet(
        question_key="k",
        question="where?",
        asked_by="UADA",
        link=None,
        missing="No passage names the <!here> key.",
        urgency="today",
        state="Bo has it since 10:05",
        people_ids=("UBO", "UCY", "<!channel>"),
        buttons=(Button(action=Action.CLAIM, value="k", label="Claim"),),
        reference="R1",
    )
    [message] = render(packet)

    check([message])
    assert text_of(message).splitlines() == [
        "Bo has it since 10:05",
        "@UBO @UCY somebody can you help?",
        "A question from @UADA:",
        "where?",
        "I found no passage on it.",
        "Why: No passage names the <!here> key.",
        "Urgency: today",
        "Reference R1",
        "[Claim]",
    ]
    assert len(find_live({"blocks": list(message.blocks)}).mentions) == 3


def test_a_cases_ticket_is_a_link_and_one_without_an_address_its_name() -> None:
    packet = Packet(question_key="k", question="where?", asked_by="UADA", link=None)
    linked, named = (Link(label="Ticket IT-1", url=url) for url in ("https://tickets.example.com/IT-1", ""))
    [message] = render(replace(packet, ticket=linked))
    assert find_live({"blocks": list(message.blocks)}).links == ["https://tickets.example.com/IT-1"]
    [message] = render(replace(packet, ticket=named))
    assert find_live({"blocks": list(message.blocks)}).links == []
    assert "Ticket IT-1" in text_of(message)


MARKUP = ["**b**", "`c`", "|a|b|\n|-|-|\n|1|2|", "```\nx\n```", "> q", "- e", "1. n", "[l](https://e.example)", "<@U1>"]


@settings(deadline=None, max_examples=80)
@given(st.lists(st.one_of(st.sampled_from(MARKUP), st.text(max_size=40)), max_size=60))
def test_no_markdown_is_refused_or_live(pieces: list[str]) -> None:
    for message in (reply("\n\n".join(pieces)), Notice(text="\n".join(pieces))):
        messages = render(message)
        check(messages)
        for each in messages:
            live = find_live({"blocks": list(each.blocks)})
            assert live.mentions == live.links == live.images == []


def test_a_table_and_a_listing_survive_a_split() -> None:
    rows = "\n".join(f"| key{number} | value{number} |" for number in range(400))
    code = "\n".join(f"line{number} = {number}" for number in range(900))
    messages = render(reply(f"| k | v |\n|---|---|\n{rows}\n\n```python\n{code}\n```"))

    check(messages)
    assert len(messages) > 2
    shown = "\n".join(map(text_of, messages))
    assert re.findall(r"^key(\d+) +value\1$", shown, re.MULTILINE) == [str(number) for number in range(400)]
    assert re.findall(r"^line(\d+) = \1$", shown, re.MULTILINE) == [str(number) for number in range(900)]
    parts = [part for each in messages for part in iter_objects(list(each.blocks))]
    in_code = "".join(str(part) for part in parts if part.get("type") == "rich_text_preformatted")
    assert all(f"line{number} " in in_code for number in range(900))


def test_a_notice_leads_to_what_it_is_about():
    [message] = render(
        Notice(text="There is a ticket.", link=Link(label="Open it", url="https://tickets.example/IT-1"))
    )
    assert find_live({"blocks": list(message.blocks)}).links == ["https://tickets.example/IT-1"]
    [message] = render(Notice(text="There is a ticket.", link=Link(label="Open it", url="javascript:alert(1)")))
    assert find_live({"blocks": list(message.blocks)}).links == []
