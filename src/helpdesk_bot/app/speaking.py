"""How the bot speaks where: settings of single channels, and what waits for an approver."""

import asyncio

from helpdesk_bot.channels import Channels, Configured, WrongSetting, read_channels
from helpdesk_bot.desk import Approvals
from helpdesk_bot.errors import NotConfigured
from helpdesk_bot.events import Platform
from helpdesk_bot.records import Records
from helpdesk_bot.settings import Settings


async def channels_of(settings: Settings, *, records: Records, source_names: tuple[str, ...]) -> Channels:
    return Channels(records, source_names=source_names, configured=await configured_of(settings))


async def configured_of(settings: Settings) -> Configured | None:
    """What CHANNELS_FILE says; None where there is none. Raises `NotConfigured`."""
    path = settings.channels_file
    if path is None:
        return None
    try:
        return read_channels(await asyncio.to_thread(path.read_text, "utf-8"))
    except (OSError, UnicodeDecodeError, WrongSetting) as error:
        raise NotConfigured(f"CHANNELS_FILE={path}: {error}") from error


def approvals_of(settings: Settings) -> Approvals:
    channels = {
        Platform.SLACK: settings.slack_approvers_channel,
        Platform.TEAMS: settings.teams_approvers_channel,
    }
    return Approvals(
        words=settings.sensitive_words,
        sources=frozenset(settings.sensitive_sources),
        channels={platform: channel for platform, channel in channels.items() if channel},
        wait_s=settings.approval_wait_s,
    )
