"""Dialogues as data: one script for Slack, Teams and the browser."""

from collections.abc import Mapping

from tests.scenarios.dialogues import answers, cases, commands, opinions, threads
from tests.scenarios.dialogues.script import Dialogue

CHAPTERS: Mapping[str, tuple[Dialogue, ...]] = {
    "small talk and answers": (*answers.SMALL_TALK, *answers.ANSWERS),
    "edits, hard texts, files and rights": (*answers.EDITS, *answers.HARD_TEXTS, *answers.FILES, *answers.RIGHTS),
    "threads": threads.DIALOGUES,
    "opinions": opinions.DIALOGUES,
    "cases": cases.DIALOGUES,
    "commands": commands.DIALOGUES,
}
