"""What people can ask the bot to do, the same words on every platform: a file for each noun."""

from helpdesk_bot.commands.channel import ChannelCommand
from helpdesk_bot.commands.command import Command
from helpdesk_bot.commands.commands import Commands
from helpdesk_bot.commands.console import ConsoleCommand
from helpdesk_bot.commands.curated import CuratedCommand
from helpdesk_bot.commands.forgetting import ForgetMeCommand
from helpdesk_bot.commands.pausing import PauseCommand, ResumeCommand
from helpdesk_bot.commands.prompts import PromptCommand
from helpdesk_bot.commands.review import ReviewCommand
from helpdesk_bot.commands.schedule import ScheduleCommand
from helpdesk_bot.commands.sources import ReceiptCommand, SourcesCommand
from helpdesk_bot.commands.stale import StaleCommand
from helpdesk_bot.commands.status import StatusCommand
from helpdesk_bot.commands.syncing import ResyncCommand, SyncCommand
from helpdesk_bot.commands.why import WhyCommand

__all__ = [
    "ChannelCommand",
    "Command",
    "Commands",
    "ConsoleCommand",
    "CuratedCommand",
    "ForgetMeCommand",
    "PauseCommand",
    "PromptCommand",
    "ReceiptCommand",
    "ResumeCommand",
    "ResyncCommand",
    "ReviewCommand",
    "ScheduleCommand",
    "SourcesCommand",
    "StaleCommand",
    "StatusCommand",
    "SyncCommand",
    "WhyCommand",
]
