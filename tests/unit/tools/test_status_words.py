from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk_bot.tools.status import Component, Incident, Kind, Looked, Status, read_status
from helpdesk_bot.tools.status_words import asks_for_status, find_concerned

AT = datetime(2026, 11, 28, 8, 41, tzinfo=UTC)


def looked(page: str, *components: Component, incidents: tuple[Incident, ...] = (), state: str = "none") -> Looked:
    status = Status(state=state, components=components, incidents=incidents)
    return Looked(page=page, url=f"https://{page.casefold()}.example.com", at=AT, status=status)


ACTIONS = Component(name="Actions", state="partial outage")
ISSUES = Component(name="Issues", state="operational")
API = Component(name="API", state="operational")
GITHUB = looked("GitHub", ACTIONS, ISSUES, API)
ZOOM = looked("Zoom", Component(name="Zoom Phone", state="operational"), API)


@pytest.mark.parametrize(
    "question",
    [
        "Is GitHub down?",
        "is zoom down right now",
        "Is Slack working for anyone?",
        "Are Zoom Phone and Actions up?",
        "Is there an outage with GitHub?",
        "any known incidents at Zoom?",
        "What's the status of GitHub?",
        "github status",
        "zoom down?",
        "Isn\u2019t GitHub available today?",
        "Is it just me or is Slack down",
        "Is GitHub having problems right now?",
        "is zoom having an outage?",
        "Is everything OK with GitHub today?",
        "is something wrong with Zoom?",
    ],
)
def test_a_question_whether_something_is_up_is_one(question: str):
    assert asks_for_status(question)


@pytest.mark.parametrize(
    "question",
    [
        "How do I set my status in Slack?",
        "How do I report an incident?",
        "What do I do when GitHub is down?",
        "My laptop is slow and Zoom is not working since I installed the update, what can I do?",
        "What is the procedure if Zoom is down?",
        "Who is on call?",
        "Is something wrong if Zoom asks for my password?",
        "Is anyone having lunch?",
        "Can I shut down my PC at night?",
        "Where do I see the status of my ticket?",
        "How do I connect to the VPN?",
        "",
    ],
)
def test_a_question_about_something_else_is_none(question: str):
    assert not asks_for_status(question)


def test_a_page_is_found_by_name_alias_and_component_as_whole_words():
    looks = [GITHUB, ZOOM]
    aliases = {"gh": "GitHub"}
    assert [one.looked for one in find_concerned("Is GITHUB down?", looks, aliases)] == [GITHUB]
    assert [one.looked for one in find_concerned("is gh down", looks, aliases)] == [GITHUB]
    assert [one.components for one in find_concerned("Is Actions down?", looks, aliases)] == [(ACTIONS,)]
    assert find_concerned("Is Githubber or transactions down?", looks, aliases) == []


def test_a_component_with_a_common_name_counts_only_beside_its_page():
    assert find_concerned("is the API down", [GITHUB, ZOOM], {}) == []
    assert [one.components for one in find_concerned("is the Zoom API down", [GITHUB, ZOOM], {})] == [(API,)]


def test_an_incident_with_the_page_saying_up_is_no_up():
    page = looked("Zoom", incidents=(Incident(name="Calls drop", state="investigating"),), state="up")
    assert not find_concerned("is zoom down", [page], {})[0].is_up


def test_an_incident_of_another_component_is_not_this_ones():
    incident = Incident(name="Jobs wait", state="identified", components=("Actions",))
    page = looked("GitHub", ACTIONS, ISSUES, incidents=(incident,))
    [issues] = find_concerned("is GitHub Issues down", [page], {})
    [actions] = find_concerned("is GitHub Actions down", [page], {})
    assert (issues.is_up, issues.incidents) == (True, ())
    assert (actions.is_up, actions.incidents) == (False, (incident,))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "page status name indicator components incidents scheduled_maintenances activeIncidents data "
                "attributes aggregate_state included type title ends_at public_name".split()
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(answer=JSON.filter(lambda value: isinstance(value, dict)), kind=st.sampled_from(Kind))
def test_whatever_a_page_answers_is_read_or_is_none(answer: dict[str, object], kind: Kind):
    status = read_status(kind, answer)
    if status is not None:
        names = [one.name for one in (*status.components, *status.incidents)]
        assert not any("[" in name or "\n" in name or len(name) > 120 for name in names)


@given(st.text(max_size=220))
def test_any_text_is_a_question_or_not(text: str):
    assert asks_for_status(text) in {True, False}
