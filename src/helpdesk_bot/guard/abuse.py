"""Insults and threats against whoever answers. They are counted for the record; anger is no reason to stay unhelped."""

import re

_ABUSE = re.compile(
    r"\bf+u+c+k+(?:ing)?\s+(?:you|u|off|yourself)\b|\bscrew you\b|\bshut up\b|\bgo to hell\b|\bpiss off\b"
    r"|\b(?:you|u|ur)\b(?:'re|\s+are|\s+r)?\s+(?:(?:a|an|so|such a|just a|the)\s+)?"
    r"(?:(?:fucking|bloody|damn|complete|total)\s+)*"
    r"(?:idiots?|morons?|stupid|useless|dumb|worthless|pathetic|garbage|trash|imbeciles?|retard\w*|bitch|bastard|asshole)\b"
    r"|\b(?:stupid|useless|dumb|worthless|idiotic)\s+(?:bot|machine|robot|assistant|idiot)\b"
    r"|\bkill yourself\b|\bi(?:'ll| will|'m going to| am going to)\s+(?:kill|hurt|beat|find)\s+you\b",
    re.IGNORECASE,
)


def count_abuse(text: str) -> int:
    """How many places insult or threaten the reader. English."""
    return sum(1 for _ in _ABUSE.finditer(text))
