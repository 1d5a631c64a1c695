"""The chat platforms that are set up."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.documents import Principal
from connectors.errors import SourceUnavailable
from helpdesk_bot.chat.browser import BrowserChat
from helpdesk_bot.errors import ChatError
from helpdesk_bot.events import Person, Platform
from helpdesk_bot.ports import Chat
from helpdesk_bot.records import BrowserMessages
from helpdesk_bot.settings import Settings
from knowledge.postgres import Pool
from knowledge.sync import Directory

if TYPE_CHECKING:
    from helpdesk_bot.chat.slack import SlackChat
    from helpdesk_bot.chat.teams import TeamsChat


async def chats_of(
    settings: Settings, browser: BrowserMessages, *, pool: Pool, stack: AsyncExitStack
) -> Mapping[Platform, Chat]:
    """By platform, open until the stack closes."""
    chats: list[Chat] = [BrowserChat(records=browser, visitor=visitor(settings))]
    if settings.has_slack:
        chats.append(await stack.enter_async_context(slack_of(settings, pool)))
    if settings.has_teams:
        chats.append(await stack.enter_async_context(teams_of(settings, pool)))
    return {chat.platform: chat for chat in chats}


def slack_of(settings: Settings, pool: Pool) -> "SlackChat":
    from helpdesk_bot.app.slack_tokens import slack_token
    from helpdesk_bot.chat.slack import SlackChat

    token = slack_token(settings, pool)
    return SlackChat(token=token, base_url=settings.slack_api_url, way_out=settings.way_out)


def teams_of(settings: Settings, pool: Pool) -> "TeamsChat":
    from helpdesk_bot.chat.teams import Look, TeamsChat

    return TeamsChat(
        pool=pool,
        app_id=settings.teams_app_id,
        password=settings.teams_app_password.get_secret_value(),
        tenant_id=settings.teams_tenant_id,
        login_url=settings.teams_login_url,
        way_out=settings.way_out,
        look=Look(with_dialogs=not settings.teams_dev_mode, feedback=settings.teams_feedback_form),
        with_loopback=settings.teams_dev_mode,
    )


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


def directories_of(chats: Mapping[Platform, Chat]) -> dict[str, Directory]:
    """The platforms that know groups of people, by name."""
    if Platform.SLACK not in chats:
        return {}
    from helpdesk_bot.chat.slack import SlackChat

    slack = chats[Platform.SLACK]
    assert isinstance(slack, SlackChat)  # noqa: S101 -- made above
    return {slack.groups.name: _Groups(name=slack.groups.name, list_memberships=slack.groups.memberships)}


@dataclass(frozen=True, kw_only=True)
class _Groups:
    """A platform's groups as a `Directory`."""

    name: str
    list_memberships: Callable[[], Awaitable[Mapping[Principal, frozenset[Principal]]]]

    async def memberships(self) -> Mapping[Principal, frozenset[Principal]]:
        try:
            return await self.list_memberships()
        except ChatError as error:
            raise SourceUnavailable(self.name, str(error)) from error
