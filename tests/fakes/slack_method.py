"""One method of the fake Web API: what it takes, which rights it needs, how often it may be called."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.fakes.slack import SlackServer

Json = dict[str, Any]

FORM = frozenset({"application/x-www-form-urlencoded"})
BOTH = FORM | {"application/json"}
TIERS = {1: 1, 2: 20, 3: 50, 4: 100}
"""Calls a minute and workspace (docs.slack.dev/apis/web-api/rate-limits)."""


class Refused(Exception):
    """`word` is Slack's; `details` go into the answer beside it."""

    def __init__(self, word: str, **details: Any) -> None:
        super().__init__(word)
        self.word = word
        self.details = details


@dataclass(frozen=True, kw_only=True)
class Method:
    """`scopes`: one of them is needed, whatever the channel. `tier` None: other limits, or none worth having."""

    name: str
    carry_out: "Callable[[SlackServer, Json], Json]"
    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    scopes: tuple[str, ...] = ()
    content_types: frozenset[str] = FORM
    is_for_app_token: bool = False
    needs_token: bool = True
    tier: int | None = None


def method(
    name: str,
    carry_out: "Callable[[SlackServer, Json], Json]",
    required: str = "",
    optional: str = "",
    **more: Any,
) -> Method:
    """Arguments as words in one text."""
    arguments = {"required": frozenset(required.split()), "optional": frozenset(optional.split())}
    return Method(name=name, carry_out=carry_out, **arguments, **more)
