"""`schedule`: when a source is read by itself."""

from collections.abc import Mapping, Sequence

from helpdesk_bot.commands.command import Asked, Usage, WrongUse
from helpdesk_bot.commands.sources import AboutSources
from helpdesk_bot.cron import check_cron
from helpdesk_bot.records.schedules import Schedules


class ScheduleCommand(AboutSources):
    word = "schedule"
    usages = (
        Usage(words='schedule SOURCE "0 2 * * *"', meaning="read a source by this cron expression, on the wall clock"),
        Usage(words="schedule SOURCE [off|default]", meaning="show its schedule, never read it, or as configured"),
    )

    def __init__(
        self,
        *,
        schedules: Schedules,
        source_names: Sequence[str],
        crons: Mapping[str, str],
        time_zone: str,
    ) -> None:
        super().__init__(source_names=source_names)
        self._schedules = schedules
        self._crons = crons
        self._time_zone = time_zone

    def fits(self, words: tuple[str, ...]) -> bool:
        return bool(words) and words[0] in self._source_names

    async def run(self, asked: Asked) -> str:
        if not asked.words:
            names = list(self._source_names)
        else:
            names = [asked.words[0]]
            self._check(names)
            if len(asked.words) > 1:
                await self._set(names[0], " ".join(asked.words[1:]), by=asked.person_id)
        found = await self._schedules.list_set()
        crons = {name: found[name].cron if name in found else self._crons[name] for name in names}
        return "\n".join(f"- **{name}**: {self._shown(cron)}" for name, cron in crons.items())

    async def _set(self, name: str, words: str, *, by: str) -> None:
        if words == "default":
            await self._schedules.unset(name)
            return
        cron = "" if words == "off" else words
        try:
            if cron:
                check_cron(cron)
        except ValueError as error:
            raise WrongUse(
                f'`{words}` is no cron expression: {error}. Five fields: `schedule {name} "0 2 * * *"`.'
            ) from error
        await self._schedules.set_cron(name, cron, by=by)

    def _shown(self, cron: str) -> str:
        return f"`{cron}` ({self._time_zone})" if cron else "never by itself"
