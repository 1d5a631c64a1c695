"""Making the judge of evidence anew."""

import random
from dataclasses import fields, replace

import pytest

from helpdesk_bot.agent.evidence import SHIPPED, Calibration, Case, Features, probability
from helpdesk_bot.evals.answer_cases import AnswerCase
from helpdesk_bot.evals.calibration import TRUSTED_FROM, Labelled, calibrate, label_cases, weighed, without
from knowledge.audience import Audience
from knowledge.passages import Scores
from tests.fakes.shelf import Shelf, passage

NAMES = [field.name for field in fields(Features)]


def labelled(value: float, *, is_answered: bool, group: str = "one", noise: float = 0.0) -> Labelled:
    drawn = random.Random(f"{value}{is_answered}{noise}")
    features = Features(**{name: min(1.0, max(0.0, value + drawn.uniform(-noise, noise))) for name in NAMES})
    return Labelled(case=Case(features=features, is_answered=is_answered), group=group, id="q")


def telling(count: int = 40) -> list[Labelled]:
    drawn = random.Random(1)
    return [
        labelled(drawn.uniform(0.4, 1.0) if yes else drawn.uniform(0.0, 0.6), is_answered=yes, noise=0.1)
        for yes in (True, False)
        for _ in range(count)
    ]


def test_a_judge_learns_to_tell_them_apart_and_keeps_false_answers_within_the_target():
    made = calibrate(telling(), before=SHIPPED, false_answer_rate=0.1, made_from="test")
    assert made.auroc.mean > 0.8
    assert made.false_answers <= 0.1
    assert made.coverage > 0.4
    assert made.calibration.made_from == "test"


def test_a_stricter_target_answers_less():
    loose = calibrate(telling(), before=SHIPPED, false_answer_rate=0.3, made_from="")
    strict = calibrate(telling(), before=SHIPPED, false_answer_rate=0.02, made_from="")
    assert strict.calibration.answer_at > loose.calibration.answer_at
    assert strict.coverage < loose.coverage


def test_the_same_questions_make_the_same_judge():
    one, other = (calibrate(telling(), before=SHIPPED, false_answer_rate=0.1, made_from="") for _ in range(2))
    assert one.calibration == other.calibration


def test_two_questions_hardly_move_the_judge_in_force():
    few = [labelled(0.9, is_answered=True), labelled(0.1, is_answered=False)] * 2
    made = calibrate(few, before=SHIPPED, false_answer_rate=0.1, made_from="")
    middling = Features(**dict.fromkeys(NAMES, 0.5))
    before, after = (probability(middling, one.weights) for one in (SHIPPED, made.calibration))
    assert abs(before - after) < 0.2


def test_one_label_alone_teaches_nothing():
    with pytest.raises(ValueError, match="answered and questions that are not"):
        calibrate([labelled(0.5, is_answered=True)], before=SHIPPED, false_answer_rate=0.1, made_from="")


def test_one_question_of_a_label_is_enough_to_say_that_it_is_too_few():
    cases = [*telling()[:40], labelled(0.2, is_answered=False)]
    made = calibrate(cases, before=SHIPPED, false_answer_rate=0.1, made_from="")
    assert (made.answered, made.unanswered, made.is_trusted) == (40, 1, False)
    assert made.as_json()["is_trusted"] is False


@pytest.mark.parametrize(("of_each", "is_trusted"), [(TRUSTED_FROM - 1, False), (TRUSTED_FROM, True)])
def test_a_judge_is_trusted_from_thirty_questions_of_each_label(of_each: int, is_trusted: bool):
    made = calibrate(telling(of_each), before=SHIPPED, false_answer_rate=0.1, made_from="")
    assert made.is_trusted is is_trusted


def test_a_large_group_weighs_no_more_than_a_small_one():
    many = [labelled(0.2, is_answered=False, group="many")] * 30
    few = [labelled(0.3, is_answered=False, group="few")] * 3
    answered = [labelled(0.9, is_answered=True)] * 7
    cases = weighed([*many, *few, *answered])
    assert sum(case.weight for case in cases[:30]) == pytest.approx(sum(case.weight for case in cases[30:33]))
    assert sum(case.weight for case in cases[:33]) == pytest.approx(sum(case.weight for case in cases[33:]))


def test_ranks_close_up_where_passages_are_taken_out():
    first, second, third = (
        replace(passage("text"), key=key, scores=Scores(dense_rank=dense, bm25_rank=bm25))
        for key, dense, bm25 in (("a", 1, 2), ("b", 2, None), ("c", 3, 1))
    )
    rest = without([first, second, third], frozenset({"a"}))
    assert [(one.key, one.scores.dense_rank, one.scores.bm25_rank) for one in rest] == [("b", 1, None), ("c", 2, 1)]


async def test_a_question_with_known_documents_is_asked_with_and_without_them():
    answer = passage("The VPN session lasts 12 hours.", title="VPN")
    around = passage("The VPN client is OpenVPN.", title="VPN client")
    case = AnswerCase(id="q", text="how long does a VPN session last?", gold=frozenset({answer.key}))
    vague = AnswerCase(id="v", text="vpn", answerable="UNDERSPECIFIED")
    found = await label_cases(
        [case, vague],
        group="handbook",
        search=Shelf(answer, around),
        audience=Audience.public(),
        max_passages=8,
        progress=lambda _done, _total: None,
    )
    assert [(one.group, one.case.is_answered) for one in found] == [
        ("handbook", True),
        ("handbook, answer taken out", False),
    ]
    with_it, without_it = (probability(one.case.features, SHIPPED.weights) for one in found)
    assert with_it > without_it


def test_a_judge_comes_back_from_its_file_and_nothing_else_does():
    assert Calibration.from_json(SHIPPED.as_json()) == SHIPPED
    for broken in (
        {},
        [],
        None,
        {"weights": {"likeness": 1}, "answer_at": 0.5},
        SHIPPED.as_json() | {"answer_at": "x"},
    ):
        with pytest.raises(ValueError, match="eval calibrate"):
            Calibration.from_json(broken)
