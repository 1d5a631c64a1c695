from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.documents import PUBLIC, STAFF, AccessRule, Listed
from knowledge.receipts import Receipt, RunState
from knowledge.store import Quarantined, StoredDocument, rule_digest
from knowledge.sync import KILLED_ITS_READER, MAX_ATTEMPTS, Need, find_need, too_many

LISTED = Listed(
    key="a",
    version="2",
    title="A",
    url="https://place.example/a",
    access=AccessRule.any_of([PUBLIC]),
    media_type="text/markdown",
    modified_at=datetime(2026, 1, 1, tzinfo=UTC),
)
STORED = StoredDocument(
    id=1,
    key="a",
    version="2",
    recipe="r",
    title="A",
    listed_title="A",
    url="https://place.example/a",
    access_digest=rule_digest(LISTED.access),
    modified_at=LISTED.modified_at,
)


def need(listed=LISTED, stored=STORED, failed=None, *, full=False):
    return find_need(listed, stored, failed, recipe="r", full=full)


def failed(attempts, version="2", recipe="r", reason="it is encrypted"):
    return Quarantined(listed=replace(LISTED, version=version), reason=reason, attempts=attempts, recipe=recipe)


def test_what_is_new_or_changed_is_read():
    assert need(stored=None) is Need.READING
    assert need(stored=replace(STORED, version="1")) is Need.READING
    assert need(stored=replace(STORED, recipe="older")) is Need.READING


def test_what_did_not_change_needs_nothing_in_a_full_run_too():
    assert need() is Need.NOTHING
    assert need(full=True) is Need.NOTHING


@pytest.mark.parametrize(
    "listed",
    [
        replace(LISTED, title="B"),
        replace(LISTED, url="https://place.example/b"),
        replace(LISTED, access=AccessRule.any_of([STAFF])),
    ],
)
def test_a_new_title_link_or_rule_is_moved_without_reading(listed):
    assert need(listed) is Need.MOVING


def test_an_unreadable_version_is_tried_again_until_it_was_tried_enough():
    assert need(failed=failed(MAX_ATTEMPTS - 1)) is Need.READING
    assert need(failed=failed(MAX_ATTEMPTS)) is Need.LEAVING
    assert need(failed=failed(MAX_ATTEMPTS), full=True) is Need.READING
    assert need(failed=failed(MAX_ATTEMPTS, recipe="older"), stored=None) is Need.READING
    assert need(failed=failed(MAX_ATTEMPTS, recipe="older", reason=KILLED_ITS_READER), stored=None) is Need.LEAVING
    assert need(failed=failed(MAX_ATTEMPTS, version="1"), stored=replace(STORED, version="1")) is Need.READING


@pytest.mark.parametrize(
    ("missing", "stored", "live", "held"),
    [
        (0, 100, 0, False),
        (1, 100, 99, False),
        (20, 30, 10, False),
        (21, 70, 49, False),
        (22, 70, 48, True),
        (21, 21, 0, True),
        (1, 1, 0, True),
        (300, 1_000, 700, False),
    ],
)
def test_many_removals_at_once_are_held_back(missing, stored, live, held):
    assert too_many(missing, stored=stored, live=live) is held


@given(st.lists(st.integers(0, 50), min_size=6, max_size=6))
def test_a_receipt_balances_exactly_when_everything_is_accounted_for(counts):
    added, changed, unchanged, removed, skipped, slip = counts
    receipt = Receipt(
        source="place",
        state=RunState.COMPLETE,
        found=added + changed + unchanged + removed + skipped + slip,
        added=added,
        changed=changed,
        unchanged=unchanged,
        removed=removed,
        skipped={"it is encrypted": skipped},
    )
    assert receipt.balances is (slip == 0)
