"""The form that saves an answer as knowledge."""

from datetime import date

import pytest

from connectors.documents import STAFF, AccessRule, group, user
from helpdesk_bot.curated import Readers, rule_for
from helpdesk_bot.escalation.saving import WrongForm, curated_id_of, read_form
from helpdesk_bot.events import Place, PlaceKind, Platform

TODAY = date(2026, 11, 23)
WHOLE = {"question": " When? ", "answer": "Now.", "owner": "Ada", "readers": "staff", "expires_on": "2027-01-01"}


def test_a_whole_form_is_read() -> None:
    filled = read_form(WHOLE, today=TODAY)
    assert (filled.question, filled.answer, filled.readers) == ("When?", "Now.", Readers.STAFF)
    assert filled.expires_on == date(2027, 1, 1)


def test_without_a_choice_only_the_channel_reads_it() -> None:
    assert read_form(WHOLE | {"readers": ""}, today=TODAY).readers is Readers.PLACE


@pytest.mark.parametrize(
    "wrong",
    [
        {"question": " "},
        {"answer": ""},
        {"readers": "everybody"},
        {"expires_on": "soon"},
        {"expires_on": "2026-11-23"},
        {"expires_on": "2036-01-01"},
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_saved(wrong: dict[str, str]) -> None:
    with pytest.raises(WrongForm, match="nothing was saved"):
        read_form(WHOLE | wrong, today=TODAY)


def test_who_may_read_becomes_a_rule() -> None:
    place = Place(platform=Platform.SLACK, tenant="T", channel="C1", thread="1", kind=PlaceKind.CHANNEL)
    assert rule_for(Readers.STAFF, place) == AccessRule.any_of([STAFF])
    assert rule_for(Readers.PLACE, place) == AccessRule.any_of([group("curated", "slack:T:C1")])
    page = AccessRule.any_of([user("ada@example.com")])
    space = AccessRule.any_of([STAFF])
    assert rule_for(Readers.SOURCES, place, [page, space]) == AccessRule(all_of=page.all_of | space.all_of)
    assert rule_for(Readers.SOURCES, place) == AccessRule.nobody()


@pytest.mark.parametrize(("value", "found"), [("curated:7", 7), ("curated:", 0), ("curated:-1", 0), ("curated:٣", 0)])
def test_ids_in_buttons_are_plain_numbers(value: str, found: int) -> None:
    assert curated_id_of(value) == found
