import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.confluence import cql
from tests.fakes.confluence_cql import WrongCql, parse_cql
from tests.fakes.confluence_wiki import WikiContent


def content(**said: str) -> WikiContent:
    return WikiContent(**{"id": "1", "type": "page", "space": "IT", "title": "VPN", **said})


def test_contents_are_asked_for_by_space_and_kind() -> None:
    query = cql.contents_of(["IT", "HR"], ["page", "attachment"])
    assert query == 'space in ("IT", "HR") and type in (page, attachment) order by created asc'
    is_meant = parse_cql(query)
    assert [is_meant(content()), is_meant(content(type="comment")), is_meant(content(space="X"))] == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize("key", ['x") or type = page or space in ("y', "a\\", 'a\\" or 1', "~ada", "a'b", "a\nb", "ä"])
def test_a_key_from_outside_stays_one_value(key: str) -> None:
    is_meant = parse_cql(cql.one_of("space", [key]))
    assert is_meant(content(space=" ".join(key.split())))
    assert not is_meant(content(space="y"))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_can_be_a_value(text: str) -> None:
    assert parse_cql(cql.one_of("space", [text]))(content(space=" ".join(text.replace("\0", " ").split())))


@pytest.mark.parametrize(
    "query", ["", "space", 'space ~ "x"', "nothing = 1", "type = page or type = comment", "id in (1"]
)
def test_the_fake_takes_nothing_else(query: str) -> None:
    with pytest.raises(WrongCql):
        parse_cql(query)
