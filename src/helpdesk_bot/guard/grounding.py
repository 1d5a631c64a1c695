"""Whether an answer stands on the passages it cites, sentence by sentence, without a model.

Soft: the sentence's words, weighed by rarity, stand in the cited passages. Hard: so does every number, address,
command, quotation and name, and the sentence doesn't deny what its closest sentence says, or the other way round.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice, takewhile

from helpdesk_bot.guard import specifics, spellings
from helpdesk_bot.guard.code import outside_code
from helpdesk_bot.guard.outgoing import cited_numbers
from helpdesk_bot.guard.policy import Policy
from helpdesk_bot.guard.verdicts import Verdict
from helpdesk_bot.guard.words import NEGATIONS, STOP_WORDS, content_stems, covered, sentences, stem, words

MIN_SUPPORT = 0.5
"""The least share of a sentence's words, weighed by rarity, that its cited passages hold.

Of the 509 statements in mtrag_cloud's 87 human answers (development part, measured November 2026) this and the hard
checks leave 91 % standing on their own gold passages, and 3 % on a random passage.
"""

SAME_STATEMENT = 0.7
"""From this share of its words on, a statement says what a sentence of a passage says, but for a denial..."""
SAME_SENTENCE = 0.4
"""... where it says at least this much of that sentence: statements are shorter than what they are made of."""

NEAR = 0.2
"""The least share of a sentence's other words that stand near its number: in the same sentence of a passage, the one
before or the one behind.
"""

_MARKERS = re.compile(r"(?:(?<!\s)\s+)?(?:\[\d+\])+")
_LIST_MARK = re.compile(r"^[^\S\n]*(?:[-*+•]|\d{1,3}[.)])(?:\s+|$)", re.MULTILINE)
_PLAIN_NO = re.compile(r"^no,\s+", re.IGNORECASE)
_FENCE = re.compile(r"^\s*(`{3,}|~{3,})")
_PARAGRAPH_END = re.compile(r"\n[ \t]*\n")
_NOT_ONLY = re.compile(r"\bnot (?:only|just|necessarily)\b", re.IGNORECASE)
_LISTED = re.compile(r",\s*(?:and|or)\s+|,\s+|\s+(?:and|or)\s+", re.IGNORECASE)
_TABLE_RULE = re.compile(r"[\s:|-]+\Z")

_TALK = """
absolutely above additionally alternatively answer apologies apologize based below certainly confusion course
detail details document documents essential example following furthermore glad hear help here highlight highlighted
however important include includes including instance issue key mention mentioned moreover note passage passages provide
provided question resolve sorry step steps summary therefore ultimately
"""
_TALK_STEMS = frozenset(map(stem, _TALK.split()))
"""What leads from one statement to the next, or speaks of the answer; it needs no passage."""


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
    is_entry: bool = False
    """The beginning of a list's entry."""
    introduces: int = 0
    """How many entries the list has that it ends before."""


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
        replace(one, cites=_inherited(one, *nearest), introduces=_entries_behind(found[place:]))
        for place, (one, *nearest) in enumerate(zip(found, after, before, strict=True))
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
        self.numbers = _numbers_in(text) | {"1"}
        self.sentences = [(one, _stems_but_denials(one)) for one in _sentences_of(text)]
        self._lines = [sentence for line in text.split("\n") for sentence in sentences(line)]

    @cached_property
    def near(self) -> list["_Near"]:
        """Each sentence with its neighbours."""
        return [_Near(one, self._lines[max(0, at - 1) : at + 2]) for at, one in enumerate(self._lines)]


class _Near:
    def __init__(self, sentence: str, around: Iterable[str]) -> None:
        self.numbers = _numbers_in(sentence)
        self.stems = set(content_stems(" ".join(around)))


def _numbers_in(text: str) -> set[str]:
    """However they are written."""
    return specifics.numbers(text) | spellings.numbers(text)


def _problems(statement: Statement, cited: _Cited) -> Iterator[str]:
    if not cited.text:
        yield "uncited"
        return
    stems = set(content_stems(statement.text)) - _TALK_STEMS
    if covered(stems, cited.stems) < MIN_SUPPORT:
        yield "words"
    numbers = spellings.numbers(statement.text)
    if not numbers <= cited.numbers | _counted(statement) or any(
        _is_elsewhere(stems - {number}, [one for one in cited.near if number in one.numbers]) for number in numbers
    ):
        yield "number"
    if any(address not in cited.flat for address in specifics.addresses(statement.text)):
        yield "address"
    quoted = {_flat(statement.text)} if statement.is_code else specifics.quotations(statement.text)
    if any(quotation not in cited.flat for quotation in quoted):
        yield "quotation"
    said = statement.text
    if not all(spellings.is_named(name, said=said, text=cited.text, flat=cited.flat) for name in spellings.names(said)):
        yield "name"
    if _denies(statement.text, cited):
        yield "denial"


def _is_elsewhere(stems: set[str], near: Sequence[_Near]) -> bool:
    """Whether what is said stands in no place where the number does."""
    return bool(near) and max(covered(stems, one.stems) for one in near) < NEAR


def _counted(statement: Statement) -> set[str]:
    """How many things it lists, or the list behind it: `two plans: Free and Pro`."""
    before, colon, behind = statement.text.partition(":")
    if not colon:
        return set()
    inline = len(_LISTED.split(behind.strip(" .*_"))) if behind.strip(" .*_") else 0
    return {str(count) for count in (statement.introduces, inline) if count > 1 and before}


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
                found = [_statement(sentence, block) for sentence in sentences(_markers_inside(line))]
                yield from (
                    replace(one, is_entry=not place and bool(_LIST_MARK.match(line))) for place, one in enumerate(found)
                )


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


def _entries_behind(found: Sequence[Statement]) -> int:
    if not found[0].text.rstrip("*_ ").endswith(":"):
        return 0
    listed = takewhile(lambda one: not one.text.rstrip("*_ ").endswith(":") or one.is_entry, found[1:])
    return sum(one.is_entry for one in listed)


def _says_something(text: str) -> bool:
    """A heading, `Here is how:` or `Yes.` claims nothing by itself."""
    claims = specifics.numbers(text) or specifics.addresses(text) or specifics.quotations(text) or specifics.names(text)
    stems = set(content_stems(text))
    own = stems - _TALK_STEMS
    return bool(claims) or (len(stems) > 1 and len(own) > (1 if text.rstrip("*_ ").endswith(":") else 0))


def _sentences_of(cited: str) -> list[str]:
    """The passages' lines, some of them headings, and their sentences, some of them wrapped: a line that begins small
    is the rest of one.
    """
    wrapped = (line for paragraph in _PARAGRAPH_END.split(cited) for line in _lines(paragraph))
    lines = [*(line for line in cited.split("\n") if not line.lstrip()[:1].islower()), *wrapped]
    return [sentence for line in lines for sentence in sentences(line)]


def _denies(statement: str, cited: _Cited) -> bool:
    """Whether the sentence that it is closest to says the contrary; all of them where several are as close."""
    said = _stems_but_denials(statement)
    same = [(close, sentence) for sentence, stands in cited.sentences if (close := _closeness(said, stands))]
    closest = max((close for close, _ in same), default=0.0)
    return bool(same) and all(_is_denied_by(statement, sentence) for close, sentence in same if close == closest)


def _closeness(said: set[str], stands: set[str]) -> float:
    """0 where they don't say the same."""
    if not stands:
        return 0.0
    of_statement, of_sentence = covered(said, stands), covered(stands, said)
    return of_statement + of_sentence if of_statement >= SAME_STATEMENT and of_sentence >= SAME_SENTENCE else 0.0


def _is_denied_by(statement: str, sentence: str) -> bool:
    """Whether one of them denies what the other says: `not needed` is no denial of what is not about a need."""
    if _is_negative(statement) == _is_negative(sentence):
        return False
    one, other = (statement, sentence) if _is_negative(statement) else (sentence, statement)
    denied = _denied(one)
    return not denied or bool(denied & set(content_stems(other)))


def _denied(sentence: str) -> set[str]:
    """The stems of what each denial is about: the next word that carries meaning."""
    found: set[str] = set()
    listed = words(_NOT_ONLY.sub("", sentence))
    for at, word in enumerate(listed):
        if word in NEGATIONS:
            behind = (one for one in listed[at + 1 :] if one not in STOP_WORDS and one not in NEGATIONS)
            found.update(stem(one) for one in islice(behind, 1))
    return found


def _stems_but_denials(sentence: str) -> set[str]:
    """What it speaks of, whether it says so or denies it."""
    return set(content_stems(sentence)) - NEGATIONS


def _is_negative(sentence: str) -> bool:
    return bool(NEGATIONS.intersection(words(_NOT_ONLY.sub("", _PLAIN_NO.sub("", sentence)))))
