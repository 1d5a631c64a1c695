"""Where the people are who are brought in, and when: the whole of what is configured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from helpdesk_bot.escalation.office_hours import OfficeHours
from helpdesk_bot.escalation.rota import Rota
from helpdesk_bot.escalation.timers import Timer
from helpdesk_bot.events import Place, PlaceKind, Platform, Question


@dataclass(frozen=True, kw_only=True)
class Team:
    """People and how to reach them. `channels` and `second_channels` hold a channel's id by platform."""

    channels: Mapping[Platform, str]
    second_channels: Mapping[Platform, str] = field(default_factory=dict[Platform, str])
    """Asked as well when nobody took a case for long."""
    rota: Rota = field(default_factory=Rota)


@dataclass(frozen=True, kw_only=True)
class Route:
    """Which questions go to a team: all that is named must fit; what is empty fits everything."""

    team: Team
    asked_in: frozenset[str] = frozenset()
    """Ids of channels."""
    sources: frozenset[str] = frozenset()
    """Of the passage that came closest."""
    words: frozenset[str] = frozenset()
    """One of them is in the question, whatever its case."""

    def fits(self, question: Question, sources: Sequence[str]) -> bool:
        text = question.text.casefold()
        return (
            (not self.asked_in or question.place.channel in self.asked_in)
            and (not self.sources or bool(self.sources & set(sources[:1])))
            and (not self.words or any(word.casefold() in text for word in self.words))
        )


@dataclass(frozen=True, kw_only=True)
class EscalationPlan:
    """`routes` are tried in order; what fits none goes to `team`."""

    team: Team
    routes: tuple[Route, ...] = ()
    timer: Timer = field(default_factory=Timer)

    @property
    def hours(self) -> OfficeHours:
        return self.timer.hours

    @property
    def teams(self) -> Sequence[Team]:
        return (*(route.team for route in self.routes), self.team)

    def team_for(self, question: Question, sources: Sequence[str] = ()) -> Team:
        """The first team that the question fits and that its platform can reach."""
        return next(
            (
                route.team
                for route in self.routes
                if question.place.platform in route.team.channels and route.fits(question, sources)
            ),
            self.team,
        )

    def team_in(self, place: Place, asked_in: Place) -> Team:
        """Whose channel this is, for what was asked there."""
        return next((team for team in self.teams if channel_of(team.channels, asked_in) == place), self.team)


def channel_of(channels: Mapping[Platform, str], asked_in: Place) -> Place | None:
    """The channel on the platform and with the tenant of the question; None where there is none."""
    channel = channels.get(asked_in.platform)
    if not channel:
        return None
    return Place(
        platform=asked_in.platform, tenant=asked_in.tenant, channel=channel, thread=None, kind=PlaceKind.CHANNEL
    )
