"""What each word of a question weighs, with the other names of what it says."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from knowledge.store import Candidate, Names, Standing, Term

OTHER_NAME_WEIGHT = 0.5
"""Of another name as a whole, beside 1 for the name that the question says. With 0.8 words alone found less (nDCG@5
.198 instead of .213 on mtrag_cloud)."""

EVERYDAY_NAME_WEIGHT = 0.3
"""Of an everyday word for another, which may mean something else: some of several are often in one chunk."""

COMMON_SHARE = 0.01
COMMON_FROM = 5
"""In a greater share of all chunks, and in more chunks than that, a word is an ordinary one: a product that was once
called Conversation is not what conversations are about. With such names mtrag_cloud's nDCG@5 was .301, not .307."""


@dataclass(frozen=True, kw_only=True)
class OtherName:
    """What some words of a question are called elsewhere."""

    said: tuple[Term, ...]
    """The question's own words."""
    text: str
    """These as they are written."""
    other: tuple[Term, ...]
    """The words of the other name that the question does not say itself; one at least."""
    weight: float = OTHER_NAME_WEIGHT
    """As a whole, beside 1 for the name that the question says."""


def other_names_of(names: Names, *, one: Standing, other: Standing, asked: Standing, chunks: int) -> list[OtherName]:
    """The other name of what was asked, if one was said whole and the other was not.

    The three are where the names and the question stand in the same snapshot. A name with a word that no chunk holds
    can't be looked for, and of two synonyms none may be an ordinary word.
    """
    own = {term.id for term in asked.terms}
    if one.unseen or other.unseen or not one.terms or not other.terms:
        return []
    if not names.is_short_form and any(_is_ordinary(name, chunks) for name in (one, other)):
        return []
    return [
        OtherName(
            said=said.terms,
            text=names.one if said is one else names.other,
            other=tuple(term for term in unsaid.terms if term.id not in own),
        )
        for said, unsaid in ((one, other), (other, one))
        if {term.id for term in said.terms} <= own and not {term.id for term in unsaid.terms} <= own
    ]


def _is_ordinary(name: Standing, chunks: int) -> bool:
    return len(name.terms) == 1 and name.terms[0].df > max(COMMON_FROM, COMMON_SHARE * chunks)


def question_weights(terms: Sequence[Term], *, chunks: int) -> dict[int, float]:
    """The question's side of BM25 by term id: count * ln(1 + (N - df + 0.5) / (df + 0.5))."""
    return {term.id: term.count * math.log(1 + (chunks - term.df + 0.5) / (term.df + 0.5)) for term in terms}


@dataclass(frozen=True, kw_only=True)
class QuestionWords:
    """What words weigh: for the ranking, and for how much of the question a chunk holds."""

    weights: Mapping[int, float]
    """For the ranking, by term id: the question's own, and other names that weigh half of what they name."""
    other_sets: Sequence[tuple[Term, ...]]
    """The words of each other name: a chunk that holds them whole is looked at as well."""
    by_id: Mapping[int, float]
    """What each own word weighs, however often the question says it: ln(1 + (N - df + 0.5) / (df + 0.5))."""
    by_lexeme: Mapping[str, float]
    unseen: float
    """Of all words together that no chunk holds, but for quantities."""
    other_names: Sequence[OtherName]

    @classmethod
    def of(
        cls,
        standing: Standing,
        *,
        chunks: int,
        other_names: Sequence[OtherName] = (),
        quantities: Collection[str] = (),
    ) -> "QuestionWords":
        """`quantities` are lexemes of figures that say how much."""
        own = question_weights(standing.terms, chunks=chunks)
        once = question_weights([replace(term, count=1) for term in standing.terms], chunks=chunks)
        others: dict[int, float] = {}
        for name in other_names:
            words = question_weights([replace(term, count=1) for term in name.other], chunks=chunks)
            share = name.weight * sum(own[term.id] for term in name.said) / sum(words.values())
            others |= {term_id: share * weight for term_id, weight in words.items()}
        return cls(
            weights=others | own,
            other_sets=[name.other for name in other_names],
            by_id=once,
            by_lexeme={term.lexeme: once[term.id] for term in standing.terms},
            unseen=sum(one not in quantities for one in standing.unseen) * math.log(1 + (chunks + 0.5) / 0.5),
            other_names=other_names,
        )

    def held_by(self, candidate: Candidate) -> float:
        """The share of the question that a chunk holds, in whichever form, 0 to 1."""
        held = candidate.term_ids & self.by_id.keys()
        held |= {term.id for name in self._held_otherwise(candidate) for term in name.said}
        return self._share(sum(self.by_id[term_id] for term_id in held))

    def labelled_in(self, candidate: Candidate) -> float:
        return self._share(sum(self.by_lexeme[lexeme] for lexeme in candidate.label_lexemes))

    def said_otherwise_in(self, candidate: Candidate) -> tuple[str, ...]:
        """What the question says that the chunk holds under another name only, as the question says it."""
        return tuple(
            dict.fromkeys(
                name.text
                for name in self._held_otherwise(candidate)
                if not {term.id for term in name.said} <= candidate.term_ids
            )
        )

    @property
    def share_unseen(self) -> float:
        return self._share(self.unseen)

    def _held_otherwise(self, candidate: Candidate) -> list[OtherName]:
        return [name for name in self.other_names if {term.id for term in name.other} <= candidate.term_ids]

    def _share(self, weight: float) -> float:
        whole = sum(self.by_id.values()) + self.unseen
        return weight / whole if whole else 0.0
