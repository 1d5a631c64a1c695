"""`prompts`: versions of what models are told, and which is in force."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import asdict

import typer

from helpdesk_bot.cli.acts import whoami, write_down
from helpdesk_bot.cli.output import Exit, fail, out, print_json, print_table
from helpdesk_bot.database import open_database
from helpdesk_bot.prompts.registry import PromptShelf
from helpdesk_bot.prompts.trials import Arm, Mean, Rate, compare, difference
from helpdesk_bot.records.prompts import PromptRecords
from helpdesk_bot.settings import Settings
from knowledge.postgres import Pool, open_pool


@asynccontextmanager
async def _records(settings: Settings) -> AsyncGenerator[tuple[PromptRecords, Pool]]:
    async with open_database(settings) as url, open_pool(url, max_size=2) as pool:
        yield PromptRecords(pool), pool


async def list_versions(settings: Settings, *, as_json: bool) -> None:
    async with _records(settings) as (records, _):
        versions = await PromptShelf(records).list_versions()
    rows = [
        (one.name, one.version, f"{one.made_at:%Y-%m-%d %H:%M}" if one.made_at else "", one.author, one.marks, one.note)
        for one in versions
    ]
    if as_json:
        columns = ("name", "version", "made_at", "author", "labels", "note")
        print_json([dict(zip(columns, row, strict=True)) for row in rows])
        return
    shown = [(*row[:4], ", ".join(row[4]), row[5]) for row in rows]
    print_table(("prompt", "version", "added (UTC)", "by", "labels", "note"), shown)


async def show_version(settings: Settings, name: str, version: str, *, as_json: bool) -> None:
    async with _records(settings) as (records, _):
        text = await PromptShelf(records).get_text(name, version)
    if as_json:
        print_json({"name": name, "version": version, "text": text})
    else:
        typer.echo(text, nl=False)


async def add_version(settings: Settings, name: str, text: str, *, note: str, as_json: bool) -> None:
    async with _records(settings) as (records, pool):
        await write_down(pool, "prompts", f"add {name}")
        prompt, is_new = await PromptShelf(records).add(name, text, author=whoami(), note=note)
    if as_json:
        print_json({"version": prompt.version, "is_new": is_new})
    else:
        out.print(f"{prompt.version} {'is kept' if is_new else 'was kept before'}.", markup=False, highlight=False)


async def show_difference(settings: Settings, name: str, before: str, after: str, *, as_json: bool) -> None:
    async with _records(settings) as (records, _):
        lines = await PromptShelf(records).compare(name, before, after)
    _say("\n".join(lines) or f"{before} and {after} of {name} are the same.", as_json=as_json, name=name, diff=lines)


async def move_label(settings: Settings, name: str, label: str, version: str, *, as_json: bool) -> None:
    async with _records(settings) as (records, pool):
        await write_down(pool, "prompts", f"label {name} {label} {version}")
        await PromptShelf(records).label(name, label, version, by=whoami())
    _say(f"{label} of {name} is {version}.", as_json=as_json, name=name, label=label, version=version)


async def start_trial(settings: Settings, name: str, version: str, *, share: float, as_json: bool) -> None:
    async with _records(settings) as (records, pool):
        await write_down(pool, "prompts", f"ab {name} {version} {share:g}")
        await PromptShelf(records).try_out(name, version, share=share, by=whoami())
    _say(f"{share:g} % of the conversations get {version}.", as_json=as_json, name=name, version=version, share=share)


async def stop_trial(settings: Settings, name: str, *, as_json: bool) -> None:
    async with _records(settings) as (records, pool):
        await write_down(pool, "prompts", f"ab {name} end")
        ended = await PromptShelf(records).end_trial(name, by=whoami())
    _say("The trial is over." if ended else "No trial runs.", as_json=as_json, name=name, ended=ended)


async def show_trial(settings: Settings, name: str, *, as_json: bool) -> None:
    """The newest trial. What it is compared with is whatever the other conversations got while it ran."""
    async with _records(settings) as (records, _):
        trials = await records.list_trials(name)
        if not trials:
            fail(f"No version of {name} was tried yet: `prompts ab {name} VERSION` begins.")
        arms = compare(trials[0], await records.list_trial_answers(trials[0]), production="the others")
    dearer = difference(arms[1].cost_usd, arms[0].cost_usd)
    if as_json:
        costs_more = asdict(dearer) if dearer else None
        print_json({**asdict(trials[0]), "arms": [asdict(arm) for arm in arms], "costs_more_usd": costs_more})
        return
    until = f"until {trials[0].ended_at:%Y-%m-%d %H:%M}" if trials[0].ended_at else "running"
    out.print(
        f"{trials[0].share:g} % of the conversations since {trials[0].began_at:%Y-%m-%d %H:%M} UTC, {until}; "
        "95 % intervals in brackets",
        highlight=False,
        markup=False,
    )
    columns = (
        "version",
        "decisions",
        "answered",
        "helpful of votes",
        "tokens each",
        "USD each",
        "unpriced",
        "outcomes",
    )
    print_table(columns, [_row(arm) for arm in arms])
    if dearer:
        more = _between(dearer, digits=6)
        out.print(f"What is tried costs {more} USD more an answer than the others.", highlight=False, markup=False)


async def roll_back(settings: Settings, name: str, *, as_json: bool) -> None:
    async with _records(settings) as (records, pool):
        shelf = PromptShelf(records)
        await write_down(pool, "prompts", f"rollback {name}")
        was_undone = await shelf.roll_back(name, by=whoami())
        lines = await shelf.describe()
    if as_json:
        print_json({"name": name, "was_undone": was_undone, "in_force": lines})
    elif was_undone:
        out.print("\n".join(lines).replace("**", ""), markup=False, highlight=False)
    if not was_undone:
        if not as_json:
            fail(f"There is nothing to go back to: the packaged prompt of {name} is in force.")
        raise typer.Exit(Exit.FAILED)


def _row(arm: Arm) -> tuple[object, ...]:
    tokens, cost = _between(arm.tokens, digits=0), _between(arm.cost_usd, digits=6)
    outcomes = ", ".join(f"{outcome} {count}" for outcome, count in sorted(arm.outcomes.items()))
    answered, helpful = _percent(arm.answered), _percent(arm.helpful)
    return arm.version, arm.decisions, answered, helpful, tokens, cost, arm.unpriced, outcomes


def _between(mean: Mean, *, digits: int) -> str:
    if not mean.count:
        return "-"
    interval = "" if mean.half is None else f" [{mean.low:.{digits}f}, {mean.high:.{digits}f}]"
    return f"{mean.value:.{digits}f}{interval}"


def _percent(rate: Rate) -> str:
    if not rate.count:
        return "-"
    return f"{rate.value:.0%} of {rate.count} [{rate.low:.0%}, {rate.high:.0%}]"


def _say(sentence: str, *, as_json: bool, **facts: object) -> None:
    if as_json:
        print_json(facts)
    else:
        out.print(sentence, markup=False, highlight=False)
