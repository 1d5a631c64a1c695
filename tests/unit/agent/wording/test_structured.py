from typing import Literal

from helpdesk_bot.agent.wording.structured import Statement, StructuredAnswer


def said(text: str, *passages: int, kind: Literal["sentence", "step", "code"] = "sentence") -> Statement:
    return Statement(kind=kind, text=text, passages=list(passages))


def markdown(*statements: Statement) -> str:
    return StructuredAnswer(is_answered=True, statements=list(statements)).as_markdown()


def test_sentences_follow_each_other_with_their_markers():
    assert markdown(said("Use GlobalProtect.", 1), said("It asks for a code.", 2, 3, 2)) == (
        "Use GlobalProtect. [1] It asks for a code. [2][3]"
    )


def test_steps_are_numbered_by_us_and_code_stands_in_a_block():
    assert markdown(
        said("So it goes.", 1),
        said("Open the shell.", 1, kind="step"),
        said("Type this.", 1, kind="step"),
        said("```\nvpn up\n```", 2, kind="code"),
    ) == ("So it goes. [1]\n\n1. Open the shell. [1]\n2. Type this. [1]\n\n```\nvpn up\n```\n\n[2]")


def test_markers_that_a_model_writes_into_its_text_are_left_out():
    assert markdown(said("Use GlobalProtect [9].", 1)) == "Use GlobalProtect. [1]"


def test_where_it_says_that_there_is_no_answer_nothing_is_said():
    assert StructuredAnswer(is_answered=False, statements=[said("Use GlobalProtect.", 1)]).as_markdown() == ""
    assert markdown() == ""
