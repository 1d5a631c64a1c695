"""Is it urgent? Words say so, or that somebody keeps asking. The reason is always given."""

import re

from helpdesk_bot.agent.message.danger import find_danger

_WORDS = (
    r"urgent(?:ly)?",
    r"emergency",
    r"as soon as possible",
    r"asap",
    r"right (?:now|away)",
    r"immediately",
    r"outage",
    r"(?:is|are|went) down",
    r"locked out",
    r"can(?:no|')t log ?in",
    r"stolen",
    r"lost (?:my |the )?(?:laptop|phone|badge|key card|device)",
    r"hacked",
    r"phish(?:ing|ed)",
    r"ransomware",
    r"malware",
    r"virus",
    r"data (?:breach|leak)",
    r"security (?:incident|breach)",
)
_URGENT = re.compile(rf"\b(?:{'|'.join(_WORDS)})\b", re.IGNORECASE)
_NOT = re.compile(r"\b(?:not|isn't|no|nothing) (?:very |so |really |that )?$", re.IGNORECASE)

REPEATS = 3
"""Questions of one person in one conversation within half an hour that count as pressing."""


def find_urgency(question: str, *, asked_lately: int = 1) -> str:
    """Why it is urgent, in plain words; empty where nothing says so. `asked_lately` counts this question too."""
    text = " ".join(question.replace("\u2019", "'").split())
    found = [match[0] for match in _URGENT.finditer(text) if not _NOT.search(text[: match.start()])]
    if not found and (danger := find_danger(text)) and not danger.can_wait:
        found = [match[0] for match in [danger.said.search(text)] if match]
    if found:
        return f"Urgent: the question says “{found[0].lower()}”."
    if asked_lately >= REPEATS:
        return f"Pressing: {asked_lately} questions from the same person in the last half hour."
    return ""
