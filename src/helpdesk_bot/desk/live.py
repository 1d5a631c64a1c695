"""An answer shown while it is written, where the platform can."""

from collections.abc import Sequence

import structlog

from helpdesk_bot.desk import wording
from helpdesk_bot.desk.parts import Parts
from helpdesk_bot.errors import ChatError, ChatRefused, ReaderStopped
from helpdesk_bot.events import Outcome
from helpdesk_bot.messages import Reply
from helpdesk_bot.ports import Stream
from helpdesk_bot.records import OpenQuestion, Planned
from knowledge.audience import Audience
from knowledge.passages import Passage

log = structlog.get_logger()

STOPPED = "stopped_by_user"
"""What every platform's stream says when its reader pressed stop."""


class LiveReply:
    """Opened with the first piece, and once only: a message that was there before is edited when all is known.

    Its row is `sending` from the moment before it is opened, so that after a crash it is looked for.
    """

    def __init__(self, parts: Parts, asked: OpenQuestion) -> None:
        self.stream: Stream | None = None
        self._parts = parts
        self._asked = asked
        self._is_over = False
        self._is_noted = False

    async def say(self, piece: str, passages: Sequence[Passage], *, audience: Audience) -> None:
        """Show one more piece, if what it rests on still stands.

        Raises `ReaderStopped`, and nothing else: without it the whole answer comes in any case.
        """
        if self._is_over:
            return
        try:
            if await self._may_go_on(passages, audience) and await self._open() and self.stream is not None:
                await self.stream.append(piece)
                await self._note_shown(self.stream)
                return
        except ChatRefused as refused:
            self._is_over = True
            if refused.reason == STOPPED:
                raise ReaderStopped from refused
            log.warning("answer is not shown while it is written", reason=refused.reason)
        except ChatError as error:
            log.warning("answer is not shown while it is written", reason=str(error))
        self._is_over = True

    async def _note_shown(self, stream: Stream) -> None:
        """Write down which message it is as soon as there is one: not every platform finds a half by its marker."""
        if self._is_noted or stream.message_id is None:
            return
        await self._parts.records.note_message(f"reply:{self._asked.question.key}", stream.message_id)
        self._is_noted = True

    async def _may_go_on(self, passages: Sequence[Passage], audience: Audience) -> bool:
        cited = {passage.chunk_id for passage in passages if passage.chunk_id >= 0}
        return len(await self._parts.search.still_readable(cited, audience)) == len(cited)

    async def _open(self) -> bool:
        """Whether it is open; it was not before, and the platform can."""
        if self.stream is not None:
            return True
        question = self._asked.question
        begun = Reply(
            question_key=question.key,
            outcome=Outcome.FAILED,
            text=wording.BROKE_OFF,
            reference=wording.reference_of(question.key),
        )
        planned = Planned(place=question.place, message=begun)
        records, marker = self._parts.records, f"reply:{question.key}"
        if not await records.begin_stream(question.key, planned, revision=self._asked.revision):
            return False
        chat = self._parts.chats[question.place.platform]
        self.stream = await chat.open_stream(question.place, question.person_id, marker=marker)
        if self.stream is None and (outgoing := await records.find_outgoing(marker)):
            await records.put_back(outgoing.id)
        return self.stream is not None
