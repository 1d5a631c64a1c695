"""What a message asks, without how it wants to be told: `... Answer with the amount in dollars.` finds nothing."""

import re

from helpdesk_bot.agent.message.courtesy import without_courtesies
from helpdesk_bot.guard.words import GENERIC_STEMS, content_stems, sentences, stem

_TELLS_HOW = re.compile(
    r"(?:please |kindly |and )?(?:answer(?:s|ing)?|reply|respond|indicate|express|state|specify|identify|provide|"
    r"supply|give|write|submit|return|use|include|present|name|list|"
    r"(?:the|your) (?:answer|reply|response) (?:should|must|needs)|"
    r"(?:ensure|make sure|keep|format|phrase|limit|round|record) (?:that )?your (?:answer|reply|response))\b",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"\A\s*(?:(?:can|could|would|will) you (?:please |kindly )?|please |kindly )"
    r"(?:specify|identify|indicate|clarify|state)(?: (?:for|to) (?:me|us))? "
    r"(?=(?:the|a|an|our|my|any|what|which|who|whom|whose|when|where|why|how|whether|if)\b)",
    re.IGNORECASE,
)
"""Of which the knowledge need not hold a word; `can you provide` and `give` may be errands."""
_ABOUT_THE_ANSWER = re.compile(
    r"\b(?:answer(?:ing)?|repl(?:y|ying)|respond(?:ing)?|response|in the (?:form|format)|formatted)\b", re.IGNORECASE
)
_OF_FORM = frozenset(
    map(
        stem,
        [
            "answer",
            "reply",
            "respond",
            "response",
            "exact",
            "exactly",
            "precise",
            "full",
            "fully",
            "complete",
            "name",
            "named",
            "number",
            "numeric",
            "numerical",
            "numeral",
            "numbers",
            "value",
            "figure",
            "amount",
            "dollar",
            "dollars",
            "euro",
            "euros",
            "usd",
            "code",
            "alphanumeric",
            "format",
            "form",
            "formatted",
            "character",
            "characters",
            "symbol",
            "sign",
            "word",
            "words",
            "digit",
            "digits",
            "sentence",
            "title",
            "phrase",
            "text",
            "string",
            "list",
            "date",
            "month",
            "year",
            "day",
            "time",
            "percentage",
            "percent",
            "unit",
            "units",
            "currency",
            "integer",
            "decimal",
            "include",
            "including",
            "start",
            "starting",
            "begin",
            "beginning",
            "follow",
            "followed",
            "following",
            "include",
            "without",
            "other",
            "extra",
            "only",
            "one",
            "single",
            "short",
            "brief",
            "concise",
            "simply",
            "please",
            "response",
            "prefix",
            "suffix",
            "separator",
            "dash",
            "comma",
            "space",
            "quote",
            "quotation",
            "mark",
            "letter",
            "letters",
            "capital",
            "lowercase",
            "uppercase",
            "term",
            "identify",
            "state",
            "specify",
            "specific",
            "explicit",
            "indicate",
            "provide",
            "supply",
            "express",
            "submit",
            "return",
            "present",
            "choose",
            "option",
            "yes",
            "no",
        ],
    )
)


def split_form(question: str) -> tuple[str, str]:
    """The question without closing sentences that only say in which form to answer, and those sentences.

    Such a sentence opens by telling to answer, and either speaks of the answer itself or says nothing new beside words
    of form; `Give the steps for Windows.` stays, since Windows is new. The first sentence always stays.
    """
    first, *rest = sentences(question) or [question]
    form: list[str] = []
    while rest and _is_of_form(rest[-1], said=" ".join([first, *rest[:-1]])):
        form.insert(0, rest.pop())
    return " ".join([first, *rest]), " ".join(form)


def matter_of(question: str) -> str:
    """The question without courtesies, words that only ask to be told, and closing sentences that say in which form."""
    return _OPENING.sub("", without_courtesies(split_form(question)[0]), count=1)


def _is_of_form(sentence: str, *, said: str) -> bool:
    if not _TELLS_HOW.match(sentence):
        return False
    new = set(content_stems(sentence)) - set(content_stems(said)) - GENERIC_STEMS - _OF_FORM
    return bool(_ABOUT_THE_ANSWER.search(sentence)) or not new
