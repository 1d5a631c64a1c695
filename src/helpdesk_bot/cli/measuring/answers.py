"""`eval answers` and `eval calibrate`: what the bot can answer, what it can't, and how well it knows."""

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from helpdesk_bot.app.agent import open_measured_agent
from helpdesk_bot.app.calibration import calibration_of
from helpdesk_bot.app.knowledge import Knowledge, open_knowledge, ranking_options
from helpdesk_bot.cli.measuring.retrieval import own_database
from helpdesk_bot.cli.output import Exit, err, fail, out, print_json, print_table, progress_bar, reading
from helpdesk_bot.cli.syncing import sync_with_bar
from helpdesk_bot.database import open_database
from helpdesk_bot.evals.answer_cases import AnswerCase, read_answer_cases
from helpdesk_bot.evals.collection import CORPUS_FILE, read_corpus
from helpdesk_bot.settings import Settings
from knowledge.access import Reader
from knowledge.audience import Audience

if TYPE_CHECKING:
    from helpdesk_bot.evals.calibration import Calibrated, Labelled


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What to ask, and what about."""

    folder: Path
    queries: Path | None
    corpus: Path | None
    """A folder with corpus.jsonl; None for the folder's own, or else the starter knowledge."""
    limit: int | None
    seed: int

    def cases(self) -> Sequence[AnswerCase]:
        """Ends the command where they can't be read."""
        with reading(self.folder):
            return read_answer_cases(self.folder, queries=self.queries, limit=self.limit, seed=self.seed)

    @property
    def asked_folder(self) -> Path | None:
        """Whose documents are asked; None for the bot's own knowledge."""
        return self.corpus or (self.folder if (self.folder / CORPUS_FILE).is_file() else None)


async def measure_answers(settings: Settings, wanted: Wanted, *, out_file: Path | None, as_json: bool) -> None:
    from helpdesk_bot.evals.answering import AnswerReport, ask_all

    cases = wanted.cases()
    async with _asked_about(settings, wanted) as about:
        calibration = calibration_of(settings)
        async with open_measured_agent(settings, about.knowledge, answer_at=0.0) as agent:
            with progress_bar("Asking") as bar:
                asked = await ask_all(
                    cases,
                    agent=agent,
                    audience=about.audience,
                    deadline_s=settings.answer_deadline_s,
                    model_asked_at=settings.model_asked_at,
                    progress=bar.move,
                )
    report = AnswerReport(asked=asked, answer_at=calibration.answer_at)
    if out_file is not None:
        with out_file.open("w", encoding="utf-8") as lines:
            report.write_cases(lines)
    if as_json:
        print_json(report.as_json())
    else:
        print_table(("what", f"{len(asked)} cases"), report.rows())


async def calibrate_judge(
    settings: Settings,
    wanted: Sequence[Wanted],
    *,
    false_answer_rate: float,
    judge_file: Path | None,
    cases_file: Path | None,
    as_json: bool,
) -> None:
    """Print what came out, and write it where `EVIDENCE_FILE` can name it."""
    from helpdesk_bot.evals.calibration import calibrate

    labelled = [labelled for one in wanted for labelled in await _label(settings, one)]
    names = ", ".join(one.folder.name for one in wanted)
    try:
        made = calibrate(
            labelled, before=calibration_of(settings), false_answer_rate=false_answer_rate, made_from=names
        )
    except ValueError as error:
        fail(str(error), Exit.MISUSED)
    if cases_file is not None:
        with cases_file.open("w", encoding="utf-8") as lines:
            made.write_cases(lines)
    if judge_file is not None:
        with judge_file.open("w", encoding="utf-8") as file:
            file.write(json.dumps(made.calibration.as_json(), indent=2) + "\n")
    _warn_of_few(made)
    if as_json:
        print_json(made.as_json())
        return
    print_table(("by cross-validation", "share"), made.rows())
    if judge_file is not None and made.is_trusted:
        out.print(f"Written to {judge_file}: set EVIDENCE_FILE={judge_file} to use it.", markup=False)


async def _label(settings: Settings, wanted: Wanted) -> "list[Labelled]":
    from helpdesk_bot.agent.parts import AgentOptions
    from helpdesk_bot.evals.calibration import label_cases

    cases = wanted.cases()
    async with _asked_about(settings, wanted) as about:
        with progress_bar(f"Asking {wanted.folder.name}") as bar:
            return await label_cases(
                cases,
                group=wanted.folder.name,
                search=about.knowledge.search,
                audience=about.audience,
                max_passages=AgentOptions().max_passages,
                progress=bar.move,
            )


def _warn_of_few(made: "Calibrated") -> None:
    from helpdesk_bot.evals.calibration import TRUSTED_FROM

    if not made.is_trusted:
        err.print(
            f"Too few questions to rely on these figures or to use this judge: {made.answered} answered and "
            f"{made.unanswered} not, and at least {TRUSTED_FROM} of each are needed.",
            style="yellow",
            highlight=False,
        )


@dataclass(frozen=True, kw_only=True)
class _About:
    knowledge: Knowledge
    audience: Audience


@asynccontextmanager
async def _asked_about(settings: Settings, wanted: Wanted) -> AsyncGenerator[_About]:
    """The knowledge to ask, with whoever asks: a corpus in its own database that everybody reads, or the bot's own.

    The bot's own is asked as all staff may read it, with the starter knowledge where that is on.
    """
    from helpdesk_bot.evals.retrieval import index_corpus
    from knowledge.access import Access
    from knowledge.migrations import migrate
    from knowledge.postgres import open_pool
    from knowledge.search import Search
    from knowledge.store import Store

    folder = wanted.asked_folder
    with reading(folder or wanted.folder):
        corpus = read_corpus(folder) if folder else None
    async with open_database(settings) as url, open_knowledge(settings, url) as knowledge:
        if folder is None or corpus is None:
            if settings.starter_knowledge:
                await sync_with_bar(knowledge, "starter")
            elif not (await knowledge.store.get_status()).documents:
                fail(
                    f"{wanted.folder} holds no {CORPUS_FILE}, nothing is synced yet, and STARTER_KNOWLEDGE is off: "
                    "name a --corpus, or run `helpdesk-bot sync`",
                    Exit.MISUSED,
                )
            err.print(f"{wanted.folder} holds no {CORPUS_FILE}: what this bot knows is asked.", markup=False)
            staff = await knowledge.access.audience_of([Reader(email=None, is_staff=True)])
            yield _About(knowledge=knowledge, audience=staff)
            return
        own_url = own_database(url, folder)
        await migrate(own_url)
        async with open_pool(own_url, max_size=4) as pool:
            store = Store(pool)
            await store.use_lexical_options(configuration=settings.search_language)
            await index_corpus(
                corpus, store=store, embedder=knowledge.embedder, options=knowledge.chunk_options, console=err
            )
            search = Search(store, knowledge.embedder, Access(store), ranking=ranking_options(settings))
            yield _About(knowledge=replace(knowledge, search=search), audience=Audience.public())
