"""When the bot speaks, as a function of the message, the thread and the channel's settings."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from helpdesk_bot.channels import ChannelSettings, Listening
from helpdesk_bot.desk.hearing import decide_addressed, decide_in_thread, decide_overheard
from helpdesk_bot.events import Addressed, Place, PlaceKind, Platform, Question, SharedFile
from helpdesk_bot.records import Thread

PLACE = Place(platform=Platform.SLACK, tenant="T", channel="C", thread="1", kind=PlaceKind.CHANNEL)
OPEN = Thread(asker_ids=["UBO"], hushed_by=None)


def message(text: str = "and on a Mac?", *, by: str = "UBO", message_id: str = "2", **more: object) -> Question:
    question = Question(
        key="q",
        place=PLACE,
        person_id=by,
        message_id=message_id,
        text=text,
        asked_at=datetime(2026, 11, 22, tzinfo=UTC),
        addressed=Addressed.OVERHEARD,
    )
    return replace(question, **more)


def test_in_a_direct_conversation_it_always_speaks() -> None:
    direct = message("stop", addressed=Addressed.DIRECT, place=replace(PLACE, kind=PlaceKind.DIRECT))
    assert decide_addressed(direct).speaks


def test_a_mention_that_brings_in_a_person_is_answered_and_hushes_what_follows() -> None:
    verdict = decide_addressed(message("how?", addressed=Addressed.MENTION, tags_people=True))
    assert (verdict.speaks, verdict.hushes) == (True, "tagged")


@pytest.mark.parametrize(
    ("heard", "thread", "rule", "speaks", "hushes"),
    [
        (message(), OPEN, "follow-up", True, ""),
        (message(), Thread(asker_ids=["UBO"], hushed_by="claimed"), "hushed", False, ""),
        (message(tags_people=True), OPEN, "tagged", False, "tagged"),
        (message("be quiet"), OPEN, "stopped", False, "stopped"),
        (message("be quiet", by="UADA"), OPEN, "stopped", False, "stopped"),
        (message("thanks!"), OPEN, "small talk", False, "done"),
        (message("thanks!", by="UADA"), OPEN, "small talk", False, ""),
        (message("try turning it off", by="UADA"), OPEN, "taken over", False, "taken over"),
    ],
)
def test_in_a_thread_of_ours(heard: Question, thread: Thread, rule: str, speaks: bool, hushes: str) -> None:
    verdict = decide_in_thread(heard, thread)
    assert (verdict.rule, verdict.speaks, verdict.hushes) == (rule, speaks, hushes)


def test_a_screenshot_without_a_word_is_a_follow_up() -> None:
    file = SharedFile(id="F", name="error.png", media_type="image/png", size_bytes=1)
    assert decide_in_thread(message("", files=(file,)), OPEN).speaks


@pytest.mark.parametrize(
    ("text", "listen", "rule", "speaks"),
    [
        ("how do I reset my password?", Listening.MENTION, "not addressed", False),
        ("how do I reset my password?", Listening.QUESTIONS, "question", True),
        ("I reset my password.", Listening.QUESTIONS, "no question", False),
        ("I reset my password.", Listening.EVERYTHING, "everything", True),
        ("thanks all", Listening.EVERYTHING, "small talk", False),
    ],
)
def test_outside_of_our_threads_the_channel_decides(text: str, listen: Listening, rule: str, speaks: bool) -> None:
    verdict = decide_overheard(message(text, message_id="1"), ChannelSettings(listen=listen))
    assert (verdict.rule, verdict.speaks) == (rule, speaks)


@pytest.mark.parametrize("listen", [Listening.QUESTIONS, Listening.EVERYTHING])
def test_it_does_not_break_into_other_peoples_threads(listen: Listening) -> None:
    verdict = decide_overheard(message("how do I reset my password?", message_id="7"), ChannelSettings(listen=listen))
    assert (verdict.rule, verdict.speaks) == ("people's thread", False)


def test_what_is_said_to_somebody_else_is_not_for_it() -> None:
    heard = message("how do I reset my password?", message_id="1", tags_people=True)
    assert not decide_overheard(heard, ChannelSettings(listen=Listening.EVERYTHING)).speaks
