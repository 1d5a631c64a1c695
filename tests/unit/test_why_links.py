"""What `why` takes for a message."""

import pytest

from helpdesk_bot.desk import reference_of
from helpdesk_bot.events import Platform
from helpdesk_bot.why import Named, read_link, reference_digest


@pytest.mark.parametrize(
    ("word", "named"),
    [
        (
            "https://example.slack.com/archives/C012AB/p1700000000000200",
            Named(platform=Platform.SLACK, channel="C012AB", message_id="1700000000.000200"),
        ),
        (
            "<https://example.slack.com/archives/D012AB/p1700000000000200?thread_ts=1.2&cid=D012AB|a link>",
            Named(platform=Platform.SLACK, channel="D012AB", message_id="1700000000.000200"),
        ),
        (
            "https://teams.microsoft.com/l/message/19%3Aabc%40thread.tacv2/1700000000123?tenantId=t",
            Named(platform=Platform.TEAMS, channel="19:abc@thread.tacv2", message_id="1700000000123"),
        ),
        ("http://example.slack.com/archives/C012AB/p1700000000000200", None),
        ("https://example.slack.com.evil.test/archives/C012AB/p1700000000000200", None),
        ("https://example.slack.com/archives/C012AB", None),
        ("https://[", None),
        ("printers", None),
    ],
)
def test_a_link_to_a_message_names_it_and_no_other_word_does(word: str, named: Named | None) -> None:
    assert read_link(word) == named


def test_a_reference_leads_back_to_its_question() -> None:
    import hashlib

    key = "slack:T:C1:1700000000.000200"
    reference = reference_of(key)
    assert (
        reference_digest(reference) == reference_digest(reference.lower()) == hashlib.sha256(key.encode()).digest()[:5]
    )
    assert reference_digest("too short") is None
    assert reference_digest("ABCDEFG1") is None
