"""What providers' errors mean."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import openai
import pytest

from helpdesk_bot.models.errors import Cause
from helpdesk_bot.models.trouble import failed_by

REQUEST = httpx.Request("POST", "https://api.example/v1")


def refused(status: int, *, body: object = None, **headers: str) -> openai.APIStatusError:
    response = httpx.Response(status, headers={name.replace("_", "-"): value for name, value in headers.items()})
    response.request = REQUEST
    return openai.APIStatusError("no: secret text", response=response, body=body)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 529])
def test_trouble_that_may_pass_is_worth_another_try(status: int):
    assert failed_by(refused(status)).is_passing


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_a_no_stays_a_no(status: int):
    assert not failed_by(refused(status)).is_passing


def test_a_request_that_is_refused_for_itself_is_not_the_models_fault():
    assert not failed_by(refused(400)).is_its_own
    assert not failed_by(refused(422)).is_its_own
    assert failed_by(refused(401)).is_its_own


TOO_LONG = [
    (400, {"message": "This model's maximum context length is 8192 tokens.", "code": "context_length_exceeded"}),
    (400, {"type": "invalid_request_error", "message": "prompt is too long: 210000 tokens > 200000 maximum"}),
    (400, {"message": "input length and `max_tokens` exceed context limit: 199000 + 3200 > 200000"}),
    (400, {"code": 400, "type": "exceed_context_size_error", "message": "the request exceeds the available size"}),
    (400, {"message": "Input is too long for requested model."}),
    (413, {"type": "request_too_large", "message": "Request exceeds the maximum size"}),
]
"""OpenAI and vLLM, Anthropic twice, llama.cpp, Bedrock, Anthropic's door."""


@pytest.mark.parametrize(("status", "body"), TOO_LONG)
def test_a_request_that_is_too_long_is_told_from_others(status: int, body: object):
    failed = failed_by(refused(status, body=body))
    assert (failed.cause, failed.is_its_own, failed.is_passing) == (Cause.TOO_LONG, False, False)


@pytest.mark.parametrize(
    ("status", "body", "cause"),
    [
        (404, {"message": "The model `gpt-9` does not exist", "code": "model_not_found"}, Cause.NO_MODEL),
        (404, None, Cause.NO_MODEL),
        (400, {"message": "Invalid model: mistral-huge", "code": "1500"}, Cause.NO_MODEL),
        (400, {"message": "gpt9 is not a valid model ID", "code": 400}, Cause.NO_MODEL),
        (429, {"message": "You exceeded your current quota", "code": "insufficient_quota"}, Cause.NO_CREDIT),
        (400, {"message": "Your credit balance is too low to access the Anthropic API."}, Cause.NO_CREDIT),
        (402, {"message": "Insufficient Balance"}, Cause.NO_CREDIT),
    ],
)
def test_what_does_not_pass_lies_with_the_model_and_is_said_plainly(status: int, body: object, cause: Cause):
    failed = failed_by(refused(status, body=body))
    assert (failed.cause, failed.is_its_own, failed.is_passing) == (cause, True, False)
    assert failed.reason.startswith("there is no ")


@pytest.mark.parametrize(
    ("told", "status", "is_passing"),
    [
        ({"code": 502, "message": "Provider returned error"}, 502, True),
        ({"code": "429", "message": "slow down"}, 429, True),
        ({"type": "overloaded_error", "message": "Overloaded"}, 529, True),
        ({"message": "The server had an error", "type": "server_error", "code": None}, 500, True),
        ({"type": "invalid_request_error", "message": "no"}, 400, False),
    ],
)
def test_an_error_that_came_in_a_body_alone_means_what_it_says(told: object, status: int, is_passing: bool):
    """As a whole reply, and as an event of a stream that began with 200."""
    in_a_stream = openai.APIError("no", request=REQUEST, body=told)
    for failed in (failed_by(ValueError(told)), failed_by(in_a_stream), failed_by(refused(200, body=told))):
        assert f"(HTTP {status})" in failed.reason
        assert failed.is_passing is is_passing


def test_what_was_written_before_an_error_is_paid_for():
    told = {"type": "overloaded_error", "message": "Overloaded"}
    assert failed_by(refused(200, body=told)).is_refusal
    failed = failed_by(refused(200, body=told), has_begun=True, written="Interns have")
    assert not failed.is_refusal
    assert failed.written == "Interns have"


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
