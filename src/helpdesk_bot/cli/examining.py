"""`doctor` and `config show`."""

import re
from contextlib import aclosing

from pydantic import SecretStr

from helpdesk_bot.cli.output import Exit, out, print_json, print_pairs
from helpdesk_bot.doctor import Finding, Health, examine_all
from helpdesk_bot.settings import Settings

MARKS = {Health.GOOD: "[green]ok[/]  ", Health.OFF: "[dim]off[/] ", Health.BAD: "[red]bad[/] "}


async def examine(settings: Settings, *, as_json: bool) -> None:
    findings: list[Finding] = []
    async with aclosing(examine_all(settings)) as examination:  # `doctor | head` ends it in the middle
        async for finding in examination:
            findings.append(finding)
            if not as_json:
                _print(finding)
    if as_json:
        print_json([{"name": f.name, "health": f.health, "detail": f.detail, "advice": f.advice} for f in findings])
    if any(finding.health is Health.BAD for finding in findings):
        raise SystemExit(Exit.FAILED)


def _print(finding: Finding) -> None:
    out.print(MARKS[finding.health], end="")
    out.print(f"{finding.name}: {finding.detail}", markup=False, highlight=False)
    if finding.advice:
        out.print(f"    {finding.advice}", markup=False, highlight=False)


def show_settings(settings: Settings, *, as_json: bool) -> None:
    values = {name.upper(): _shown(value) for name, value in settings}
    if as_json:
        print_json(values)
    else:
        print_pairs({name: "" if value is None else value for name, value in values.items()})


def _shown(value: object) -> object:
    if isinstance(value, SecretStr):
        return "(set)" if value.get_secret_value() else ""
    if isinstance(value, dict):
        return ", ".join(f"{name}={one}" for name, one in value.items())
    if isinstance(value, frozenset):
        return ", ".join(sorted(map(str, value)))
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return value if isinstance(value, bool | int | float | None) else _without_password(str(value))


def _without_password(text: str) -> str:
    """An address without its password, in a URL or as `password=...`."""
    text = re.sub(r"(?<=://)([^/@:]*):[^/]*@", r"\1:(set)@", text)
    return re.sub(r"\bpassword\s*=\s*('(?:[^'\\]|\\.)*'|\S+)", "password=(set)", text)
