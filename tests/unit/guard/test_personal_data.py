from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk_bot.guard.personal_data import PLACEHOLDERS, Kind, find_personal_data, redact


def found(text: str) -> list[tuple[Kind, str]]:
    return [(span.kind, text[span.start : span.end]) for span in find_personal_data(text)]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("write to ada.lovelace+it@mail.example.co.uk.", Kind.EMAIL, "ada.lovelace+it@mail.example.co.uk"),
        ("my card 4111 1111 1111 1111 was declined", Kind.CARD, "4111 1111 1111 1111"),
        ("5555-5555-5555-4444", Kind.CARD, "5555-5555-5555-4444"),
        ("amex 378282246310005", Kind.CARD, "378282246310005"),
        ("pay to DE89 3704 0044 0532 0130 00 today", Kind.IBAN, "DE89 3704 0044 0532 0130 00"),
        ("gb82west12345698765432", Kind.IBAN, "gb82west12345698765432"),
        ("SSN 123-45-6789", Kind.SSN, "123-45-6789"),
        ("ping 192.168.10.20 fails", Kind.IP, "192.168.10.20"),
        ("from 2001:db8:85a3::8a2e:370:7334", Kind.IP, "2001:db8:85a3::8a2e:370:7334"),
        ("+49 (0)30 123 45 67", Kind.PHONE, "+49 (0)30 123 45 67"),
        ("ring 0341 8387176 please", Kind.PHONE, "0341 8387176"),
        ("(602) 555-0147", Kind.PHONE, "(602) 555-0147"),
        ("Mobile: 72 128 827", Kind.PHONE, "72 128 827"),
        ("call me at 555 0147", Kind.PHONE, "555 0147"),
        ("fax 602-555-0147x4587", Kind.PHONE, "602-555-0147x4587"),
    ],
)
def test_personal_data_is_found_as_it_is_written(text: str, kind: Kind, value: str):
    assert found(text) == [(kind, value)]


@pytest.mark.parametrize(
    "text",
    [
        "my card 4111 1111 1111 1112 was declined",  # no Luhn check digit
        "order 4012 and invoice 20260131",
        "asset 100200300400500",
        "DE89 3704 0044 0532 0130 07",  # no IBAN
        "000-12-3456 and 666-12-3456 and 912-12-3456",
        "version 10.4.2.1 is out, v10.4.2.1 too",
        "300.1.2.3",
        "on 2026-01-31 at 12:30:45, on 31.01.2026",
        "extension 4000, room 2.14, ticket 88231",
        "it costs $1,200.50 or 1 200 000",
        "call 4000",
        "KB0010023 and INC0012345",
        "10:30",
        "us@them",
    ],
)
def test_other_numbers_are_not_taken_for_it(text: str):
    assert found(text) == []


def test_only_the_wanted_kinds_are_replaced_and_all_are_counted():
    text, counts = redact("ada@example.com pays with 4111111111111111", [Kind.CARD])
    assert text == "ada@example.com pays with (card number)"
    assert counts == {Kind.EMAIL: 1, Kind.CARD: 1}


def test_placeholders_are_no_personal_data():
    for kind, placeholder in PLACEHOLDERS.items():
        assert not find_personal_data(f"{kind} {placeholder}")


PIECES = [
    "4111 1111 1111 1111",
    "ada@example.com",
    "DE89370400440532013000",
    "123-45-6789",
    "10.0.0.1",
    "+49 30 1234567",
]


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=10), max_size=12).map(" ".join))
def test_spans_are_in_order_apart_and_gone_after_redaction(text: str):
    spans = find_personal_data(text)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(before.end <= after.start for before, after in pairwise(spans))
    redacted, _ = redact(text, list(Kind))
    for piece in PIECES[:4]:
        assert f" {piece} " not in f" {redacted} "
