import pytest

from helpdesk_bot.guard.policy import DEFAULTS, Policy, parse_policy
from helpdesk_bot.guard.verdicts import Action


def test_without_pairs_the_defaults_hold():
    assert parse_policy("") == Policy()


def test_pairs_change_their_rules_only():
    policy = parse_policy("question.email=redact, question.abuse=escalate passage.suspect=redact")
    assert policy.actions["question.email"] is Action.REDACT
    assert policy.actions["question.abuse"] is Action.ESCALATE
    assert {rule for rule in DEFAULTS if policy.actions[rule] is not DEFAULTS[rule]} == {
        "question.email",
        "question.abuse",
        "passage.suspect",
    }


@pytest.mark.parametrize(
    ("pair", "complaint"),
    [
        ("question.mood=block", "no such rule"),
        ("answer.link=allow", "no such rule"),
        ("question.email=delete", "the action is one of"),
        ("question.email", "the action is one of"),
        ("grounding.number=redact", "nothing to take out"),
        ("question.abuse=redact", "nothing to take out"),
    ],
)
def test_a_wrong_pair_is_named(pair: str, complaint: str):
    with pytest.raises(ValueError, match=complaint) as error:
        parse_policy(f"question.phone=allow,{pair}")
    assert repr(pair) in str(error.value)


def test_answers_are_spoken_while_written_unless_a_check_may_hold_them():
    assert not parse_policy("question.abuse=draft").may_hold_answers
    assert parse_policy("grounding.number=draft").may_hold_answers
    assert parse_policy("answer.iban=escalate").may_hold_answers
