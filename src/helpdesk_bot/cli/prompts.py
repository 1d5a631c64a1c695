"""`helpdesk-bot prompts ...`: the commands and their options."""

from pathlib import Path
from typing import Annotated

import typer

from helpdesk_bot.cli.entry import AsJson, load_settings, run
from helpdesk_bot.prompts.catalog import NAMES

prompts_cli = typer.Typer(no_args_is_help=True, help="What models are told: versions, labels, trials.")

Name = Annotated[str, typer.Argument(help=f"One of {', '.join(NAMES)}.")]
Version = Annotated[str, typer.Argument(help="As `prompts list` shows it, or `packaged`.")]


@prompts_cli.command("list")
def prompts_list(as_json: AsJson = False) -> None:
    """Show every version, what labels point at it, and the trials that run."""
    from helpdesk_bot.cli.prompting import list_versions

    run(list_versions(load_settings(), as_json=as_json))


@prompts_cli.command("show")
def prompts_show(name: Name, version: Version = "packaged", as_json: AsJson = False) -> None:
    """Print the text of a version: the packaged one is a good beginning for another."""
    from helpdesk_bot.cli.prompting import show_version

    run(show_version(load_settings(), name, version, as_json=as_json))


@prompts_cli.command("add")
def prompts_add(
    name: Name,
    file: Annotated[Path, typer.Argument(help="In the form that `prompts show` prints.", exists=True, dir_okay=False)],
    note: Annotated[str, typer.Option(help="What is different, for whoever looks later.")] = "",
    as_json: AsJson = False,
) -> None:
    """Keep a text as a version. It is checked; nothing uses it until a label or a trial says so."""
    from helpdesk_bot.cli.prompting import add_version

    run(add_version(load_settings(), name, file.read_text("utf-8"), note=note, as_json=as_json))


@prompts_cli.command("diff")
def prompts_diff(name: Name, before: Version, after: Version, as_json: AsJson = False) -> None:
    """Show what differs between two versions."""
    from helpdesk_bot.cli.prompting import show_difference

    run(show_difference(load_settings(), name, before, after, as_json=as_json))


@prompts_cli.command("label")
def prompts_label(
    name: Name,
    label: Annotated[str, typer.Argument(help="`production` is in force; every other word is yours.")],
    version: Version,
    as_json: AsJson = False,
) -> None:
    """Point a label at a version. Moving `production` ends a trial."""
    from helpdesk_bot.cli.prompting import move_label

    run(move_label(load_settings(), name, label, version, as_json=as_json))


@prompts_cli.command("ab")
def prompts_ab(
    name: Name,
    version: Annotated[
        str | None, typer.Argument(help="What to try; without it, show how the last trial went.")
    ] = None,
    share: Annotated[float, typer.Option(help="Of the conversations, in percent.")] = 50.0,
    end: Annotated[bool, typer.Option("--end", help="End the trial that runs.")] = False,
    as_json: AsJson = False,
) -> None:
    """Try a version in a share of the conversations, or show what came of it: outcomes, votes and tokens."""
    from helpdesk_bot.cli.prompting import show_trial, start_trial, stop_trial

    settings = load_settings()
    if end:
        run(stop_trial(settings, name, as_json=as_json))
    elif version is not None:
        run(start_trial(settings, name, version, share=share, as_json=as_json))
    else:
        run(show_trial(settings, name, as_json=as_json))


@prompts_cli.command("rollback")
def prompts_rollback(name: Name, as_json: AsJson = False) -> None:
    """Undo the newest change: end the trial that runs, or go back to the version before. Ends with 1 where none is."""
    from helpdesk_bot.cli.prompting import roll_back

    run(roll_back(load_settings(), name, as_json=as_json))
