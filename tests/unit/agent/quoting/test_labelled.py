import pytest

from helpdesk_bot.agent.quoting.blocks import blocks
from helpdesk_bot.agent.quoting.labelled import with_entries_asked
from tests.fakes.shelf import passage

REPLY = (
    "Set it there:\n\n- **Outlook on Windows:** File, Automatic replies.\n- **Outlook on a Mac:** Tools.\n"
    "- **Web:** the gear.\n- **iPhone and Android:** your picture."
)
PROBLEMS = (
    "- **Red cross on the drive:** double-click it.\n- **Path was not found (0x80070035):** start the VPN.\n"
    "- **File is locked by a colleague:** call 4000; we close it."
)


def quoted(question: str, text: str, title: str = "Replies") -> list[str]:
    page = passage(text, title=title)
    [found] = with_entries_asked(question, [page], [blocks(page.text)])
    return [block.text for block in found]


@pytest.mark.parametrize(
    ("question", "entry"),
    [
        ("how do I set it on my macbook", "- **Outlook on a Mac:** Tools."),
        ("can I do that on my phone too?", "- **iPhone and Android:** your picture."),
        ("and on the web", "- **Web:** the gear."),
    ],
)
def test_of_a_labelled_list_the_entry_that_is_asked_for_is_quoted(question: str, entry: str):
    assert quoted(question, REPLY) == [f"Set it there:\n\n{entry}"]


def test_the_label_that_holds_most_of_the_question_is_meant():
    said = quoted("a file on the drive is locked by my colleague", PROBLEMS, title="Map a drive")
    assert said == ["- **File is locked by a colleague:** call 4000; we close it."]


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("how do I set it in Outlook", REPLY),
        ("how do I set it", REPLY),
        ("on a Mac", "1. **Mac:** open it.\n2. **Then:** wait.\n3. **Last:** close it."),
        ("on a Mac", "- **Mac:** open it.\n- **Windows:** wait."),
        ("on a Mac", "- **Mac:** open it.\n- **Windows:** wait.\n- And then close it."),
    ],
)
def test_it_is_quoted_whole_where_no_label_tells_steps_follow_each_other_or_it_is_short(question: str, text: str):
    assert quoted(question, text) == [text]


def test_where_no_label_tells_the_entry_that_holds_all_that_is_asked_is_quoted():
    problems = "- **No code arrives:** look in Junk.\n- **Refused:** ask.\n- **Fair warning:** Dropbox is blocked."
    assert quoted("can i use dropbox", problems) == ["- **Fair warning:** Dropbox is blocked."]
    assert quoted("dropbox for my holiday photos", problems) == [problems]


def test_a_list_whose_page_is_about_some_of_it_is_quoted_whole():
    steps = "- **Windows:** Press Windows+P.\n- **Mac:** Drag the boxes.\n- **Linux:** For the second one choose Xorg."
    assert quoted("how do i get a second monitor", steps, title="External monitors") == [steps]
