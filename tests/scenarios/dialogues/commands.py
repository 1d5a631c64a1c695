"""What people can ask the bot to do, by the same words everywhere."""

from tests.scenarios.dialogues.answers import SESSION, ask
from tests.scenarios.dialogues.script import Command, Dialogue, Step, heard, step


def by_admin(words: str, *said: str, loose: bool = False) -> tuple[Step, ...]:
    """Refused to Bo, done for Ada."""
    return (
        step(Command(who="bo", words=words), heard("bo", "is for admins")),
        step(Command(who="ada", words=words), heard("ada", *said), loose=loose),
    )


DIALOGUES = (
    Dialogue(
        name="help",
        steps=(
            step(Command(who="bo", words="help"), heard("bo", "What I can do", "resync", "forget me")),
            step(Command(who="ada", words="help"), heard("ada", "For admins, as you are one")),
        ),
    ),
    Dialogue(name="sources", steps=by_admin("sources", "handbook", "6 documents", loose=True)),
    Dialogue(name="status", steps=by_admin("status", "6 documents", "alive", loose=True)),
    Dialogue(name="receipt", steps=by_admin("receipt handbook", "1 added", "complete", loose=True)),
    Dialogue(name="resync", steps=by_admin("resync handbook", "handbook", loose=True)),
    Dialogue(name="why", steps=by_admin("why AAAAAAAA", "I know of no such message")),
    Dialogue(
        name="a command with wrong words",
        steps=(step(Command(who="ada", words="schedule handbook tomorrow"), heard("ada", "no cron expression")),),
    ),
    Dialogue(
        name="a question that begins like a command",
        steps=(step(ask("status of the VPN session, how long does it last?"), heard("bo", "12 hours")),),
    ),
    Dialogue(
        name="forget me",
        is_alone=True,
        steps=(
            step(ask(SESSION), heard("bo", "12 hours")),
            step(Command(who="bo", words="forget-me"), heard("bo", "can't be undone", "forget me yes")),
            step(Command(who="bo", words="forget-me yes"), heard("bo", "Erased"), loose=True),
            step(ask(SESSION), heard("bo", "12 hours")),
        ),
    ),
    Dialogue(
        name="paused everywhere",
        is_alone=True,
        steps=(
            step(Command(who="ada", words="pause everywhere"), heard("ada", "keep silent everywhere")),
            step(ask(SESSION, who="ada"), heard("ada", "switched off here")),
            step(Command(who="ada", words="resume everywhere"), heard("ada", "answer everywhere again")),
            step(ask(SESSION, who="ada"), heard("ada", "12 hours")),
        ),
    ),
)
