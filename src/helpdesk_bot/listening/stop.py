"""Whether a message tells the bot to keep out of it, or only ends the matter."""

import re

from helpdesk_bot.listening.question import EMOJI

_STOP = re.compile(
    r"\W*(?:(?:please|bitte|ok(?:ay)?|hey|no|nein|thanks?|thank you|thx|danke)\W+)*"
    r"(?:stop(?:p)?(?: (?:it|that|please|now|replying|answering|talking|bitte))*|be quiet|quiet|"
    r"shush|hush|shut up|enough|that's enough|"
    r"stay out(?: of (?:it|this))?|leave us alone|go away|stay quiet|(?:please )?don't (?:answer|reply)|"
    r"ruhe|sei (?:still|ruhig)|halt dich (?:da )?raus|genug|hör auf|aufhören|schluss)"
    r"(?:\W+(?:please|bitte|bot|now|jetzt|here|hier|thanks?|danke))*\W*",
    re.IGNORECASE,
)
_PRAISE = (
    r"(?:got it|all good|all set|that(?:'s| is) (?:it|all|what i needed)|(?:that |this |"
    r"it )?(?:work(?:s|ed)?|helped|helps|fixed it|solved it)(?: now)?|"
    r"never ?mind|nvm|solved|fixed|done|perfect|great|awesome|nice|cool|super|excellent|will do|"
    r"makes sense|understood|noted|no worries|"
    r"verstanden|alles klar|passt|klappt|geht jetzt|geht wieder|hat (?:geklappt|geholfen|"
    r"funktioniert)|hat sich erledigt|erledigt|prima|"
    r"klasse|gelöst|ok(?:ay)?|k|yes|yep|ja|jo|thumbs up)"
)
_THANKS = (
    r"(?:thanks?(?: (?:you|u)(?![^\W_]))?|thx|ty|cheers|merci|danke(?: ?(?:schön|dir|euch))?|vielen dank|"
    r"besten dank|much appreciated|appreciate it)"
)
_MUCH = (
    r"(?:a lot|so much|very much|again|everyone|all|guys|bot|that helps|for (?:the|your|"
    r"all your) (?:quick )?(?:help|answer|reply|info)|sehr|nochmal|für die (?:schnelle )?(?:hilfe|"
    r"antwort))"
)
_ENOUGH = re.compile(
    rf"\W*(?>(?:{_PRAISE}|{_THANKS}|{_MUCH}|i've|ich|i|hab's|habe?|for me|bei mir|and|und|now|jetzt)[\W_]*)+",
    re.IGNORECASE,
)
"""What can be read in two ways, as `works now`, is read in the first: trying both doubles the time with each."""


def says_stop(text: str) -> bool:
    """Whether the bot is told to keep out of it: `stop`, `be quiet`, `halt dich raus`."""
    return bool(_STOP.fullmatch(_plain(text)))


def says_enough(text: str) -> bool:
    """Whether a message only ends the matter: `thanks, got it`, `alles klar, danke`, a thumbs up."""
    plain = _plain(text)
    return bool(_ENOUGH.fullmatch(plain)) or not re.search(r"\w", plain)


def _plain(text: str) -> str:
    return " ".join(EMOJI.sub(" ", text[:400]).replace("\u2019", "'").split())
