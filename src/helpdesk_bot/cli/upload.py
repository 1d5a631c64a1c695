"""`helpdesk-bot upload ...`: the commands and their options."""

from pathlib import Path
from typing import Annotated

import typer

from helpdesk_bot.cli.entry import AsJson, load_settings, run

upload_cli = typer.Typer(no_args_is_help=True, help="Files that are known without a place of their own.")


@upload_cli.command("add")
def upload_add(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="One name stands for one file.")],
    readers: Annotated[
        str, typer.Option(help="Who may read them: staff, public, or e-mail addresses separated by commas.")
    ] = "staff",
    as_json: AsJson = False,
) -> None:
    """Upload files, or newer versions of them, and index them. Ends with 4 when one can't be read."""
    from helpdesk_bot.cli.uploading import add_files

    run(add_files(load_settings(), files, readers=readers, as_json=as_json))


@upload_cli.command("list")
def upload_list(as_json: AsJson = False) -> None:
    """List what was uploaded, by whom and for whom."""
    from helpdesk_bot.cli.uploading import list_files

    run(list_files(load_settings(), as_json=as_json))


@upload_cli.command("remove")
def upload_remove(name: str, as_json: AsJson = False) -> None:
    """Remove an uploaded file, from what is known too."""
    from helpdesk_bot.cli.uploading import remove_file

    run(remove_file(load_settings(), name, as_json=as_json))
