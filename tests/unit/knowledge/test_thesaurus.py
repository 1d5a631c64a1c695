import pytest

from knowledge.thesaurus import other_words


@pytest.mark.parametrize(
    ("question", "said", "others"),
    [
        ("How many vacation days do I get?", "vacation", {"annual leave", "holiday", "pto", "paid time off"}),
        ("Can I carry over PTO?", "pto", {"annual leave", "holiday", "vacation", "paid time off"}),
        ("how do I book a room", "book", {"reserve"}),
        ("the P drive is gone", "gone", {"missing"}),
        ("I can\u2019t remember my PIN", "can't remember", {"forgot", "forgotten", "forget"}),
        ("Outlook is down", "is down", {"outage", "unavailable"}),
        ("ask my boss", "boss", {"manager", "supervisor", "line manager"}),
        ("who has new laptops", "laptops", {"computer", "notebook", "pc"}),
        ("log  in to the portal", "log in", {"sign in", "log on", "login", "logon"}),
    ],
)
def test_an_everyday_word_has_others_that_say_the_same(question: str, said: str, others: set[str]):
    assert [(word, set(names)) for word, names in other_words(question)] == [(said, others)]


def test_what_may_mean_more_is_said_for_a_thing_but_not_looked_for():
    assert not any("boss" in names or "machine" in names for _, names in other_words("the manager's computer"))


def test_a_part_of_a_word_is_not_the_word():
    assert other_words("a billing tricar, the pto-form and a co-worker-card") == []


def test_the_longest_name_is_taken_and_each_once():
    assert [said for said, _ in other_words("the line manager and the manager and the line manager")] == [
        "line manager",
        "manager",
    ]


def test_a_question_without_any_has_none():
    assert other_words("How do I install GlobalProtect?") == []
