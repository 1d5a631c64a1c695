"""What providers' errors mean."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import openai
import pytest

from helpdesk_bot.models.trouble import failed_by

REQUEST = httpx.Request("POST", "https://api.example/v1")


def refused(status: int, **headers: str) -> openai.APIStatusError:
    response = httpx.Response(status, headers={name.replace("_", "-"): value for name, value in headers.items()})
    response.request = REQUEST
    return openai.APIStatusError("no: secret text", response=response, body=None)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 529])
def test_trouble_that_may_pass_is_worth_another_try(status: int):
    assert failed_by(refused(status)).is_passing


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_a_no_stays_a_no(status: int):
    assert not failed_by(refused(status)).is_passing


def test_a_request_that_is_refused_for_itself_is_not_the_models_fault():
    assert not failed_by(refused(400)).is_its_own
    assert failed_by(refused(401)).is_its_own


def test_a_lost_connection_may_pass_and_a_time_limit_may_not():
    assert failed_by(openai.APIConnectionError(request=REQUEST)).is_passing
    assert failed_by(ConnectionResetError()).is_passing
    assert not failed_by(openai.APITimeoutError(request=REQUEST)).is_passing


def test_the_pause_is_read_in_seconds_and_as_a_date():
    assert failed_by(refused(429, retry_after="2.5")).retry_after_s == 2.5
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    assert 25 < (failed_by(refused(429, retry_after=at)).retry_after_s or 0) <= 30
    assert failed_by(refused(429, retry_after="soon")).retry_after_s is None
    assert failed_by(refused(429)).retry_after_s is None


def test_no_text_of_the_error_is_kept():
    assert "secret" not in failed_by(refused(500)).reason
