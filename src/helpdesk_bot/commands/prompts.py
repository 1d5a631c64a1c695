"""`prompt`: which version of each prompt is in force, and back to the one before."""

from helpdesk_bot.commands.command import Asked, ForAdmins, Usage, WrongUse
from helpdesk_bot.prompts.catalog import NAMES
from helpdesk_bot.prompts.registry import PromptShelf

STATUS, ROLLBACK = "status", "rollback"


class PromptCommand(ForAdmins):
    word = "prompt"
    usages = (
        Usage(words="prompt [status]", meaning="which version of each prompt is in force"),
        Usage(words=f"prompt rollback [{'|'.join(NAMES)}]", meaning="end its trial, or go back to the version before"),
    )

    def __init__(self, *, prompts: PromptShelf) -> None:
        self._prompts = prompts

    def fits(self, words: tuple[str, ...]) -> bool:
        return not words or words == (STATUS,) or (words[0] == ROLLBACK and set(words[1:]) <= set(NAMES))

    async def run(self, asked: Asked) -> str:
        match asked.words:
            case () | ("status",):
                return await self._describe()
            case ("rollback",):
                return await self._roll_back(NAMES[0], by=asked.person_id)
            case ("rollback", name) if name in NAMES:
                return await self._roll_back(name, by=asked.person_id)
            case _:
                raise WrongUse(f"It is `prompt status`, or `prompt rollback NAME` with {' or '.join(NAMES)}.")

    async def _describe(self) -> str:
        return "\n".join(f"- {line}" for line in await self._prompts.describe())

    async def _roll_back(self, name: str, *, by: str) -> str:
        if not await self._prompts.roll_back(name, by=by):
            return f"There is nothing to go back to: the packaged prompt of `{name}` is in force."
        return f"Done. It counts from the next answer on.\n{await self._describe()}"
