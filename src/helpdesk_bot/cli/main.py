"""The commands and their options; each imports what does its work, when it is run. Groups of commands have files of
their own.
"""

from importlib.metadata import version
from typing import Annotated

import typer

from helpdesk_bot.cli.audit import audit_cli
from helpdesk_bot.cli.cache import cache_cli
from helpdesk_bot.cli.entry import AsJson, load_settings, run
from helpdesk_bot.cli.eval import eval_cli
from helpdesk_bot.cli.output import Exit, fail
from helpdesk_bot.cli.part import Part
from helpdesk_bot.cli.prompts import prompts_cli
from helpdesk_bot.cli.upload import upload_cli

EXIT_CODES = "Exit codes: 0 done, 1 failed, 2 wrong usage or setting, 3 asked but not answered, 4 done in part."
RUN, KNOW, ANSWER, LOOK = "Run it", "What it knows", "What it answers", "Look after it"

cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, epilog=EXIT_CODES)
config_cli = typer.Typer(no_args_is_help=True, help="What is set.")
cli.add_typer(eval_cli, name="eval", rich_help_panel=ANSWER)
cli.add_typer(config_cli, name="config", rich_help_panel=LOOK)
cli.add_typer(upload_cli, name="upload", rich_help_panel=KNOW)
cli.add_typer(audit_cli, name="audit", rich_help_panel=LOOK)
cli.add_typer(cache_cli, name="cache", rich_help_panel=ANSWER)
cli.add_typer(prompts_cli, name="prompts", rich_help_panel=ANSWER)


def _show_version(is_wanted: bool) -> None:
    if is_wanted:
        typer.echo(f"helpdesk-bot {version('helpdesk-bot')}")
        raise typer.Exit


@cli.callback()
def helpdesk_bot(
    _: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Answers from your own documents, in Slack, Teams and the browser. Begin with `up`, then `doctor`."""


@cli.command(rich_help_panel=RUN)
def up() -> None:
    """Run everything in one process: web, worker and scheduler, on an embedded database unless one is set."""
    from helpdesk_bot.cli.starting import start

    run(start(load_settings(), Part.ALL))


@cli.command(rich_help_panel=RUN)
def web() -> None:
    """Run the web part alone: chat page, Slack events, health and metrics."""
    from helpdesk_bot.cli.starting import start

    run(start(load_settings(), Part.WEB))


@cli.command(rich_help_panel=RUN)
def worker() -> None:
    """Run a worker alone: answers questions and syncs sources. As many as you like."""
    from helpdesk_bot.cli.starting import start

    run(start(load_settings(), Part.WORKER))


@cli.command(rich_help_panel=RUN)
def scheduler() -> None:
    """Run the scheduler alone: makes the nightly syncs due. Of several, one leads."""
    from helpdesk_bot.cli.starting import start

    run(start(load_settings(), Part.SCHEDULER))


@cli.command(rich_help_panel=ANSWER)
def ask(
    question: str,
    as_email: Annotated[
        str | None, typer.Option("--as", metavar="EMAIL", help="Answer as this person may read.")
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show the passages with every score.")] = False,
    as_json: AsJson = False,
) -> None:
    """Ask one question, without a chat platform. Ends with 3 when it was not answered."""
    from helpdesk_bot.cli.asking import ask_once

    if as_email is not None and "@" not in as_email:
        fail("--as takes an e-mail address: the answer is from what its owner may read.", Exit.MISUSED)
    run(ask_once(load_settings(), question, as_email=as_email, explain=explain, as_json=as_json))


@cli.command(rich_help_panel=KNOW)
def sync(
    source: Annotated[str | None, typer.Argument(help="One source; all of them without it.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Read every document again, quarantined ones too.")] = False,
    approve_removals: Annotated[
        bool, typer.Option("--approve-removals", help="Remove what a listing lost, however much that is.")
    ] = False,
    reembed: Annotated[bool, typer.Option("--reembed", help="Build the vectors of a newly set embedder.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read what changed in the sources, and print a receipt of each. Ends with 4 when one is not complete, 1 when one
    could not be read at all.
    """
    from helpdesk_bot.cli.syncing import sync_sources

    settings = load_settings()
    run(sync_sources(settings, source, full=full, approve_removals=approve_removals, reembed=reembed, as_json=as_json))


@cli.command(rich_help_panel=KNOW)
def sources(as_json: AsJson = False) -> None:
    """List the sources: how much is known from each, how old it is, and how the last run went."""
    from helpdesk_bot.cli.syncing import show_sources

    run(show_sources(load_settings(), as_json=as_json))


@cli.command(rich_help_panel=ANSWER)
def tools(as_json: AsJson = False) -> None:
    """List the tools: what each does, whether it is offered, and what its server says of it."""
    from helpdesk_bot.cli.tooling import show_tools

    run(show_tools(load_settings(), as_json=as_json))


@cli.command(rich_help_panel=KNOW)
def receipt(
    source: Annotated[str | None, typer.Argument(help="One source; all of them without it.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many runs of each.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Show what the last runs found, stored and left out, and why."""
    from helpdesk_bot.cli.accounts import show_receipts

    run(show_receipts(load_settings(), source, limit=limit, as_json=as_json))


@cli.command(rich_help_panel=KNOW)
def approve(source: str, as_json: AsJson = False) -> None:
    """Remove what the last run of a source held back as too much."""
    from helpdesk_bot.cli.accounts import approve_removals

    run(approve_removals(load_settings(), source, as_json=as_json))


@cli.command(rich_help_panel=KNOW)
def cancel(source: str, as_json: AsJson = False) -> None:
    """Stop the run that reads a source now; what it stored stays stored."""
    from helpdesk_bot.cli.accounts import cancel_run

    run(cancel_run(load_settings(), source, as_json=as_json))


@cli.command(rich_help_panel=KNOW)
def schedule(
    source: Annotated[str | None, typer.Argument(help="One source; all of them without it.")] = None,
    cron: Annotated[str | None, typer.Argument(help="Five fields, `off`, or `default`.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show when sources are read, or change it for one."""
    from helpdesk_bot.cli.accounts import set_schedule

    run(set_schedule(load_settings(), source, cron, as_json=as_json))


@cli.command(rich_help_panel=LOOK)
def migrate(as_json: AsJson = False) -> None:
    """Bring the database to this version's schemas. Every start does it too."""
    from helpdesk_bot.cli.syncing import migrate_database

    run(migrate_database(load_settings(), as_json=as_json))


@cli.command(rich_help_panel=LOOK)
def doctor(as_json: AsJson = False) -> None:
    """Check every setting, key and connection, and say what to do. Ends with 1 when something is wrong."""
    from helpdesk_bot.cli.examining import examine

    run(examine(load_settings(), as_json=as_json))


@cli.command(rich_help_panel=LOOK)
def console(
    end: Annotated[
        bool, typer.Option("--end", help="Sign everybody out, and end the links that were not opened.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print a link to the web pages for admins. It works once, for ten minutes."""
    from helpdesk_bot.cli.inviting import end_console, print_link

    run((end_console if end else print_link)(load_settings(), as_json=as_json))


@cli.command(rich_help_panel=LOOK)
def costs(
    days: Annotated[int, typer.Option(min=1, max=36_500, help="Today and the days before it.")] = 30,
    as_json: AsJson = False,
) -> None:
    """Show what chat models cost, by day, model and channel."""
    from helpdesk_bot.cli.spending import show_costs

    run(show_costs(load_settings(), days=days, as_json=as_json))


@cli.command(rich_help_panel=ANSWER)
def review(
    days: Annotated[int, typer.Option(min=1, max=36_500, help="Questions of so many days.")] = 7,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many at most.")] = 20,
    direct: Annotated[bool, typer.Option("--direct", help="Words from direct conversations too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what people were not helped with: thumbs-down with reasons, passed on, failed."""
    from helpdesk_bot.cli.unhelped import show_unhelped

    run(show_unhelped(load_settings(), days=days, limit=limit, direct=direct, as_json=as_json))


@cli.command(rich_help_panel=ANSWER)
def why(
    message: Annotated[
        str | None,
        typer.Argument(help="A link to a message, a reference, or a question's key. Without: the last questions."),
    ] = None,
    last: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many of the last questions.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show how an answer or a silence came about; or list the last questions, with the reference of each."""
    from helpdesk_bot.cli.explaining import explain, list_last

    settings = load_settings()
    work = (
        list_last(settings, limit=last, as_json=as_json)
        if message is None
        else explain(settings, message, as_json=as_json)
    )
    run(work)


@config_cli.command("show")
def config_show(as_json: AsJson = False) -> None:
    """Print every setting as it is in force, secrets hidden."""
    from helpdesk_bot.cli.examining import show_settings

    show_settings(load_settings(opens_database=False), as_json=as_json)
