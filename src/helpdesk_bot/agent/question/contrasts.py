"""Terms of which a question means one: naming another asks the same about something else."""

from collections.abc import Iterable, Mapping, Sequence

from helpdesk_bot.guard.words import stem, words

_GROUPS = (
    "macos windows linux ubuntu ios iphone ipad android chromebook chromeos",
    "chrome firefox safari edge",
    "outlook gmail thunderbird",
    "slack teams zoom webex",
    "contractor contractors freelancer employee employees intern interns manager managers guest guests student visitor",
    "office home abroad remote",
    "wifi ethernet cable",
)
SYSTEMS = range(4)
"""The groups of systems and programs."""
_PROGRAMS = frozenset(term for group in _GROUPS[1:4] for term in group.split())
_GROUP_OF = {stem(term): number for number, group in enumerate(_GROUPS) for term in group.split()}


def contrasted_terms(text: str) -> dict[int, list[str]]:
    """The terms in a text by their group, as they are written but in lower case, in order."""
    found: dict[int, list[str]] = {}
    for word in words(text):
        if (group := _GROUP_OF.get(stem(word))) is not None:
            found.setdefault(group, []).append(word)
    return found


def systems_in(text: str) -> dict[int, str]:
    """The last system or program that a text names of each kind: `macos` of `my MacBook runs macOS`."""
    named = contrasted_terms(text)
    return {kind: named[kind][-1] for kind in SYSTEMS if kind in named}


def programs_in(text: str) -> list[str]:
    """The programs that a text names, of those of which a question means one, in lower case, in order."""
    return [word for word in words(text) if word in _PROGRAMS]


def are_siblings(one: str, other: str) -> bool:
    """Whether two titles name different terms of one group: `VPN on macOS` and `VPN on Windows`."""
    return _is_about_another(contrasted_terms(one), contrasted_terms(other))


def is_meant_for_another(question: str, headings: Iterable[str]) -> bool:
    """Whether a heading names other terms of a group than the question: `Windows`, where that asks about Linux."""
    asked = contrasted_terms(question)
    return bool(asked) and any(_is_about_another(asked, contrasted_terms(heading)) for heading in headings)


def _is_about_another(asked: Mapping[int, Sequence[str]], named: Mapping[int, Sequence[str]]) -> bool:
    return any({*map(stem, asked[group])}.isdisjoint(map(stem, named[group])) for group in asked.keys() & named.keys())
