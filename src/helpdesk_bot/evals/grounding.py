"""How many good answers the grounding check refuses, and how many faults it lets pass."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from typing import Annotated, TextIO

from pydantic import AfterValidator, Field

from helpdesk_bot.evals.faults import Around, Fault, plant
from helpdesk_bot.evals.lines import Line, Text, read_lines
from helpdesk_bot.guard.grounding import Grounds, Statement, statements
from helpdesk_bot.guard.outgoing import cited_numbers, clean_answer

GOOD = frozenset({"supported", "good", "faithful", "true", "1"})
"""Labels, however they are written; any other is an answer that should not be said."""


class GroundedAnswer(Line):
    id: str = ""
    set: str = ""
    answer: Text = Field(min_length=1)
    """With markers `[1]`, or without any: then each of its statements rests on all passages."""
    passages: tuple[Text, ...] = Field(min_length=1)
    label: Annotated[str, AfterValidator(lambda written: written.strip().casefold())] = "supported"


@dataclass(frozen=True, kw_only=True)
class CheckedAnswer:
    id: str
    group: str
    is_good: bool
    statements: int
    refused: int
    """Of its statements."""
    rules: Mapping[str, int]
    """How many statements each rule refused."""
    noticed: Mapping[Fault, tuple[int, int]]
    """Of the faults planted into statements that stood: how many were noticed, and how many there were."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """So many of so many."""

    count: int
    of: int

    @property
    def rate(self) -> float | None:
        return round(self.count / self.of, 4) if self.of else None


@dataclass(frozen=True, kw_only=True)
class GroundingReport:
    answers: Sequence[CheckedAnswer]

    def __len__(self) -> int:
        return len(self.answers)

    def refused(self) -> dict[str, Part]:
        """Good answers as a whole and by statement, in all and by group, and answers that should be refused."""
        good, bad = ([one for one in self.answers if one.is_good is is_good] for is_good in (True, False))
        groups = dict.fromkeys(one.group for one in good)
        by_group = {f"good answers: {group}": _answers(_of(good, group)) for group in groups if len(groups) > 1}
        return {
            "good answers": _answers(good),
            **by_group,
            "good statements": Part(count=sum(one.refused for one in good), of=sum(one.statements for one in good)),
            "wrong answers": _answers(bad),
        }

    def rules(self) -> dict[str, int]:
        """How many statements of good answers each rule refused, most first."""
        counts: Counter[str] = Counter()
        for one in self.answers:
            counts.update(one.rules if one.is_good else {})
        return dict(counts.most_common())

    def noticed(self) -> dict[Fault, Part]:
        return {
            fault: Part(
                count=sum(one.noticed[fault][0] for one in self.answers if fault in one.noticed),
                of=sum(one.noticed[fault][1] for one in self.answers if fault in one.noticed),
            )
            for fault in Fault
        }

    def as_json(self) -> dict[str, object]:
        return {
            "refused": {name: _part_json(part) for name, part in self.refused().items()},
            "rules": self.rules(),
            "noticed": {fault.value: _part_json(part) for fault, part in self.noticed().items()},
        }

    def rows(self) -> list[tuple[str, str, str, str]]:
        """What, how many of it were refused, of how many, the share: for a table."""
        planted = {f"planted: {fault.value}": part for fault, part in self.noticed().items()}
        return [
            (name, str(part.count), str(part.of), f"{part.rate:.1%}")
            for name, part in (*self.refused().items(), *planted.items())
            if part.rate is not None
        ]

    def write_cases(self, file: TextIO) -> None:
        """One JSON line an answer, without its text."""
        file.writelines(json.dumps(asdict(one)) + "\n" for one in self.answers)


def evaluate_grounding(file: Path) -> GroundingReport:
    """Check every answer of a file of JSON lines, then each of its statements with one fault planted.

    The same file gives the same faults. Raises ValueError naming the line that is no case.
    """
    cases = read_lines(file, GroundedAnswer)
    stood = [_standing(case) for case in cases]
    return GroundingReport(answers=[_checked(cases, stood, place) for place in range(len(cases))])


def _standing(case: GroundedAnswer) -> list[Statement]:
    """The statements of a good answer that the check lets pass."""
    if case.label not in GOOD:
        return []
    grounds = Grounds(_numbered(case))
    return [one for one in _statements(case) if not grounds.problems_of(one)]


def _statements(case: GroundedAnswer) -> list[Statement]:
    text, _ = clean_answer(case.answer, citations=len(case.passages))
    return statements(
        text if cited_numbers(text) else f"{text}\n\n{''.join(f'[{number}]' for number in _numbered(case))}"
    )


def _numbered(case: GroundedAnswer) -> dict[int, str]:
    return dict(enumerate(case.passages, start=1))


def _checked(cases: Sequence[GroundedAnswer], stood: Sequence[Sequence[Statement]], place: int) -> CheckedAnswer:
    case, grounds = cases[place], Grounds(_numbered(cases[place]))
    problems = [grounds.problems_of(one) for one in _statements(case)]
    noticed = {fault: _noticed(cases, stood, place, fault, grounds) for fault in Fault}
    return CheckedAnswer(
        id=case.id,
        group=case.set or "-",
        is_good=case.label in GOOD,
        statements=len(problems),
        refused=sum(map(bool, problems)),
        rules=Counter(rule for rules in problems for rule in rules),
        noticed={fault: counts for fault, counts in noticed.items() if counts[1]},
    )


def _noticed(
    cases: Sequence[GroundedAnswer], stood: Sequence[Sequence[Statement]], place: int, fault: Fault, grounds: Grounds
) -> tuple[int, int]:
    """The faults are made of the next case that is about something else."""
    case, passages = cases[place], _numbered(cases[place])
    stranger = next(
        (one for one in _after(place, len(cases)) if not set(cases[one].passages) & set(case.passages)), None
    )
    foreign = stood[stranger] if stranger is not None else ()
    noticed = planted = 0
    for number, one in enumerate(stood[place]):
        around = Around(
            passages="\n\n".join(passages[cited] for cited in one.cites if cited in passages),
            others="\n\n".join(cases[stranger].passages) if stranger is not None else "",
            stranger=foreign[number % len(foreign)].text if foreign else "",
        )
        wrong = plant(fault, one.text, around, random=Random(f"{case.id} {number} {fault}"))  # noqa: S311
        if wrong is not None:
            planted += 1
            noticed += bool(grounds.problems_of(replace(one, text=wrong)))
    return noticed, planted


def _after(place: int, count: int) -> list[int]:
    return [*range(place + 1, count), *range(place)]


def _of(answers: Sequence[CheckedAnswer], group: str) -> list[CheckedAnswer]:
    return [one for one in answers if one.group == group]


def _answers(answers: Sequence[CheckedAnswer]) -> Part:
    return Part(count=sum(one.refused > 0 for one in answers), of=len(answers))


def _part_json(part: Part) -> dict[str, int | float | None]:
    return {**asdict(part), "rate": part.rate}
