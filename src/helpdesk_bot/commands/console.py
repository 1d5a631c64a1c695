"""`console`: a way into the web pages for admins."""

from helpdesk_bot.admission import ACTION, LINK_LASTS, invite
from helpdesk_bot.commands.command import Asked, Usage, WrongUse
from helpdesk_bot.errors import NotConfigured
from helpdesk_bot.messages import Link, Notice
from helpdesk_bot.records.console import ConsoleRecords, Visitor

INVITATION = (
    f"This link opens the console once, within {LINK_LASTS.total_seconds() / 60:.0f} minutes. It is for you alone."
)


class ConsoleCommand:
    word = ACTION
    usages = (Usage(words="console", meaning="a link to the web pages for admins, for you alone"),)

    def __init__(self, *, records: ConsoleRecords, address: str) -> None:
        self._records = records
        self._address = address

    def fits(self, words: tuple[str, ...]) -> bool:
        return not words

    def is_for_admins(self, words: tuple[str, ...]) -> bool:  # noqa: ARG002 - the port's signature
        return True

    async def run(self, asked: Asked) -> Notice:
        visitor = Visitor(platform=asked.place.platform, tenant=asked.place.tenant, person_id=asked.person_id)
        try:
            url = await invite(self._records, visitor, address=self._address)
        except NotConfigured as missing:
            raise WrongUse(str(missing)) from missing
        return Notice(text=INVITATION, link=Link(label="Open the console", url=url))
