"""What a reply, a packet or a notice says, as pieces of rich text."""

import re
from collections.abc import Iterator

from helpdesk_bot.chat.slack.rich_text import Kind, Piece, Run, read_markdown
from helpdesk_bot.events import Outcome
from helpdesk_bot.guard.addresses import find_web_address
from helpdesk_bot.messages import Link, Notice, Packet, Reply
from knowledge.letters import storable
from knowledge.passages import Passage

_MAX_TITLE_CHARACTERS = 150
_USER_ID = re.compile(r"[UW][A-Z0-9]{1,30}")
_OUTCOMES_WITH_SOURCES = frozenset({Outcome.ANSWERED, Outcome.CLARIFIED})

Part = list[Piece]
"""What is shown as one block: a paragraph, a list, a table."""


def reply_parts(reply: Reply) -> list[Part]:
    citations = reply.citations if reply.outcome in _OUTCOMES_WITH_SOURCES else ()
    passages = {citation.number: citation.passage for citation in citations}
    addresses = {number: find_web_address(passage.url) for number, passage in passages.items()}
    links = {number: address for number, address in addresses.items() if address is not None}
    sources = [_sources("Sources", passages)] if passages else []
    note = [[_paragraph(Run(text=storable(reply.note), styles=frozenset({"italic"})))]] if reply.note else []
    link = [_link(reply.link)] if reply.link else []
    return [*read_markdown(reply.text, links=links), *link, *sources, *note]


def packet_parts(packet: Packet) -> list[Part]:
    """Who has it comes first: the people of the channel look for that."""
    tried = dict(enumerate(packet.tried, start=1))
    link = None if packet.link is None else find_web_address(packet.link)
    return [
        *_if_any(packet.state, Run(text=storable(packet.state), styles=frozenset({"bold"}))),
        *([[_paragraph(*_call(packet.people_ids))]] if packet.people_ids else []),
        [_paragraph(Run(text="A question from "), _person(packet.asked_by), Run(text=":"))],
        [Piece(kind=Kind.QUOTE, runs=(Run(text=storable(packet.question) or "…"),))],
        _sources("Passages I tried", tried) if tried else [_paragraph(Run(text="I found no passage on it."))],
        *_if_any(packet.missing, _bold("Why: "), Run(text=storable(packet.missing))),
        *_if_any(packet.urgency, _bold("Urgency: "), Run(text=storable(packet.urgency))),
        *([[_paragraph(Run(text="Open the question", url=link))]] if link else []),
        *([_link(packet.ticket)] if packet.ticket else []),
    ]


def notice_parts(notice: Notice) -> list[Part]:
    parts = [*read_markdown(notice.text), *([_link(notice.link)] if notice.link else [])]
    if not _USER_ID.fullmatch(notice.person_id):
        return parts
    return [[_paragraph(_person(notice.person_id))], *parts]


def _link(link: Link) -> Part:
    return [_paragraph(Run(text=storable(link.label), url=find_web_address(link.url)))]


def _if_any(text: str, *runs: Run) -> list[Part]:
    return [[_paragraph(*runs)]] if text else []


def _call(people_ids: tuple[str, ...]) -> Iterator[Run]:
    for person_id in people_ids:
        yield _person(person_id)
        yield Run(text=" ")
    yield Run(text="can you help?")


def _person(person_id: str) -> Run:
    """A mention on purpose: of somebody whom the desk names, never of somebody in a text."""
    if not _USER_ID.fullmatch(person_id):
        return Run(text="somebody")
    return Run(text=f"@{person_id}", person_id=person_id)


def _bold(text: str) -> Run:
    return Run(text=text, styles=frozenset({"bold"}))


def _paragraph(*runs: Run) -> Piece:
    return Piece(kind=Kind.PARAGRAPH, runs=runs)


def _sources(title: str, passages: dict[int, Passage]) -> Part:
    lines = (run for number, passage in passages.items() for run in _source_line(number, passage))
    return [_paragraph(_bold(title), *lines)]


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
