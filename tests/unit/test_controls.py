"""The list of controls follows the source: without it the mutation test would prove nothing."""

import ast
from collections import Counter
from pathlib import Path

import pytest

from tests.security.controls import CONTROLS, Control
from tests.security.mutation import ROOT, taken_away


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.name)
def test_each_control_is_where_the_list_says_and_can_be_taken_away(control: Control) -> None:
    source = (ROOT / control.file).read_text(encoding="utf-8")
    changed = taken_away(control, source)
    assert changed != source
    if control.file.endswith(".py"):
        ast.parse(changed)


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.name)
def test_each_control_names_tests_that_exist(control: Control) -> None:
    assert control.tests
    for test in control.tests:
        file, _, name = test.partition("::")
        assert f"def {name}" in (ROOT / Path(file)).read_text(encoding="utf-8"), test


def test_each_control_has_a_name_of_its_own() -> None:
    assert {name: count for name, count in Counter(one.name for one in CONTROLS).items() if count > 1} == {}
