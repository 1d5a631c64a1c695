"""Labels out of what people said of the bot's own answers."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.documents import STAFF
from helpdesk_bot.evals.reviewed import By, Choices, Labelled, Left, Readable, review
from helpdesk_bot.events import Citation, Outcome, PlaceKind
from helpdesk_bot.messages import Reply
from helpdesk_bot.records.drafts import DraftState
from helpdesk_bot.records.judged import Judged, Kept
from knowledge.audience import Audience
from knowledge.passages import Passage
from tests.fakes.shelf import passage

VPN, PRINTER, SECRET = passage("VPN"), passage("Printer"), passage("Secret")
READABLE = Readable(staff=Audience.person([STAFF]), keys={one.document_id: one.key for one in (VPN, PRINTER)})
NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


def reply(*cited: Passage, text: str = "") -> Reply:
    marks = " ".join(f"[{number}]" for number in range(1, len(cited) + 1))
    citations = tuple(Citation(number=number, passage=one) for number, one in enumerate(cited, start=1))
    return Reply(question_key="q", outcome=Outcome.ANSWERED, text=text or f"So. {marks}", citations=citations)


ANSWERED = Judged(
    question_key="slack:T:C:1",
    text="How long does a VPN session last?",
    place_kind=PlaceKind.CHANNEL,
    names_people=False,
    has_files=False,
    ended_at=NOON,
    decided=Outcome.ANSWERED,
    reason="question; evidence 0.91",
    hidden=None,
    reply=reply(VPN),
    draft=None,
    ups=0,
    downs=0,
    reasons=frozenset(),
    answered_by_people="",
    kept=None,
)
LIKED = replace(ANSWERED, ups=1)
UNSURE = replace(
    ANSWERED,
    text="What does the canteen serve?",
    decided=Outcome.ESCALATED,
    reason="question; evidence 0.12",
    reply=replace(reply(), outcome=Outcome.ESCALATED, text="I'm not sure."),
    answered_by_people="Fish, and a soup.",
)


def only(one: Judged, choices: Choices | None = None) -> Labelled | Left:
    """The label of one question, or why it has none."""
    reviewed = review([one], readable=READABLE, choices=choices or Choices(), name=str.upper)
    return reviewed.questions[0] if reviewed.questions else next(iter(reviewed.left_out))


def label(one: Judged, choices: Choices | None = None) -> tuple[By, frozenset[str]] | Left:
    found = only(one, choices)
    return found if isinstance(found, Left) else (found.by, found.gold)


def test_a_thumbs_up_makes_a_question_answerable_by_what_was_cited():
    assert label(LIKED) == (By.VOTES, {VPN.key})
    assert label(replace(LIKED, reply=reply(VPN, PRINTER))) == (By.VOTES, {VPN.key, PRINTER.key})


def test_votes_can_be_switched_off_and_reviewers_stay():
    no_votes = Choices(votes=False)
    assert label(LIKED, no_votes) is Left.VOTES_OFF
    assert label(replace(ANSWERED, draft=DraftState.APPROVED), no_votes) == (By.APPROVER, {VPN.key})


def test_what_people_disagree_about_or_only_dislike_says_nothing():
    assert label(ANSWERED) is Left.NOT_JUDGED
    assert label(replace(ANSWERED, ups=3, downs=1)) is Left.DISAGREE
    assert label(replace(ANSWERED, downs=1, reasons=frozenset({"wrong"}))) is Left.WRONG_ONLY
    assert label(replace(UNSURE, answered_by_people="", ups=1)) is Left.NOT_JUDGED


def test_an_approver_outranks_votes():
    assert label(replace(ANSWERED, draft=DraftState.APPROVED, downs=2)) == (By.APPROVER, {VPN.key})
    assert label(replace(LIKED, draft=DraftState.DECLINED)) is Left.HELD_BACK
    assert label(replace(LIKED, draft=DraftState.OVERDUE, answered_by_people="So.")) is Left.HELD_BACK
    assert label(replace(LIKED, draft=DraftState.WAITING)) is Left.NOT_JUDGED


def test_a_citation_that_an_approver_took_out_is_no_document_that_answers():
    changed = replace(ANSWERED, draft=DraftState.APPROVED, reply=reply(VPN, SECRET, text="Twelve hours. [1]"))
    assert label(changed) == (By.APPROVER, {VPN.key})
    unmarked = replace(changed, reply=reply(VPN, text="Ask Ada."))
    assert label(unmarked) is Left.NO_DOCUMENT


def test_what_people_had_to_answer_is_unanswerable():
    assert label(UNSURE) == (By.PEOPLE, frozenset())


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"answered_by_people": ""}, Left.NOT_JUDGED),
        ({"answered_by_people": "See https://wiki.example.com/menu"}, Left.POINTED),
        ({"hidden": 2}, Left.HIDDEN),
        ({"reason": "person"}, Left.FOR_PEOPLE),
        ({"reason": "sensitive, no approver"}, Left.FOR_PEOPLE),
        ({"decided": Outcome.CLARIFIED}, Left.FOR_PEOPLE),
        ({"ups": 1}, Left.DISAGREE),
    ],
)
def test_an_answer_by_people_says_nothing_of_the_knowledge(changes: dict[str, object], why: Left):
    assert label(replace(UNSURE, **changes)) is why


def test_an_answer_that_was_wrong_and_that_people_gave_instead_is_unanswerable():
    given = replace(ANSWERED, downs=1, answered_by_people="Nobody wrote that down: it is 8 hours.")
    assert label(replace(given, reasons=frozenset({"wrong"}))) == (By.PEOPLE, frozenset())
    assert label(replace(given, reasons=frozenset({"not_asked"}))) == (By.PEOPLE, frozenset())
    for known_in_part in ("outdated", "incomplete", "not_for_me"):
        assert label(replace(given, reasons=frozenset({known_in_part}))) is Left.WRONG_ONLY
    assert label(given) is Left.WRONG_ONLY


def test_an_answer_that_was_kept_as_knowledge_makes_its_question_answerable_by_it():
    assert label(replace(UNSURE, kept=Kept(id=7, all_of=[[STAFF]]))) == (By.PEOPLE, {"7"})
    assert label(replace(UNSURE, kept=Kept(id=7, all_of=[["user:ada@example.com"]]))) is Left.RESTRICTED
    assert label(replace(UNSURE, kept=Kept(id=7, all_of=[]))) is Left.RESTRICTED


def test_nothing_is_said_of_documents_that_not_all_staff_may_read():
    assert label(replace(LIKED, reply=reply(SECRET))) is Left.RESTRICTED
    assert label(replace(LIKED, reply=reply(VPN, SECRET))) is Left.RESTRICTED
    told_by_a_tool = replace(VPN, chunk_id=-1)
    assert label(replace(LIKED, reply=reply(VPN, told_by_a_tool))) is Left.NO_DOCUMENT
    assert label(replace(LIKED, reply=None)) is Left.NO_DOCUMENT


def test_direct_conversations_are_left_out_unless_they_are_wanted():
    direct = replace(LIKED, place_kind=PlaceKind.DIRECT)
    assert label(direct) is Left.DIRECT
    assert label(direct, Choices(direct=True)) == (By.VOTES, {VPN.key})


def test_a_question_that_names_somebody_or_came_with_a_file_is_left_out():
    assert label(replace(LIKED, names_people=True)) is Left.NAMES
    assert label(replace(LIKED, has_files=True)) is Left.FILES


def test_personal_data_does_not_leave():
    found = only(replace(LIKED, text="How long is the VPN session\nof ada@example.com?"))
    assert isinstance(found, Labelled)
    assert found.text == "How long is the VPN session of (e-mail address)?"
    assert found.id == "SLACK:T:C:1"


def test_the_same_question_counts_once_with_all_that_answers_it():
    times = [replace(LIKED, ended_at=NOON + timedelta(hours=hour)) for hour in range(20)]
    again = replace(LIKED, text="how long does a vpn session last", reply=reply(PRINTER))
    reviewed = review([*times, again], readable=READABLE, choices=Choices(), name=str)
    assert [(one.gold, one.is_answerable) for one in reviewed.questions] == [({VPN.key, PRINTER.key}, True)]
    assert reviewed.repeated == 20


def test_of_labels_that_differ_the_stronger_stands_and_then_the_newer():
    same = replace(UNSURE, text=LIKED.text, ended_at=NOON - timedelta(days=9))
    later = replace(LIKED, ended_at=NOON + timedelta(hours=1))
    approved = replace(ANSWERED, draft=DraftState.APPROVED, ended_at=NOON - timedelta(days=30))
    older, newer = replace(same, ended_at=NOON), replace(same, kept=Kept(id=7, all_of=[[STAFF]]), ended_at=NOON)
    for judged, expected in (
        ([later, same], frozenset[str]()),
        ([approved, same, later], {VPN.key}),
        ([replace(older, ended_at=NOON - timedelta(days=1)), newer], {"7"}),
        ([older, replace(newer, ended_at=NOON - timedelta(days=1))], frozenset[str]()),
    ):
        for order in (judged, judged[::-1]):
            [one] = review(order, readable=READABLE, choices=Choices(), name=str).questions
            assert one.gold == expected


def test_what_is_left_out_is_counted_by_why():
    reviewed = review([ANSWERED, ANSWERED, UNSURE, LIKED], readable=READABLE, choices=Choices(), name=str)
    assert reviewed.left_out == {Left.NOT_JUDGED: 2}
    assert reviewed.count_by() == {By.PEOPLE: 1, By.VOTES: 1}
    assert (reviewed.count(answerable=True), reviewed.count(answerable=False)) == (1, 1)
