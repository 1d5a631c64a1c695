"""`pause` and `resume`: the bot keeps silent in a channel, or everywhere; commands and cases go on."""

from helpdesk_bot.commands.command import Asked, ForAdmins, Usage, WrongUse
from helpdesk_bot.events import Place, PlaceKind
from helpdesk_bot.records.pauses import Pauses

HERE, EVERYWHERE = "here", "everywhere"


class _Pausing(ForAdmins):
    def __init__(self, *, pauses: Pauses) -> None:
        self._pauses = pauses

    def fits(self, words: tuple[str, ...]) -> bool:
        return not words or words in {(HERE,), (EVERYWHERE,)}


class PauseCommand(_Pausing):
    word = "pause"
    usages = (Usage(words="pause [here|everywhere]", meaning="I keep silent; commands and open cases go on"),)

    async def run(self, asked: Asked) -> str:
        place = _meant(asked)
        await self._pauses.pause(place, by=asked.person_id)
        return f"I keep silent {_where(place)} until `resume {EVERYWHERE if place is None else HERE}`."


class ResumeCommand(_Pausing):
    word = "resume"
    usages = (Usage(words="resume [here|everywhere]", meaning="I answer again"),)

    async def run(self, asked: Asked) -> str:
        place = _meant(asked)
        was_paused = await self._pauses.resume(place)
        still = await self._pauses.find(asked.place)
        if still is not None:
            return f"I am still paused {'here' if still.channel else 'everywhere'}."
        return f"I answer {_where(place)} again." if was_paused else f"I was not paused {_where(place)}."


def _meant(asked: Asked) -> Place | None:
    """The channel where it was said; None, which is everywhere, where that was said or in a direct conversation."""
    if asked.words and asked.words not in {(HERE,), (EVERYWHERE,)}:
        raise WrongUse("It takes `here` or `everywhere`.")
    if asked.words == (EVERYWHERE,) or (not asked.words and asked.place.kind is PlaceKind.DIRECT):
        return None
    return asked.place


def _where(place: Place | None) -> str:
    return EVERYWHERE if place is None else HERE
