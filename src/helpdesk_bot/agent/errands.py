"""Requests to do something, such as `set a timer` or `cancel my reservation`: the bot answers, it runs no errands.

`Reset my password` is one too, and an article answers it; so an errand is no dead end, it only takes better evidence.
"""

import re

ERRAND_AT = 0.85
"""The least probability at which a request to do something is taken for a question."""

_ADDRESS = r"(?:hey|hi|hello|ok|okay|please|pls|kindly|just|now|so|and|bot)"
_ASKING = (
    r"(?:(?:can|could|would|will) you|i(?:'d| would)? (?:need|want|like)(?: for)? you to|i (?:need|want) to|"
    r"i(?:'d| would) like (?:you )?to|you (?:must|should|need to|have to)|let's|let us|go ahead and|try to|"
    r"help me(?: to)?|i need(?: your)? help(?: in| with)?)"
)
_WORDS_OF_DOING = """
set turn switch play remind alert wake dial call phone ring text message send book reserve cancel order buy
add put clear empty remove delete erase schedule start stop pause resume skip shuffle find locate track
translate convert calculate increase decrease raise lower reduce dim transfer pay move change rename update
sing repeat roll flip make timer alarm volume finding speak talk mute unmute refill freeze block report redeem
create edit mark share measure
"""
_DOING = _WORDS_OF_DOING.split()
_ERRAND = re.compile(rf"(?:(?:{_ADDRESS}|{_ASKING})[ ,]+)*(?:{'|'.join(_DOING)}|get rid of)\b", re.IGNORECASE)


def is_errand(message: str) -> bool:
    """Whether it opens by telling somebody to do something, or as one who is about to. `Tell me how` asks."""
    return bool(_ERRAND.match(" ".join(message.replace("\u2019", "'").split())))


def needed_for(question: str, answer_at: float) -> float:
    """How probable evidence has to be where `answer_at` suffices for a question; 0 where nothing is needed."""
    return max(answer_at, ERRAND_AT) if answer_at and is_errand(question) else answer_at
