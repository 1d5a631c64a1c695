"""Who will be able to read what the bot is about to say."""

from collections.abc import Iterable
from dataclasses import dataclass

from connectors.documents import PUBLIC, AccessRule, Principal


@dataclass(frozen=True, kw_only=True)
class Audience:
    """Everyone who can read the place a reply lands in, each given by all of their principals.

    One person for a direct message, every member for a channel. People with equal principals count once. Nobody at
    all is not an audience: where the readers are unknown, use `Audience.public()`.
    """

    readers: frozenset[frozenset[Principal]]

    def __post_init__(self) -> None:
        if not self.readers:
            raise ValueError("an audience has at least one reader; where readers are unknown use Audience.public()")

    @classmethod
    def person(cls, principals: Iterable[Principal]) -> "Audience":
        return cls.everyone([principals])

    @classmethod
    def everyone(cls, people: Iterable[Iterable[Principal]]) -> "Audience":
        """The audience of a place that all of these people can read. What is public everybody may read."""
        return cls(readers=frozenset(frozenset((*person, PUBLIC)) for person in people))

    @classmethod
    def public(cls) -> "Audience":
        return cls.person([PUBLIC])

    def may_read(self, rule: AccessRule) -> bool:
        """Whether every reader passes the rule."""
        return all(rule.admits(principals) for principals in self.readers)
