"""`why`: how an answer, or a silence, came about."""

from helpdesk_bot.commands.command import Asked, ForAdmins, Usage, WrongUse
from helpdesk_bot.why import Why


class WhyCommand(ForAdmins):
    word = "why"
    usages = (Usage(words="why LINK", meaning="how an answer or a silence came about; a reference does as well"),)

    def __init__(self, *, why: Why) -> None:
        self._why = why

    def fits(self, words: tuple[str, ...]) -> bool:
        """A link or a reference: `why is the printer broken` is a question."""
        return len(words) == 1 and self._why.can_name(words[0])

    async def run(self, asked: Asked) -> str:
        if len(asked.words) != 1:
            raise WrongUse("It is `why LINK`, with a link to the message, or `why REFERENCE`.")
        return await self._why.explain(asked.words[0], platform=asked.place.platform, person_id=asked.person_id)
