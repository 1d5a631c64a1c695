"""`helpdesk-bot audit ...`: the commands and their options."""

from typing import Annotated

import typer

from helpdesk_bot.cli.entry import AsJson, load_settings, run

audit_cli = typer.Typer(no_args_is_help=True, help="What only some may do, and who did it.")


@audit_cli.command("verify")
def audit_verify(
    noted: Annotated[
        str | None, typer.Option(metavar="NUMBER:DIGEST", help="What an earlier look printed, kept somewhere else.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check that nothing was changed, taken out, put in or moved. Ends with 1 when something was."""
    from helpdesk_bot.cli.auditing import verify

    run(verify(load_settings(), noted, as_json=as_json))


@audit_cli.command("list")
def audit_list(
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many, the newest first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show the newest entries; with --json in the shape of OCSF's API activity, one a line."""
    from helpdesk_bot.cli.auditing import show_entries

    run(show_entries(load_settings(), limit=limit, as_json=as_json))
