import pytest
from starlette.requests import Request
from starlette.responses import Response

from helpdesk_bot.chat.browser.visitors import (
    find_visitor,
    new_visitor,
    owns,
    remember_visitor,
    start_conversation,
)
from helpdesk_bot.pages.origin import is_from_our_page


def request(*, scheme: str = "http", **headers: str) -> Request:
    names = {"host": "desk.example", **{name.replace("_", "-"): value for name, value in headers.items()}}
    raw = [(name.encode(), value.encode()) for name, value in names.items()]
    return Request(
        {"type": "http", "method": "POST", "scheme": scheme, "path": "/", "query_string": b"", "headers": raw}
    )


def test_a_conversation_belongs_to_the_visitor_who_started_it() -> None:
    visitor, stranger = new_visitor(), new_visitor()
    conversation = start_conversation(visitor)
    assert owns(visitor, conversation)
    assert not owns(stranger, conversation)


def test_no_two_conversations_are_alike() -> None:
    visitor = new_visitor()
    assert len({start_conversation(visitor) for _ in range(100)}) == 100


def test_an_altered_conversation_belongs_to_nobody() -> None:
    visitor = new_visitor()
    conversation = start_conversation(visitor)
    for position, character in enumerate(conversation):
        altered = conversation[:position] + ("A" if character != "A" else "B") + conversation[position + 1 :]
        assert not owns(visitor, altered)


@pytest.mark.parametrize("conversation", ["", "a", "a" * 44, "a" * 45, "a:b" * 15, "\u00e4" * 44, "../" * 15])
def test_a_made_up_conversation_belongs_to_nobody(conversation: str) -> None:
    assert not owns(new_visitor(), conversation)


def test_a_conversation_has_no_character_that_another_id_uses_as_its_separator() -> None:
    assert ":" not in start_conversation(new_visitor())


@pytest.mark.parametrize(
    ("scheme", "name", "is_secure"), [("http", "helpdesk", False), ("https", "__Host-helpdesk", True)]
)
def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(scheme: str, name: str, is_secure: bool) -> None:
    response = Response()
    remember_visitor(request(scheme=scheme), response, "s" * 43)
    cookie = response.headers["set-cookie"]
    assert cookie.startswith(f"{name}={'s' * 43};")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert ("Secure" in cookie) is is_secure


def test_a_visitor_is_known_by_the_cookie_alone() -> None:
    secret = new_visitor()
    assert find_visitor(request(cookie=f"helpdesk={secret}")) == secret
    assert find_visitor(request()) is None


@pytest.mark.parametrize("secret", ["", "short", "s" * 44, "s" * 42 + "!"])
def test_a_cookie_of_another_shape_is_nobody(secret: str) -> None:
    assert find_visitor(request(cookie=f"helpdesk={secret}")) is None


@pytest.mark.parametrize(
    ("headers", "is_ours"),
    [
        ({}, False),
        ({"origin": "http://desk.example"}, True),
        ({"origin": "https://desk.example"}, True),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "https://desk.example.evil.example"}, False),
        ({"origin": "https://desk.example:8443"}, False),
        ({"origin": "null"}, False),
        ({"origin": ""}, False),
        ({"sec_fetch_site": "same-origin"}, True),
        ({"sec_fetch_site": "same-site"}, False),
        ({"sec_fetch_site": "cross-site"}, False),
        ({"sec_fetch_site": "none"}, False),
        ({"sec_fetch_site": "same-origin", "origin": "https://evil.example"}, False),
        ({"sec_fetch_site": "cross-site", "origin": "http://desk.example"}, False),
    ],
)
def test_only_our_own_page_may_send(headers: dict[str, str], is_ours: bool) -> None:
    assert is_from_our_page(request(**headers)) is is_ours
