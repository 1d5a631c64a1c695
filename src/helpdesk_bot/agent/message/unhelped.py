"""Messages that say nothing but that what was answered did not help: `I tried that, still the same`."""

import re

from helpdesk_bot.listening.question import EMOJI

MAX_CHARACTERS = 200

_SAME = r"(?:the )?same(?: (?:problem|issue|error|thing|result))?"
_FAILS = r"(?:does|is|did|has|wo|ca)(?:n'?t| not)(?: (?:work|help)(?:s|ed|ing)?)?"
_STATE = r"(?:not (?:work|help)ing|broken|locked|fails?|stuck|nothing|no)"
_IT = r"(?:that|this|it|everything|these)"
_SAYING_SO = (
    rf"(?:(?:it|that|this|the problem) )?(?:still|again) (?:{_FAILS}|{_STATE}|{_SAME})",
    rf"(?:i(?:'ve| have)? )?(?:already |just )*(?:tried|did|done)(?: all(?: of)?)? {_IT}(?: already| before| twice)*",
    r"(?:(?:it|that|this) )?(?:did|does)(?:n'?t| not)(?: really)? (?:help|work|solve it)(?: (?:me|for me|either))*",
    r"(?:that|this)(?:'s| is| was)?(?: not|n't) (?:very )?helpful",
    r"(?:it|that|this)(?:'s| is| was)(?: wrong|(?: not|n't) (?:right|correct|it|what i (?:asked|meant|wanted|need)))",
    rf"not really|wrong answer|{_SAME}|no luck|nothing (?:changed|changes|happened|happens|helped|helps|worked|works)",
)
_BESIDE = r"(?:[\W_]|\b(?:and|but|so|yes|no(?=\W*,)|sorry|hm+|well|thanks|please|now|unfortunately)\b)*+"
_SAYS_SO = re.compile(rf"{_BESIDE}(?>\b(?:{'|'.join(_SAYING_SO)})\b{_BESIDE})+", re.IGNORECASE)
"""Atomic: a message of nothing but `still the same` and one more word would take forever to be found to be none."""
_SAYS_NO = re.compile(r"\W*(?:no(?:pe)?|wrong)\W*", re.IGNORECASE)
_ONLY_FAILS = re.compile(rf"{_BESIDE}(?:it )?does(?:n'?t| not) work{_BESIDE}", re.IGNORECASE)


def says_it_did_not_help(text: str) -> bool:
    """Whether a message says only that. `It doesn't work` alone may be how somebody goes on."""
    said = " ".join(EMOJI.sub(" ", text.replace("\u2019", "'")).split())
    if len(said) > MAX_CHARACTERS or _ONLY_FAILS.fullmatch(said):
        return False
    return bool(_SAYS_NO.fullmatch(said) or _SAYS_SO.fullmatch(said))
