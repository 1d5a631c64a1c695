"""When the bot speaks: always when it is addressed, otherwise by the channel's settings and the thread's course."""

from dataclasses import replace
from datetime import timedelta

from psycopg import AsyncConnection

from helpdesk_bot import telemetry
from helpdesk_bot.channels import Channels, ChannelSettings, Listening
from helpdesk_bot.events import Addressed, PlaceKind, Question
from helpdesk_bot.listening import judge, says_enough, says_stop
from helpdesk_bot.records import Thread, Verdict
from helpdesk_bot.records.conversations import find_continued_in
from helpdesk_bot.records.threads import find_thread_in


class Hearing:
    """Decides inside the transaction that takes a message in, from the database alone: a platform waits for it."""

    def __init__(self, channels: Channels, *, follow_up_within: timedelta) -> None:
        self._channels = channels
        self._follow_up_within = follow_up_within

    async def hear(self, connection: AsyncConnection, question: Question) -> Verdict:
        verdict = await self._decide(connection, question)
        telemetry.MESSAGES_HEARD.labels(question.place.platform, verdict.rule).inc()
        return verdict

    async def _decide(self, connection: AsyncConnection, question: Question) -> Verdict:
        if question.addressed is not Addressed.OVERHEARD:
            continues = await find_continued_in(connection, question, within=self._follow_up_within)
            return replace(decide_addressed(question), continues=continues)
        thread = await find_thread_in(connection, question.place)
        if thread is not None:
            return decide_in_thread(question, thread)
        return decide_overheard(question, await self._channels.get(question.place, connection))


def decide_addressed(question: Question) -> Verdict:
    if question.addressed is Addressed.DIRECT or question.place.kind is PlaceKind.DIRECT:
        return Verdict(speaks=True, rule="direct")
    hushes = "stopped" if says_stop(question.text) else "tagged" if question.tags_people else ""
    return Verdict(speaks=True, rule="mention", hushes=hushes)


def decide_in_thread(question: Question, thread: Thread) -> Verdict:
    """A message to nobody in particular, in a thread where the bot was addressed before."""
    is_asker = question.person_id in thread.asker_ids
    if thread.hushed_by is not None:
        return Verdict(speaks=False, rule="hushed", reason=thread.hushed_by, is_by_other=not is_asker)
    if question.tags_people:
        return Verdict(speaks=False, rule="tagged", hushes="tagged", is_by_other=not is_asker)
    if says_stop(question.text):
        return Verdict(speaks=False, rule="stopped", hushes="stopped")
    if says_enough(question.text) and not question.files:
        return Verdict(speaks=False, rule="small talk", hushes="done" if is_asker and question.text.strip() else "")
    if not is_asker:
        return Verdict(speaks=False, rule="taken over", hushes="taken over", is_by_other=True)
    return Verdict(speaks=True, rule="follow-up")


def decide_overheard(question: Question, settings: ChannelSettings) -> Verdict:
    """A message to nobody in particular, where nobody addressed the bot yet."""
    if question.tags_people:
        return Verdict(speaks=False, rule="tagged")
    if settings.listen is Listening.MENTION:
        return Verdict(speaks=False, rule="not addressed")
    if question.place.thread not in {None, question.message_id}:
        return Verdict(speaks=False, rule="people's thread")
    if says_enough(question.text) or says_stop(question.text):
        return Verdict(speaks=False, rule="small talk")
    if settings.listen is Listening.EVERYTHING:
        return Verdict(speaks=True, rule="everything")
    judgement = judge(question.text)
    rule = "question" if judgement.is_question else "no question"
    return Verdict(speaks=judgement.is_question, rule=rule, reason=judgement.reason)
