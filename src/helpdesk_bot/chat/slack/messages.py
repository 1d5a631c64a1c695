"""A reply or a packet as the messages that Slack is sent."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from helpdesk_bot.chat.slack.mrkdwn import to_storable
from helpdesk_bot.chat.slack.payloads import VOTE_ACTION
from helpdesk_bot.chat.slack.rich_text import Block, Kind, Piece, Run, block_size, group, read_markdown, to_block
from helpdesk_bot.events import Outcome, Packet, Reply
from knowledge.passages import Passage

_MAX_MESSAGE_BYTES = 10_000
"""The text blocks of one message as JSON. Slack says `msg_blocks_too_long` from about 12,000 characters of text, and
earlier with many small elements; its way to count is not documented (github.com/slackapi/bolt-js/issues/2509, 2867)."""

_BLOCK_OVERHEAD_BYTES = 130
"""What one empty block counted for in issue 2509. It also ends a message well before Slack's 50 blocks."""

_MAX_TITLE_CHARACTERS = 150
_MAX_URL_CHARACTERS = 2_000
_USER_ID = re.compile(r"[UW][A-Z0-9]{1,30}")
_OUTCOMES_WITH_SOURCES = frozenset({Outcome.ANSWERED, Outcome.CLARIFIED})


@dataclass(frozen=True, kw_only=True)
class SlackMessage:
    """`text` says it all without the blocks: for notifications, screen readers, and where Slack refuses the blocks."""

    text: str
    blocks: tuple[Block, ...]


def render(message: Reply | Packet) -> list[SlackMessage]:
    """At least one message; several, in order, where one can't hold it all. Equal input gives equal messages."""
    if isinstance(message, Packet):
        return list(_paginate(_packet_parts(message), reference=message.reference))
    buttons = [] if message.outcome is Outcome.FAILED else [_buttons(message.question_key)]
    return list(_paginate(_reply_parts(message), reference=message.reference, buttons=buttons))


def render_note(markdown: str) -> SlackMessage:
    """Markdown for one person's eyes. It is one message: what that can't hold is left out, and it says so."""
    return next(_paginate(read_markdown(markdown), more="There is more than fits here."))


def find_web_address(url: str) -> str | None:
    """The address if it is one to link to: http or https, with a host, without a user name or odd characters."""
    if len(url) > _MAX_URL_CHARACTERS or not url.isprintable() or any(character in url for character in ' "<>\\^`{|}'):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    is_plain = parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
    return url if is_plain else None


def _reply_parts(reply: Reply) -> list[list[Piece]]:
    citations = reply.citations if reply.outcome in _OUTCOMES_WITH_SOURCES else ()
    passages = {citation.number: citation.passage for citation in citations}
    addresses = {number: find_web_address(passage.url) for number, passage in passages.items()}
    links = {number: address for number, address in addresses.items() if address is not None}
    sources = [_sources("Sources", passages)] if passages else []
    return [*read_markdown(reply.text, links=links), *sources]


def _packet_parts(packet: Packet) -> list[list[Piece]]:
    tried = dict(enumerate(packet.tried, start=1))
    link = None if packet.link is None else find_web_address(packet.link)
    return [
        [_paragraph(Run(text="I am unsure about a question from "), _asker(packet.asked_by), Run(text=":"))],
        [Piece(kind=Kind.QUOTE, runs=(Run(text=to_storable(packet.question) or "…"),))],
        _sources("Passages I tried", tried) if tried else [_paragraph(Run(text="I found no passage on it."))],
        *([[_paragraph(Run(text="Open the question", url=link))]] if link else []),
    ]


def _asker(person_id: str) -> Run:
    """A mention on purpose: the people of the channel should be able to turn to the asker."""
    if not _USER_ID.fullmatch(person_id):
        return Run(text="somebody")
    return Run(text=f"@{person_id}", person_id=person_id)


def _paragraph(*runs: Run) -> Piece:
    return Piece(kind=Kind.PARAGRAPH, runs=runs)


def _sources(title: str, passages: dict[int, Passage]) -> list[Piece]:
    lines = (run for number, passage in passages.items() for run in _source_line(number, passage))
    return [_paragraph(Run(text=title, styles=frozenset({"bold"})), *lines)]


def _source_line(number: int, passage: Passage) -> Iterator[Run]:
    """`[1] Title > Heading (p. 3), updated 2026-05-01`, on a line of its own."""
    trail = " \u203a ".join((passage.title, *passage.heading_path))
    page = "" if passage.page is None else f" (p. {passage.page})"
    yield Run(text=f"\n[{number}] ")
    yield Run(text=_shorten(trail) or "Untitled", url=find_web_address(passage.url))
    yield Run(text=f"{page} · updated {passage.modified_at.date().isoformat()}")


def _shorten(title: str) -> str:
    """The title on one line, within the length that is readable as a link."""
    line = " ".join(title.split())
    return line if len(line) <= _MAX_TITLE_CHARACTERS else f"{line[: _MAX_TITLE_CHARACTERS - 1]}…"


def _buttons(question_key: str) -> Block:
    """docs.slack.dev/reference/block-kit/block-elements/feedback-buttons-element"""
    return {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": VOTE_ACTION,
                "positive_button": _button("Helpful", f"up {question_key}"),
                "negative_button": _button("Not helpful", f"down {question_key}"),
            }
        ],
    }


def _button(label: str, value: str) -> Block:
    return {"text": {"type": "plain_text", "text": label}, "value": value, "accessibility_label": label}


def _note(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "plain_text", "text": text, "emoji": False}]}


def _paginate(
    parts: Iterable[Iterable[Piece]], *, reference: str = "", buttons: Sequence[Block] = (), more: str = ""
) -> Iterator[SlackMessage]:
    """Messages that hold all parts. The reference goes with the last one, the buttons with the first.

    Every message but the last ends with `more`, or with how many there are.
    """
    pages = list(_pack(group(parts))) or [[]]
    for number, page in enumerate(pages, start=1):
        is_last = number == len(pages)
        notes = [f"Reference {reference}"] if is_last and reference else []
        notes += [] if is_last else [more or f"Part {number} of {len(pages)}, the rest follows."]
        texts = ["\n".join(piece.text for piece in pieces) for pieces in page]
        blocks = (*map(to_block, page), *map(_note, notes), *(buttons if number == 1 else ()))
        yield SlackMessage(text="\n\n".join([*texts, *notes]) or "…", blocks=blocks)


def _pack(groups: Iterable[list[Piece]]) -> Iterator[list[list[Piece]]]:
    """As many groups to a page as a message holds."""
    page: list[list[Piece]] = []
    room = _MAX_MESSAGE_BYTES
    for pieces in groups:
        size = block_size(pieces) + _BLOCK_OVERHEAD_BYTES
        if page and size > room:
            yield page
            page, room = [], _MAX_MESSAGE_BYTES
        page.append(pieces)
        room -= size
    if page:
        yield page
