"""The front door of commands: reads the words, asks who may, writes down who did, and runs one."""

import re
from collections.abc import Collection, Sequence

from helpdesk_bot.commands.command import Asked, Command, Usage, WrongUse, split_words
from helpdesk_bot.events import AdminCommand
from helpdesk_bot.messages import Notice
from helpdesk_bot.people import People
from helpdesk_bot.records import Records

INTRODUCTION = """**What I can do**
- Ask me how things work here: mention me in a channel, or write to me directly.
- 👍 or 👎 under an answer tells us whether it helped."""
HELP = "help"
MAX_SHOWN = 40
_OWN_WORD = re.compile(r"(?<![^\s|\[])-{0,2}[a-z][a-z-]*(?![^\s|\]])")
"""In a usage what is typed as it stands is in small letters: `sync approve SOURCE`."""


class Commands:
    """`help` is for everyone. Every use of what is for admins is written down, allowed or not."""

    def __init__(
        self, *, records: Records, people: People, commands: Sequence[Command], names: Collection[str] = ()
    ) -> None:
        """`names` of sources and the like may be written down as they are: they name nobody."""
        self._records = records
        self._people = people
        self._names = frozenset(names)
        self._by_word = {command.word: command for command in commands}

    def recognises(self, words: tuple[str, ...]) -> bool:
        """Whether a message is a command rather than a question: `status` is one, `status of my ticket` is not."""
        split = split_words(words)
        if not split:
            return False
        word, *rest = split
        if word.casefold() == HELP:
            return not rest
        command = self._by_word.get(word.casefold())
        return command is not None and command.fits(tuple(rest))

    async def run(self, command: AdminCommand) -> Notice:
        """The answer, whatever was typed."""
        answer = await self._answer(command)
        return answer if isinstance(answer, Notice) else Notice(text=answer)

    async def _answer(self, command: AdminCommand) -> str | Notice:
        word, *rest = split_words(command.words) or (HELP,)
        chosen = self._by_word.get(word.casefold())
        is_admin = await self._people.is_admin(command.place.platform, command.person_id)
        if chosen is None:
            unknown = "" if word.casefold() == HELP else _unknown(word)
            return unknown + self._help(is_admin=is_admin)
        asked = Asked(
            place=command.place,
            person_id=command.person_id,
            is_admin=is_admin,
            words=tuple(rest),
            key=command.key,
        )
        if chosen.is_for_admins(asked.words):
            await self._records.audit(
                platform=command.place.platform,
                person_id=command.person_id,
                action=chosen.word,
                allowed=is_admin,
                words=self._written(chosen, asked.words),
            )
            if not is_admin:
                return f"`{chosen.word}` is for admins; HELPDESK_ADMINS says who is one."
        try:
            return await chosen.run(asked)
        except WrongUse as wrong:
            return str(wrong)

    def _written(self, command: Command, words: tuple[str, ...]) -> str:
        """The command's own words, numbers and known names; of the rest, which may name a person, only that it was."""
        own = {word for usage in command.usages for word in _OWN_WORD.findall(usage.words)} | self._names
        return " ".join(word if word in own or word.isdecimal() else "..." for word in words)

    def _help(self, *, is_admin: bool) -> str:
        usages = [usage for command in self._by_word.values() for usage in command.usages]
        everyone = [*map(_line, (usage for usage in usages if usage.for_everyone)), _line(_HELP_USAGE)]
        admins = list(map(_line, (usage for usage in usages if not usage.for_everyone)))
        parts = [INTRODUCTION, "**Commands**\n" + "\n".join(everyone)]
        heading = "**For admins, as you are one**" if is_admin else "**For admins**"
        return "\n\n".join([*parts, heading + "\n" + "\n".join(admins)] if admins else parts)


_HELP_USAGE = Usage(words="help", meaning="this", for_everyone=True)


def _unknown(word: str) -> str:
    """Above the help: most who get here wanted to ask something."""
    return f"There is no command `{word.replace('`', '')[:MAX_SHOWN]}`, so I did nothing.\n\n"


def _line(usage: Usage) -> str:
    return f"- `{usage.words}`: {usage.meaning}"
