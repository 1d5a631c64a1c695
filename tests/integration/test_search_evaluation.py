"""`eval retrieval` on a small folder, from files to figures."""

import io
import json

import pytest
from rich.console import Console

from helpdesk_bot.evals.collection import QUERIES_FILE, RetrievalQuery, read_collection, read_queries
from helpdesk_bot.evals.retrieval import evaluate_retrieval
from knowledge.ranking import RankingOptions
from tests.fakes.embedder import HashedEmbedder

ANIMALS = {"zebra": "striped horse", "giraffe": "long neck", "whale": "large sea mammal", "ant": "tiny colony worker"}


@pytest.fixture
def folder(tmp_path):
    corpus = [{"id": name, "title": name, "text": f"The {name} is known: {about}."} for name, about in ANIMALS.items()]
    queries = [{"id": f"q-{name}", "text": about} for name, about in ANIMALS.items()]
    for name, lines in (("corpus", corpus), ("queries", queries)):
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, lines)))
    (tmp_path / "qrels.tsv").write_text("".join(f"q-{name}\t{name}\t1\n" for name in ANIMALS))
    return tmp_path


def read(folder, *, asked=None):
    return read_collection(folder, asked or read_queries(folder / QUERIES_FILE))


async def test_a_folder_is_indexed_asked_and_measured(folder, database_url):
    console = Console(file=io.StringIO())
    evaluation = await evaluate_retrieval(read(folder), url=database_url, embedder=HashedEmbedder(), console=console)
    result = evaluation.as_json()

    for leg in ("bm25", "dense", "hybrid"):
        assert result[leg] == {"nDCG@5": 1.0, "nDCG@10": 1.0, "R@5": 1.0}
    assert result["intervals"]["hybrid-bm25"]["nDCG@10"] == {"mean": 0.0, "low": 0.0, "high": 0.0}
    assert (result["documents"], result["queries"]) == (4, 4)
    assert "indexing: 4 of 4" in console.file.getvalue()


async def test_a_second_evaluation_embeds_only_the_questions(folder, database_url):
    await evaluate_retrieval(read(folder), url=database_url, embedder=HashedEmbedder())
    embedder = HashedEmbedder()

    evaluation = await evaluate_retrieval(read(folder), url=database_url, embedder=embedder)

    assert evaluation.chunks_embedded == 0
    assert set(embedder.embedded) == set(ANIMALS.values())


async def test_a_changed_corpus_replaces_the_one_before(folder, database_url):
    await evaluate_retrieval(read(folder), url=database_url, embedder=HashedEmbedder())
    (folder / "corpus.jsonl").write_text(json.dumps({"id": "zebra", "title": "zebra", "text": "A striped horse."}))

    evaluation = await evaluate_retrieval(read(folder), url=database_url, embedder=HashedEmbedder())

    assert evaluation.documents == 1
    assert evaluation.measures["bm25"]["R@5"] == 0.25


async def test_rankings_are_written_a_line_a_query_and_leg(folder, database_url):
    evaluation = await evaluate_retrieval(read(folder), url=database_url, embedder=HashedEmbedder())
    out = io.StringIO()
    evaluation.write_rankings(out)

    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert len(lines) == 3 * len(ANIMALS)
    assert {line["leg"] for line in lines} == {"bm25", "dense", "hybrid"}
    assert all(line["ranking"][0][0] == line["query"].removeprefix("q-") for line in lines)


async def test_the_table_names_each_leg_and_measure(folder, database_url):
    evaluation = await evaluate_retrieval(read(folder), url=database_url, embedder=HashedEmbedder())
    columns, *rows = evaluation.rows()
    assert columns == ("leg", "nDCG@5", "nDCG@10", "R@5")
    assert [row[0] for row in rows] == ["bm25", "dense", "hybrid", "hybrid-bm25", "hybrid-dense"]
    assert rows[-1][1] == "+0.000 (+0.000 to +0.000)"


async def test_an_ablation_asks_again_without_each_part_that_is_on(folder, database_url):
    evaluation = await evaluate_retrieval(
        read(folder),
        url=database_url,
        embedder=HashedEmbedder(),
        ranking=RankingOptions(freshness_weight=0.0, fold=False, acronyms=False, synonyms=False, everyday_words=False),
        ablate=True,
    )

    assert set(evaluation.measures) == {"bm25", "dense", "hybrid", "without vector_share", "without label_weight"}
    assert evaluation.as_json()["intervals"]["hybrid-without label_weight"]["R@5"]["mean"] == 0.0


async def test_questions_handed_in_are_asked_in_place_of_the_files(folder, database_url):
    asked = [RetrievalQuery(id="q-zebra", text="tiny colony worker")]

    evaluation = await evaluate_retrieval(read(folder, asked=asked), url=database_url, embedder=HashedEmbedder())

    assert (evaluation.queries, evaluation.judged) == (1, 1)
    assert evaluation.measures["bm25"]["R@5"] == 0.0, "of this question alone"
    assert evaluation.rankings["bm25"]["q-zebra"][0][0] == "ant"
