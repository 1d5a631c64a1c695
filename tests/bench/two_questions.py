"""Two questions in one message, one by one and as a whole: `python -m tests.bench.two_questions`.

The answerable questions of the starter evaluation that begin with a question word are joined in pairs by `and`. Told is
how many answers cite a right document of both, with `SPLIT_QUESTIONS` on and off, and the paired difference.
"""

import asyncio
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from helpdesk_bot.agent.question.several import questions_in
from helpdesk_bot.app.agent import open_agent
from helpdesk_bot.app.knowledge import open_knowledge
from helpdesk_bot.database import migrate_all
from helpdesk_bot.evals.measures import paired_interval
from helpdesk_bot.evals.starter import read_cases
from helpdesk_bot.events import Decision
from helpdesk_bot.settings import Settings
from knowledge.access import Reader
from knowledge.audience import Audience
from knowledge.embedded_postgres import embedded_postgres
from tests.fakes.asking import asked_of

DEADLINE_S = 20.0


@dataclass(frozen=True, kw_only=True)
class Pair:
    question: str
    documents: tuple[frozenset[str], frozenset[str]]


def read_pairs() -> list[Pair]:
    """Each question with another one, about other documents; only what is told apart as two questions."""
    cases = [case for case in read_cases() if case.kind == "answerable" and case.expect.documents and not case.history]
    others = random.Random(2026).sample(cases, len(cases))
    pairs = [
        Pair(
            question=f"{one.question.rstrip('?. ')} and {other.question[0].lower()}{other.question[1:]}",
            documents=(frozenset(one.expect.documents or ()), frozenset(other.expect.documents or ())),
        )
        for one, other in zip(cases, others, strict=True)
    ]
    return [
        pair for pair in pairs if len(questions_in(pair.question)) == 2 and not pair.documents[0] & pair.documents[1]
    ]


async def ask_all(settings: Settings, url: str, pairs: Sequence[Pair]) -> list[float]:
    async with open_knowledge(settings, url) as knowledge, open_agent(settings, knowledge, in_memory=True) as agent:
        await knowledge.sync("starter")
        audience = await knowledge.access.audience_of([Reader(email=None, is_staff=True)])
        return [share_cited(pair, await _ask(agent, pair.question, audience)) for pair in pairs]


async def _ask(agent, question: str, audience: Audience) -> Decision:
    asked = asked_of(
        question, question_key=question, conversation_id=question, audience=audience, deadline_s=DEADLINE_S
    )
    return await agent.decide(asked)


def share_cited(pair: Pair, decision: Decision) -> float:
    cited = {one.passage.key for one in decision.citations}
    return sum(bool(cited & documents) for documents in pair.documents) / 2


async def run(url: str, folder: Path) -> None:
    await migrate_all(url)
    pairs = read_pairs()
    with_split, without = [
        await ask_all(Settings(helpdesk_data_dir=folder, split_questions=splits), url, pairs)
        for splits in (True, False)
    ]
    for name, shares in (("one by one", with_split), ("as a whole", without)):
        print(f"{name}: both in {shares.count(1.0)} of {len(pairs)} answers, one in {shares.count(0.5)}")
    print(f"difference in the share of questions answered: {paired_interval(with_split, without).as_text()}")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, embedded_postgres(Path(folder)) as url:
        asyncio.run(run(url, Path(folder)))


if __name__ == "__main__":
    main()
