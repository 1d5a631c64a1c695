"""Answers that rest on what changed since: noted where they stand, or taken back where it may not be read any more."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import IntEnum

import structlog

from helpdesk_bot import telemetry
from helpdesk_bot.desk import wording
from helpdesk_bot.desk.parts import Parts
from helpdesk_bot.desk.truth import is_attached
from helpdesk_bot.errors import ChatError
from helpdesk_bot.guard.grounding import Statement, check_grounding, statements
from helpdesk_bot.guard.words import content_stems, covered
from helpdesk_bot.messages import Message, Reply
from helpdesk_bot.records import Outgoing, OutgoingState
from helpdesk_bot.records.conversations import find_conversation_id_in
from knowledge.audience import Audience
from knowledge.passages import Passage

log = structlog.get_logger()

STILL_SAID = 0.8
"""A statement still stands if its page holds this share of its words, weighed by rarity, and passes the hard checks."""


class Standing(IntEnum):
    """How an answer stands to its sources, the worst last."""

    FINE = 0
    CHANGED = 1
    GONE = 2
    """A page is gone, or not everybody in the place may read it any more."""


@dataclass(frozen=True, kw_only=True)
class Judged:
    standing: Standing
    titles: tuple[str, ...] = ()
    """Of the changed pages, as the answer shows them."""


class Staleness:
    def __init__(self, parts: Parts, *, kept_for: timedelta, max_marks: int) -> None:
        self._records = parts.records
        self._search = parts.search
        self._people = parts.people
        self._agent = parts.agent
        self._delivery = parts.delivery
        self._jobs = parts.jobs
        self._today = parts.today
        self._kept_for = kept_for
        self._max_marks = max_marks

    async def look(self) -> int:
        """After pages or rights changed: find the answers to mark, at most `max_marks`, those to take back first.

        How many are left for another look, which is made in an hour.
        """
        due: list[tuple[Standing, Outgoing]] = []
        for outgoing in await self._records.list_cited(self._kept_for):
            judged = await self._judge(outgoing)
            if judged.standing is Standing.GONE or (judged.standing is Standing.CHANGED and not is_marked(outgoing)):
                due.append((judged.standing, outgoing))
        due.sort(key=lambda one: -one[0])
        now, later = due[: self._max_marks], due[self._max_marks :]
        async with self._records.transaction() as connection:
            for _, outgoing in now:
                if conversation_id := await find_conversation_id_in(connection, outgoing.question_key):
                    await self._jobs.defer_mark(connection, marker=outgoing.marker, conversation_id=conversation_id)
        if now:
            log.info("answers rest on what changed", action="stale", marked=len(now), left=len(later))
        return len(later)

    async def mark(self, marker: str) -> None:
        """Mark one answer, as it stands to its sources now. Raises to be called again."""
        outgoing = await self._records.find_outgoing(marker)
        if outgoing is None or outgoing.message_id is None or not isinstance(outgoing.message, Reply):
            return
        if outgoing.state is OutgoingState.SENT:
            said = await self._revised(outgoing, outgoing.message)
            if said is None:
                return
            await self._records.replan(outgoing.id, said)
            outgoing = replace(outgoing, message=said, state=OutgoingState.PLANNED, version=outgoing.version + 1)

        async def unchanged(outgoing: Outgoing) -> Message:
            return outgoing.message

        await self._delivery.say(outgoing, revise=unchanged)

    async def _judge(self, outgoing: Outgoing) -> Judged:
        """What can't be looked at now is left alone: whoever may read the place is not known."""
        assert isinstance(outgoing.message, Reply)  # noqa: S101 -- lists replies only
        question = await self._records.find_question(outgoing.question_key)
        if question is None:
            return Judged(standing=Standing.FINE)
        try:
            audience = await self._people.audience_of(outgoing.place, question.person_id)
        except ChatError:
            return Judged(standing=Standing.FINE)
        return await self._judge_for(outgoing.message, audience)

    async def _judge_for(self, reply: Reply, audience: Audience) -> Judged:
        passages = _cited(reply)
        readable = await self._search.still_readable([one.chunk_id for one in passages], audience)
        missing = {one.document_id for one in passages if one.chunk_id not in readable}
        if not missing:
            return Judged(standing=Standing.FINE)
        texts: dict[int, str] = {}
        for one in await self._search.list_passages(list(missing), audience):
            texts[one.document_id] = "\n\n".join(filter(None, (texts.get(one.document_id, ""), _whole(one))))
        if missing - texts.keys():
            return Judged(standing=Standing.GONE)
        changed = {
            one.passage.document_id
            for one in reply.citations
            if one.passage.chunk_id not in readable
            and one.passage.document_id in texts
            and not still_says(reply.text, one.number, texts[one.passage.document_id])
        }
        titles = tuple(dict.fromkeys(one.title for one in passages if one.document_id in changed))
        return Judged(standing=Standing.CHANGED if changed else Standing.FINE, titles=titles)

    async def _revised(self, outgoing: Outgoing, reply: Reply) -> Reply | None:
        """What it is to say from now on; None where it stands, or says so already."""
        judged = await self._judge(outgoing)
        if judged.standing is Standing.FINE or (judged.standing is Standing.CHANGED and is_marked(outgoing)):
            return None
        telemetry.ANSWERS_MARKED.labels(outgoing.place.platform, judged.standing.name.lower()).inc()
        if judged.standing is Standing.GONE:
            conversation_id = await self._records.get_conversation_id(outgoing.question_key)
            await self._agent.forget(outgoing.question_key, conversation_id=conversation_id)
            return wording.taken_back(reply)
        note = wording.source_changed(judged.titles, self._today())
        return replace(reply, note="\n".join(filter(None, (reply.note, note))))


def is_marked(outgoing: Outgoing) -> bool:
    return isinstance(outgoing.message, Reply) and wording.MAY_BE_OUT_OF_DATE in outgoing.message.note


def still_says(answer: str, number: int, text: str) -> bool:
    """Whether a page still says what the answer's statements with this marker say.

    Word for word, or with nearly all of their words and every number, name, address and command.
    """
    flat = _flat(text)
    return all(
        _flat(one.text) in flat or _is_supported(one, number, text) for one in statements(answer) if number in one.cites
    )


def _is_supported(statement: Statement, number: int, text: str) -> bool:
    if covered(set(content_stems(statement.text)), set(content_stems(text))) < STILL_SAID:
        return False
    return not check_grounding(f"{statement.text} [{number}]", {number: text})


def _cited(reply: Reply) -> Sequence[Passage]:
    return [one.passage for one in reply.citations if not is_attached(one.passage)]


def _whole(passage: Passage) -> str:
    return "\n".join([passage.title, *passage.heading_path, passage.text])


def _flat(text: str) -> str:
    return " ".join(text.split())
