"""The sentence that opens an answer: what a page tells everybody in trouble to do first, however they put it."""

import re
from collections.abc import Sequence

from helpdesk_bot.agent.quoting.blocks import Block, Kind

MAX_LEAD = 300
"""Characters; of a longer opening paragraph only its first sentence leads."""

_TROUBLE = (
    r"stolen?|theft|lost|missing|gone|disappeared|left (?:my|the|it)|hacked|phish\w*|scam\w*|virus|malware|ransomware",
    r"clicked|broken?|damaged|spill(?:ed|t)|smok(?:e|es|ing)|fire|crash\w*|fr[eo]ez\w*|frozen|stuck|hang(?:s|ing)",
    r"fail(?:s|ed|ing|ure)?|errors?|(?:isn'?t|not|stop(?:s|ped)|keeps?) \w+ing|can ?not|never",
    r"(?:does|did|do|is|was|wo|ca)n'?t",
    r"no (?:picture|sound|internet|signal|connection|access)|down|slow|problems?|trouble|timed? ?out|refused|denied",
    r"locked|blocked|forg[eo]t(?:ten)?|dead|urgent\w*|emergency|help|what now",
    r"what (?:do|should|can|must|shall) (?:i|we) do",
)
_QUOTES = (('"', '"'), ("\u201c", "\u201d"), ("\u201e", "\u201c"), ("\u00ab", "\u00bb"))
_IN_TROUBLE = re.compile(rf"\b(?:{'|'.join(_TROUBLE)})\b", re.IGNORECASE)
_TELLS = re.compile(
    r"\W{0,20}(?:[^.:!?]{0,60}: )?\W{0,20}(?:please |first,? |always |immediately |at once )?"
    r"(?:call|phone|ring|dial|tell|report|inform|contact|write to|ask|press|pull|unplug|disconnect|turn|switch|stop|"
    r"leave|lock|keep|go|bring|try|check|restart|close|quit|do ?n[o']t|do not|never)\b",
    re.IGNORECASE,
)


def is_in_trouble(question: str) -> bool:
    """Whether something went wrong, or is lost: what there is to do first comes first."""
    return _IN_TROUBLE.search(question) is not None


def sends_to(text: str, title: str) -> bool:
    """Whether a text names another page by its title in quotes: `lost: read "Lost or stolen device" at once`."""
    return any(f"{before}{title}{after}" in text for before, after in _QUOTES)


def find_lead(question: str, opening: Sequence[Block]) -> Sequence[int]:
    """The places of the blocks that lead the answer, of the passage that opens a page; none where it calls for none."""
    if not is_in_trouble(question):
        return ()
    first = next((block for block in opening if not block.is_label), None)
    if first is None or first.kind is not Kind.SENTENCE or not _TELLS.match(first.text):
        return ()
    places = [place for place, block in enumerate(opening) if block.paragraph == first.paragraph]
    return places if sum(len(opening[place].text) for place in places) <= MAX_LEAD else places[:1]
