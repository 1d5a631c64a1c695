"""What Slack shows to one person beside messages: modals, the home tab, the assistant pane."""

from helpdesk_bot.chat.slack.api import SlackApi
from helpdesk_bot.chat.slack.forms import to_view
from helpdesk_bot.chat.slack.home import to_home
from helpdesk_bot.events import Place
from helpdesk_bot.messages import Form, Greeting, Home

_MAX_PROMPTS = 4
_MAX_PROMPT_TITLE_CHARACTERS = 75
_MAX_TITLE_CHARACTERS = 100


class Surfaces:
    """Each method raises `ChatError` kinds."""

    def __init__(self, api: SlackApi) -> None:
        self._api = api

    async def open_form(self, form: Form, place: Place, *, trigger_id: str) -> None:
        """A modal, within three seconds of the press that gave the trigger."""
        await self._api.call(self._api.methods.views_open, trigger_id=trigger_id, view=to_view(form, place))

    async def publish_home(self, person_id: str, home: Home) -> None:
        await self._api.call(self._api.methods.views_publish, user_id=person_id, view=to_home(home))

    async def suggest(self, place: Place, greeting: Greeting) -> None:
        """Questions to ask with one press, in a conversation of the assistant pane."""
        prompts = [
            {"title": _shorten(words, _MAX_PROMPT_TITLE_CHARACTERS), "message": words} for words in greeting.suggestions
        ]
        if prompts:
            suggest = self._api.methods.assistant_threads_setSuggestedPrompts
            await self._api.call(
                suggest, channel_id=place.channel, thread_ts=place.thread, prompts=prompts[:_MAX_PROMPTS]
            )

    async def set_title(self, place: Place, question: str) -> None:
        """What the conversation is called in the pane's list: its first question."""
        set_title = self._api.methods.assistant_threads_setTitle
        title = _shorten(question, _MAX_TITLE_CHARACTERS)
        await self._api.call(set_title, channel_id=place.channel, thread_ts=place.thread, title=title)


def _shorten(text: str, limit: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
