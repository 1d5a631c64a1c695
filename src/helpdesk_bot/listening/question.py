"""Whether a message that nobody addressed to the bot asks something it could answer: rules for English and German.

A score is a sum of signals, each with a name, so that an admin can be told why the bot spoke or kept silent. A message
is as much of a question as its best sentence is; code, quotations and pasted logs are not part of what was asked.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from helpdesk_bot.listening.signals import HEADING, RELATIVE, SIGNALS

ASKS_AT = 0.6
"""From this score on a message counts as a question."""

MAX_CHARACTERS = 4_000
"""What is longer is read this far."""

_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
_QUOTED_LINE = re.compile(r"^\s*(?:>|&gt;).*$", re.MULTILINE)
_QUOTED = re.compile(
    r"\"[^\"\n]{3,}\"|\u201c[^\u201d\n]{3,}\u201d|\u201e[^\u201c\u201d\n]{3,}[\u201c\u201d]|"
    r"\u00ab[^\u00bb\n]{3,}\u00bb"
)
_LINK = re.compile(r"<?https?://\S+", re.IGNORECASE)
EMOJI = re.compile(r":[a-z0-9_+-]+:", re.IGNORECASE)
_LOG_LINE = re.compile(
    r"^\s*(?:\[?\d{4}-\d\d-\d\d|\[?\d{1,2}:\d\d:\d\d|[A-Z][a-z]{2} +\d{1,2} \d\d:|at [\w.$<>]+\(|File \"|Traceback|"
    r"Caused by:|\w*(?:Error|Exception):|(?:TRACE|DEBUG|INFO|WARN(?:ING)?|ERROR|FATAL)\b|[$#] \w|"
    r"[|+=*_-]{3,}|\w+=\S+ \w+=)"
)
_CLAUSE = re.compile(
    r"[,;:\u2013\u2014]\s+(?:(?:and|but|so|und|aber|also) )?(?=(?:how|where|what|who|which|when|"
    r"why|is there|can i|do i|do we|any ideas?|"
    r"wie|wo|wer|an wen|welche[rsmn]?|gibt es|kann ich|muss ich|was (?:mache|muss|soll|kann)) )",
    re.IGNORECASE,
)
"""`My phone is new, how do I ...`: what asks may come last."""
_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?](?!\s|$)[^.!?\n]*)*[.!?]*", re.MULTILINE)
_OPENING = re.compile(
    r"^(?:[\W_]|\b(?:hi|hey|hello|hallo|moin|servus|hi there|dear|guten (?:morgen|tag)|"
    r"good (?:morning|afternoon)|morning|"
    r"all|everyone|everybody|team|folks|guys|leute|zusammen|alle|kollegen|"
    r"so|ok|okay|quick question|question|kurze frage|frage|eine frage|um|hm+|well|also|btw|and|und|but|aber|"
    r"sorry|entschuldigung|please|bitte|again|nochmal)\b)+",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Judgement:
    score: float
    """0 to 1."""
    signals: tuple[str, ...]
    """What spoke for and against, by name, of the sentence that is most of a question."""

    @property
    def is_question(self) -> bool:
        return self.score >= ASKS_AT

    @property
    def reason(self) -> str:
        return f"{self.score:.2f}: {', '.join(self.signals) or 'no sign of a question'}"


def judge(text: str) -> Judgement:
    """How much a message is a question to whoever knows."""
    told = _what_is_said(text[:MAX_CHARACTERS])
    judged = [_judge_sentence(sentence) for sentence in told]
    best = max(judged, key=lambda one: one.score, default=Judgement(score=0.0, signals=()))
    against = [one for one in judged if one.score == 0 and {"is solved", "offers"} & set(one.signals)]
    return against[0] if against and best.is_question else best


def _what_is_said(text: str) -> Iterator[str]:
    """The sentences in the author's own words, each without its greeting."""
    for pattern in (_CODE, _QUOTED_LINE, _QUOTED, _LINK, EMOJI):
        text = pattern.sub(" ", text)
    lines = [line for line in text.replace("\u2019", "'").split("\n") if not _LOG_LINE.match(line)]
    for sentence in _SENTENCE.findall("\n".join(lines)):
        for clause in (sentence, *_CLAUSE.split(sentence)[1:]):
            said = _OPENING.sub("", clause.strip()).strip()
            if said:
                yield " ".join(said.split())


def _judge_sentence(sentence: str) -> Judgement:
    found = [signal for signal in SIGNALS if signal.pattern.search(sentence)]
    is_marked = "question mark" in {signal.name for signal in found}
    if not is_marked and (RELATIVE.match(sentence) or HEADING.pattern.search(sentence)):
        found.append(HEADING)
    if not is_marked:
        found = [signal for signal in found if signal.name != "fragt ja oder nein" or _opens_unmarked(sentence)]
    score = sum(signal.weight for signal in found)
    return Judgement(score=round(min(1.0, max(0.0, score)), 2), signals=tuple(signal.name for signal in found))


def _opens_unmarked(sentence: str) -> bool:
    """German statements and questions differ in their mark alone, but for a verb in front of its subject."""
    return bool(
        re.match(
            r"(?:gibt es|kann (?:ich|man|mir)|darf (?:ich|man)|muss (?:ich|man)|hat jemand|weiß jemand)\b",
            sentence,
            re.IGNORECASE,
        )
    )
