"""`stale`: the pages that changed under answers."""

from collections import Counter
from datetime import timedelta

from helpdesk_bot.commands.command import Asked, ForAdmins, Usage
from helpdesk_bot.messages import Reply
from helpdesk_bot.people import People
from helpdesk_bot.records import Records
from knowledge.passages import Passage
from knowledge.search import Search

SHOWN = 20


class StaleCommand(ForAdmins):
    word = "stale"
    usages = (Usage(words="stale", meaning="pages that changed under my answers, and under how many"),)

    def __init__(self, *, records: Records, search: Search, people: People, days: int) -> None:
        self._records = records
        self._search = search
        self._people = people
        self._days = days

    def fits(self, words: tuple[str, ...]) -> bool:
        return not words

    async def run(self, asked: Asked) -> str:
        """By name only what this person may read; of the rest the number."""
        audience = await self._people.audience_of_person(asked.place.platform, asked.person_id)
        cited: dict[int, Passage] = {}
        resting: Counter[int] = Counter()
        replies = [one.message for one in await self._records.list_cited(timedelta(days=self._days))]
        for passages in [_cited(reply) for reply in replies if isinstance(reply, Reply)]:
            readable = await self._search.still_readable([one.chunk_id for one in passages], audience)
            missing = {one.document_id: one for one in passages if one.chunk_id not in readable}
            cited |= missing
            resting.update(missing.keys())
        known = {one.document_id for one in await self._search.list_passages(list(cited), audience)}
        lines = [
            f"- {cited[document_id].title} ({cited[document_id].source}): {answers}"
            for document_id, answers in resting.most_common()
            if document_id in known
        ][:SHOWN]
        if others := len(resting.keys() - known):
            lines.append(f"- {others} more pages are gone, or not yours to read")
        return "\n".join(lines) or f"No page changed under an answer of the last {self._days} days."


def _cited(reply: Reply) -> list[Passage]:
    return [one.passage for one in reply.citations if one.passage.chunk_id > 0]
