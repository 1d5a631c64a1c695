"""When the bot speaks where several people do: mentions, follow-ups, who takes over, stop, a channel's settings."""

from tests.scenarios.dialogues.answers import CHANNELS, PASSWORD, SESSION, ask
from tests.scenarios.dialogues.script import Ability, Command, Dialogue, Say, heard, step

OVERHEARING = frozenset({Ability.CHANNELS, Ability.OVERHEARING})


def overheard(text: str, *, who: str = "bo", thread: str = "") -> Say:
    return Say(who=who, text=text, where="staff", thread=thread, is_mention=False)


DIALOGUES = (
    Dialogue(
        name="a mention in a channel",
        needs=CHANNELS,
        steps=(step(ask(SESSION, where="staff"), heard("staff", "12 hours", thumbs=True, calls=())),),
    ),
    Dialogue(
        name="a greeting in a channel",
        needs=CHANNELS,
        steps=(step(ask("hello", where="staff"), heard("staff", "Ask me a question")),),
    ),
    Dialogue(
        name="a follow-up in the thread, with a mention",
        needs=CHANNELS,
        steps=(
            step(
                ask("how do I connect to the VPN on Windows?", where="staff", name="first"),
                heard("staff", "Software Centre"),
            ),
            step(ask("and on a Mac?", where="staff", thread="first"), heard("staff", "Self Service")),
        ),
    ),
    Dialogue(
        name="a follow-up in the thread, without a mention",
        needs=OVERHEARING,
        steps=(
            step(
                ask("how do I connect to the VPN on Windows?", where="staff", name="first"),
                heard("staff", "Software Centre"),
            ),
            step(
                overheard("and on a Mac?", thread="first"),
                heard("staff", "Self Service"),
                rows=("heard: follow-up, speaks",),
            ),
        ),
    ),
    Dialogue(
        name="what is said to nobody",
        needs=OVERHEARING,
        steps=(step(overheard(SESSION), silent=True, rows=("heard: not addressed, silent",)),),
    ),
    Dialogue(
        name="a second person takes over",
        needs=OVERHEARING,
        steps=(
            step(ask(SESSION, where="staff", name="first"), heard("staff", "12 hours")),
            step(
                overheard("I would sign in again first.", who="cy", thread="first"),
                silent=True,
                rows=("heard: taken over, silent",),
            ),
            step(overheard(PASSWORD, thread="first"), silent=True, rows=("heard: hushed, silent",)),
        ),
    ),
    Dialogue(
        name="a second person asks in the same thread",
        needs=CHANNELS,
        steps=(
            step(ask(SESSION, where="staff", name="first"), heard("staff", "12 hours")),
            step(ask(PASSWORD, who="cy", where="staff", thread="first"), heard("staff", "code on your phone")),
        ),
    ),
    Dialogue(
        name="told to stop",
        needs=CHANNELS,
        steps=(
            step(ask(SESSION, where="staff", name="first"), heard("staff", "12 hours")),
            step(ask("stop", where="staff", thread="first"), heard("staff", "stay out of this thread", buttons=())),
            step(overheard("and on a Mac?", thread="first"), silent=True, needs=(Ability.OVERHEARING,)),
            step(ask(PASSWORD, where="staff", thread="first"), heard("staff", "code on your phone")),
        ),
    ),
    Dialogue(
        name="a channel where it listens for questions",
        needs=CHANNELS,
        steps=(
            step(Command(who="ada", words="channel", where="staff"), heard("ada", "mention")),
            step(Command(who="bo", words="channel listen questions", where="staff"), heard("bo", "for admins")),
            step(Command(who="ada", words="channel listen questions", where="staff"), heard("ada", "questions")),
            step(
                overheard("The VPN session lasts 12 hours, I wrote it down."),
                silent=True,
                rows=("heard: no question, silent",),
                needs=(Ability.OVERHEARING,),
            ),
            step(overheard(SESSION), heard("staff", "12 hours"), needs=(Ability.OVERHEARING,)),
        ),
    ),
    Dialogue(
        name="paused in a channel",
        needs=CHANNELS,
        steps=(
            step(Command(who="bo", words="pause here", where="staff"), heard("bo", "for admins")),
            step(Command(who="ada", words="pause here", where="staff"), heard("ada", "keep silent here")),
            step(ask(SESSION, where="staff"), heard("staff", "switched off here", thumbs=False)),
            step(Command(who="ada", words="resume here", where="staff"), heard("ada", "answer here again")),
            step(ask(SESSION, where="staff"), heard("staff", "12 hours")),
        ),
    ),
)
