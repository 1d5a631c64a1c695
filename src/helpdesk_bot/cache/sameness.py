"""When two questions ask the same: by their words, or by all that words can tell of their meaning.

Vectors do not decide: all-MiniLM-L6-v2 holds `enable` and `disable` closer together than most paraphrases. What is
alike here differs in politeness, in the endings of words, in spellings and synonyms of a short list and, where only the
asker does something, in the order of words. Whatever else differs is another question: numbers, names, signs,
negations, directions, who does it to whom, when and where, and every word that says something.
"""

import re

from helpdesk_bot.guard.specifics import numbers
from helpdesk_bot.guard.words import NEGATIONS, STOP_WORDS, stem, words

_FILLER_WORDS = """
please help tell know need want wonder like could possible way guide instruction step explain show question able let try
kindly anyone somebody someone
"""
_FILLERS = frozenset(map(stem, _FILLER_WORDS.split()))
"""What a question may have more or less of and ask the same."""

_TELLING_WORDS = """
on off in out up down before after from over under above below with without all any each both only own same more most
than between against during until again if because no not nor my your our their his her other can could should must may
he she him they them was were or here me us
"""
_TELLING = frozenset(_TELLING_WORDS.split())
"""Stop words that change what is asked."""

_DIRECTED = frozenset({"from", "to", "into", "between", "than", "before", "after"})
"""Where one of them stands, the order of what it stands between counts."""
_OTHERS_ACT = re.compile(
    r"\b(?:can|could|may|do|does|did|should|must|shall|will|would|is|are|was|were|has|have|had|\w+'s)\s+"
    r"(?!(?:i|we|one|you|it|there|this|that)\b)\w",
    re.IGNORECASE,
)
"""Somebody or something else than the asker: `can managers see interns` is not `can interns see managers`."""
_TO_ME = re.compile(r"\b(tell|help|show|let|give|teach|explain to|remind|for) (?:me|us)\b", re.IGNORECASE)
_SIGNS = re.compile(r"(?<=\w)[+#]+|(?<![\w.])[.-](?=\w)|[%$<>=]")
"""`C#`, `C++`, `.NET`, `-5`, `5 %`."""
_HOW_CAN = re.compile(r"\bhow (?:can|could|should|would|must|may) (?=i\b|we\b|one\b|you\b)", re.IGNORECASE)
_INFINITIVE = re.compile(r"\b(how|want|need|like|able|possible|way|try) to\b", re.IGNORECASE)

_ASKING = {
    "who": "who",
    "whom": "who",
    "whose": "who",
    "when": "when",
    "where": "where",
    "why": "why",
    "which": "which",
}
"""Question words that ask for something of their own. `what`, `how` and none of them are told by the other words."""

_SYNONYMS = (
    "configure setup",
    "remove delete",
    "buy purchase",
    "begin start",
    "phone smartphone mobile",
    "notebook laptop",
    "fix repair troubleshoot",
    "colleague coworker",
    "vacation holiday",
    "staff employee",
)
_ONE_OF = {stem(word): stem(group.split()[0]) for group in _SYNONYMS for word in group.split()}
_SET_UP = re.compile(r"\bset(?:ting)?[- ]up\b", re.IGNORECASE)
_MUCH = re.compile(r"\bhow (many|much|long|often|old|far|big|fast|soon|late|early)\b", re.IGNORECASE)
_CASED = re.compile(r"(?<!\w)-{1,2}[A-Za-z]\b|(?<=\d)\s?[kKMGT][bB](?:ps|/s)?\b|\b[A-Z]{2,}\b")
"""Options, amounts of data, and what is written in capitals: `-r` and `-R`, `MB` and `Mb`, `it` and `IT`."""
_ENGLISH = re.compile(r"[\x00-\x7f\u2018-\u201f\u2026]*")


def plain(question: str) -> str:
    """The question's words in order: two with the same ask the same. Letter case is kept where it says something."""
    folded = " ".join(question.casefold().split()).lstrip("?! ").rstrip(" ?!.")
    return "\n".join([folded, *_cased(question)])


def meaning(question: str) -> str:
    """Equal for questions that ask the same in other words. Never empty.

    The lists are English: a question with other letters is only as it is written.
    """
    if not _ENGLISH.fullmatch(question):
        return f"exactly {plain(question)}"
    question = _TO_ME.sub(r"\1", question.replace("\u2019", "'"))
    text = _HOW_CAN.sub("how ", _INFINITIVE.sub(r"\1", _SET_UP.sub("setup", question)))
    told = words(text)
    content = [one for one in (_canonical(word) for word in told if word not in STOP_WORDS) if one not in _FILLERS]
    parts = {
        "content": sorted(set(content)),
        "telling": sorted({word for word in told if word in _TELLING or word in NEGATIONS}),
        "asking": sorted({_ASKING[word] for word in told if word in _ASKING} | set(_MUCH.findall(text.casefold()))),
        "numbers": sorted(numbers(text)),
        "figures": re.findall(r"\d+", text),
        "signs": _SIGNS.findall(text),
        "cased": _cased(question),
        "order": content if _DIRECTED & set(told) or _OTHERS_ACT.search(text) else [],
    }
    if not parts["content"]:
        return f"exactly {plain(question)}"
    return repr(sorted(parts.items()))


def _cased(question: str) -> list[str]:
    """What another letter case makes another thing. Of capitals only words that mean something else in small letters,
    and none where all is written in them.
    """
    if question.isupper():
        return []
    found = [one.strip() for one in _CASED.findall(question)]
    return [one for one in found if not one.isalpha() or one.casefold() in STOP_WORDS or not one.isupper()]


def _canonical(word: str) -> str:
    stemmed = stem(word)
    return _ONE_OF.get(stemmed, stemmed)
