"""The chat platforms that are set up."""

from collections.abc import Sequence
from contextlib import AsyncExitStack

from helpdesk_bot.chat.browser import BrowserChat
from helpdesk_bot.events import Person, Platform
from helpdesk_bot.ports import Chat
from helpdesk_bot.records import BrowserMessages
from helpdesk_bot.settings import Settings


async def chats_of(settings: Settings, browser: BrowserMessages, stack: AsyncExitStack) -> Sequence[Chat]:
    """Open until the stack closes."""
    chats: list[Chat] = [BrowserChat(records=browser, visitor=visitor(settings))]
    if settings.has_slack:
        from helpdesk_bot.chat.slack import SlackChat

        slack = SlackChat(token=settings.slack_bot_token.get_secret_value(), base_url=settings.slack_api_url)
        chats.append(await stack.enter_async_context(slack))
    return chats


def visitor(settings: Settings) -> Person:
    """Whom the browser chat takes its visitors for."""
    is_guest = settings.browser_chat != "staff"
    return Person(
        platform=Platform.BROWSER,
        tenant="",
        id="visitor",
        name="Visitor",
        email=None if is_guest else "visitor@localhost",
        is_guest=is_guest,
    )
