from datetime import UTC, datetime

import pytest

from helpdesk_bot.desk.approvals import Approvals
from helpdesk_bot.events import Addressed, Decision, Outcome, Place, PlaceKind, Platform, Question

APPROVALS = Approvals(words=("401(k)", "pay raise", "C++", "VPN"))


def is_sensitive(text: str, *, answer: str = "") -> bool:
    place = Place(platform=Platform.SLACK, tenant="T", channel="C1", thread="1", kind=PlaceKind.CHANNEL)
    question = Question(
        key="q",
        place=place,
        person_id="U1",
        message_id="1",
        text=text,
        asked_at=datetime(2026, 1, 1, tzinfo=UTC),
        addressed=Addressed.MENTION,
    )
    return APPROVALS.is_sensitive(question, Decision(outcome=Outcome.ANSWERED, text=answer))


@pytest.mark.parametrize(
    "text", ["How do I change my 401(k) share?", "a pay\n raise?", "Pay Raise", "C++?", "(vpn)", "the VPN's name"]
)
def test_a_sensitive_word_is_met_whatever_signs_it_ends_in(text: str):
    assert is_sensitive(text)
    assert is_sensitive("?", answer=text)


@pytest.mark.parametrize("text", ["repay raises", "OpenVPN", "C+"])
def test_a_part_of_another_word_is_none(text: str):
    assert not is_sensitive(text)
