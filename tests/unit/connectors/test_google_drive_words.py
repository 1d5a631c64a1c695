"""What goes into Google's query language comes out as it was, and what Google refuses with is understood or ignored."""

import json

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import HttpRefused
from connectors.google_drive.drive import judge_google, refusal_reasons
from connectors.google_drive.listing import quoted
from connectors.google_drive.scope import Scope
from connectors.http import Verdict
from tests.fakes.google_drive_words import FILE_LIST, BadRequest, parse_query, select

JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\n")), min_size=1))
def test_no_id_says_more_than_an_id(ids):
    within = " or ".join(f"{quoted(one)} in parents" for one in ids)

    assert parse_query(f"({within}) and trashed = false") == ids


@given(st.text())
def test_only_what_looks_like_an_id_is_taken_for_one(text):
    is_id = text.isascii() and 0 < len(text) <= 128 and text.replace("-", "a").replace("_", "a").isalnum()
    if is_id:
        assert Scope(folders=[text]).words
    else:
        with pytest.raises(ValueError, match="is no id"):
            Scope(folders=[text])


@pytest.mark.parametrize(
    ("status", "reason", "verdict"),
    [
        (403, "rateLimitExceeded", Verdict.TRY_AGAIN),
        (403, "userRateLimitExceeded", Verdict.TRY_AGAIN),
        (403, "quotaExceeded", Verdict.TRY_AGAIN),
        (403, "dailyLimitExceeded", Verdict.REFUSED),
        (403, "insufficientFilePermissions", Verdict.REFUSED),
        (404, "rateLimitExceeded", Verdict.REFUSED),
        (429, "rateLimitExceeded", Verdict.TRY_AGAIN),
        (401, "authError", Verdict.LOG_IN),
        (200, "rateLimitExceeded", Verdict.FINE),
    ],
)
def test_a_403_is_judged_by_its_reason(status, reason, verdict):
    for name in ("errors", "details"):
        answer = httpx.Response(status, json={"error": {name: [{"reason": reason}]}})
        assert judge_google(answer) is verdict


@given(JSON)
def test_a_refusal_of_any_form_has_reasons_or_none(answer):
    for body in (answer, {"error": answer}, {"error": {"errors": answer, "details": answer}}):
        assert all(
            isinstance(one, str) for one in refusal_reasons(HttpRefused(403, "", content=json.dumps(body).encode()))
        )


@pytest.mark.parametrize(
    "fields", ["files(id", "files(id))", "", "files(id,nope)", "id", "files.id", "files(id),,x", "*"]
)
def test_the_fake_refuses_fields_that_are_none(fields):
    with pytest.raises(BadRequest):
        select({"files": []}, fields, FILE_LIST)
