"""A person's own page as App Home (docs.slack.dev/surfaces/app-home)."""

from helpdesk_bot.chat.slack.rich_text import Block, Kind, Piece, Run, group, json_size, read_markdown, to_block
from helpdesk_bot.messages import Home

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
    sections = [_section(section) for section in home.sections]
    divider: Block = {"type": "divider"}
    divided = [block for section in sections if section for block in (*section, divider)]
    return [*divided, *_suggestions(home)]


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
