"""Terms of which a question means one: naming another asks the same about something else."""

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
_GROUP_OF = {stem(term): number for number, group in enumerate(_GROUPS) for term in group.split()}


def contrasted_terms(text: str) -> dict[int, list[str]]:
    """The terms in a text by their group, as they are written but in lower case, in order."""
    found: dict[int, list[str]] = {}
    for word in words(text):
        if (group := _GROUP_OF.get(stem(word))) is not None:
            found.setdefault(group, []).append(word)
    return found


def are_siblings(one: str, other: str) -> bool:
    """Whether two titles name different terms of one group: `VPN on macOS` and `VPN on Windows`."""
    left, right = contrasted_terms(one), contrasted_terms(other)
    return any({*map(stem, left[group])}.isdisjoint(map(stem, right[group])) for group in left.keys() & right.keys())
