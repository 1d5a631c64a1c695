"""What was retrieved: data, whoever wrote it. Cleaned before it is quoted or a model reads it."""

from helpdesk_bot.guard.instructions import count_instructions
from helpdesk_bot.guard.markup import inert
from helpdesk_bot.guard.outgoing import without_markers
from helpdesk_bot.guard.verdicts import Verdict, redactions
from helpdesk_bot.guard.words import sentences


def clean_passage(text: str) -> tuple[str, list[Verdict]]:
    """A passage's text as it may be quoted.

    Hidden text, links, images, HTML, mentions and secrets are gone, and so is every sentence that addresses the bot:
    it can't be what a person asked for. A footnote `[3]` becomes `(3)`: only the bot's own citations have brackets.
    Other lines keep their breaks and spaces.
    """
    text, found = inert(text)
    text = without_markers(text)
    lines = [_without_instructions(line) for line in text.split("\n")]
    dropped = sum(count for _, count in lines)
    verdicts = redactions(
        {f"passage.{rule}": spans for rule, spans in found.items()} | {"passage.instructions": dropped}
    )
    return "\n".join(line for line, _ in lines), verdicts


def clean_title(text: str) -> str:
    """A title or heading on one line, without anything that acts or formats."""
    text, _ = inert(" ".join(text.split()))
    text = without_markers(text)
    return " ".join(text.replace("*", "").replace("`", "").split())


def _without_instructions(line: str) -> tuple[str, int]:
    said = sentences(line)
    kept = [sentence for sentence in said if not count_instructions(sentence)]
    return (line, 0) if len(kept) == len(said) else (" ".join(kept), len(said) - len(kept))
