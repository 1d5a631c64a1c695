"""Makes a follow-up understandable without its thread, by its shape alone. `rewrite` asks a model instead."""

import re
from collections.abc import Collection, Sequence

from helpdesk_bot.agent.message.route import without_opening
from helpdesk_bot.agent.question.clarify import picked
from helpdesk_bot.agent.question.contrasts import contrasted_terms
from helpdesk_bot.agent.question.thread import find_antecedent, only_points
from helpdesk_bot.events import Outcome, Said, Turn
from helpdesk_bot.guard.words import GENERIC_STEMS, content_stems, stem

MAX_CHARACTERS = 600
FEW_WORDS = 2
"""A question with at most this many telling words of its own can lean on the one before."""
MAX_TOPIC_WORDS = 6
"""What is longer is no name for a thing: the whole question is put in brackets instead."""

_LINK = re.compile(
    r"(?:(?:ok(?:ay)?|so|and|but|or|also|then|well|thanks|thank you|great|hm+)\b[\s,.!]*)*"
    r"(?:(?:what|how) about\b|what if it(?:'s| is)\b|(?:the )?same (?:question |thing )?)?[\s,]*",
    re.IGNORECASE,
)
_EACH_PREPOSITION = "on|for|in|with|from|without|at|via|after|before|under"
_PREPOSITIONS = rf"(?:{_EACH_PREPOSITION})"
_PREPOSITION = re.compile(rf"{_PREPOSITIONS}\b", re.IGNORECASE)
_CORRECTING = re.compile(
    r"(?:(?:no|nope|sorry|actually)\b[\s,.!]*)*"
    r"(?:(?:that|this|it)(?:'s| is) not what i (?:meant?|asked|wanted)[\s,.!]*(?:but )?)?"
    r"i(?:'m| am| was)? (?:meant?|asking about|talking about)\b[\s,:]*",
    re.IGNORECASE,
)
"""`No, I meant the PIN`: the same question about something else."""
_LEAVES_ITS_THING_OUT = (
    r"(?:use|open|install|click|keep|share|send|delete|remove|update|run|buy|take|leave|try|eat|drink|charge|print|reset)"
    r"(?: (?:on|in|at|with|from|for|by|again|now|anyway|outside|abroad|here|there)\b|\W*$)"
)
_POINTS_AT_NOTHING = (
    r"[Ii]t (?:(?:not|still|ever|too|so|always|really) )?"
    r"(?:safe|hard|easy|difficult|necessary|normal|better|best|wise|legal|risky|dangerous|required|forbidden|common|"
    rf"usual|smart|worth|good|bad|fine|important|ok) (?:for \w+ )?to (?!{_LEAVES_ITS_THING_OUT})\w"
)
"""`Is it safe to invest in options`; but `is it safe to use on a train` leaves out what is used, and points at it."""
_PRONOUN = re.compile(
    rf"\b(?!{_POINTS_AT_NOTHING})"
    r"(?:[Ii]t|[Tt]h(?:is|at|ese|ose|ey|em))\b(?! (?:possible|okay|true|allowed|take (?:to|until))\b)"
)
"""Case matters: `IT` is a department."""
_POINTS_AT_A_NOUN = re.compile(
    r"\b(?:this|that|these|those) "
    r"(?!(?:is|are|was|were|do|does|did|can|will|works?|in|on|for|to|at|with|by|too|also)\b)\w",
    re.IGNORECASE,
)
_NAMES_A_DETAIL = re.compile(
    r"(?:what|where|when|who|which)(?:'?s| is| are| was)? (?:the )?"
    r"(?P<detail>(?:pin|code|number|price|cost|link|address|url|password|deadline|limit|size|extension|form|fee|owner|"
    r"name|file|server|port|key|rule|reason|difference)s?)\W*",
    re.IGNORECASE,
)
"""`What's the PIN?` asks for the PIN of something that was said before."""
_TIMES = frozenset(map(stem, ("today", "tomorrow", "tonight", "now", "later", "then", "monday", "morning", "weekend")))
"""Words that say when, and nothing of what."""
_ONLY_ASKS = re.compile(r"(?:who|whom|when|where|why)\W+\w+\W*", re.IGNORECASE)
"""`Who pays?` says no more than `when?`."""
_POINTS_BACK = re.compile(
    r"^why not\b|\b(?:its|their|the (?:same|other|first|second|third|last|next|previous)|instead|"
    r"(?:this|that|another|an? \w+) one|step \d+)\b|\bthere\W*$",
    re.IGNORECASE,
)
_QUESTION_WORDS = re.compile(
    r"(?:(?:how(?: many| much| long| often)?|where|when|why|what|who|which)(?:'s)?\s+)?"
    r"(?:(?:do|does|did|can|could|should|would|will|is|are|may|must|am)\s+)?"
    r"(?P<subject>(?:i|we|you|one|someone|people)\s+(?:(?:need|want|have) to\s+)?)?",
    re.IGNORECASE,
)
_VERB = re.compile(r"\w+\s+(?:(?:up|in|on|out|off|to|into|for|down|about|with)\s+){0,2}", re.IGNORECASE)
_ASKS = re.compile(r"(?:how|where|when|why|what|who|which|can|do|does|is|are)\b", re.IGNORECASE)
_CODE = re.compile(r"\b(?=[\w.-]*\d)\w+(?:[.-]\w+)*\b")
_DIGITS = re.compile(r"\d+")
_ANOTHER_THING = re.compile(r"an? (?!\w+ one\b)\w", re.IGNORECASE)
"""`And a docking station?` asks the same about it, `and the price?` about its own price."""
_ENDS_IN_PREPOSITION = re.compile(rf"\b(?:{_EACH_PREPOSITION}|to)\s+\Z", re.IGNORECASE)
_TO_WHOM = re.compile(
    r"(?P<thing>(?!(?:the|a|an|my|our|your)\b)\S+(?: \S+)??) (?:to|for|from) (?:the|a|an|my|our|your)\b", re.IGNORECASE
)
_NOUN_PHRASE = re.compile(r"\b(?:the|a|an|my|our|your)\s+\S.*", re.IGNORECASE)


def stand_alone(question: str, earlier: Sequence[Turn], thread: Sequence[Said] = ()) -> str:
    """The question with what it leaves out put in from what was said before it, at most 600 characters.

    `earlier` is the conversation, oldest first; `thread` what everybody wrote in it. A question that says enough stays
    as it is, but for its greeting; the reply to a question of ours becomes the question it was asked about, made
    precise. What people said since we spoke last is nearer than what we were asked before.
    """
    question = without_opening(question).strip() or question.strip()
    if antecedent := find_antecedent(thread):
        if only_points(question):
            return antecedent
        if is_follow_up(question, antecedent):
            return _combine(_without_link(question), antecedent)[:MAX_CHARACTERS]
    if not earlier:
        return question
    last = earlier[-1]
    if last.outcome is Outcome.CLARIFIED and (choice := picked(question, last)):
        return choice[:MAX_CHARACTERS]
    return _after(question, last.question)[:MAX_CHARACTERS]


def is_follow_up(question: str, previous: str) -> bool:
    """Whether a question leans on the one before: it begins so, points back, or names only something to swap."""
    rest = _without_link(question)
    own = _own_words(rest)
    if len(own) > FEW_WORDS + 1:
        return False
    if (
        own <= _TIMES
        or _ONLY_ASKS.fullmatch(rest)
        or _NAMES_A_DETAIL.fullmatch(rest)
        or _PRONOUN.search(rest)
        or _POINTS_BACK.search(rest)
        or _PREPOSITION.match(rest)
    ):
        return True
    is_linked = rest != question and len(own) <= FEW_WORDS
    return is_linked or (len(own) == 1 and bool(_shared_groups(rest, previous)))


def asks_for_detail(question: str) -> str | None:
    """What it asks for that something else has which it does not name: `price` in `what's the price?`; else None."""
    detail = _NAMES_A_DETAIL.fullmatch(_without_link(without_opening(question).strip()))
    return detail["detail"].casefold() if detail else None


def _after(question: str, previous: str) -> str:
    """A question to us as it is meant after the one before it."""
    if correcting := _CORRECTING.match(question):
        question = question[correcting.end() :].strip() or question
        if len(_own_words(question)) <= FEW_WORDS + 1 and not _ASKS.match(question):
            return _corrected(previous, question)
    rest = _without_link(question)
    if like := _written_alike(rest.strip("?! ."), previous):
        return previous.replace(like, rest.strip("?! ."))
    return _combine(rest, previous) if is_follow_up(question, previous) else question


def _written_alike(code: str, previous: str) -> str | None:
    """What the question before says that differs from `E-211` in its digits alone: `E-305`; else None."""
    if not _CODE.fullmatch(code):
        return None
    shape = _DIGITS.sub("0", code.casefold())
    return next((one for one in _CODE.findall(previous) if _DIGITS.sub("0", one.casefold()) == shape), None)


def _combine(rest: str, previous: str) -> str:
    """The follow-up `rest`, its linking words gone, with the question before it."""
    own = _own_words(rest)
    if len(own) <= 1 and (groups := _shared_groups(rest, previous)):
        return _swapped(previous, rest, groups[0])
    asked = previous.rstrip("?! .")
    if (_PREPOSITION.match(rest) or _ANOTHER_THING.match(rest)) and len(own) <= FEW_WORDS:
        return _corrected(previous, rest)
    if own <= _TIMES or _ONLY_ASKS.fullmatch(rest):
        return f"{asked}: {rest}"
    topic = _topic(previous, without=_shared_groups(rest, previous))
    if len(topic.split()) > MAX_TOPIC_WORDS:
        return f"{rest.rstrip('?! .')} ({asked})?"
    if _PRONOUN.search(rest) and not _POINTS_AT_A_NOUN.search(rest):
        return _PRONOUN.sub(lambda _: topic, rest, count=1)
    return f"{rest.rstrip('?! .')} ({topic})?"


def _swapped(previous: str, rest: str, group: int) -> str:
    """The previous question with the follow-up's term in place of its own of the same group."""
    old, new = contrasted_terms(previous)[group][0], contrasted_terms(rest)[group][0]
    as_written = re.search(rf"\b{re.escape(new)}\b", rest, re.IGNORECASE)
    return re.sub(rf"\b{re.escape(old)}\b", as_written[0] if as_written else new, previous, flags=re.IGNORECASE)


def _corrected(previous: str, meant: str) -> str:
    """The previous question about something else, or under another condition."""
    asked, said = previous.rstrip("?! ."), meant.rstrip("?! .")
    mark = "?" if "?" in previous + meant else ""
    if _PREPOSITION.match(said):
        return _with_phrase(asked, said) + mark
    topic = _object(asked)
    return (asked.removesuffix(topic) + said if len(topic.split()) <= MAX_TOPIC_WORDS else f"{asked}: {said}") + mark


def _with_phrase(asked: str, phrase: str) -> str:
    """The question with `from the US` in place of its own `from Portugal`; behind it where it has none such, and where
    the phrase asks something itself, as `for how long` does.
    """
    preposition, _, named = phrase.partition(" ")
    own = re.search(rf"\b{preposition}\s+(?:(?!{_PREPOSITIONS}\b)\S+\s*)+", asked, re.IGNORECASE)
    if not own or not named or _ASKS.match(named):
        return f"{asked} {phrase}"
    return f"{asked[: own.start()]}{phrase} {asked[own.end() :]}".strip()


def _shared_groups(rest: str, previous: str) -> list[int]:
    return sorted(contrasted_terms(rest).keys() & contrasted_terms(previous).keys())


def _topic(previous: str, *, without: Collection[int]) -> str:
    """What a question is about: what follows its question words and verb, without terms of the groups `without`."""
    topic = _object(without_opening(previous).strip().rstrip("?! ."))
    for term in (term for group in without for term in contrasted_terms(topic).get(group, [])):
        topic = re.sub(
            rf"\s*\b(?:(?:on|for|in|with|from|of) )?(?:(?:a|an|the|my) )?{re.escape(term)}\b",
            "",
            topic,
            flags=re.IGNORECASE,
        )
    return topic.strip() or previous.rstrip("?! .")


def _object(text: str) -> str:
    """What the verb of a question is about, else its first thing that has an article: `leave` of `how do I donate leave
    to a colleague`.
    """
    noun_phrase = _NOUN_PHRASE.search(text)
    asked = _QUESTION_WORDS.match(text)
    rest = text[asked.end() :] if asked else text
    verb = _VERB.match(rest) if asked and asked["subject"] else None
    if noun_phrase and not (verb and _ENDS_IN_PREPOSITION.search(text[: noun_phrase.start()])):
        return noun_phrase[0]
    told = rest[verb.end() :] if verb else rest
    before = _TO_WHOM.match(told) if noun_phrase else None
    return before["thing"] if before else told


def _without_link(question: str) -> str:
    linking = _LINK.match(question)
    return question[linking.end() :] if linking and linking.end() < len(question) else question


def _own_words(text: str) -> set[str]:
    return set(content_stems(text)) - GENERIC_STEMS
