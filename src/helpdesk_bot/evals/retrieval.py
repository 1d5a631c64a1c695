"""How well passages are found, on a folder of documents, questions and judgements.

Everything runs through the product: its chunker, its embedder, its sync, its store and its search.
"""

import hashlib
import json
import time
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from connectors.documents import PUBLIC, AccessRule, Cursor, Document, Listed, Present, Principal, Spent
from helpdesk_bot.evals.ablation import iter_without
from helpdesk_bot.evals.measures import Interval, Measured, Qrel, measure, paired_interval
from knowledge.access import Access
from knowledge.audience import Audience
from knowledge.chunks import ChunkOptions
from knowledge.embedding import Embedder
from knowledge.postgres import migrate, open_pool
from knowledge.ranking import DEFAULT_RANKING, RankingOptions
from knowledge.receipts import Receipt
from knowledge.search import Search
from knowledge.store import Store
from knowledge.sync import sync

if TYPE_CHECKING:
    from rich.console import Console

CORPUS_FILE = "corpus.jsonl"
"""Lines of {"id", "title", "text"}."""
QUERIES_FILE = "queries.jsonl"
"""Lines of {"id", "text"}."""
QRELS_FILE = "qrels.tsv"
"""Lines of query id, document id, relevance; a line whose relevance is no number is a header."""

CHUNKS_PER_QUERY = 100
"""Ranked for a question, so that ten documents are among them even when each has several chunks."""

LEGS = ("bm25", "dense", "hybrid")

Ranking = Sequence[tuple[str, float]]
"""Document ids with scores, best first."""


@dataclass(frozen=True, kw_only=True)
class RetrievalQuery:
    id: str
    text: str


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
            "model": self.model,
            "took_s": self.took_s,
        }

    def write_rankings(self, out: TextIO) -> None:
        """One JSON object a line: the ranking of one query by one leg."""
        for leg, rankings in self.rankings.items():
            for query, ranking in rankings.items():
                line = {"query": query, "leg": leg, "ranking": [[key, round(score, 6)] for key, score in ranking]}
                out.write(json.dumps(line, ensure_ascii=False) + "\n")

    def print(self, console: "Console") -> None:
        """A table for people."""
        from rich.table import Table

        names = list(self.measures["hybrid"])
        table = Table("leg", *names, title=f"{self.queries} questions, {self.documents} documents, {self.model}")
        for leg, measured in self.measures.items():
            table.add_row(leg, *[f"{measured[name]:.3f}" for name in names])
        for pair, intervals in self.intervals.items():
            table.add_row(pair, *[intervals[name].as_text() for name in names])
        console.print(table)


EVERYBODY = AccessRule.any_of([PUBLIC])


class CorpusFile:
    """A corpus as a source of knowledge that everybody may read."""

    name = "corpus"
    spent = Spent()

    def __init__(self, folder: Path) -> None:
        self._lines = {line["id"]: line for line in read_lines(folder / CORPUS_FILE)}

    async def changes(self, since: Cursor | None) -> AsyncIterator[Listed | Cursor]:  # noqa: ARG002  a file has no news
        for line in self._lines.values():
            yield _listed(line)
        yield Cursor(value="")

    async def read(self, listed: Listed) -> Document:
        return Document(
            key=listed.key,
            version=listed.version,
            title=listed.title,
            url=listed.url,
            access=listed.access,
            modified_at=listed.modified_at,
            markdown=self._lines[listed.key]["text"],
        )

    async def present(self) -> AsyncIterator[Present]:
        for key in self._lines:
            yield Present(key=key, access=EVERYBODY)

    async def memberships(self) -> Mapping[Principal, frozenset[Principal]]:
        return {}

    def __len__(self) -> int:
        return len(self._lines)


async def evaluate_retrieval(
    folder: Path,
    *,
    url: str,
    embedder: Embedder,
    queries: Path | None = None,
    asked: Sequence[RetrievalQuery] | None = None,
    options: ChunkOptions | None = None,
    ranking: RankingOptions = DEFAULT_RANKING,
    language: str = "english",
    ablate: bool = False,
    console: "Console | None" = None,
) -> RetrievalEvaluation:
    """Index the folder's corpus into the database at `url`, ask every question, and measure.

    The database is for this alone: its content becomes the corpus, and stays, so that a second run embeds nothing.
    `asked` are the questions where they are not those of a file. `ablate` asks them again with each part of the ranking
    left out. `language` is the text-search configuration of its words. `console` shows how far it is.
    """
    started = time.monotonic()
    if asked is None:
        lines = read_lines(queries or folder / QUERIES_FILE)
        asked = [RetrievalQuery(id=line["id"], text=line["text"]) for line in lines]
    await migrate(url)
    async with open_pool(url, max_size=4) as pool:
        store = Store(pool)
        await store.use_lexical_options(configuration=language)
        receipt = await index_corpus(folder, store=store, embedder=embedder, options=options, console=console)
        access = Access(store)
        rankings = await _rank_all(asked, Search(store, embedder, access, ranking=ranking), console=console)
        for part, lacking in iter_without(ranking) if ablate else ():
            search = Search(store, embedder, access, ranking=lacking)
            rankings[f"without {part}"] = {query.id: await _rank_together(query.text, search) for query in asked}
        status = await store.get_status()
    qrels = read_qrels(folder / QRELS_FILE)
    measured = {leg: measure(qrels, of_leg) for leg, of_leg in rankings.items()}
    return RetrievalEvaluation(
        measures={leg: one.means for leg, one in measured.items()},
        intervals={
            f"hybrid-{leg}": {
                name: paired_interval(measured["hybrid"].by_query[name], measured[leg].by_query[name])
                for name in measured[leg].means
            }
            for leg in rankings
            if leg != "hybrid"
        },
        rankings=rankings,
        documents=status.documents,
        chunks=status.chunks,
        chunks_embedded=receipt.chunks_embedded,
        queries=len(asked),
        model=embedder.model,
        took_s=round(time.monotonic() - started, 1),
    )


def read_lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def read_qrels(path: Path) -> list[Qrel]:
    """Raises ValueError where a line other than the first is not query id, document id and a whole number."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    header = 1 if rows and not rows[0][-1].strip().lstrip("-").isdecimal() else 0
    return [
        Qrel(query_id=query_id, document_id=document_id, relevance=int(relevance))
        for query_id, document_id, relevance in rows[header:]
    ]


def best_by_document(chunks: Iterable[tuple[str, float]]) -> list[tuple[str, float]]:
    """Documents by their best chunk, in the order in which they come first."""
    best: dict[str, float] = {}
    for key, score in chunks:
        best.setdefault(key, score)
    return list(best.items())


async def index_corpus(
    folder: Path,
    *,
    store: Store,
    embedder: Embedder,
    options: ChunkOptions | None,
    console: "Console | None",
) -> Receipt:
    """Make the folder's corpus the content of a migrated database; what is there already is not embedded again."""
    corpus = CorpusFile(folder)
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


def _listed(line: Mapping[str, str]) -> Listed:
    version = hashlib.sha256(f"{line['title']}\0{line['text']}".encode()).hexdigest()
    return Listed(
        key=line["id"],
        version=version,
        title=line["title"],
        url="",
        access=EVERYBODY,
        media_type="text/markdown",
        modified_at=datetime(2000, 1, 1, tzinfo=UTC),
    )
