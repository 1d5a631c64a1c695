"""Requests to do something, such as `cancel my reservation`, and questions only the asker's own records answer.

The bot runs no errands, and knows no calendar and no account. But `reset my password` is an errand that an article
answers, and `is my order on its way` may be; so neither is a dead end, it only takes better evidence.
"""

import re

ERRAND_AT = 0.85
"""The least probability at which such a request is taken for a question that documents answer."""

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
create edit mark share measure close end
"""
_DOING = _WORDS_OF_DOING.split()
_ERRAND = re.compile(
    rf"(?:(?:{_ADDRESS}|{_ASKING})[ ,]+)*(?:{'|'.join(_DOING)}|get rid of|tell (?:the|my|him|her|them))\b",
    re.IGNORECASE,
)


_DONE = "approved|pending|ready|processed|shipped|delivered|paid|declined|accepted|finished|confirmed"
_KEPT_OF_ONE = (
    "status|orders?|tickets?|requests?|contract|manager|boss|supervisor|salary|payslip|bonus|vacation|holidays?|leave|"
    "(?:employee|staff) (?:number|id)|delivery|parcel|appointment|application"
)
_OWN_RECORDS = re.compile(
    rf"(?:(?:{_ADDRESS}|{_ASKING}|see if|check if|(?:tell|let) me(?: know)? if)[ ,]+)*"
    r"(?:do i (?:still )?have (?!to\b)|did i |what did i |have i |"
    r"(?:where|what|how)(?:'s| is| are) my (?:[\w-]+ ){0,5}(?:location|balance|looking|going|doing|at|now|today)\b|"
    rf"(?:is|are|has|have|was|were) my (?:[\w-]+ ){{1,6}}(?:{_DONE})\b|"
    rf"(?:has|have|is|are|was) my [^?]*\b(?:{_DONE}) yet\b|"
    rf"(?:what|when|where|who)(?:'s| is| are| does| do| will) (?:the (?:status|state|number) of )?my (?:[\w-]+ ){{0,2}}"
    rf"(?:{_KEPT_OF_ONE})(?: (?:end|start|arrive|come|expire|due|now|today|yet))*\W*$|"
    r"how (?:many|much) (?:[\w-]+ ){1,4}do i (?:still )?have (?:left|remaining)\b|"
    r"(?:know|tell me|show me|check) my (?:[\w'-]+ ){0,2}(?:location|balance|schedule|calendar)\b)",
    re.IGNORECASE,
)


def is_about_own_records(message: str) -> bool:
    """Whether it asks how things stand with what the asker has or did: `is my request still pending?`."""
    return bool(_OWN_RECORDS.match(" ".join(message.replace("\u2019", "'").split())))


def is_errand(message: str) -> bool:
    """Whether it opens by telling somebody to do something, or as one who is about to. `Tell me how` asks."""
    return bool(_ERRAND.match(" ".join(message.replace("\u2019", "'").split())))


def needed_for(question: str, answer_at: float) -> float:
    """How probable evidence has to be where `answer_at` suffices for a question; 0 where nothing is needed."""
    takes_more = is_errand(question) or is_about_own_records(question)
    return max(answer_at, ERRAND_AT) if answer_at and takes_more else answer_at
