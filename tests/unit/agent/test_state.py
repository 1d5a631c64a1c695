from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk_bot.agent.state import MAX_TURNS, StoredTurn, earlier_turns, merge_turns, stored
from helpdesk_bot.events import Outcome, Turn


def turn(key: str, question: str = "q") -> StoredTurn:
    return StoredTurn(question_key=key, question=question, answer="a", outcome="answered")


def keys(turns: list[StoredTurn]) -> list[str]:
    return [one["question_key"] for one in turns]


def test_a_new_question_comes_last():
    assert keys(merge_turns([turn("a")], [turn("b")])) == ["a", "b"]


def test_a_question_asked_again_keeps_its_place_and_gets_its_new_turn():
    merged = merge_turns([turn("a"), turn("b")], [turn("a", "edited")])
    assert [(one["question_key"], one["question"]) for one in merged] == [("a", "edited"), ("b", "q")]


def test_only_the_newest_turns_stay():
    merged: list[StoredTurn] = []
    for number in range(MAX_TURNS + 5):
        merged = merge_turns(merged, [turn(str(number))])
    assert keys(merged) == [str(number) for number in range(5, MAX_TURNS + 5)]


@settings(deadline=None)
@given(st.lists(st.sampled_from("abcdef")))
def test_running_again_changes_nothing(asked: list[str]):
    merged: list[StoredTurn] = []
    for key in asked:
        merged = merge_turns(merged, [turn(key)])
        assert merge_turns(merged, [turn(key)]) == merged
    assert keys(merged) == list(dict.fromkeys(asked))


def test_a_question_sees_only_what_was_asked_before_it():
    turns = [turn("a"), turn("b"), turn("c")]
    assert [one.question_key for one in earlier_turns(turns, "b")] == ["a"]
    assert [one.question_key for one in earlier_turns(turns, "d")] == ["a", "b", "c"]


def test_a_turn_survives_as_plain_values():
    whole = Turn(question_key="k", question="q", answer="a", outcome=Outcome.CLARIFIED)
    assert all(type(value) is str for value in stored(whole).values())
    assert earlier_turns([stored(whole)], "other") == [whole]
