"""What waits for an approver, and where approvers are."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from helpdesk_bot.events import Decision, Place, PlaceKind, Platform, Question


@dataclass(frozen=True, kw_only=True)
class Approvals:
    words: tuple[str, ...] = ()
    """Words and phrases that make a question or its answer sensitive, compared without case."""
    sources: frozenset[str] = frozenset()
    """What is answered from these is sensitive."""
    channels: Mapping[Platform, str] = field(default_factory=dict[Platform, str])
    """By platform; where there is none, what is sensitive goes to people."""
    wait_s: float = 3600.0

    @property
    def are_needed(self) -> bool:
        """Whether an answer may turn out to be sensitive: then nothing of it is shown before it is whole."""
        return bool(self.words or self.sources)

    def is_sensitive(self, question: Question, decision: Decision) -> bool:
        told = " ".join(f"{question.text}\n{decision.standalone}\n{decision.text}".casefold().split())
        cited = {one.passage.source for one in decision.citations}
        return bool(cited & self.sources) or any(
            re.search(rf"(?<!\w){re.escape(word.casefold())}(?!\w)", told) for word in self.words
        )

    def find_place(self, question: Question) -> Place | None:
        """Where approvers of its platform are; None where there is no such channel."""
        channel = self.channels.get(question.place.platform)
        if channel is None:
            return None
        return replace(question.place, channel=channel, thread=None, kind=PlaceKind.CHANNEL)
