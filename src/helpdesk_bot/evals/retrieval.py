"""How well passages are found, on a folder of documents, questions and judgements.

Everything runs through the product: its chunker, its embedder, its sync, its store and its search.
"""

import json
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from helpdesk_bot.evals.ablation import iter_without
from helpdesk_bot.evals.collection import Collection, Corpus, RetrievalQuery
from helpdesk_bot.evals.measures import Interval, Measured, Measurement, measure, paired_interval
from knowledge.access import Access
from knowledge.audience import Audience
from knowledge.chunks import ChunkOptions
from knowledge.embedding import Embedder
from knowledge.migrations import migrate
from knowledge.postgres import open_pool
from knowledge.ranking import DEFAULT_RANKING, RankingOptions
from knowledge.receipts import Receipt
from knowledge.search import Search
from knowledge.store import Store
from knowledge.sync import sync

if TYPE_CHECKING:
    from rich.console import Console

CHUNKS_PER_QUERY = 100
"""Ranked for a question, so that ten documents are among them even when each has several chunks."""

LEGS = ("bm25", "dense", "hybrid")

Ranking = Sequence[tuple[str, float]]
"""Document ids with scores, best first."""


@dataclass(frozen=True, kw_only=True)
class RetrievalEvaluation:
    """Measures by leg, and the rankings they were computed from by leg and query id."""

    measures: Mapping[str, Measured]
    intervals: Mapping[str, Mapping[str, Interval]]
    """Of `hybrid-bm25` and `hybrid-dense`, and of `hybrid-without PART` for each part left out, by measure."""
    rankings: Mapping[str, Mapping[str, Ranking]]
    documents: int
    chunks: int
    chunks_embedded: int
    queries: int
    judged: int
    """Questions that the measures are means of."""
    model: str
    took_s: float

    def as_json(self) -> dict[str, object]:
        intervals = {pair: {name: one.as_json() for name, one in by.items()} for pair, by in self.intervals.items()}
        return {
            **self.measures,
            "intervals": intervals,
            "documents": self.documents,
            "chunks": self.chunks,
            "chunks_embedded": self.chunks_embedded,
            "queries": self.queries,
            "judged": self.judged,
            "model": self.model,
            "took_s": self.took_s,
        }

    def write_rankings(self, out: TextIO) -> None:
        """One JSON object a line: the ranking of one query by one leg."""
        for leg, rankings in self.rankings.items():
            for query, ranking in rankings.items():
                line = {"query": query, "leg": leg, "ranking": [[key, round(score, 6)] for key, score in ranking]}
                out.write(json.dumps(line, ensure_ascii=False) + "\n")

    def rows(self) -> list[tuple[str, ...]]:
        """For a table, its columns first."""
        names = list(self.measures["hybrid"])
        legs = [(leg, *(f"{measured[name]:.3f}" for name in names)) for leg, measured in self.measures.items()]
        pairs = [(pair, *(intervals[name].as_text() for name in names)) for pair, intervals in self.intervals.items()]
        return [("leg", *names), *legs, *pairs]


async def evaluate_retrieval(
    collection: Collection,
    *,
    url: str,
    embedder: Embedder,
    options: ChunkOptions | None = None,
    ranking: RankingOptions = DEFAULT_RANKING,
    language: str = "english",
    ablate: bool = False,
    console: "Console | None" = None,
) -> RetrievalEvaluation:
    """Index the corpus into the database at `url`, ask every question, and measure those that are judged.

    The database is for this alone: its content becomes the corpus, and stays, so that a second run embeds nothing.
    `ablate` asks them again with each part of the ranking left out. `language` is the text-search configuration of its
    words. `console` shows how far it is.
    """
    started, asked = time.monotonic(), collection.asked
    await migrate(url)
    async with open_pool(url, max_size=4) as pool:
        store = Store(pool)
        await store.use_lexical_options(configuration=language)
        receipt = await index_corpus(
            collection.corpus, store=store, embedder=embedder, options=options, console=console
        )
        access = Access(store)
        rankings = await _rank_all(asked, Search(store, embedder, access, ranking=ranking), console=console)
        for part, lacking in iter_without(ranking) if ablate else ():
            search = Search(store, embedder, access, ranking=lacking)
            rankings[f"without {part}"] = {query.id: await _rank_together(query.text, search) for query in asked}
        status = await store.get_status()
    measured = {leg: measure(collection.qrels, of_leg) for leg, of_leg in rankings.items()}
    return RetrievalEvaluation(
        measures={leg: one.means for leg, one in measured.items()},
        intervals=_intervals(measured),
        rankings=rankings,
        documents=status.documents,
        chunks=status.chunks,
        chunks_embedded=receipt.chunks_embedded,
        queries=len(asked),
        judged=len({qrel.query_id for qrel in collection.qrels}),
        model=embedder.model,
        took_s=round(time.monotonic() - started, 1),
    )


def _intervals(measured: Mapping[str, Measurement]) -> dict[str, dict[str, Interval]]:
    """By how much both legs together are better than each other way, by measure."""
    together = measured["hybrid"].by_query
    return {
        f"hybrid-{leg}": {name: paired_interval(together[name], alone.by_query[name]) for name in alone.means}
        for leg, alone in measured.items()
        if leg != "hybrid"
    }


def best_by_document(chunks: Iterable[tuple[str, float]]) -> list[tuple[str, float]]:
    """Documents by their best chunk, in the order in which they come first."""
    best: dict[str, float] = {}
    for key, score in chunks:
        best.setdefault(key, score)
    return list(best.items())


async def index_corpus(
    corpus: Corpus,
    *,
    store: Store,
    embedder: Embedder,
    options: ChunkOptions | None,
    console: "Console | None",
) -> Receipt:
    """Make the corpus the content of a migrated database; what is there already is not embedded again."""
    with _progress(console, "indexing", total=len(corpus)) as advance_to:
        return await sync(
            corpus,
            store=store,
            embedder=embedder,
            options=options,
            approve_removals=True,
            progress=lambda progress: advance_to(progress.settled),
        )


async def _rank_all(
    asked: Sequence[RetrievalQuery], search: Search, *, console: "Console | None"
) -> dict[str, dict[str, Ranking]]:
    """Rankings of documents by leg and query id."""
    rankings: dict[str, dict[str, Ranking]] = {leg: {} for leg in LEGS}
    with _progress(console, "asking", total=len(asked)) as advance_to:
        for number, query in enumerate(asked, start=1):
            for leg, ranking in (await _rank(query.text, search)).items():
                rankings[leg][query.id] = ranking
            advance_to(number)
    return rankings


async def _rank(question: str, search: Search) -> dict[str, Ranking]:
    public = Audience.public()
    alone = await search.find_separately(question, public, limit=CHUNKS_PER_QUERY)
    return {
        "bm25": best_by_document((passage.key, passage.scores.bm25 or 0.0) for passage in alone.bm25),
        "dense": best_by_document((passage.key, passage.scores.dense or 0.0) for passage in alone.dense),
        "hybrid": await _rank_together(question, search),
    }


async def _rank_together(question: str, search: Search) -> Ranking:
    together = await search.find(question, Audience.public(), limit=CHUNKS_PER_QUERY)
    return best_by_document((passage.key, 1 / place) for place, passage in enumerate(together, start=1))


@contextmanager
def _progress(console: "Console | None", doing: str, *, total: int) -> Generator[Callable[[int], None]]:
    """A bar on a terminal, a line every tenth of the way elsewhere, nothing without a console."""
    if console is None:
        yield lambda _done: None
    elif console.is_terminal:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn(doing), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task(doing, total=total)
            yield lambda done: bar.update(task, completed=done)
    else:
        yield _Tenths(console, doing, total).advance_to


class _Tenths:
    def __init__(self, console: "Console", doing: str, total: int) -> None:
        self._console = console
        self._doing = doing
        self._total = max(total, 1)
        self._told = -1

    def advance_to(self, done: int) -> None:
        tenth = 10 * done // self._total
        if tenth > self._told:
            self._told = tenth
            self._console.print(f"{self._doing}: {done} of {self._total}")
