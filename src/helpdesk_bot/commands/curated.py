"""`curated`: the answers that people saved as knowledge."""

from helpdesk_bot.commands.command import Asked, ForAdmins, Usage, WrongUse
from helpdesk_bot.curated import CuratedAnswers
from helpdesk_bot.records.curated import CuratedAnswer

VERBS = ("approve", "decline", "expire")


class CuratedCommand(ForAdmins):
    word = "curated"
    usages = (
        Usage(words="curated [list]", meaning="what people saved as knowledge, and drafts that wait"),
        Usage(words="curated approve|decline ID", meaning="decide about a draft"),
        Usage(words="curated expire ID", meaning="take a saved answer out of what I know"),
    )

    def __init__(self, *, curated: CuratedAnswers) -> None:
        self._curated = curated

    def fits(self, words: tuple[str, ...]) -> bool:
        return not words or words == ("list",) or (len(words) == 2 and words[0] in VERBS and words[1].isdecimal())

    async def run(self, asked: Asked) -> str:
        match asked.words:
            case () | ("list",):
                return await self._list()
            case (verb, number) if verb in VERBS and number.isascii() and number.isdecimal() and len(number) < 18:
                return await self._decide(verb, int(number), by=asked.person_id)
            case _:
                raise WrongUse("It is `curated list`, or `curated approve ID`, and so with `decline` and `expire`.")

    async def _list(self) -> str:
        answers = await self._curated.list_newest()
        return "\n".join(map(_line, answers)) or "Nothing is saved yet."

    async def _decide(self, verb: str, curated_id: int, *, by: str) -> str:
        decide = {"approve": self._curated.approve, "decline": self._curated.decline, "expire": self._curated.expire}
        if not await decide[verb](curated_id, by=by):
            return f"There is no answer {curated_id} to {verb}."
        return f"Done: {verb} {curated_id}."


def _line(answer: CuratedAnswer) -> str:
    """The question without its answer: an admin may not read every channel."""
    owner = f", kept by {answer.owner}" if answer.owner else ""
    return f"- **{answer.id}** ({answer.state}, until {answer.expires_on.isoformat()}{owner}): {answer.question}"
