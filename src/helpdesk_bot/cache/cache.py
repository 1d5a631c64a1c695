"""The cache: what is kept, and when it may be said again."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from helpdesk_bot import telemetry
from helpdesk_bot.cache.sameness import meaning, plain
from helpdesk_bot.guard.outgoing import cited_numbers, renumber
from helpdesk_bot.guard.personal_data import find_personal_data
from helpdesk_bot.records.cached import CachedAnswer, CachedAnswers, Kept
from knowledge.passages import Passage

log = structlog.get_logger()

BEST = 3
"""Among this many best passages nothing may be new since the answer was written."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A stand-alone question, with what an audience was found for it just now, and what else decides on an answer."""

    question: str
    passages: Sequence[Passage]
    """As the composer would be given them."""
    prompt_version: str
    tone: str = ""
    sources: frozenset[str] | None = None


@dataclass(frozen=True, kw_only=True)
class Recalled:
    """An answer whose markers count the passages that were found now. It is to be checked as a new one is."""

    id: int
    text: str
    composer: str
    model: str
    prompt_version: str
    is_exact: bool
    """Asked in the same words; otherwise in other words that mean the same."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """An answer that passed every check."""

    question_key: str
    text: str
    composer: str
    model: str
    prompt_version: str


class AnswerCache:
    """Never in the way: trouble with the database finds nothing and keeps nothing.

    `settings` is whatever else an answer depends on, such as the names of models and the policy of the guard.
    """

    def __init__(self, records: CachedAnswers, *, settings: str = "", kept_for: timedelta, max_answers: int) -> None:
        self._records = records
        self._settings = settings
        self._kept_for = kept_for
        self._max_answers = max_answers

    async def find(self, wanted: Wanted) -> Recalled | None:
        """An answer to this question that stands on passages which were found for it now, word for word."""
        try:
            candidates = await self._records.list_cached(
                self._context(wanted),
                exact=_hash(plain(wanted.question)),
                alike=_hash(meaning(wanted.question)),
                kept_for=self._kept_for,
            )
            found = [one for one in (recall(candidate, wanted) for candidate in candidates) if one is not None]
            if found:
                await self._records.note_use(found[0].id)
        except (psycopg.Error, PoolTimeout) as error:
            log.warning("cache not asked", error=str(error))
            return None
        became = "none" if not candidates else "stale"
        if found:
            became = "exact" if found[0].is_exact else "alike"
        telemetry.CACHE_LOOKS.labels(became).inc()
        return found[0] if found else None

    async def keep(self, wanted: Wanted, written: Written) -> None:
        """Keep it, unless it is about a person or stands on what is not everybody's to find again."""
        if not may_be_kept(wanted, written):
            return
        kept = Kept(
            context=self._context(wanted),
            exact=_hash(plain(wanted.question)),
            alike=_hash(meaning(wanted.question)),
            question_key=written.question_key,
            text=written.text,
            composer=written.composer,
            model=written.model,
            prompt_version=written.prompt_version,
            seen=[(one.chunk_id, digest_of(one)) for one in wanted.passages],
        )
        try:
            await self._records.keep_cached(kept, max_answers=self._max_answers)
        except (psycopg.Error, PoolTimeout) as error:
            log.warning("answer not cached", error=str(error))

    def _context(self, wanted: Wanted) -> bytes:
        sources = None if wanted.sources is None else sorted(wanted.sources)
        return _hash(json.dumps([wanted.prompt_version, wanted.tone, sources, self._settings]))


def recall(candidate: CachedAnswer, wanted: Wanted) -> Recalled | None:
    """The answer for these passages; None where it rests on others, or where better ones may have come since."""
    found = {(one.chunk_id, digest_of(one)): number for number, one in enumerate(wanted.passages, start=1)}
    seen = [(chunk_id, digest) for chunk_id, digest in candidate.seen]
    if any(one not in seen for one in list(found)[:BEST]):
        return None
    cited = cited_numbers(candidate.text)
    if not cited or max(cited) > len(seen):
        return None
    numbers = {number: found.get(seen[number - 1]) for number in cited}
    places = {number: place for number, place in numbers.items() if place is not None}
    if len(places) < len(cited):
        return None
    return Recalled(
        id=candidate.id,
        text=renumber(candidate.text, places),
        composer=candidate.composer,
        model=candidate.model,
        prompt_version=candidate.prompt_version,
        is_exact=candidate.is_exact,
    )


def may_be_kept(wanted: Wanted, written: Written) -> bool:
    """Personal data and files that came with a question are never kept, nor what a model did not finish."""
    return bool(
        written.model
        and all(one.chunk_id > 0 for one in wanted.passages)
        and not find_personal_data(wanted.question)
        and not find_personal_data(written.text)
    )


def digest_of(passage: Passage) -> str:
    """Of all that a composer is shown of it."""
    shown = json.dumps([passage.title, *passage.heading_path, passage.text])
    return hashlib.sha256(shown.encode()).hexdigest()[:32]


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()
