"""The page in a real browser, as a visitor uses it. `infra/chromium.py` drives Chromium over its DevTools protocol."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from helpdesk_bot.chat.browser.port import browser_place
from helpdesk_bot.events import Action, Citation, FormName, Outcome, Question, Step
from helpdesk_bot.messages import Button, Choice, Field, FieldKind, Form, Notice, Reply
from infra.chromium import Tab, find_chromium, open_tab, running_chromium
from tests.eventually import eventually
from tests.fakes.browser_desk import BrowserParts, Script, ScriptedDesk, passage, serving

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_chromium() is None, reason="no Chromium is installed here"),
]

QUESTION = "How do I reset my VPN token?"
VPN = passage(7, modified_at=datetime.now(UTC) - timedelta(days=95))
POLICY = passage(8, title="Acceptable use", heading_path=("4 Remote access",), page=7, url="file:///etc/passwd")
DESKTOP, PHONE, NARROW = (1280, 800), (390, 844), (360, 640)


def answer(question: Question) -> Reply:
    return Reply(
        question_key=question.key,
        outcome=Outcome.ANSWERED,
        text="Sign in to **Self-service** and choose *Reset token* [1]. It works at once [2].",
        citations=(Citation(number=1, passage=VPN), Citation(number=2, passage=POLICY)),
    )


def end_as(question: Question, outcome: Outcome, text: str) -> Reply:
    return Reply(question_key=question.key, outcome=outcome, text=text, reference="K7Q2M4XA")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncGenerator[int]:
    """One browser for all tests here; each visit has a profile of its own in it."""
    binary = find_chromium()
    assert binary
    async with running_chromium(binary) as port:
        yield port


class Visit:
    """A visitor's tab and what is behind it. The answer goes one step on each time `steps` is released."""

    def __init__(self, tab: Tab, parts: BrowserParts, steps: asyncio.Semaphore) -> None:
        self.tab = tab
        self.parts = parts
        self.steps = steps

    def walk_to_the_end(self) -> None:
        for _ in range(len(Step) + 1):
            self.steps.release()

    async def ask(self, text: str = QUESTION) -> None:
        await self.tab.click("#question")
        await self.tab.write(text)
        await self.tab.press("Enter")

    async def ask_and_get_the_reply(self, text: str = QUESTION) -> None:
        replies = await self.count(".reply")
        self.walk_to_the_end()
        await self.ask(text)
        await self.tab.wait_for(f"document.querySelectorAll('.reply').length > {replies}")

    async def count(self, selector: str) -> int:
        return await self.tab.evaluate(f"document.querySelectorAll('{selector}').length")

    async def text(self, selector: str) -> str:
        return await self.tab.evaluate(f"document.querySelector('{selector}').innerText")

    async def shows(self, text: str) -> None:
        await self.tab.wait_for(f"document.body.innerText.includes({text!r})")


def parts_that_answer(script: Script = answer) -> tuple[BrowserParts, asyncio.Semaphore]:
    steps = asyncio.Semaphore(0)
    parts = BrowserParts(passages={7: VPN, 8: POLICY})
    parts.desk = ScriptedDesk(chat=parts.chat, script=script, pause=steps.acquire)
    return parts, steps


@asynccontextmanager
async def visit(browser: int, script: Script = answer, *, size: tuple[int, int] = DESKTOP) -> AsyncGenerator[Visit]:
    parts, steps = parts_that_answer(script)
    async with serving(parts) as url, open_tab(browser) as tab:
        await tab.resize(*size, is_phone=size != DESKTOP)
        await tab.open(url)
        await tab.wait_for("!document.getElementById('welcome').hidden")
        yield Visit(tab, parts, steps)
        assert tab.problems == []


async def assert_nothing_sticks_out(tab: Tab) -> None:
    width = "Math.max(document.documentElement.scrollWidth, document.querySelector('main').scrollWidth)"
    assert await tab.evaluate(f"{width} <= innerWidth")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_from_the_question_to_the_source_and_the_thumbs(browser: int, size: tuple[int, int]) -> None:
    async with visit(browser, size=size) as page:
        await page.ask()
        await page.shows(QUESTION)
        for progress in ("Reading your question…", "Searching the knowledge base…"):
            page.steps.release()
            await page.shows(progress)
        page.walk_to_the_end()
        await page.shows("From the knowledge base")
        assert "Sign in to Self-service" in await page.text(".reply-text")
        assert await page.count(".waiting:not([hidden])") == 0
        assert await page.count(".source") == 2

        await page.tab.click(".citation")
        await page.tab.wait_for("document.getElementById('passage').open")
        await page.shows("Open Self-service and choose Reset token.")
        assert await page.tab.evaluate("document.getElementById('passage').matches(':modal')") is (size == PHONE)
        assert await page.text("#passage-facts") == "Updated 3 months ago"
        assert await page.tab.evaluate("document.getElementById('passage-original').href") == VPN.url
        assert "noopener" in await page.tab.evaluate("document.getElementById('passage-original').rel")
        await assert_nothing_sticks_out(page.tab)
        await page.tab.press("Escape")
        await page.tab.wait_for("!document.getElementById('passage').open")
        assert await page.tab.evaluate("document.activeElement.className") == "citation"

        await page.tab.click(".vote[data-value='1']")
        await page.shows("Thanks")
        await page.tab.click(".vote[data-value='-1']")
        await page.tab.wait_for("document.querySelector('.vote[data-value=\"-1\"]').ariaPressed === 'true'")
        await page.tab.click(".vote[data-value='-1']")
        await page.tab.wait_for("!document.querySelector('.vote[aria-pressed=true]')")
        await page.tab.wait_for("!document.body.innerText.includes('Thanks')")
        await eventually(lambda: len(page.parts.desk.votes) == 3)
        assert [vote.value for vote in page.parts.desk.votes] == [1, -1, 0]


async def test_everything_is_still_there_after_a_reload(browser: int) -> None:
    async with visit(browser) as page:
        await page.ask_and_get_the_reply()
        await page.tab.click(".vote[data-value='1']")
        await page.shows("Thanks")
        await eventually(lambda: page.parts.desk.votes)
        await page.tab.open(await page.tab.evaluate("location.href"))
        await page.tab.wait_for("document.querySelector('.reply') && !document.querySelector('[aria-busy=true]')")
        assert await page.text(".question-text") == QUESTION
        assert await page.count('.vote[data-value="1"][aria-pressed=true]') == 1
        assert len(page.parts.desk.questions) == 1


async def test_a_source_that_is_no_web_page_has_no_link_to_an_original(browser: int) -> None:
    async with visit(browser) as page:
        await page.ask_and_get_the_reply()
        await page.tab.click(".source-list li:last-child .source")
        await page.tab.wait_for("document.getElementById('passage-text').innerText.includes('Self-service')")
        assert await page.text("#passage-title") == "Acceptable use"
        assert await page.tab.evaluate("document.getElementById('passage-actions').hidden")


async def test_a_source_that_may_no_longer_be_read_says_so(browser: int) -> None:
    async with visit(browser) as page:
        await page.ask_and_get_the_reply()
        page.parts.passages.clear()
        await page.tab.click(".citation")
        await page.shows("This passage was removed, or you may no longer read it.")
        page.tab.problems.clear()  # the console notes the 404


async def test_a_click_on_a_suggestion_asks_it(browser: int) -> None:
    async with visit(browser) as page:
        await page.tab.click(".suggestion")
        await page.shows("Working on it…")
        await eventually(lambda: page.parts.desk.questions)
        assert [question.text for question in page.parts.desk.questions.values()] == [page.parts.suggestions[0]]


async def test_enter_sends_shift_enter_does_not_and_nothing_is_not_a_question(browser: int) -> None:
    async with visit(browser) as page:
        await page.tab.click("#question")
        await page.tab.press("Enter")
        await page.tab.write("one")
        await page.tab.press("Enter", with_shift=True)
        await page.tab.write("two")
        assert await page.tab.evaluate("document.getElementById('question').value") == "one\ntwo"
        await page.tab.press("Enter")
        await page.shows("Working on it…")
        await eventually(lambda: page.parts.desk.questions)
        assert [question.text for question in page.parts.desk.questions.values()] == ["one\ntwo"]


async def test_too_long_a_question_can_not_be_sent(browser: int) -> None:
    async with visit(browser) as page:
        await page.ask("x" * 8_003)
        assert await page.text("#composer-note") == "3 characters too many"
        assert await page.tab.evaluate("document.getElementById('send').disabled")
        assert page.parts.desk.questions == {}


async def test_unsure_is_said_without_sources_and_with_a_reference(browser: int) -> None:
    async with visit(
        browser, lambda question: end_as(question, Outcome.ESCALATED, "I passed this to **#it-help**.")
    ) as page:
        await page.ask_and_get_the_reply()
        await page.shows("Not sure: a person can help")
        await page.shows("I passed this to #it-help.")
        await page.shows("K7Q2M4XA")
        assert await page.tab.evaluate("document.querySelector('.sources').hidden")


async def test_a_failed_question_can_be_asked_again(browser: int) -> None:
    asked: list[Question] = []

    def fail_once(question: Question) -> Reply:
        asked.append(question)
        return end_as(question, Outcome.FAILED, "Something went wrong.") if len(asked) == 1 else answer(question)

    async with visit(browser, fail_once) as page:
        await page.ask_and_get_the_reply()
        await page.shows("That didn\u2019t work")
        page.walk_to_the_end()
        await page.tab.click(".again")
        await page.shows("From the knowledge base")
        first, second = page.parts.desk.questions.values()
        assert first.text == second.text
        assert first.key != second.key


async def test_over_plain_http_where_browsers_make_no_uuids_a_question_is_still_one_question(browser: int) -> None:
    async with visit(browser) as page:
        await page.tab.evaluate("Object.defineProperty(crypto, 'randomUUID', {value: undefined}) && 1")
        await page.ask_and_get_the_reply()
        assert await page.count(".exchange") == 1


async def test_a_new_conversation_starts_empty_and_leaves_the_old_one(browser: int) -> None:
    async with visit(browser) as page:
        await page.ask_and_get_the_reply()
        await page.tab.click("#new-conversation")
        await page.tab.wait_for("!document.getElementById('welcome').hidden")
        assert await page.count(".exchange") == 0
        page.walk_to_the_end()
        await page.ask("And now?")
        await page.shows("From the knowledge base")
        assert len({question.place.channel for question in page.parts.desk.questions.values()}) == 2


async def test_hostile_text_stays_text(browser: int) -> None:
    hostile = "<img src=x onerror='window.pwned=1'><script>window.pwned=1</script>\"'><svg onload=window.pwned=1>"
    bad = passage(7, title=hostile, heading_path=(hostile,), text=hostile, url='https://wiki.example/"onclick=x')

    def attack(question: Question) -> Reply:
        citations = (Citation(number=1, passage=bad),)
        return Reply(question_key=question.key, outcome=Outcome.ANSWERED, text=f"{hostile} [1]", citations=citations)

    async with visit(browser, attack) as page:
        page.parts.passages[7] = bad
        await page.ask_and_get_the_reply(hostile)
        await page.tab.click(".citation")
        await page.tab.wait_for("document.getElementById('passage-text').innerText")
        assert await page.tab.evaluate("window.pwned") is None
        assert await page.count("main img, main script, dialog img, dialog script, .prose svg") == 0
        assert await page.text(".question-text") == hostile
        assert await page.text("#passage-title") == hostile


async def test_a_lost_connection_is_shown_and_nothing_is_lost(browser: int) -> None:
    parts, steps = parts_that_answer()
    async with open_tab(browser) as tab:
        page = Visit(tab, parts, steps)
        async with serving(parts) as url:
            await tab.open(url)
            await tab.wait_for("!document.getElementById('welcome').hidden")
        await page.shows("Connection lost. Reconnecting…")
        await page.ask()
        await page.shows("Not sent. The help desk can\u2019t be reached.")
        parts.closing = asyncio.Event()
        page.walk_to_the_end()
        async with serving(parts, port=urlsplit(url).port or 0):
            await tab.wait_for("document.querySelector('.reply')")
            await tab.wait_for("document.getElementById('connection').hidden")
            assert await page.count(".exchange") == 1
            assert await page.count(".unsent:not([hidden])") == 0
            assert len(parts.desk.questions) == 1


async def test_a_very_narrow_screen_is_enough(browser: int) -> None:
    def talk(question: Question) -> Reply:
        text = (
            "| One | Two | Three | Four |\n|---|---|--:|---|\n| " + " | ".join(["supercalifragilistic"] * 4) + " |\n\n"
        )
        return Reply(question_key=question.key, outcome=Outcome.ANSWERED, text=text + "`" + "x" * 200 + "`")

    async with visit(browser, talk, size=NARROW) as page:
        await assert_nothing_sticks_out(page.tab)
        await page.ask_and_get_the_reply("w" * 300)
        await assert_nothing_sticks_out(page.tab)


REASON = Form(
    name=FormName.REASON,
    value="1",
    title="What was wrong?",
    fields=(
        Field(name="reason", label="Reason", kind=FieldKind.CHOICE, choices=(Choice(value="old", label="Outdated"),)),
        Field(name="words", label="In your words", kind=FieldKind.TEXT, is_required=False),
    ),
)


async def test_a_thumbs_down_asks_why(browser: int) -> None:
    async with visit(browser) as page:
        page.parts.desk.reaction = REASON
        await page.ask_and_get_the_reply()
        await page.tab.click('.vote[data-value="-1"]')
        await page.tab.wait_for("document.getElementById('form').open")
        page.parts.desk.reaction = Notice(text="Thank you: a person looks at it.")
        await page.tab.evaluate("document.querySelector('#fields select').value = 'old'")
        await page.tab.click("#fields textarea")
        await page.tab.write("The menu moved.")
        await page.tab.click("#form-submit")
        await page.shows("Thank you: a person looks at it.")
        [submission] = page.parts.desk.submissions
        assert submission.fields == {"reason": "old", "words": "The menu moved."}


async def test_a_button_an_edit_and_a_withdrawal(browser: int) -> None:
    async with visit(browser) as page:
        await page.ask_and_get_the_reply()
        [question] = page.parts.desk.questions.values()
        place, chat = question.place, page.parts.chat
        marker = f"reply:{question.key}"
        message_id = await chat.find_posted(place, marker=marker)
        assert message_id
        person = Button(action=Action.ASK_PERSON, value=question.key, label="Ask a person")
        edited = Reply(question_key=question.key, outcome=Outcome.ANSWERED, text="Newer.", buttons=(person,))
        await chat.edit(place, message_id, edited, marker=marker)
        await page.shows("Newer.")
        assert await page.count(".reply") == 1
        page.parts.desk.reaction = Notice(text="Somebody will come back to you.")
        await page.tab.click('[data-action="ask_person"]')
        await page.shows("Somebody will come back to you.")
        await chat.withdraw(place, message_id, marker=marker)
        await page.shows("This answer was withdrawn.")
        assert browser_place(place.channel) == place


async def test_a_question_is_taken_back(browser: int) -> None:
    async with visit(browser) as page:
        await page.ask_and_get_the_reply()
        await page.tab.click(".delete-question")
        await page.shows("Delete this question and its answer?")
        assert page.parts.desk.deletions == []
        await page.tab.click("#form-submit")
        await page.shows("You took this question back.")
        [deletion] = page.parts.desk.deletions
        assert deletion.question_key in page.parts.desk.questions


async def test_a_question_is_edited_and_until_its_new_answer_is_there_the_page_says_so(browser: int) -> None:
    async with visit(browser) as page:
        await page.ask_and_get_the_reply()
        [question] = page.parts.desk.questions.values()
        marker = f"reply:{question.key}"
        message_id = await page.parts.chat.find_posted(question.place, marker=marker)
        assert message_id
        await page.tab.click(".edit-question")
        await page.tab.wait_for("document.activeElement.value === 'How do I reset my VPN token?'")
        await page.tab.write(" On a Mac?\nAt home?")
        await page.tab.click("#form-submit")
        await page.tab.wait_for("document.querySelector('.outdated .waiting:not([hidden])')")
        assert await page.text(".question-text") == f"{QUESTION} On a Mac?\nAt home?"
        newer = Reply(question_key=question.key, outcome=Outcome.ANSWERED, text="Newer.")
        await page.parts.chat.edit(question.place, message_id, newer, marker=marker)
        await page.shows("Newer.")
        assert await page.count(".outdated, .waiting:not([hidden])") == 0


async def test_small_talk_is_not_from_the_knowledge_base(browser: int) -> None:
    def chat(question: Question) -> Reply:
        text = "You're welcome!"
        return Reply(question_key=question.key, outcome=Outcome.ANSWERED, text=text, asks_feedback=False)

    async with visit(browser, chat) as page:
        await page.ask_and_get_the_reply("thanks")
        assert await page.text(".reply") == "You're welcome!"
        assert await page.tab.evaluate("document.querySelector('.reply-foot').hidden")


async def test_what_a_tool_looked_up_opens_with_its_address(browser: int) -> None:
    status = passage(-1, title="GitHub status page", url="https://status.example.com/", heading_path=())

    def look(question: Question) -> Reply:
        citations = (Citation(number=1, passage=status),)
        return Reply(question_key=question.key, outcome=Outcome.ANSWERED, text="It is up [1].", citations=citations)

    async with visit(browser, look) as page:
        await page.ask_and_get_the_reply("Is GitHub up?")
        await page.shows("Looked up for you")
        await page.tab.click(".citation")
        await page.shows("This was looked up in another system for this answer.")
        assert await page.tab.evaluate("document.getElementById('passage-original').href") == status.url


async def test_what_a_press_leads_to_is_in_view(browser: int) -> None:
    def talk(question: Question) -> Reply:
        person = Button(action=Action.ASK_PERSON, value=question.key, label="Ask a person")
        text = "\n\n".join(["A paragraph."] * 60)
        return Reply(question_key=question.key, outcome=Outcome.ANSWERED, text=text, buttons=(person,))

    async with visit(browser, talk) as page:
        await page.ask_and_get_the_reply()
        page.parts.desk.reaction = Notice(text="Somebody will come back to you.")
        await page.tab.click('[data-action="ask_person"]')
        await page.shows("Somebody will come back to you.")
        bottom = "document.querySelector('.whisper').getBoundingClientRect().bottom"
        assert await page.tab.evaluate(f"{bottom} <= document.querySelector('.dock').getBoundingClientRect().top")


async def test_there_is_a_way_back_to_an_earlier_conversation(browser: int) -> None:
    async with visit(browser) as page:
        await page.ask_and_get_the_reply()
        assert await page.tab.evaluate("document.getElementById('earlier-conversations').hidden")
        await page.tab.click("#new-conversation")
        await page.tab.wait_for("!document.getElementById('welcome').hidden")
        await page.ask_and_get_the_reply("Where is the printer?")

        await page.tab.click("#earlier-conversations")
        await page.shows("Earlier conversations")
        await page.tab.wait_for("document.querySelector('.earlier-beginning')")
        assert await page.text(".earlier-beginning") == QUESTION
        await page.tab.click("#earlier-list button")
        await page.tab.wait_for(f"document.querySelector('.question-text')?.innerText === '{QUESTION}'")
        assert await page.count(".exchange") == 1

        await page.tab.evaluate("history.back()")
        await page.tab.wait_for("document.querySelector('.question-text')?.innerText === 'Where is the printer?'")
        await page.tab.open(await page.tab.evaluate("location.href"))
        await page.tab.wait_for("document.querySelector('.reply')")
        assert await page.text(".question-text") == "Where is the printer?"


async def test_the_title_tells_who_looks_at_another_tab_that_the_answer_is_there(browser: int) -> None:
    async with visit(browser) as page:
        await page.ask()
        hide = "Object.defineProperty(document, 'hidden', {value: %s, configurable: true})"
        await page.tab.evaluate(f"{hide % 'true'} && 1")
        page.walk_to_the_end()
        await page.tab.wait_for("document.title === 'Answered: Help desk'")
        await page.tab.evaluate(f"{hide % 'false'} && document.dispatchEvent(new Event('visibilitychange'))")
        assert await page.tab.evaluate("document.title") == "Help desk"


async def test_what_was_asked_without_a_network_is_sent_when_it_is_back(browser: int) -> None:
    async def be(*, offline: bool) -> None:
        conditions = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        await page.tab.call("Network.emulateNetworkConditions", offline=offline, **conditions)

    async with visit(browser) as page:
        page.walk_to_the_end()
        await page.tab.call("Network.enable")
        await be(offline=True)
        await page.ask()
        await page.shows("Not sent. The help desk can\u2019t be reached.")
        assert await page.count(".question-actions:not([hidden])") == 0
        await be(offline=False)
        await page.shows("From the knowledge base")
        assert await page.count(".question-actions:not([hidden])") == 1
        assert await page.count(".exchange") == 1
        assert await page.count(".unsent:not([hidden])") == 0
        page.tab.problems.clear()  # the console notes the request that failed
