"""Whether an answer stands on the passages it cites, sentence by sentence, without a model.

Soft: the sentence's words, weighed by rarity, stand in the cited passages. Hard: so does every number, address,
command, quotation and name, and the sentence doesn't deny what its closest sentence says, or the other way round.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from helpdesk_bot.guard import specifics
from helpdesk_bot.guard.code import outside_code
from helpdesk_bot.guard.outgoing import cited_numbers
from helpdesk_bot.guard.policy import Policy
from helpdesk_bot.guard.verdicts import Verdict
from helpdesk_bot.guard.words import NEGATIONS, content_stems, covered, sentences, words

MIN_SUPPORT = 0.5
"""The least share of a sentence's words, weighed by rarity, that its cited passages hold.

Of the 509 statements in mtrag_cloud's 87 human answers (development part, measured November 2026) this and the hard
checks leave 91 % standing on their own gold passages, and 3 % on a random passage.
"""

SAME_STATEMENT = 0.75
"""From this overlap on, in both directions, two sentences say the same but for a denial."""

_MARKERS = re.compile(r"(?:(?<!\s)\s+)?(?:\[\d+\])+")
_LIST_MARK = re.compile(r"^[^\S\n]*(?:[-*+•]|\d{1,3}[.)])(?:\s+|$)", re.MULTILINE)
_PLAIN_NO = re.compile(r"^no,\s+", re.IGNORECASE)
_FENCE = re.compile(r"^\s*(`{3,}|~{3,})")
_PARAGRAPH_END = re.compile(r"\n[ \t]*\n")
_TABLE_RULE = re.compile(r"[\s:|-]+\Z")


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One sentence, list entry, table row or line of code of an answer."""

    text: str
    """Without markers."""
    cites: tuple[int, ...]
    block: int
    """Which paragraph, list, table or block of code it stands in, from 0."""
    is_code: bool = False
    """A line of a fenced block: it has to stand in a passage as it is."""


def check_grounding(answer: str, passages: Mapping[int, str], *, policy: Policy | None = None) -> list[Verdict]:
    """What is wrong with a cleaned answer; empty where every statement is supported.

    `passages` are the texts by their citation number, title and headings included.
    Rules: grounding.uncited, grounding.words, grounding.number, grounding.address, grounding.quotation,
    grounding.name, grounding.denial. Each blocks, unless the policy says otherwise.
    """
    grounds = Grounds(passages)
    problems = Counter(rule for statement in statements(answer) for rule in grounds.problems_of(statement))
    return (policy or Policy()).verdicts({f"grounding.{rule}": spans for rule, spans in problems.items()})


def unsupported(answer: str, passages: Mapping[int, str]) -> list[str]:
    """The statements of a cleaned answer that something is wrong with, as they stand."""
    grounds = Grounds(passages)
    return [one.text for one in statements(answer) if grounds.problems_of(one)]


def statements(answer: str) -> list[Statement]:
    """The statements of an answer with the passages each rests on.

    One without a marker rests on the next marked one of its block, else on the one before, else on the next or the
    one before in the whole answer: an introduction rests on its list.
    """
    found = list(_split(answer))
    before, after = _nearest_cited(found), reversed(_nearest_cited(reversed(found)))
    return [
        replace(one, cites=_inherited(one, *nearest))
        for one, *nearest in zip(found, after, before, strict=True)
        if one.is_code or _says_something(one.text)
    ]


class Grounds:
    """What statements may rest on: passages by their citation number, each read once."""

    def __init__(self, passages: Mapping[int, str]) -> None:
        self._passages = passages
        self._cited: dict[tuple[int, ...], _Cited] = {}

    def problems_of(self, statement: Statement) -> list[str]:
        """The rules, without `grounding.`, that the statement breaks."""
        return list(_problems(statement, self._by(statement.cites)))

    def _by(self, cites: tuple[int, ...]) -> "_Cited":
        if cites not in self._cited:
            texts = [self._passages[number] for number in cites if number in self._passages]
            self._cited[cites] = _Cited("\n\n".join(texts))
        return self._cited[cites]


class _Cited:
    def __init__(self, text: str) -> None:
        self.text = text
        self.flat = _flat(text)
        self.stems = set(content_stems(text))
        self.numbers = specifics.numbers(text) | {"1"}
        self.sentences = [(one, _stems_but_denials(one)) for one in _sentences_of(text)]


def _problems(statement: Statement, cited: _Cited) -> Iterator[str]:
    if not cited.text:
        yield "uncited"
        return
    if covered(set(content_stems(statement.text)), cited.stems) < MIN_SUPPORT:
        yield "words"
    if not specifics.numbers(statement.text) <= cited.numbers:
        yield "number"
    if any(address not in cited.flat for address in specifics.addresses(statement.text)):
        yield "address"
    quoted = {_flat(statement.text)} if statement.is_code else specifics.quotations(statement.text)
    if any(quotation not in cited.flat for quotation in quoted):
        yield "quotation"
    if any(not specifics.is_named(name, cited.flat) for name in specifics.names(statement.text)):
        yield "name"
    if _denies(statement.text, cited):
        yield "denial"


def _flat(text: str) -> str:
    return " ".join(text.casefold().split())


def _split(answer: str) -> Iterator[Statement]:
    in_code = False
    for block, paragraph in enumerate(_PARAGRAPH_END.split(answer)):
        for line in _lines(paragraph):
            fenced = bool(_FENCE.match(line))
            in_code ^= fenced
            cites = tuple(cited_numbers(line)) if not in_code else ()
            if fenced or _TABLE_RULE.match(line):
                yield Statement(text="", cites=cites, block=block)
            elif in_code:
                yield Statement(text=line, cites=(), block=block, is_code=True)
            else:
                yield from (_statement(sentence, block) for sentence in sentences(_markers_inside(line)))


def _lines(paragraph: str) -> list[str]:
    """The paragraph's lines, wrapped text joined into one; list entries, table rows and code stay apart."""
    lines: list[str] = []
    in_code = False
    for line in paragraph.split("\n"):
        fenced = bool(_FENCE.match(line))
        stands_alone = in_code or fenced or bool(_LIST_MARK.match(line)) or line.lstrip().startswith(("|", "#", ">"))
        in_code ^= fenced
        if lines and not stands_alone and not _FENCE.match(lines[-1]) and not lines[-1].rstrip().endswith("|"):
            lines[-1] += " " + line.strip()
        else:
            lines.append(line)
    return lines


def _markers_inside(line: str) -> str:
    """Markers moved before the end mark: `So it is. [1] Next` -> `So it is [1]. Next`."""
    line = _LIST_MARK.sub("", line)
    return outside_code(line, lambda part: re.sub(r"([.!?])((?:\s*\[\d+\])+)", r"\2\1", part))


def _statement(sentence: str, block: int) -> Statement:
    text = outside_code(sentence, lambda part: _MARKERS.sub("", part)).strip()
    return Statement(text=text, cites=tuple(cited_numbers(sentence)), block=block)


def _nearest_cited(found: Iterable[Statement]) -> list[Statement | None]:
    """For each statement the last one with a marker up to it, itself included."""
    nearest: list[Statement | None] = []
    last = None
    for one in found:
        last = one if one.cites else last
        nearest.append(last)
    return nearest


def _inherited(statement: Statement, *nearest: Statement | None) -> tuple[int, ...]:
    marked = [one for one in nearest if one is not None]
    in_block = [one for one in marked if one.block == statement.block]
    return next((one.cites for one in (*in_block, *marked)), ())


def _says_something(text: str) -> bool:
    """A heading, `Here is how:` or `Yes.` claims nothing by itself."""
    claims = specifics.numbers(text) or specifics.addresses(text) or specifics.quotations(text) or specifics.names(text)
    return bool(claims) or len(set(content_stems(text))) > 1


def _sentences_of(cited: str) -> list[str]:
    """The passages' lines, some of them headings, and their sentences, some of them wrapped: a line that begins small
    is the rest of one.
    """
    wrapped = (line for paragraph in _PARAGRAPH_END.split(cited) for line in _lines(paragraph))
    lines = [*(line for line in cited.split("\n") if not line.lstrip()[:1].islower()), *wrapped]
    return [sentence for line in lines for sentence in sentences(line)]


def _denies(statement: str, cited: _Cited) -> bool:
    said = _stems_but_denials(statement)
    same = [sentence for sentence, stands in cited.sentences if _is_the_same(said, stands)]
    return bool(same) and all(_is_negative(statement) != _is_negative(sentence) for sentence in same)


def _is_the_same(said: set[str], stands: set[str]) -> bool:
    return bool(stands) and min(covered(said, stands), covered(stands, said)) >= SAME_STATEMENT


def _stems_but_denials(sentence: str) -> set[str]:
    """What it speaks of, whether it says so or denies it."""
    return set(content_stems(sentence)) - NEGATIONS


def _is_negative(sentence: str) -> bool:
    return bool(NEGATIONS.intersection(words(_PLAIN_NO.sub("", sentence))))
