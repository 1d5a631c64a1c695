"""`helpdesk-bot cache ...`: the commands and their options."""

import typer

from helpdesk_bot.cli.entry import AsJson, load_settings, run

cache_cli = typer.Typer(no_args_is_help=True, help="Answers that are used again.")


@cache_cli.command("show")
def cache_show(as_json: AsJson = False) -> None:
    """How many answers are kept, how often they were used, and how old they are."""
    from helpdesk_bot.cli.caching import show_cache

    run(show_cache(load_settings(), as_json=as_json))


@cache_cli.command("purge")
def cache_purge(as_json: AsJson = False) -> None:
    """Forget every cached answer."""
    from helpdesk_bot.cli.caching import purge_cache

    run(purge_cache(load_settings(), as_json=as_json))
