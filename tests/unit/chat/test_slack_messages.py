"""Replies and packets as messages: whole, within Slack's limits, with our own links only."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk_bot.chat.slack.messages import SlackMessage, find_web_address, render, render_note
from helpdesk_bot.chat.slack.payloads import SlackBot, read
from helpdesk_bot.events import Citation, Outcome, Vote
from helpdesk_bot.messages import Packet, Reply
from knowledge.passages import Passage, Scores
from tests.fakes.slack import SCOPES
from tests.fakes.slack_blocks import check_blocks, find_live, visible_text
from tests.fakes.slack_payloads import SlackPayloads

MANIFEST = Path(__file__).parents[3] / "infra/slack/manifest.yaml"


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
        assert message.blocks
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

    vote = read(slack.button("C1", "UADA", message, at="2.5", is_positive=is_positive), bot)

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


@pytest.mark.parametrize("url", ["https://wiki.example.com/a?b=c&d=%20#e", "http://wiki:8090/x", "https://a.example/ü"])
def test_web_addresses_are_linked(url: str) -> None:
    assert find_web_address(url) == url


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


def test_the_manifest_asks_for_the_scopes_that_the_fake_demands() -> None:
    manifest = yaml.safe_load(MANIFEST.read_text())

    assert frozenset(manifest["oauth_config"]["scopes"]["bot"]) == SCOPES
