import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk_bot.models.thinking import without_thinking

ANSWER = "Interns have 20 days of leave. [1]"


@pytest.mark.parametrize(
    "reply",
    [
        ANSWER,
        f"<think>They ask about interns. 25? No.</think>{ANSWER}",
        f"\n<think>\n\n</think>\n\n{ANSWER}",
        f"<Thinking>Hm.</Thinking>\n{ANSWER}",
        f"The template opened it for me. 25?\n</think>\n\n{ANSWER}",
    ],
)
def test_what_a_model_thinks_is_no_part_of_its_answer(reply):
    assert without_thinking(reply) == ANSWER


@pytest.mark.parametrize("reply", ["<think>They ask about", "<", "<thi", " \n<THINK", "<think></thi"])
def test_nothing_is_said_while_it_thinks_or_may_begin_to(reply):
    assert without_thinking(reply) == ""


@pytest.mark.parametrize("reply", ["< 3 days", "<b>Bold</b>", "I think so.", "Use <thing> here."])
def test_an_ordinary_text_stays_as_it_is(reply):
    assert without_thinking(reply) == reply


@given(st.text(alphabet="<>/think b", max_size=40), st.text(alphabet="abc [1].\n", min_size=1, max_size=60))
def test_of_a_thought_that_was_opened_nothing_is_ever_said(thought, answer):
    reply = f"<think>{thought.replace('</think>', '')}</think>{answer}"
    assert without_thinking(reply) == answer.lstrip()
    assert all(not without_thinking(reply[:end]) for end in range(len(reply) - len(answer) + 1))
