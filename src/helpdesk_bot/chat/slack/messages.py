"""A reply, a packet or a notice as the messages that Slack is sent."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from helpdesk_bot.chat.slack.buttons import feedback, to_actions
from helpdesk_bot.chat.slack.parts import Part, notice_parts, packet_parts, reply_parts
from helpdesk_bot.chat.slack.rich_text import Block, Piece, block_size, group, json_size, to_block
from helpdesk_bot.events import Outcome
from helpdesk_bot.messages import Link, Message, Notice, Packet, Reply

_MAX_MESSAGE_BYTES = 10_000
"""The text blocks of one message as JSON. Slack says `msg_blocks_too_long` from about 12,000 characters of text, and
earlier with many small elements; its way to count is not documented (github.com/slackapi/bolt-js/issues/2509, 2867)."""

_BLOCK_OVERHEAD_BYTES = 130
"""What one empty block counted for in issue 2509. It also ends a message well before Slack's 50 blocks."""


@dataclass(frozen=True, kw_only=True)
class SlackMessage:
    """`text` says it all without the blocks: for notifications, screen readers, and where Slack refuses the blocks."""

    text: str
    blocks: tuple[Block, ...]


def render(message: Message) -> list[SlackMessage]:
    """At least one message; several, in order, where one can't hold it all. Equal input gives equal messages."""
    match message:
        case Reply():
            parts, buttons = reply_parts(message), [*_feedback(message), *to_actions(message.buttons)]
        case Packet():
            parts, buttons = packet_parts(message), to_actions(message.buttons)
        case Notice():
            parts, buttons = notice_parts(message), to_actions(message.buttons)
    return list(_paginate(parts, reference=message.reference, buttons=buttons))


def render_note(markdown: str, *, link: Link | None = None) -> SlackMessage:
    """Markdown for one person's eyes. It is one message: what that can't hold is left out, and it says so."""
    return next(_paginate(notice_parts(Notice(text=markdown, link=link)), more="There is more than fits here."))


def _feedback(reply: Reply) -> list[Block]:
    asks = reply.asks_feedback and reply.outcome is not Outcome.FAILED
    return [feedback(reply.question_key)] if asks else []


def _note(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "plain_text", "text": text, "emoji": False}]}


def _paginate(
    parts: Iterable[Part], *, reference: str = "", buttons: Sequence[Block] = (), more: str = ""
) -> Iterator[SlackMessage]:
    """Messages that hold all parts. The reference goes with the last one, the buttons with the first.

    Every message but the last ends with `more`, or with how many there are.
    """
    pages = list(_pack(group(parts), room=_MAX_MESSAGE_BYTES - json_size(list(buttons)))) or [[]]
    for number, page in enumerate(pages, start=1):
        is_last = number == len(pages)
        notes = [f"Reference {reference}"] if is_last and reference else []
        notes += [] if is_last else [more or f"Part {number} of {len(pages)}, the rest follows."]
        texts = ["\n".join(piece.text for piece in pieces) for pieces in page]
        blocks = (*map(to_block, page), *map(_note, notes), *(buttons if number == 1 else ()))
        yield SlackMessage(text="\n\n".join([*texts, *notes]) or "…", blocks=blocks)


def _pack(groups: Iterable[list[Piece]], *, room: int) -> Iterator[list[list[Piece]]]:
    """As many groups to a page as a message holds; the first page has `room`."""
    page: list[list[Piece]] = []
    for pieces in groups:
        size = block_size(pieces) + _BLOCK_OVERHEAD_BYTES
        if page and size > room:
            yield page
            page, room = [], _MAX_MESSAGE_BYTES
        page.append(pieces)
        room -= size
    if page:
        yield page
