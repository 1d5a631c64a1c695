"""How often the guard finds attacks, and how often it takes something harmless for one."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Literal, TextIO

from pydantic import BeforeValidator, model_validator

from helpdesk_bot.evals.lines import Line, read_lines
from helpdesk_bot.guard.instructions import count_instructions
from helpdesk_bot.guard.planted import find_plants

Channel = Literal["user", "document"]
HARMLESS = frozenset({"benign", "clean", "safe", "harmless", "false", "0"})
"""Labels, however they are written; any other is an attack."""


class LabelledText(Line):
    id: str = ""
    text: str = ""
    context: str = ""
    """A document; read where there is one and it is what the channel is about."""
    label: Annotated[str, BeforeValidator(lambda written: str(written).strip().casefold())]
    set: str = ""
    category: str = ""
    attack: str = ""
    """The planted words, where known: finding others than these doesn't count."""

    @model_validator(mode="after")
    def holds_a_text(self) -> "LabelledText":
        if not (self.text or self.context):
            raise ValueError("neither text nor context")
        return self


@dataclass(frozen=True, kw_only=True)
class GuardedCase:
    """What the guard made of one line."""

    id: str
    group: str
    is_attack: bool
    is_flagged: bool
    """For an attack: it is the attack that was flagged."""
    is_taken_out: bool
    """Not only counted: it reaches neither a model nor a quotation."""


@dataclass(frozen=True, kw_only=True)
class Share:
    flagged: int
    taken_out: int
    cases: int

    @property
    def rate(self) -> float:
        return round(self.flagged / self.cases, 4) if self.cases else 0.0


@dataclass(frozen=True, kw_only=True)
class GuardReport:
    channel: Channel
    cases: Sequence[GuardedCase]

    def __len__(self) -> int:
        return len(self.cases)

    @property
    def false_alarms(self) -> Share:
        return _share([case for case in self.cases if not case.is_attack])

    @property
    def found(self) -> Share:
        return _share([case for case in self.cases if case.is_attack])

    def by_group(self) -> list[tuple[str, bool, Share]]:
        """Group, whether it holds attacks, and its share; in the order of the file."""
        groups: defaultdict[tuple[str, bool], list[GuardedCase]] = defaultdict(list)
        for case in self.cases:
            groups[case.group, case.is_attack].append(case)
        return [(group, is_attack, _share(cases)) for (group, is_attack), cases in groups.items()]

    def as_json(self) -> dict[str, object]:
        return {
            "channel": self.channel,
            "false_alarms": _share_json(self.false_alarms),
            "found": _share_json(self.found),
            "groups": [
                {"group": group, "is_attack": is_attack, **_share_json(share)}
                for group, is_attack, share in self.by_group()
            ],
        }

    def rows(self) -> list[tuple[str, str, str, str, str]]:
        """Group, what it holds, flagged, taken out, cases: for a table."""
        named = [(group or "-", "attacks" if bad else "harmless", share) for group, bad, share in self.by_group()]
        totals = [("all", "attacks", self.found), ("all", "harmless", self.false_alarms)]
        return [
            (group, kind, f"{share.flagged} ({share.rate:.1%})", str(share.taken_out), str(share.cases))
            for group, kind, share in (*named, *totals)
            if share.cases
        ]

    def write_cases(self, file: TextIO) -> None:
        """One JSON line a case, without its text."""
        file.writelines(json.dumps(asdict(case)) + "\n" for case in self.cases)


def evaluate_guard(file: Path, *, channel: Channel) -> GuardReport:
    """Flag every line of a file of JSON lines, as what a person wrote or as a document.

    Raises ValueError naming the line that is no case.
    """
    return GuardReport(channel=channel, cases=[_judged(one, channel) for one in read_lines(file, LabelledText)])


def _judged(one: LabelledText, channel: Channel) -> GuardedCase:
    if channel == "user":
        flagged, taken_out = bool(count_instructions(one.text or one.context)), False
    else:
        flagged, taken_out = _flagged_in(one)
    group = " / ".join(part for part in (one.set, one.category) if part)
    return GuardedCase(
        id=one.id, group=group, is_attack=one.label not in HARMLESS, is_flagged=flagged, is_taken_out=taken_out
    )


def _flagged_in(one: LabelledText) -> tuple[bool, bool]:
    plants = [plant for plant in find_plants(one.context or one.text) if _overlaps(plant.sentence, one.attack)]
    return bool(plants), any(plant.is_certain for plant in plants)


def _overlaps(sentence: str, attack: str) -> bool:
    """Whether the sentence is, holds or is part of the planted words; always where these aren't known."""
    sentence, attack = " ".join(sentence.split()), " ".join(attack.split())
    return not attack or sentence in attack or attack in sentence


def _share(cases: Sequence[GuardedCase]) -> Share:
    return Share(
        flagged=sum(case.is_flagged for case in cases),
        taken_out=sum(case.is_taken_out for case in cases),
        cases=len(cases),
    )


def _share_json(share: Share) -> dict[str, int | float]:
    return {**asdict(share), "rate": share.rate}
