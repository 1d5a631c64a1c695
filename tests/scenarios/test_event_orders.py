"""Whatever the order in which a message, its edits and its deletion arrive, and whenever a worker gets to them, the end
is the same: one answer to the newest text, or none to a deleted message (RELIABILITY row 2).
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as fewer
from hypothesis import strategies as st

from helpdesk_bot.errors import ChatError
from helpdesk_bot.events import Addressed, Deletion, Edit, Place, PlaceKind, Platform, Question
from helpdesk_bot.settings import Settings
from tests.fakes.slack import Drop, SlackServer
from tests.fakes.slack_blocks import said
from tests.scenarios.conftest import Office, open_office

START = datetime(2026, 11, 22, tzinfo=UTC)
TEXTS = (
    "how long does a VPN session last?",
    "how do I reset a forgotten password?",
    "paper jam in the printer, what do I do",
    "how long is a voucher for the guest Wi-Fi good for?",
)
"""By version: the message as it was written first, then its edits."""
TELLING = ("12 hours", "reset.example.com", "tray 2", "one day")
"""What only the answer to that text holds."""

CREATE, EDIT_1, EDIT_2, EDIT_3, DELETE = "create", "edit 1", "edit 2", "edit 3", "delete"
WORK, LOSE = "a worker looks", "the next post's answer gets lost"


@dataclass
class Message:
    """One message of a person, and the events about it."""

    office: Office
    ts: str
    mentioned_from: int
    """The first version that mentions the bot."""

    @property
    def key(self) -> str:
        return f"slack:{self.office.slack.team_id}:CSTAFF:{self.ts}"

    def version(self, number: int) -> Question:
        addressed = Addressed.MENTION if number == self.mentioned_from else Addressed.OVERHEARD
        place = Place(
            platform=Platform.SLACK,
            tenant=self.office.slack.team_id,
            channel="CSTAFF",
            thread=self.ts,
            kind=PlaceKind.CHANNEL,
        )
        return Question(
            key=self.key,
            place=place,
            person_id="UBO",
            message_id=self.ts,
            text=TEXTS[number],
            asked_at=START,
            addressed=addressed,
        )

    async def happen(self, event: str) -> None:
        desk = self.office.app.desk
        if event == CREATE:
            await desk.accept(self.version(0))
        elif event.startswith("edit"):
            number = int(event[-1])
            await desk.take_edit(Edit(question=self.version(number), edited_at=START + timedelta(seconds=number)))
        elif event == DELETE:
            at = START + timedelta(seconds=9)
            question = self.version(0)
            await desk.take_deletion(Deletion(question_key=self.key, place=question.place, message_id=self.ts, at=at))
        elif event == LOSE:
            self.office.slack.fail("chat.postMessage", Drop(after_taking=True))
        else:
            await self.work()

    async def work(self) -> None:
        """As the queue does: what fails is tried again later."""
        try:
            await self.office.app.desk.answer(self.key)
        except ChatError:
            await self.office.fetch("select 1")


events = st.tuples(
    st.sampled_from([(CREATE,), (CREATE, EDIT_1), (CREATE, EDIT_1, EDIT_2), (CREATE, EDIT_1, EDIT_2, EDIT_3)]),
    st.booleans(),
    st.lists(st.sampled_from([WORK, WORK, LOSE, CREATE, EDIT_1, DELETE]), max_size=5),
    st.integers(min_value=0, max_value=1),
).flatmap(
    lambda drawn: st.tuples(
        st.permutations(
            [
                *drawn[0],
                *([DELETE] if drawn[1] else []),
                *(
                    extra
                    for extra in drawn[2]
                    if extra in {WORK, LOSE} or extra in drawn[0] or (extra == DELETE and drawn[1])
                ),
            ]
        ),
        st.just(min(drawn[3], len(drawn[0]) - 1)),
    )
)


@pytest.fixture
async def idle_office(settings: Settings, slack: SlackServer) -> AsyncGenerator[Office]:
    """Nobody works but the test."""
    async with open_office(settings, slack, working=False) as office:
        yield office


@pytest.mark.slow
@pytest.mark.timeout(300)
@given(drawn=events)
@example(drawn=((CREATE, LOSE, WORK, EDIT_1, WORK), 0))
@example(drawn=((CREATE, LOSE, WORK, DELETE, WORK), 0))
@example(drawn=((EDIT_1, CREATE, WORK), 0))
@example(drawn=((CREATE, EDIT_2, EDIT_1, WORK), 1))
@example(drawn=((DELETE, EDIT_1, CREATE, WORK), 0))
@fewer(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
async def test_the_end_is_the_same_in_any_order(idle_office: Office, drawn: tuple[Sequence[str], int]) -> None:
    await check(idle_office, *drawn)


async def check(office: Office, order: Sequence[str], mentioned_from: int) -> None:
    office.slack._faults.clear()
    ts = office.slack.say("CSTAFF", "UBO", "as Slack has it")
    message = Message(office, ts, mentioned_from)
    for event in order:
        await message.happen(event)
    office.slack._faults.clear()
    await office.fetch("update helpdesk.outgoing set claimed_at = null returning 1")
    await message.work()
    await message.work()
    newest = max((int(event[-1]) for event in order if event.startswith("edit")), default=0)
    replies = [said(reply) for reply in office.slack.replies("CSTAFF", ts)]
    if DELETE in order:
        assert replies == []
        rows = await office.fetch("select outcome, text from helpdesk.question where key = %s", [message.key])
        assert rows in ([], [("withdrawn", "")])
        return
    assert len(replies) == 1, order
    assert TELLING[newest] in replies[0], (order, replies)
    others = [word for number, word in enumerate(TELLING) if number != newest]
    assert not any(word in replies[0] for word in others), (order, replies)
    ((outcome,),) = await office.fetch("select outcome from helpdesk.question where key = %s", [message.key])
    assert outcome == "answered"
