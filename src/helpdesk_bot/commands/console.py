"""`console`: a way into the web pages for admins, and everybody's way out."""

from helpdesk_bot.admission import ACTION, END, LINK_LASTS, invite, tell_ended
from helpdesk_bot.commands.command import Asked, ForAdmins, Usage, WrongUse
from helpdesk_bot.errors import NotConfigured
from helpdesk_bot.messages import Link, Notice
from helpdesk_bot.records.console import ConsoleRecords, Visitor

INVITATION = (
    f"This link opens the console once, within {LINK_LASTS.total_seconds() / 60:.0f} minutes. It is for you alone."
)


class ConsoleCommand(ForAdmins):
    word = ACTION
    usages = (
        Usage(words="console", meaning="a link to the web pages for admins, for you alone"),
        Usage(words=f"console {END}", meaning="signs everybody out of them, and ends links that were not opened"),
    )

    def __init__(self, *, records: ConsoleRecords, address: str) -> None:
        self._records = records
        self._address = address

    def fits(self, words: tuple[str, ...]) -> bool:
        return words in {(), (END,)}

    async def run(self, asked: Asked) -> str | Notice:
        if asked.words == (END,):
            return tell_ended(await self._records.end_all())
        if asked.words:
            raise WrongUse(f"It is `console`, or `console {END}`.")
        visitor = Visitor(platform=asked.place.platform, tenant=asked.place.tenant, person_id=asked.person_id)
        try:
            url = await invite(self._records, visitor, address=self._address)
        except NotConfigured as missing:
            raise WrongUse(str(missing)) from missing
        return Notice(text=INVITATION, link=Link(label="Open the console", url=url))
