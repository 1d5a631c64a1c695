"""What a dialogue is made of: what people do, and what they then read, in terms of no platform.

A step goes on when all work that it led to is done. What a step must show is compared with what was new, changed or
gone on the screens since the step before. What no step mentions is compared all the same: between the platforms.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from tests.fakes.faces import DIRECT, HELP, Ability, SentFile

__all__ = [
    "DIRECT",
    "HELP",
    "Ability",
    "Command",
    "Delete",
    "Dialogue",
    "Edit",
    "Fill",
    "Heard",
    "Leave",
    "Press",
    "Say",
    "SentFile",
    "Step",
    "Together",
    "Vote",
    "heard",
    "step",
]


@dataclass(frozen=True, kw_only=True)
class Say:
    who: str
    text: str
    where: str = DIRECT
    name: str = ""
    """What later steps call this message."""
    thread: str = ""
    """The name of the message whose thread it is said in."""
    is_mention: bool = True
    file: SentFile | None = None


@dataclass(frozen=True, kw_only=True)
class Edit:
    message: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Delete:
    message: str


@dataclass(frozen=True, kw_only=True)
class Vote:
    """On the newest message with thumbs that this person can see."""

    who: str
    value: int
    by_reaction: bool = False


@dataclass(frozen=True, kw_only=True)
class Press:
    """Of the newest message with this button that this person can see."""

    who: str
    action: str


@dataclass(frozen=True, kw_only=True)
class Fill:
    """In the form that this person was shown last."""

    who: str
    fields: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Command:
    who: str
    words: str
    where: str = DIRECT


@dataclass(frozen=True, kw_only=True)
class Leave:
    who: str
    where: str


@dataclass(frozen=True)
class Together:
    """One right after the other, without waiting for what the first leads to."""

    acts: tuple["Act", ...]


Act: TypeAlias = Say | Edit | Delete | Vote | Press | Fill | Command | Leave | Together


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What `to` (a person alone, or a channel) must see, where the platform has all of `needs` and none of `lacks`."""

    to: str
    words: tuple[str, ...]
    sources: tuple[str, ...] | None = None
    """Titles of documents; None where they don't matter."""
    buttons: tuple[str, ...] | None = None
    has_thumbs: bool | None = None
    calls: tuple[str, ...] | None = None
    """Who is called by name."""
    needs: frozenset[Ability] = frozenset()
    lacks: frozenset[Ability] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Step:
    act: Act
    heard: tuple[Heard, ...] = ()
    never: tuple[str, ...] = ()
    """Words that nobody may see in what this step shows."""
    gone: int | None = None
    """How many messages of the bot are taken away."""
    form: str = ""
    """The title of the form that is opened."""
    rows: tuple[str, ...] = ()
    """What the bot then knows, such as `case claimed by cy`."""
    is_silent: bool = False
    needs: frozenset[Ability] = frozenset()
    is_loose: bool = False
    """Its words hold counts and times that differ, or a platform of our own erases more than another can: between
    platforms only who hears something is compared."""

    @property
    def depends_on(self) -> frozenset[Ability]:
        """Abilities with which something else is shown: only platforms that agree in them are compared."""
        return frozenset().union(*(one.needs | one.lacks for one in self.heard))


@dataclass(frozen=True, kw_only=True)
class Dialogue:
    name: str
    steps: tuple[Step, ...]
    needs: frozenset[Ability] = frozenset()
    is_alone: bool = False
    """It changes something for everybody: no other dialogue goes on meanwhile."""


def step(
    act: Act,
    *heard: Heard,
    never: tuple[str, ...] = (),
    gone: int | None = None,
    form: str = "",
    rows: tuple[str, ...] = (),
    silent: bool = False,
    needs: tuple[Ability, ...] = (),
    loose: bool = False,
) -> Step:
    return Step(
        act=act,
        heard=heard,
        never=never,
        gone=gone,
        form=form,
        rows=rows,
        is_silent=silent,
        needs=frozenset(needs),
        is_loose=loose,
    )


def heard(
    to: str,
    *words: str,
    sources: tuple[str, ...] | None = None,
    buttons: tuple[str, ...] | None = None,
    thumbs: bool | None = None,
    calls: tuple[str, ...] | None = None,
    needs: tuple[Ability, ...] = (),
    lacks: tuple[Ability, ...] = (),
) -> Heard:
    return Heard(
        to=to,
        words=words,
        sources=sources,
        buttons=buttons,
        has_thumbs=thumbs,
        calls=calls,
        needs=frozenset(needs),
        lacks=frozenset(lacks),
    )
