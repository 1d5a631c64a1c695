"""`channel`: how the bot behaves in the channel where it is asked."""

from helpdesk_bot.channels import NAMES, Channels, WrongSetting
from helpdesk_bot.commands.command import Asked, ForAdmins, Usage, WrongUse
from helpdesk_bot.events import PlaceKind


class ChannelCommand(ForAdmins):
    word = "channel"
    usages = (
        Usage(words="channel", meaning="how I behave in this channel"),
        Usage(words="channel SETTING VALUE", meaning=f"change that; settings: {', '.join(NAMES)}; `default` goes back"),
    )

    def __init__(self, *, channels: Channels) -> None:
        self._channels = channels

    def fits(self, words: tuple[str, ...]) -> bool:
        return not words or (len(words) > 1 and words[0] in NAMES)

    async def run(self, asked: Asked) -> str:
        if asked.place.kind is not PlaceKind.CHANNEL:
            raise WrongUse("Use this in the channel that you mean.")
        if not asked.words:
            return self._channels.describe(await self._channels.get(asked.place))
        name, *value = asked.words
        if not value:
            raise WrongUse(f"It is `channel {name} VALUE`; `default` goes back to the configuration.")
        try:
            settings = await self._channels.change(asked.place, name, " ".join(value), by=asked.person_id)
        except WrongSetting as wrong:
            raise WrongUse(wrong.reason) from wrong
        return self._channels.describe(settings)
