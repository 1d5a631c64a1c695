"""Commands with words that nobody means: each is a plain sentence and an exit code, none a traceback."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from helpdesk_bot.cli.main import cli

pytestmark = pytest.mark.slow

NOT_UTF8 = "\udcff"
"""As Python hands over an argument that is no UTF-8."""


def call(*words: str, database_url: str, folder: Path) -> Result:
    settings = {"DATABASE_URL": database_url, "HELPDESK_DATA_DIR": str(folder), "STARTER_KNOWLEDGE": "false"}
    return CliRunner().invoke(cli, words, env=settings | {"COLUMNS": "300", "FOLDERS": f"handbook={folder}"})


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("schedule", "handbook", NOT_UTF8), 2, "is no cron expression"),
        (("schedule", "handbook", "a\0"), 2, "is no cron expression"),
        (("schedule", "handbook", "0 0 31 2 *"), 2, "no such day ever comes"),
        (("schedule", "handbook", "0 0 29 2 *"), 0, "0 0 29 2 *"),
        (("prompts", "rollback", NOT_UTF8), 2, "there is no prompt"),
        (("prompts", "show", "answer", "v9"), 2, "there is no version v9 of answer"),
        (("prompts", "diff", "answer", "packaged", "packaged"), 0, "packaged and packaged of answer are the same"),
        (("ask", "who approves travel?", "--as", "nobody"), 2, "--as takes an e-mail address"),
        (("upload", "list"), 0, "No file was uploaded"),
        (("upload", "add", __file__, "--readers", "nobody"), 2, "'nobody' is no reader"),
        (("upload", "remove", NOT_UTF8), 2, "There is no uploaded file"),
        (("upload", "remove", "a\0"), 2, "There is no uploaded file"),
        (("upload", "add", NOT_UTF8), 2, "does not exist"),
        (("receipt", "--limit", "9" * 30), 2, "is not in the range"),
        (("audit", "list", "--limit", "9" * 30), 2, "is not in the range"),
        (("eval", "reviewed", "new", "--days", "9" * 30), 2, "is not in the range"),
        (("eval", "reviewed", "/proc/new"), 2, "/proc/new can't be written"),
        (("eval", "starter", "--split", "all of it"), 2, "--split is dev, test or all"),
        (("eval", "answers", "/nowhere"), 2, "/nowhere/queries.jsonl: No such file or directory"),
    ],
)
def test_words_that_nobody_means_are_answered_plainly(
    words: tuple[str, ...], code: int, said: str, database_url: str, tmp_path: Path
) -> None:
    done = call(*words, database_url=database_url, folder=tmp_path)
    assert isinstance(done.exception, SystemExit | None), done.exception
    assert (done.exit_code, said in done.output) == (code, True), done.output


@pytest.mark.parametrize("command", ["guard", "pii"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "holds no cases: it is empty"),
        (b"\xff\xfe", "it is no text in UTF-8"),
        (b"[]\n", "line 1: no JSON object"),
        (None, "No such file or directory"),
    ],
)
def test_a_file_without_cases_is_said_to_be_one_in_one_line(
    command: str, content: bytes | None, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "cases.jsonl"
    if content is not None:
        file.write_bytes(content)
    done = CliRunner().invoke(cli, ["eval", command, str(file)], env={"COLUMNS": "300"})
    assert (done.exit_code, said in done.output, "\n" in done.output.strip()) == (2, True, False), done.output


def test_who_changed_something_is_known_where_the_user_has_no_name(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container that a platform runs under a number of its own."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", lambda number: {}[number])
    assert call("schedule", "handbook", "off", database_url=database_url, folder=tmp_path).exit_code == 0
