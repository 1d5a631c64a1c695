"""A folder of documents, questions, and judgements of which documents answer which question."""

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from connectors.documents import PUBLIC, AccessRule, Cursor, Document, Listed, Present, Principal, Spent
from helpdesk_bot.evals.lines import Line, Text, read_lines
from helpdesk_bot.evals.measures import Qrel

CORPUS_FILE = "corpus.jsonl"
"""Lines of {"id", "title", "text"}; as everywhere, BEIR's `_id` does as well."""
QUERIES_FILE = "queries.jsonl"
"""Lines of {"id", "text"}."""
QRELS_FILE = "qrels.tsv"
"""Lines of query id, document id, relevance, or as TREC has them; a first whose relevance is no number is a header."""
QRELS_FILES = (QRELS_FILE, "qrels.txt", "qrels/test.tsv")
"""Where it may be: BEIR has a folder."""

EVERYBODY = AccessRule.any_of([PUBLIC])


class RetrievalQuery(Line):
    id: Text
    text: Text


class CorpusLine(Line):
    id: Text
    title: Text = ""
    text: Text

    @property
    def listed(self) -> Listed:
        return Listed(
            key=self.id,
            version=hashlib.sha256(f"{self.title}\0{self.text}".encode()).hexdigest(),
            title=self.title,
            url="",
            access=EVERYBODY,
            media_type="text/markdown",
            modified_at=datetime(2000, 1, 1, tzinfo=UTC),
        )


class Corpus:
    """As a source of knowledge that everybody may read. Of lines with the same id the last counts."""

    name = "corpus"
    spent = Spent()

    def __init__(self, lines: Sequence[CorpusLine]) -> None:
        self._lines = {line.id: line for line in lines}

    async def changes(self, since: Cursor | None) -> AsyncIterator[Listed | Cursor]:  # noqa: ARG002  a file has no news
        for line in self._lines.values():
            yield line.listed
        yield Cursor(value="")

    async def read(self, listed: Listed) -> Document:
        return Document(
            key=listed.key,
            version=listed.version,
            title=listed.title,
            url=listed.url,
            access=listed.access,
            modified_at=listed.modified_at,
            markdown=self._lines[listed.key].text,
        )

    async def present(self) -> AsyncIterator[Present]:
        for key in self._lines:
            yield Present(key=key, access=EVERYBODY)

    async def memberships(self) -> Mapping[Principal, frozenset[Principal]]:
        return {}

    def __len__(self) -> int:
        return len(self._lines)


@dataclass(frozen=True, kw_only=True)
class Collection:
    corpus: Corpus
    asked: Sequence[RetrievalQuery]
    qrels: Sequence[Qrel]
    """Of the questions that are asked."""


def read_collection(folder: Path, asked: Sequence[RetrievalQuery]) -> Collection:
    """The folder's documents and judgements for what is `asked`. Of questions with the same id the last counts.

    Raises OSError where a file can't be read, ValueError where there is nothing to measure, or naming the wrong line.
    """
    corpus = read_corpus(folder)
    alone = {query.id: query for query in asked}
    qrels = [qrel for qrel in read_qrels(find_qrels(folder)) if qrel.query_id in alone]
    if not qrels:
        raise ValueError(f"{QRELS_FILE} judges no document for any of the {len(alone)} questions")
    return Collection(corpus=corpus, asked=list(alone.values()), qrels=qrels)


def read_corpus(folder: Path) -> Corpus:
    """Raises as `read_collection` does."""
    corpus = Corpus(read_lines(folder / CORPUS_FILE, CorpusLine))
    if not len(corpus):
        raise ValueError(f"{CORPUS_FILE} holds no document")
    return corpus


def read_queries(file: Path) -> list[RetrievalQuery]:
    """Raises as `read_collection` does."""
    queries = read_lines(file, RetrievalQuery)
    if not queries:
        raise ValueError(f"{file.name} holds no question")
    return queries


def find_qrels(folder: Path) -> Path:
    """The first of `QRELS_FILES` that is there, or else the first of them."""
    return next((folder / name for name in QRELS_FILES if (folder / name).is_file()), folder / QRELS_FILE)


def read_qrels(file: Path) -> list[Qrel]:
    """Raises ValueError where a line other than a header is not query id, document id and a whole number."""
    with file.open(encoding="utf-8-sig") as lines:
        rows = [(number, _cells(line.strip("\r\n"))) for number, line in enumerate(lines, start=1) if line.strip()]
    if rows and len(rows[0][1]) == 3 and not _is_number(rows[0][1][-1]):
        rows = rows[1:]
    return [_qrel(row, place=f"{file.name}, line {number}") for number, row in rows]


def _cells(line: str) -> list[str]:
    """Tabs between them, or blanks, as TREC has it, with a second of four that says nothing."""
    cells = line.split("\t") if "\t" in line else line.split()
    return [cells[0], *cells[2:]] if len(cells) == 4 else cells


def _qrel(row: Sequence[str], *, place: str) -> Qrel:
    if len(row) != 3 or not _is_number(row[-1]):
        raise ValueError(f"{place}: not a question's id, a document's id and a whole number with tabs between them")
    query_id, document_id, relevance = row
    return Qrel(query_id=query_id, document_id=document_id, relevance=int(relevance))


def _is_number(written: str) -> bool:
    return written.strip().lstrip("-").isdecimal()
