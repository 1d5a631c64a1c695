"""What the bot did not find, in a true sentence."""

from datetime import UTC, datetime

from helpdesk_bot.escalation.case import Cause
from helpdesk_bot.escalation.missing import describe_missing
from knowledge.passages import Passage, Scores


def passage(text: str) -> Passage:
    return Passage(
        chunk_id=1,
        document_id=1,
        source="handbook",
        key="vpn.md",
        title="Connect to the VPN",
        url="",
        heading_path=(),
        text=text,
        page=None,
        modified_at=datetime(2026, 1, 1, tzinfo=UTC),
        scores=Scores(),
    )


def test_words_that_no_page_holds_are_named_as_they_were_asked() -> None:
    said = describe_missing(
        Cause.UNSURE, "Does the VPN cost anything in Brazil?", [passage("The VPN is for everyone.")]
    )
    assert "“Brazil”" in said
    assert "“VPN”" not in said


def test_where_every_word_is_there_it_says_so() -> None:
    said = describe_missing(Cause.UNSURE, "VPN session", [passage("A VPN session is encrypted.")])
    assert said == "I found pages on this, but no sentence in them that answers it."


def test_without_a_readable_page_no_page_is_claimed() -> None:
    assert "no page" in describe_missing(Cause.UNSURE, "salary of Ada", [])


def test_where_people_were_asked_for_nothing_is_missing() -> None:
    assert describe_missing(Cause.ASKED, "x", []) == "They asked for a person."
    assert describe_missing(Cause.NOT_HELPFUL, "x", []) == "My answer did not help."
