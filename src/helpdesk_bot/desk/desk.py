"""The front door of the desk: what platforms call, and what jobs call."""

from dataclasses import replace
from datetime import timedelta

from psycopg import AsyncConnection

from helpdesk_bot import telemetry
from helpdesk_bot.curated import SOURCE as CURATED_SOURCE
from helpdesk_bot.desk.answering import Answering
from helpdesk_bot.desk.approvals import Approvals
from helpdesk_bot.desk.deciding import Deciding
from helpdesk_bot.desk.drafts import Drafting
from helpdesk_bot.desk.hearing import Hearing
from helpdesk_bot.desk.opening import Opening
from helpdesk_bot.desk.parts import Parts
from helpdesk_bot.desk.planning import Planning
from helpdesk_bot.desk.private import PrivateAnswers
from helpdesk_bot.desk.proposals import Proposing
from helpdesk_bot.desk.staleness import Staleness
from helpdesk_bot.desk.truth import Truth
from helpdesk_bot.events import (
    Action,
    AdminCommand,
    ChannelMoved,
    Click,
    Deletion,
    Edit,
    FormName,
    Place,
    Platform,
    Question,
    Submission,
    Vote,
)
from helpdesk_bot.feedback import Opinions
from helpdesk_bot.listening import judge
from helpdesk_bot.messages import Form, Greeting, Home, Notice
from helpdesk_bot.records import InTransaction, Verdict
from helpdesk_bot.records.conversations import get_conversation_id_in
from helpdesk_bot.records.presses import take_press

CURATED = "curated:"
"""How the value of a button begins that decides a curated answer's draft, not an answer's."""


class HelpDesk:
    """The use cases. Fits `helpdesk_bot.ports.Desk`."""

    def __init__(self, parts: Parts, *, opinions: Opinions, approvals: Approvals) -> None:
        self.records = parts.records
        self.people = parts.people
        self._jobs = parts.jobs
        self._escalations = parts.escalations
        self._opinions = opinions
        self._commands = parts.commands
        self._is_command = parts.is_command
        follow_up_within = timedelta(seconds=parts.options.direct_follow_up_s)
        self._hearing = Hearing(parts.channels, follow_up_within=follow_up_within)
        self._opening = Opening(parts)
        truth, deciding = Truth(parts), Deciding(parts)
        self._private = PrivateAnswers(parts, truth=truth)
        self._drafting = Drafting(parts, approvals=approvals, truth=truth)
        self._proposing = Proposing(parts, truth=truth)
        planning = Planning(
            parts, deciding=deciding, private=self._private, drafting=self._drafting, proposing=self._proposing
        )
        self._answering = Answering(
            parts,
            deciding=deciding,
            planning=planning,
            drafting=self._drafting,
            proposing=self._proposing,
            truth=truth,
        )
        self.staleness = Staleness(
            parts, kept_for=timedelta(days=parts.options.stale_days), max_marks=parts.options.max_marks
        )
        self.answer, self.give_up = self._answering.answer, self._answering.give_up

    # What platforms call

    async def accept(self, question: Question) -> bool:
        """Take a message in, with what is made of it, and with the job that answers it."""
        verdict: Verdict | None = None

        async def hear(connection: AsyncConnection, heard: Question) -> Verdict:
            nonlocal verdict
            verdict = await self._hearing.hear(connection, heard)
            return verdict

        async def defer(connection: AsyncConnection) -> None:
            taken = replace(question, continues=verdict.continues if verdict else None)
            await self._jobs.defer_answer(connection, question_key=question.key, conversation_id=taken.conversation_id)

        accepted = await self.records.accept(question, hear=hear, and_then=defer)
        if accepted:
            telemetry.QUESTIONS_ACCEPTED.labels(question.place.platform).inc()
        elif verdict and verdict.speaks:
            telemetry.QUESTIONS_REPEATED.labels(question.place.platform).inc()
        if verdict and verdict.is_by_other:
            await self._escalations.person_spoke(question)
        elif verdict and verdict.rule == "hushed":
            await self._escalations.asker_spoke(question)
        return accepted

    async def take_edit(self, edit: Edit) -> None:
        question = edit.question
        key = await self.records.find_key(question.place, question.message_id, question.key)
        question = replace(question, key=key)
        edit = replace(edit, question=question)
        await self.records.take_edit(edit, hear=self._hearing.hear, and_then=self._defer_answer(question.key))

    async def take_deletion(self, deletion: Deletion) -> None:
        key = await self.records.find_key(deletion.place, deletion.message_id, deletion.question_key)
        deletion = replace(deletion, question_key=key)
        await self.records.take_deletion(deletion, and_then=self._defer_answer(key))

    async def take_move(self, moved: ChannelMoved) -> None:
        """Curated answers for its members are read anew, and admins hear what is theirs to change."""

        async def follow_up(connection: AsyncConnection) -> None:
            await self._jobs.defer_sync(CURATED_SOURCE, connection=connection)
            await self._warn(connection, _moved(moved), marker=f"moved:{moved.to}")

        await self.records.move_channel(moved, and_then=follow_up)

    async def warn_admins(self, text: str, *, marker: str) -> None:
        async with self.records.transaction() as connection:
            await self._warn(connection, text, marker=marker)

    async def record_vote(self, vote: Vote) -> Form | Notice | None:
        return await self._opinions.record_vote(vote)

    async def click(self, click: Click) -> Form | Notice | None:
        match click.action:
            case Action.PRIVATE_ANSWER | Action.SHARE:
                return await self._private.click(click)
            case Action.APPROVE | Action.REVISE | Action.DECLINE if not click.value.startswith(CURATED):
                return await self._drafting.click(click)
            case Action.AGREE | Action.REFUSE | Action.AGAIN:
                return await self._proposing.click(click)
            case Action.REASON:
                return await self._opinions.click(click)
            case _:
                return await self._escalations.click(click)

    async def submit(self, submission: Submission) -> Notice | None:
        if submission.form is FormName.REASON:
            return await self._opinions.submit(submission)
        if submission.form is FormName.REVISE and not submission.value.startswith(CURATED):
            return await self._drafting.submit(submission)
        return await self._escalations.submit(submission)

    def is_question(self, command: AdminCommand) -> bool:
        return not self._is_command(command.words) and judge(" ".join(command.words)).is_question

    async def run_command(self, command: AdminCommand) -> Notice:
        return await self._commands.run(command)

    async def greet(self, place: Place, person_id: str) -> Greeting:
        return await self._opening.greet(place, person_id)

    async def get_home(self, platform: Platform, person_id: str) -> Home:
        return await self._opening.get_home(platform, person_id)

    # What jobs call

    async def carry_out(self, action: Action, value: str, person_id: str) -> None:
        """What a press asks for that takes its time. Safe to call again after dying at any point."""
        if action is Action.PRIVATE_ANSWER:
            await self._private.answer(value, person_id)
        elif action is Action.SHARE:
            await self._private.share(value, person_id)
        elif action is Action.APPROVE:
            await self._drafting.carry_out(value)
        elif action is Action.AGREE:
            await self._proposing.carry_out(value)

    async def look_after_drafts(self) -> None:
        """And after changes: both wait for a person's word."""
        await self._drafting.look_after()
        await self._proposing.look_after()

    async def _warn(self, connection: AsyncConnection, text: str, *, marker: str) -> None:
        if await take_press(connection, f"warning:{marker}"):
            await self._jobs.defer_warning(connection, text=text, marker=marker)

    def _defer_answer(self, question_key: str) -> InTransaction:
        async def defer(connection: AsyncConnection) -> None:
            conversation_id = await get_conversation_id_in(connection, question_key)
            await self._jobs.defer_answer(connection, question_key=question_key, conversation_id=conversation_id)

        return defer


def _moved(moved: ChannelMoved) -> str:
    return (
        f"The channel `{moved.place.channel}` has another id now: `{moved.to}`. What was set for it in chat holds on. "
        f"Where the bot's settings or `CHANNELS_FILE` name `{moved.place.channel}`, put `{moved.to}` there and start "
        "it again. Ids change when a channel is about to be shared with another company."
    )
