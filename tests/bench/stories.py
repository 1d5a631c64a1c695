"""Questions inside a story, sentence by sentence and as a whole: `python -m tests.bench.stories`.

The starter evaluation's questions are put behind two to five sentences of small talk and before a closing one. Told is
for how many of each kind the outcome, the document and the words are as expected, with `SPLIT_QUESTIONS` on and off.
"""

import asyncio
import hashlib
import re
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from helpdesk_bot.app.agent import open_agent
from helpdesk_bot.app.knowledge import open_knowledge
from helpdesk_bot.database import migrate_all
from helpdesk_bot.evals.starter import Case, Judged, read_cases, run_cases
from helpdesk_bot.settings import Settings
from knowledge.embedded_postgres import embedded_postgres

DEADLINE_S = 20.0
KINDS = ("answerable", "everyday", "unanswerable")
BEFORE = (
    "Hi everyone, hope you had a nice weekend!",
    "I started here on Monday and everyone has been very kind so far.",
    "Yesterday I worked from home because the plumber came to fix our kitchen sink.",
    "It took the whole morning and I missed two calls.",
    "A colleague told me that this used to be different in the old office.",
    "I looked around in the settings but did not want to break anything.",
    "My manager Tom is on holiday until Thursday, so I can't ask him.",
    "I already restarted my laptop twice and my router once.",
    "We have a big presentation for a customer on Friday and I am a bit nervous.",
    "The coffee on the third floor is great by the way.",
    "I read through some pages on the intranet but got lost.",
    "Last year in my former company somebody did this for us.",
)
AFTER = (
    "Thanks a lot and have a great day!",
    "It is not super urgent, but before Friday would be nice.",
    "Sorry for the long message.",
    "Cheers, Ana",
    "I would really appreciate it.",
)
_ASKS = re.compile(
    r"(?:^|[,.:] |\b(?:until|after|at|in|for|and) )"
    r"(?:how|where|what|whats|who|when|which|why|can|do|does|is|are|could|should|may|am|cost)\b",
    re.IGNORECASE,
)


def told(case: Case) -> Case:
    """The case with its question inside a story, the same one each time."""
    number = int(hashlib.sha256(case.id.encode()).hexdigest(), 16)
    before = [BEFORE[(number // 4 + 5 * place) % len(BEFORE)] for place in range(2 + number % 4)]
    question = case.question[0].upper() + case.question[1:]
    if question[-1] not in ".?!":
        question += "?" if _ASKS.search(case.question) else "."
    return case.model_copy(update={"question": " ".join([*before, question, AFTER[number % len(AFTER)]])})


async def judge(settings: Settings, url: str, cases: Sequence[Case]) -> list[Judged]:
    async with open_knowledge(settings, url) as knowledge, open_agent(settings, knowledge, in_memory=True) as agent:
        await knowledge.sync("starter")
        return await run_cases(
            cases, agent=agent, access=knowledge.access, deadline_s=DEADLINE_S, progress=lambda done, of: None
        )


async def run(url: str, folder: Path) -> None:
    await migrate_all(url)
    cases = [told(case) for case in read_cases() if case.kind in KINDS and not case.history]
    asked = Counter(case.kind for case in cases)
    for name, splits in (("sentence by sentence", True), ("as a whole", False)):
        judged = await judge(Settings(helpdesk_data_dir=folder, split_questions=splits), url, cases)
        right = Counter(one.case.kind for one in judged if not one.faults)
        print(f"{name}: {', '.join(f'{kind} {right[kind]} of {asked[kind]}' for kind in KINDS)}")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, embedded_postgres(Path(folder)) as url:
        asyncio.run(run(url, Path(folder)))


if __name__ == "__main__":
    main()
