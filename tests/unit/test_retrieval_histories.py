"""Follow-ups of a test collection, as the agent would understand them."""

import json
from dataclasses import replace

import pytest

from helpdesk_bot.evals.ablation import iter_without
from helpdesk_bot.evals.answer_cases import Message
from helpdesk_bot.evals.histories import as_turns, read_follow_ups
from knowledge.ranking import RankingOptions

HISTORY = [
    {"role": "user", "text": "How do I reset the VPN token?"},
    {"role": "assistant", "text": "Open the portal."},
]


@pytest.fixture
def folder(tmp_path):
    tasks = [{"id": "first", "history": []}, {"id": "second", "history": HISTORY}]
    asked = [{"id": "first", "text": "Where is the printer?"}, {"id": "second", "text": "and on a Mac?"}]
    (tmp_path / "tasks.jsonl").write_text("\n".join(map(json.dumps, tasks)))
    (tmp_path / "queries_lastturn.jsonl").write_text("\n".join(map(json.dumps, asked)))
    return tmp_path


def test_a_follow_up_is_asked_with_what_it_leans_on(folder):
    first, second = read_follow_ups(folder)
    assert first.text == "Where is the printer?"
    assert "VPN token" in second.text
    assert "Mac" in second.text


def test_a_question_without_a_task_is_asked_as_it_stands(folder):
    (folder / "others.jsonl").write_text(json.dumps({"id": "unknown", "text": "and on a Mac?"}))
    assert [query.text for query in read_follow_ups(folder, folder / "others.jsonl")] == ["and on a Mac?"]


def test_each_earlier_question_is_kept_as_it_was_understood():
    follow_up = [{"role": "user", "text": "and on a Mac?"}, {"role": "assistant", "text": "The same way."}]
    first, second = as_turns([Message.model_validate(said) for said in [*HISTORY, *follow_up]])
    assert first.question == "How do I reset the VPN token?"
    assert "VPN token" in second.question
    assert second.answer == "The same way."


def test_a_question_that_got_no_answer_is_left_out():
    assert as_turns([Message(role="user", text="Hello?")]) == []


def test_an_ablation_leaves_out_one_part_at_a_time_and_only_parts_that_are_on():
    ranking = RankingOptions(vector_share=0.7, label_weight=0.1)
    assert dict(iter_without(ranking)) == {
        "vector_share": replace(ranking, vector_share=0.5),
        "label_weight": replace(ranking, label_weight=0.0),
        "freshness_weight": replace(ranking, freshness_weight=0.0),
        "fold": replace(ranking, fold=False),
        "acronyms": replace(ranking, acronyms=False),
        "synonyms": replace(ranking, synonyms=False),
        "everyday_words": replace(ranking, everyday_words=False),
    }
