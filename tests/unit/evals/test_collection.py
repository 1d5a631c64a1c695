"""Folders of documents, questions and judgements, as teams and benchmarks write them."""

import json
from pathlib import Path

import pytest

from helpdesk_bot.evals.collection import QUERIES_FILE, Collection, read_collection, read_qrels, read_queries
from helpdesk_bot.evals.measures import Qrel

CORPUS = {"id": "vpn", "title": "VPN", "text": "A session lasts 12 hours."}
QUERY = {"id": "q1", "text": "how long?"}
JUDGED = "q1\tvpn\t1\n"


def read(folder: Path, *, corpus: str = "", queries: str = "", qrels: str = JUDGED) -> Collection:
    (folder / "corpus.jsonl").write_text(corpus or json.dumps(CORPUS), "utf-8")
    (folder / "queries.jsonl").write_text(queries or json.dumps(QUERY), "utf-8")
    (folder / "qrels.tsv").write_text(qrels, "utf-8")
    return read_collection(folder, read_queries(folder / QUERIES_FILE))


async def documents(collection: Collection) -> list[str]:
    return [one.key async for one in collection.corpus.present()]


async def test_ids_may_be_numbers_and_titles_may_be_missing(tmp_path: Path):
    corpus = "\n".join(json.dumps(line) for line in ({"id": 1, "title": None, "text": "a"}, {"id": 2, "text": "b"}))
    collection = read(tmp_path, corpus=corpus, queries=json.dumps({"id": 7, "text": "how?"}), qrels="7\t1\t1\n")
    assert await documents(collection) == ["1", "2"]
    assert [query.id for query in collection.asked] == ["7"]
    assert collection.qrels == [Qrel(query_id="7", document_id="1", relevance=1)]


async def test_byte_order_marks_and_half_characters_are_read(tmp_path: Path):
    corpus = "\ufeff" + json.dumps(CORPUS | {"text": "\ud800 \u2028 12 hours"})
    collection = read(tmp_path, corpus=corpus, queries="\ufeff" + json.dumps(QUERY), qrels="\ufeff" + JUDGED)
    [listed] = [one async for one in collection.corpus.changes(None)][:1]
    assert (await collection.corpus.read(listed)).markdown == "? \u2028 12 hours"


def test_a_question_that_stands_twice_is_asked_once(tmp_path: Path):
    collection = read(tmp_path, queries=f"{json.dumps(QUERY)}\n{json.dumps(QUERY)}\n")
    assert [query.id for query in collection.asked] == ["q1"]


def test_only_judgements_of_what_is_asked_count(tmp_path: Path):
    collection = read(tmp_path, qrels=f"{JUDGED}q2\tvpn\t1\n")
    assert {qrel.query_id for qrel in collection.qrels} == {"q1"}


@pytest.mark.parametrize("header", ["", "query-id\tcorpus-id\tscore\n"])
def test_judgements_are_read_with_and_without_a_header(tmp_path: Path, header: str):
    file = tmp_path / "qrels.tsv"
    file.write_text(f"{header}q<::>1\tdoc\u2028\t1\n\nq<::>1\tother\t0\r\n", "utf-8")
    assert [(one.query_id, one.document_id, one.relevance) for one in read_qrels(file)] == [
        ("q<::>1", "doc\u2028", 1),
        ("q<::>1", "other", 0),
    ]


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ({"corpus": "\n"}, "corpus.jsonl holds no document"),
        ({"queries": "\n"}, "queries.jsonl holds no question"),
        ({"qrels": ""}, "qrels.tsv judges no document for any of the 1 questions"),
        ({"qrels": "q9\tvpn\t1\n"}, "qrels.tsv judges no document for any of the 1 questions"),
        ({"corpus": json.dumps(CORPUS) + "\n{broken"}, "corpus.jsonl, line 2: no JSON"),
        ({"corpus": "[1, 2]"}, "corpus.jsonl, line 1: Input should be a valid dictionary"),
        ({"queries": json.dumps({"id": "q1"})}, "queries.jsonl, line 1: text: Field required"),
        ({"qrels": JUDGED + "q1\tvpn\n"}, "qrels.tsv, line 2: not a question's id"),
        ({"qrels": "q1\tvpn\n"}, "qrels.tsv, line 1: not a question's id"),
        ({"qrels": JUDGED + "q1\tvpn\tyes\n"}, "qrels.tsv, line 2: not a question's id"),
        ({"qrels": "q1 0 vpn 1\n"}, "qrels.tsv, line 1: not a question's id"),
    ],
)
def test_what_cant_be_measured_is_said_by_its_place(tmp_path: Path, files: dict[str, str], complaint: str):
    with pytest.raises(ValueError, match=complaint):
        read(tmp_path, **files)
