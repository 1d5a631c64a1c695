"""A person's own page as App Home (docs.slack.dev/surfaces/app-home)."""

from collections.abc import Sequence

from helpdesk_bot.chat.slack.rich_text import Block, Kind, Piece, Run, group, json_size, read_markdown, to_block
from helpdesk_bot.guard.addresses import find_web_address
from helpdesk_bot.messages import Asked, Home
from knowledge.letters import storable

_MAX_BLOCKS = 100
_MAX_VIEW_BYTES = 200_000
"""Slack takes 250 KB."""


def to_home(home: Home) -> Block:
    """The view; what it can't hold is left out, and it says so."""
    blocks: list[Block] = []
    room = _MAX_VIEW_BYTES
    for block in _blocks(home):
        room -= json_size(block)
        if room < 0 or len(blocks) == _MAX_BLOCKS - 1:
            blocks.append(_say("There is more than fits here."))
            break
        blocks.append(block)
    return {"type": "home", "blocks": blocks or [_say("Nothing here yet.")]}


def _blocks(home: Home) -> list[Block]:
    sections = [_asked(home.asked), *(_section(section) for section in home.sections)]
    divider: Block = {"type": "divider"}
    divided = [block for section in sections if section for block in (*section, divider)]
    return [*divided, *_suggestions(home)]


def _asked(asked: Sequence[Asked]) -> list[Block]:
    if not asked:
        return []
    title = Piece(kind=Kind.PARAGRAPH, runs=(Run(text="Your questions", styles=frozenset({"bold"})),))
    return [to_block(pieces) for pieces in group([[title, *map(_entry, asked)]])]


def _entry(asked: Asked) -> Piece:
    """The question's words lead back to it."""
    link = None if asked.link is None else find_web_address(asked.link)
    words = Run(text=storable(asked.text), url=link)
    return Piece(kind=Kind.ENTRY, runs=(words, Run(text=f" — {asked.state}")))


def _section(markdown: str) -> list[Block]:
    return [to_block(pieces) for pieces in group(read_markdown(markdown))]


def _suggestions(home: Home) -> list[Block]:
    if not home.suggestions:
        return []
    title = Piece(kind=Kind.PARAGRAPH, runs=(Run(text="You can ask, for example", styles=frozenset({"bold"})),))
    entries = [Piece(kind=Kind.ENTRY, runs=(Run(text=words),)) for words in home.suggestions if words.strip()]
    return [to_block(pieces) for pieces in group([[title, *entries]])]


def _say(words: str) -> Block:
    return to_block([Piece(kind=Kind.PARAGRAPH, runs=(Run(text=words),))])
