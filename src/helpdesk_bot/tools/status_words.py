"""Whether a question asks if something is up, and which pages it names: rules without a model."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from helpdesk_bot.tools.status import Component, Incident, Looked

MAX_CHARACTERS = 200
"""A longer question tells a story, and asks for more than a state."""

_DOWN = r"(?:down|offline|unavailable|unreachable|degraded|broken|up|online|available|operational|working|back)"
_WHEN = (
    r"(?:\W+(?:right|just|now|today|currently|again|at|the|moment|for|you|anyone|everyone|everybody|else|us|all|"
    r"or|not|is|it|me|only|this|morning))*"
)
_BREAKDOWN = r"(?:outages?|downtimes?|disruptions?|incidents?)"
_ASKS = re.compile(
    rf"""
    (?:is|are|isn't|aren't)\ .{{1,80}}?\ (?:still\ |currently\ )?{_DOWN}{_WHEN}\W*
    | (?:is|are|do\ we\ have)\ (?:there\ )?(?:an?\ |any\ )?(?:known\ |current\ |ongoing\ )?{_BREAKDOWN}\b.{{0,80}}
    | any\ (?:known\ |current\ |ongoing\ )?{_BREAKDOWN}\b.{{0,80}}
    | (?:is|are)\ .{{1,80}}?\ having\ (?:(?:an?|any|some)\ )?(?:{_BREAKDOWN}|issues?|problems?|troubles?){_WHEN}\W*
    | (?:is|are)\ (?:everything|all|anything|something)\ (?:ok|okay|fine|alright|well|up|wrong)\ with\ .{{1,80}}
    | (?:what(?:'s|\ is)\ )?(?:the\ )?(?:current\ )?status\ of\ .{{1,80}}
    | [\w .&/-]{{1,40}}\ (?:status|outage)\W*
    | [\w .&/-]{{1,40}}?\ (?:is\ )?(?:down|offline){_WHEN}\W*
    """,
    re.IGNORECASE | re.VERBOSE,
)
_ASKS_FOR_A_WAY = re.compile(
    r"\W*(?:how|where|who|whom|why|which|can|could|may|should|change|set|my|i|what (?:do|does|should|to|can))\b"
    r"|.*\b(?:when|if|how)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+")
_GENERIC = frozenset(
    [
        "api",
        "apis",
        "app",
        "apps",
        "website",
        "web",
        "site",
        "dashboard",
        "login",
        "authentication",
        "service",
        "services",
        "platform",
        "support",
        "email",
        "notifications",
        "search",
        "documentation",
        "docs",
        "cdn",
        "status",
        "other",
        "core",
        "network",
        "database",
        "webhooks",
        "billing",
    ]
)
"""Names of components that say nothing without the name of their page."""


@dataclass(frozen=True, kw_only=True)
class Concerned:
    """A page that a text names, and which of its parts; none for the whole page."""

    looked: Looked
    components: tuple[Component, ...] = ()

    @property
    def incidents(self) -> tuple[Incident, ...]:
        """Those of the named parts, and those of which the page doesn't say what they concern."""
        status, named = self.looked.status, {one.name for one in self.components}
        incidents = status.incidents if status else ()
        return tuple(one for one in incidents if not named or not one.components or named & set(one.components))

    @property
    def is_up(self) -> bool:
        if self.looked.status is None:
            return False
        whole = self.looked.status.is_up if not self.components else True
        return whole and not self.incidents and all(one.is_up for one in self.components)


def asks_for_status(question: str) -> bool:
    """`Is Slack down?`, `any outage with Zoom?`, `status of GitHub`; not `how do I set my status`."""
    said = " ".join(question.replace("\u2019", "'").split())
    if len(said) > MAX_CHARACTERS or _ASKS_FOR_A_WAY.match(said):
        return False
    return _ASKS.fullmatch(said) is not None


def find_concerned(text: str, looks: Iterable[Looked], aliases: Mapping[str, str]) -> list[Concerned]:
    """The pages that a text names by their name, an alias, or the name of a component, in the order of `looks`."""
    said = _spaced(text)
    found: list[Concerned] = []
    for looked in looks:
        names = {looked.page, *(alias for alias, page in aliases.items() if page == looked.page)}
        is_named = any(_spaced(name) in said for name in names)
        parts = looked.status.components if looked.status else ()
        named = tuple(one for one in parts if _spaced(one.name) in said and (is_named or _is_telling(one.name)))
        own = tuple(one for one in named if _spaced(one.name) not in {_spaced(name) for name in names})
        if is_named or named:
            found.append(Concerned(looked=looked, components=own or (() if is_named else named)))
    return found


def _is_telling(name: str) -> bool:
    words = _spaced(name).split()
    return bool(set(words) - _GENERIC) and len("".join(words)) > 2


def _spaced(text: str) -> str:
    """Words between single spaces, so that a name is found as whole words only."""
    return f" {' '.join(_WORD.findall(text.casefold()))} "
