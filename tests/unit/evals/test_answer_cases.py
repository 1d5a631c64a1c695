"""Labelled questions as they stand in a folder."""

import json
from pathlib import Path

import pytest

from helpdesk_bot.evals.answer_cases import AnswerCase, fits_in_qrels, read_answer_cases, write_answer_cases
from helpdesk_bot.evals.answering import turns_of


def write(folder: Path, name: str, *lines: dict[str, object]) -> None:
    (folder / name).write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")


def test_tasks_go_before_queries_and_gold_documents_come_from_the_judgements(tmp_path: Path):
    write(tmp_path, "queries.jsonl", {"id": "q", "text": "from queries"})
    write(tmp_path, "tasks.jsonl", {"id": "t", "text": "from tasks", "answerable": "UNANSWERABLE"})
    (tmp_path / "qrels.tsv").write_text("query\tdocument\trelevance\nt\td1\t2\nt\td2\t0\n")
    (case,) = read_answer_cases(tmp_path)
    assert (case.text, case.is_answerable, case.gold) == ("from tasks", False, frozenset({"d1"}))
    (other,) = read_answer_cases(tmp_path, queries=tmp_path / "queries.jsonl")
    assert (other.text, other.is_answerable, other.gold) == ("from queries", True, frozenset())


def test_a_sample_is_the_same_for_the_same_seed_and_keeps_the_order(tmp_path: Path):
    write(tmp_path, "queries.jsonl", *({"id": str(number), "text": "?"} for number in range(50)))
    samples = [[case.id for case in read_answer_cases(tmp_path, limit=10, seed=seed)] for seed in (1, 1, 2)]
    assert samples[0] == samples[1] != samples[2]
    assert samples[0] == sorted(samples[0], key=int)


@pytest.mark.parametrize(
    ("label", "is_answerable"),
    [("answerable", True), ("PARTIAL", None), ("UNDERSPECIFIED", None), (True, True), (False, False)],
)
def test_what_is_partly_answered_is_neither(label: object, is_answerable: bool | None):
    assert AnswerCase.model_validate({"id": 1, "text": "?", "answerable": label}).is_answerable is is_answerable


def test_null_is_as_good_as_left_out_and_numbers_are_words(tmp_path: Path):
    write(tmp_path, "queries.jsonl", {"id": 1, "text": "how long?", "answer": 12, "history": None, "answerable": None})
    assert read_answer_cases(tmp_path) == [AnswerCase(id="1", text="how long?", answer="12")]


def test_a_folder_without_cases_and_a_line_that_is_none_are_named(tmp_path: Path):
    write(tmp_path, "queries.jsonl")
    with pytest.raises(ValueError, match=r"queries\.jsonl is empty"):
        read_answer_cases(tmp_path)
    write(tmp_path, "queries.jsonl", {"id": "a", "text": "?"}, {"id": "b"})
    with pytest.raises(ValueError, match=r"queries\.jsonl, line 2: text: Field required"):
        read_answer_cases(tmp_path)


def test_a_reference_in_free_words_is_no_exact_answer():
    assert AnswerCase(id="q", text="?", answer="30 days").exact_answers == ("30 days",)
    assert AnswerCase(id="q", text="?", answer="It depends on many things. " * 5).exact_answers == ()


def test_a_history_becomes_turns_of_question_and_answer():
    case = AnswerCase.model_validate(
        {
            "id": "q",
            "text": "and on a Mac?",
            "history": [
                {"role": "user", "text": "vpn on windows?"},
                {"role": "assistant", "text": "Open the client."},
                {"role": "user", "text": "and the code?"},
            ],
        }
    )
    assert [(turn.question, turn.answer) for turn in turns_of(case)] == [
        ("vpn on windows?", "Open the client."),
        ("and the code?", ""),
    ]
    assert len({turn.question_key for turn in turns_of(case)}) == 2


CASES = [
    AnswerCase(id="A", text="how long? “12 h”\u2028or more?", gold=frozenset({"vpn.md", "My page"})),
    AnswerCase(id="B", text="who won?", answerable="UNANSWERABLE"),
]


def test_what_is_written_is_what_is_read(tmp_path: Path):
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "empty", tmp_path / "new" / "one"):
        write_answer_cases(folder, CASES)
        assert read_answer_cases(folder) == CASES
        assert [path.name for path in folder.parent.iterdir() if path.name.startswith(".")] == []
        assert folder.stat().st_mode & 0o077 == 0, "questions of people are nobody else's on this machine"


def test_nothing_is_written_where_something_is(tmp_path: Path):
    (tmp_path / "note.txt").write_text("mine")
    for taken in (tmp_path, tmp_path / "note.txt"):
        with pytest.raises(FileExistsError, match="name a new one"):
            write_answer_cases(taken, CASES)
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]


def test_what_fails_on_the_way_leaves_nothing(tmp_path: Path):
    broken = AnswerCase(id="C", text="\ud83d", gold=frozenset({"a"}))
    with pytest.raises(ValueError, match="surrogates"):
        write_answer_cases(tmp_path / "new", [*CASES, broken])
    assert list(tmp_path.iterdir()) == []


def test_a_key_with_a_tab_or_a_line_break_cant_stand_in_the_judgements():
    assert [fits_in_qrels(key) for key in ("a b.md", "https://a/?b=1", "a\tb", "a\nb", "a\u2028b", "")] == [
        True,
        True,
        False,
        False,
        False,
        False,
    ]
