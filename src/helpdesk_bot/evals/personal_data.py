"""How much of the personal data in labelled texts is found, and how much of what is found is none."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

from helpdesk_bot.evals.lines import Line, read_lines
from helpdesk_bot.guard.personal_data import Kind, Span, find_personal_data

LABELS = {
    "EMAIL_ADDRESS": Kind.EMAIL,
    "CREDIT_CARD": Kind.CARD,
    "IBAN_CODE": Kind.IBAN,
    "US_SSN": Kind.SSN,
    "IP_ADDRESS": Kind.IP,
    "PHONE_NUMBER": Kind.PHONE,
}
"""Presidio's names of the kinds. Labels of others (names, places, dates) are out of scope and not counted."""


class LabelledSpan(Line):
    type: str
    start: int
    end: int

    @property
    def kind(self) -> Kind | None:
        return LABELS.get(self.type) or next((kind for kind in Kind if kind == self.type), None)


class LabelledSample(Line):
    id: str = ""
    text: str
    spans: tuple[LabelledSpan, ...]


@dataclass(frozen=True, kw_only=True)
class Found:
    """Of one kind. A labelled span is found, and a found one right, where the two overlap."""

    labelled: int
    found: int
    flagged: int
    right: int

    @property
    def recall(self) -> float | None:
        return round(self.found / self.labelled, 4) if self.labelled else None

    @property
    def precision(self) -> float | None:
        return round(self.right / self.flagged, 4) if self.flagged else None


@dataclass(frozen=True, kw_only=True)
class MeasuredSample:
    id: str
    counts: Mapping[Kind, Found]


@dataclass(frozen=True, kw_only=True)
class PiiReport:
    samples: Sequence[MeasuredSample]

    def __len__(self) -> int:
        return len(self.samples)

    def by_kind(self) -> dict[Kind, Found]:
        return {kind: _summed([sample.counts[kind] for sample in self.samples]) for kind in Kind}

    @property
    def total(self) -> Found:
        return _summed(list(self.by_kind().values()))

    @property
    def structured(self) -> Found:
        """Of the kinds that a form tells: all but phone numbers."""
        return _summed([found for kind, found in self.by_kind().items() if kind is not Kind.PHONE])

    def as_json(self) -> dict[str, object]:
        return {
            "samples": len(self.samples),
            "kinds": {kind.value: _found_json(found) for kind, found in self.by_kind().items()},
            "structured": _found_json(self.structured),
            "all": _found_json(self.total),
        }

    def rows(self) -> list[tuple[str, str, str, str, str]]:
        """Kind, recall, precision, labelled, flagged: for a table."""
        kinds = [(kind.value, found) for kind, found in self.by_kind().items()]
        named = [*kinds, ("structured", self.structured), ("all", self.total)]
        return [
            (name, _percent(one.recall), _percent(one.precision), str(one.labelled), str(one.flagged))
            for name, one in named
        ]

    def write_cases(self, file: TextIO) -> None:
        """One JSON line a sample, without its text: counts of the kinds that it holds."""
        for sample in self.samples:
            counts = {kind.value: asdict(one) for kind, one in sample.counts.items() if one.labelled or one.flagged}
            file.write(json.dumps({"id": sample.id, "kinds": counts}) + "\n")


def evaluate_personal_data(file: Path) -> PiiReport:
    """Look for personal data in every text of a file of JSON lines. Raises ValueError naming the line that is none."""
    samples = [MeasuredSample(id=one.id, counts=_counts(one)) for one in read_lines(file, LabelledSample)]
    return PiiReport(samples=samples)


def _counts(sample: LabelledSample) -> dict[Kind, Found]:
    flagged = find_personal_data(sample.text)
    labelled = [span for span in sample.spans if span.kind is not None]
    return {
        kind: Found(
            labelled=sum(span.kind is kind for span in labelled),
            found=sum(span.kind is kind and any(_same(span, one) for one in flagged) for span in labelled),
            flagged=Counter(one.kind for one in flagged)[kind],
            right=sum(one.kind is kind and any(_same(span, one) for span in labelled) for one in flagged),
        )
        for kind in Kind
    }


def _same(labelled: LabelledSpan, found: Span) -> bool:
    return labelled.kind is found.kind and labelled.start < found.end and found.start < labelled.end


def _summed(founds: Sequence[Found]) -> Found:
    return Found(
        labelled=sum(one.labelled for one in founds),
        found=sum(one.found for one in founds),
        flagged=sum(one.flagged for one in founds),
        right=sum(one.right for one in founds),
    )


def _found_json(one: Found) -> dict[str, int | float | None]:
    return {**asdict(one), "recall": one.recall, "precision": one.precision}


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"
