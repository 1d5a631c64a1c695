"""What is said at the start about what is on and what would switch on the rest."""

import pytest

from helpdesk_bot.cli.serving import switches
from helpdesk_bot.settings import Settings


@pytest.mark.parametrize(
    ("set_up", "said"),
    [
        ({}, (True, "visitors read as staff")),
        ({"browser_chat": "off"}, (False, "set BROWSER_CHAT")),
        (
            {"helpdesk_host": "0.0.0.0", "browser_chat": "public"},
            (
                True,
                "visitors read as public; it opens as localhost only: set TRUSTED_HOSTS to the names it is opened by",
            ),
        ),
        (
            {"helpdesk_host": "10.0.3.7", "browser_chat": "public", "trusted_hosts": frozenset({"help.example.com"})},
            (True, "visitors read as public"),
        ),
    ],
)
def test_who_the_browser_chat_is_for_and_how_it_is_opened(set_up: dict[str, object], said: tuple[bool, str]) -> None:
    [browser] = [one[1:] for one in switches(Settings(_env_file=None, **set_up)) if one[0] == "Browser chat"]  # pyright: ignore[reportArgumentType]
    assert browser == said


@pytest.mark.parametrize(
    ("set_up", "said"),
    [
        ({}, (True, "`helpdesk-bot console` prints a link")),
        ({"helpdesk_host": "0.0.0.0", "browser_chat": "off"}, (False, "set HELPDESK_URL: docs/console.md")),
        (
            {"helpdesk_host": "0.0.0.0", "browser_chat": "off", "helpdesk_url": "https://help.example.com"},
            (True, "`helpdesk-bot console` prints a link"),
        ),
    ],
)
def test_how_the_console_is_opened(set_up: dict[str, object], said: tuple[bool, str]) -> None:
    [console] = [one[1:] for one in switches(Settings(_env_file=None, **set_up)) if one[0] == "Console"]  # pyright: ignore[reportArgumentType]
    assert console == said
