"""`forget-me`: what a person asked and said is erased."""

import re

from helpdesk_bot.commands.command import Asked, Usage, WrongUse
from helpdesk_bot.events import Platform
from helpdesk_bot.records.privacy import Privacy
from knowledge.store import Store

CONFIRM = "yes"
_MENTION = re.compile(r"<?@?([A-Za-z0-9:._-]+)(?:\|[^>]*)?>?")


class ForgetMeCommand:
    word = "forget-me"
    usages = (
        Usage(words="forget-me", meaning="erase what I keep of you: I ask before I do it", for_everyone=True),
        Usage(words="forget-me PERSON yes", meaning="the same for somebody else, by mention or by the platform's id"),
    )

    def __init__(self, *, privacy: Privacy, store: Store) -> None:
        self._privacy = privacy
        self._store = store

    def fits(self, words: tuple[str, ...]) -> bool:
        return len(words) <= 1 or (len(words) == 2 and _plain(words)[1] == CONFIRM)

    def is_for_admins(self, words: tuple[str, ...]) -> bool:
        """Everybody may have themselves forgotten."""
        return bool(words) and _plain(words) != (CONFIRM,)

    async def run(self, asked: Asked) -> str:
        match _plain(asked.words):
            case ():
                return (
                    "I would erase your questions, my answers to them, your votes and reasons, and take your name off "
                    f"cases that you helped with. This can't be undone. If you mean it: `forget-me {CONFIRM}`"
                )
            case ("yes",):
                return await self._erase(asked, asked.person_id, whose="you", stays=True)
            case (person, "yes"):
                return await self._erase(asked, _id_of(person), whose="them", stays=False)
            case (person,):
                return f"This can't be undone. If you mean it: `forget-me {_id_of(person)} {CONFIRM}`"
            case _:
                raise WrongUse("It is `forget-me`, or for admins `forget-me PERSON yes`.")

    async def _erase(self, asked: Asked, person_id: str, *, whose: str, stays: bool) -> str:
        """In the browser all visitors are one person: what is erased there is the conversation it was asked in."""
        place = asked.place
        channel = place.channel if place.platform is Platform.BROWSER else None
        forgotten = await self._privacy.forget(place.platform, place.tenant, person_id, channel=channel, stays=stays)
        counts = dict(forgotten.counts)
        if channel is None:
            counts["names in syncs"] = await self._store.forget_name(person_id)
        kinds = ", ".join(f"{rows} {what}" for what, rows in counts.items() if rows)
        return f"Erased: {kinds}." if kinds else f"I kept nothing of {whose}."


def _plain(words: tuple[str, ...]) -> tuple[str, ...]:
    """Phones write `Yes`."""
    return tuple(CONFIRM if word.casefold() == CONFIRM else word for word in words)


def _id_of(person: str) -> str:
    """The platform's id in a mention. Raises `WrongUse` for what is none, such as an e-mail address."""
    match = _MENTION.fullmatch(person)
    if match is None:
        raise WrongUse("Name the person by a mention, or by the platform's id of them.")
    return match[1]
