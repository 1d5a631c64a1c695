"""What people could not be told, since their channel is archived or the bot is not in it: admins hear of that."""

from datetime import UTC, datetime

from helpdesk_bot.delivery import TellLost
from helpdesk_bot.events import Place
from helpdesk_bot.jobs import Jobs
from helpdesk_bot.records import Records
from helpdesk_bot.records.presses import take_press


def tell_admins_of_lost(*, records: Records, jobs: Jobs) -> TellLost:
    """Once a day for each channel."""

    async def tell(place: Place, reason: str) -> None:
        marker = f"lost:{place.platform}:{place.channel}:{datetime.now(UTC).date().isoformat()}"
        async with records.transaction() as connection:
            if await take_press(connection, f"warning:{marker}"):
                await jobs.defer_warning(connection, text=_lost(place, reason), marker=marker)

    return tell


def _lost(place: Place, reason: str) -> str:
    return (
        f"I can't post in the people's channel `{place.channel}` (`{reason}`): nobody there hears of the questions "
        "that I can't answer, and whoever asks is told so. Unarchive it, invite me to it, or name another channel in "
        f"`{place.platform.upper()}_ESCALATION_CHANNEL` or `ESCALATION_FILE`. I say this once a day."
    )
