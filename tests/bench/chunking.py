"""The ways to cut documents, each by what is found: dense retrieval in memory over a public set.

    python -m tests.bench.chunking FOLDER [--documents 200] [--cache vectors.npz]

FOLDER holds corpus.jsonl {"id", "title", "text"}, queries.jsonl {"id", "text"} and qrels.tsv. Passages whose ids end in
-START-END are put together to the documents they were cut from. A document counts as found by its best chunk. Where a
query has an `answer`, it is also looked for in the best chunks that together have 1,000 words.
"""

import argparse
import asyncio
import hashlib
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from connectors.documents import PUBLIC, AccessRule, Document
from knowledge.chunks import Chunk, ChunkOptions, split
from knowledge.embedding.embedded import LocalEmbedder
from knowledge.embedding.minilm import MINILM

Relevance = Mapping[str, Mapping[str, int]]
"""Grades by query and document."""

STRATEGIES = ("structure", "paragraph", "fixed")
CUT_OFF = 10
READ_WORDS = 1_000


@dataclass(frozen=True, kw_only=True)
class Collection:
    documents: Sequence[Document]
    queries: Sequence[Mapping[str, Any]]
    relevance: Relevance


def read_collection(folder: Path, *, documents: int, longest: int = 120_000) -> Collection:
    """All documents that are relevant to a query, and others by lot up to the number asked for."""
    relevance: dict[str, dict[str, int]] = defaultdict(dict)
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines():
        query, document, grade = line.split("\t")[:3]
        if grade.isdigit():
            relevance[query][_document_id(document)] = int(grade)
    readable = {
        made.key: made for made in _documents(_records(folder / "corpus.jsonl")) if len(made.markdown) < longest
    }
    relevance = {
        query: kept
        for query, grades in relevance.items()
        if (kept := {k: v for k, v in grades.items() if k in readable})
    }
    wanted = {document for grades in relevance.values() for document in grades}
    others = sorted(set(readable) - wanted)
    random.Random(1).shuffle(others)
    keys = [*sorted(wanted), *others[: max(0, documents - len(wanted))]]
    queries = [query for query in _records(folder / "queries.jsonl") if query["id"] in relevance]
    return Collection(documents=[readable[key] for key in keys], queries=queries, relevance=relevance)


def _records(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


_CUT_OUT = re.compile(r"(.+)-(\d+)-(\d+)")


def _document_id(record_id: str) -> str:
    cut_out = _CUT_OUT.fullmatch(record_id)
    return cut_out[1] if cut_out else record_id


def _documents(records: Sequence[Mapping[str, Any]]) -> Iterator[Document]:
    for key, parts in groupby(sorted(records, key=_place), key=lambda record: _document_id(record["id"])):
        passages = list(parts)
        markdown = as_markdown(_joined([passage["text"] for passage in passages]))
        title = passages[0]["title"]
        if not title and (first := re.match(r"\s*## (.+)\n", markdown)):
            title, markdown = first[1], markdown[first.end() :]
        yield Document(
            key=key,
            version="",
            title=title,
            url="",
            access=AccessRule.any_of([PUBLIC]),
            modified_at=datetime(2026, 1, 1, tzinfo=UTC),
            markdown=markdown.removeprefix(title),
        )


def _place(record: Mapping[str, Any]) -> tuple[str, int]:
    cut_out = _CUT_OUT.fullmatch(record["id"])
    return (cut_out[1], int(cut_out[2])) if cut_out else (record["id"], 0)


def _joined(passages: Sequence[str]) -> str:
    """Passages one after another; what one repeats of the end of the one before is left out."""
    whole = passages[0]
    for passage in passages[1:]:
        repeated = next((n for n in range(min(len(passage), 1_500), 20, -1) if whole.endswith(passage[:n])), 0)
        whole += passage[repeated:] if repeated else f"\n\n{passage}"
    return whole


def as_markdown(text: str) -> str:
    """Plain text with the headings and lists it was made from, as far as they can be told.

    A short line that stands alone and ends in no sign was a heading. In text without blank lines every line stands
    alone, and one that is indented twice was in a list.
    """
    if "\n\n" in text:
        return re.sub(r"(?m)(?:^\s*\n|\A) ?(\w[^\n]{0,80}[^\s.:;,!?]) ?\n(?=\s*\n)", r"\n## \1\n", text)
    lines = text.split("\n")
    return "\n".join(_outline_line(line) for line in lines)


def _outline_line(line: str) -> str:
    if line.startswith(" " * 8):
        return f"- {line.strip()}"
    heading = re.fullmatch(r"\s*(\w.{0,80}[^\s.:;,!?])", line)
    return f"\n## {heading[1]}\n" if heading else f"\n{line.strip()}\n"


class VectorCache:
    """Vectors by text, kept in a file where one is given."""

    def __init__(self, embedder: LocalEmbedder, file: Path | None) -> None:
        self._embedder = embedder
        self._file = file
        self._known: dict[str, NDArray[np.float32]] = {}
        if file and file.exists():
            stored = np.load(file)
            self._known = dict(zip(stored["keys"].tolist(), stored["vectors"], strict=True))

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        keys = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        self._known |= zip(missing, asyncio.run(self._embedder.embed(list(missing.values()))), strict=True)
        if self._file and missing:
            np.savez(self._file, keys=np.array(list(self._known)), vectors=np.array(list(self._known.values())))
        return np.array([self._known[key] for key in keys])


def ndcg(ranked: Sequence[str], grades: Mapping[str, int]) -> float:
    """nDCG@10 with linear gain, as trec_eval has it."""
    gain = sum(grades.get(document, 0) / np.log2(rank + 1) for rank, document in enumerate(ranked[:CUT_OFF], 1))
    ideal = sum(
        grade / np.log2(rank + 1) for rank, grade in enumerate(sorted(grades.values(), reverse=True)[:CUT_OFF], 1)
    )
    return float(gain / ideal)


def holds_answer(best: Sequence[Chunk], query: Mapping[str, Any]) -> float:
    """1 when an answer of the query is in the first chunks that together have READ_WORDS words."""
    texts: list[str] = []
    for chunk in best:
        texts.append(chunk.text)
        if len(" ".join(texts).split()) > READ_WORDS:
            texts.pop()
            break
    read = " ".join(texts).casefold()
    return float(any(answer.casefold() in read for answer in (query["answer"], *query.get("alternative_answers", ()))))


def evaluate(
    collection: Collection, options: ChunkOptions, embedder: LocalEmbedder, cache: VectorCache
) -> dict[str, Any]:
    """Scores of every query by measure, and the chunks' sizes."""
    chunks = [
        (document.key, chunk)
        for document in collection.documents
        for chunk in split(document, count_tokens=embedder.count_tokens, options=options)
    ]
    similarity = cache.vectors([query["text"] for query in collection.queries]) @ (
        cache.vectors([chunk.embedded_text for _, chunk in chunks]).T
    )
    scores: dict[str, list[float]] = {"nDCG@10": [], "answer read": []}
    for query, row in zip(collection.queries, similarity, strict=True):
        best = [chunks[index] for index in np.argsort(-row, kind="stable")[:500]]
        ranked = list(dict.fromkeys(key for key, _ in best))
        scores["nDCG@10"].append(ndcg(ranked, collection.relevance[query["id"]]))
        if "alternative_answers" in query:
            scores["answer read"].append(holds_answer([chunk for _, chunk in best], query))
    return {"scores": scores, "tokens": [chunk.tokens for _, chunk in chunks]}


def interval(differences: NDArray[np.float64]) -> tuple[float, float]:
    """95 % of the mean of paired differences, by bootstrap."""
    chance = np.random.default_rng(0)
    means = chance.choice(differences, (2_000, len(differences))).mean(axis=1)
    return float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--cache", type=Path)
    arguments = parser.parse_args()
    collection = read_collection(arguments.folder, documents=arguments.documents)
    embedder = LocalEmbedder(MINILM)
    cache = VectorCache(embedder, arguments.cache)
    print(f"{len(collection.documents)} documents, {len(collection.queries)} queries")
    results = {name: evaluate(collection, ChunkOptions(strategy=name), embedder, cache) for name in STRATEGIES}
    default = results[STRATEGIES[0]]["scores"]
    for name, result in results.items():
        print(f"{name}: {len(result['tokens'])} chunks, {np.median(result['tokens']):.0f} tokens at the median")
        for measure, scores in result["scores"].items():
            if scores:
                low, high = interval(np.array(scores) - np.array(default[measure]))
                print(f"  {measure} {np.mean(scores):.4f}, beside the default {low:+.4f} to {high:+.4f}")


if __name__ == "__main__":
    main()
