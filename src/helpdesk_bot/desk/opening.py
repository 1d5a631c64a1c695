"""What the bot opens a conversation with, and a person's own page."""

from datetime import UTC, datetime

from helpdesk_bot.desk.parts import Parts
from helpdesk_bot.errors import ChatError
from helpdesk_bot.events import AdminCommand, Outcome, Place, PlaceKind, Platform
from helpdesk_bot.messages import Asked, Greeting, Home
from helpdesk_bot.records import PastQuestion

WELCOME = (
    "Hello! Ask me how things work here, in your own words. I answer from our documents, say where each answer is "
    "from, and bring in a person when I'm not sure."
)
WHAT_TO_ASK = """**What you can ask**
Anything about how things work here: write to me directly, or mention me in a channel. A file that comes with your \
question is read for this question only."""
NO_QUESTIONS = "**Your questions**\nYou have not asked me anything yet."
MAX_SHOWN = 120

_SAYS = {
    None: "being answered",
    Outcome.ANSWERED: "answered",
    Outcome.CLARIFIED: "waiting for a word from you",
    Outcome.ESCALATED: "with a person",
    Outcome.DECLINED: "not something I can help with",
    Outcome.FAILED: "failed; please ask again",
}


class Opening:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def greet(self, place: Place, person_id: str) -> Greeting:  # noqa: ARG002 - everybody is greeted alike
        """The channel's opening message and suggested questions; without them, ours."""
        settings = await self._parts.channels.get(place)
        return Greeting(text=settings.opening or WELCOME, suggestions=settings.suggestions)

    async def get_home(self, platform: Platform, person_id: str) -> Home:
        """What this person asked and what became of it; for admins also how the bot is."""
        place = await self._parts.chats[platform].get_direct_place(person_id)
        settings = await self._parts.channels.get(place)
        past = await self._parts.records.list_questions_of(
            place.platform, place.tenant, person_id, limit=self._parts.options.my_questions
        )
        sections = [WHAT_TO_ASK] if past else [NO_QUESTIONS, WHAT_TO_ASK]
        if await self._parts.people.is_admin(platform, person_id):
            sections += [
                f"**{word.capitalize()}**\n{await self._run(word, place, person_id)}" for word in ("sources", "status")
            ]
        asked = [await self._asked(one) for one in past]
        return Home(asked=tuple(asked), sections=tuple(sections), suggestions=settings.suggestions)

    async def _run(self, word: str, place: Place, person_id: str) -> str:
        command = AdminCommand(place=place, person_id=person_id, words=(word,), at=datetime.now(UTC))
        return (await self._parts.commands.run(command)).text

    async def _asked(self, past: PastQuestion) -> Asked:
        """Titles and answers are left to the place they were said in: rights may have changed since."""
        question = past.question
        text = " ".join(question.text.split())
        shown = text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
        state = f"{_SAYS.get(past.outcome, 'ended')}, {question.asked_at:%d %b}"
        return Asked(text=shown or "…", state=state, link=await self._find_link(past))

    async def _find_link(self, past: PastQuestion) -> str | None:
        question = past.question
        if question.place.kind is PlaceKind.DIRECT:
            return None
        try:
            return await self._parts.chats[question.place.platform].find_link(question.place, question.message_id)
        except ChatError:
            return None
