"""Folders of documents, questions and judgements, as teams and benchmarks write them."""

import json
from pathlib import Path

import pytest

from helpdesk_bot.evals.answer_cases import read_answer_cases
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


@pytest.mark.parametrize(
    "qrels", ["q1 0 vpn 1\n", "q1\tQ0\tvpn\t1\n", "q1 vpn 1\n", "query-id corpus-id score\nq1  vpn 1\n"]
)
def test_judgements_are_read_as_trec_writes_them(tmp_path: Path, qrels: str):
    assert read(tmp_path, qrels=qrels).qrels == [Qrel(query_id="q1", document_id="vpn", relevance=1)]


@pytest.mark.parametrize("name", ["qrels.txt", "qrels/test.tsv"])
async def test_a_folder_is_read_as_beir_and_trec_have_it(tmp_path: Path, name: str):
    (tmp_path / "qrels").mkdir()
    (tmp_path / name).write_text("query-id\tcorpus-id\tscore\n7\td1\t2\n", "utf-8")
    (tmp_path / "corpus.jsonl").write_text('{"_id": "d1", "title": "", "text": "12 hours", "metadata": {}}', "utf-8")
    (tmp_path / "queries.jsonl").write_text('{"_id": 7, "text": "how long?", "metadata": {}}', "utf-8")
    collection = read_collection(tmp_path, read_queries(tmp_path / QUERIES_FILE))
    assert await documents(collection) == ["d1"]
    assert collection.qrels == [Qrel(query_id="7", document_id="d1", relevance=2)]
    [case] = read_answer_cases(tmp_path)
    assert (case.id, case.gold) == ("7", {"d1"})


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
        ({"corpus": "[1, 2]"}, "corpus.jsonl, line 1: no JSON object"),
        ({"queries": json.dumps({"id": "q1"})}, "queries.jsonl, line 1: text: Field required"),
        ({"qrels": JUDGED + "q1\tvpn\n"}, "qrels.tsv, line 2: not a question's id"),
        ({"qrels": "q1\tvpn\n"}, "qrels.tsv, line 1: not a question's id"),
        ({"qrels": JUDGED + "q1\tvpn\tyes\n"}, "qrels.tsv, line 2: not a question's id"),
        ({"qrels": JUDGED + "q1 0 vpn yes\n"}, "qrels.tsv, line 2: not a question's id"),
        ({"queries": "[1]"}, "queries.jsonl, line 1: no JSON object"),
    ],
)
def test_what_cant_be_measured_is_said_by_its_place(tmp_path: Path, files: dict[str, str], complaint: str):
    with pytest.raises(ValueError, match=complaint):
        read(tmp_path, **files)
