"""Questions and what is no question: answers, follow-ups, asking back, edits, deletions, hard texts, files."""

from tests.scenarios.dialogues.script import (
    Ability,
    Delete,
    Dialogue,
    Edit,
    Leave,
    Press,
    Say,
    SentFile,
    Together,
    heard,
    step,
)

CHANNELS = frozenset({Ability.CHANNELS})
SESSION = "how long does a VPN session last?"
PASSWORD = "how do I reset a forgotten password?"
UNKNOWN = "what does the canteen serve on Friday?"
SECRET = "where is the envelope of the break-glass administrator account?"
SECRETS = ("safe 9", "B17", "emergency-admin")
TRIP = SentFile(
    name="trip.md",
    content=b"# Trip to Trier\n\nThe hotel is called Moselblick and the booking number is 4711-88.\n",
    media_type="text/plain",
)
PICTURE = SentFile(name="error.png", content=b"\x89PNG...", media_type="image/png")


def ask(text: str, *, who: str = "bo", where: str = "direct", name: str = "", thread: str = "") -> Say:
    return Say(who=who, text=text, where=where, name=name, thread=thread)


def small_talk(name: str, text: str, *words: str, rows: tuple[str, ...] = ("question answered",)) -> Dialogue:
    said = heard("bo", *words, sources=(), buttons=(), thumbs=False)
    return Dialogue(name=name, steps=(step(ask(text), said, rows=rows),))


VPN = "Connect to the VPN"
HELPED = heard("people", buttons=("claim", "answer", "reassign", "resolve"), needs=(Ability.PEOPLE,))

SMALL_TALK = (
    small_talk("a greeting", "hello", "Ask me a question", "bring in a person"),
    small_talk("a greeting with the question what it can do", "hi! what can you do?", "from our documents"),
    small_talk("thanks", "thanks a lot!", "You're welcome"),
    small_talk("out of scope", "tell me a joke", "outside what I can help with", rows=("question declined",)),
    small_talk("arithmetic", "2 + 2", "outside what I can help with", rows=("question declined",)),
)

ANSWERS = (
    Dialogue(
        name="an answer with its source",
        steps=(
            step(
                ask(SESSION),
                heard("bo", "12 hours", sources=(VPN,), buttons=("ask_person",), thumbs=True, calls=()),
                rows=("question answered",),
            ),
        ),
    ),
    Dialogue(
        name="an answer in steps",
        steps=(step(ask("what do I do about a paper jam?"), heard("bo", "tray 2", "Pull the sheet")),),
    ),
    Dialogue(
        name="what everybody may read",
        steps=(
            step(ask("how long is a voucher for the guest Wi-Fi good for?"), heard("bo", "one day", "three devices")),
        ),
    ),
    Dialogue(
        name="thanks after an answer",
        steps=(
            step(ask(PASSWORD, name="first"), heard("bo", "code on your phone")),
            step(ask("thanks!", thread="first"), heard("bo", "welcome", sources=(), thumbs=False)),
        ),
    ),
    Dialogue(
        name="a follow-up that stands on the question before",
        steps=(
            step(ask("how do I connect to the VPN on Windows?", name="first"), heard("bo", "Software Centre")),
            step(ask("and on a Mac?", thread="first"), heard("bo", "Self Service"), rows=("question answered",)),
        ),
    ),
    Dialogue(
        name="asking back, and what is said to that",
        steps=(
            step(
                ask("it doesn't work", name="first"),
                heard("bo", "need a little more", "which system", sources=()),
                rows=("question clarified",),
            ),
            step(ask("printing from my laptop", thread="first"), heard("bo", "FollowMe"), rows=("question answered",)),
        ),
    ),
    Dialogue(
        name="a word alone",
        steps=(step(ask("printer"), heard("bo")),),
    ),
    Dialogue(
        name="nobody wrote it down",
        steps=(
            step(
                ask(UNKNOWN),
                heard(
                    "bo", "not sure", "passed your question on", "your question and your name", needs=(Ability.PEOPLE,)
                ),
                heard("bo", "not sure", "ask the front desk", lacks=(Ability.PEOPLE,)),
                heard(
                    "people",
                    "canteen",
                    buttons=("claim", "answer", "reassign", "resolve"),
                    needs=(Ability.PEOPLE,),
                ),
                rows=("question escalated",),
            ),
        ),
    ),
    Dialogue(
        name="two questions at once in two threads",
        steps=(
            step(
                Together((ask(SESSION), ask(PASSWORD))),
                heard("bo", "12 hours", sources=(VPN,)),
                heard("bo", "code on your phone"),
                rows=("question answered",),
            ),
        ),
    ),
    Dialogue(
        name="two people ask at once in two threads",
        needs=CHANNELS,
        steps=(
            step(
                Together((ask(SESSION, where="staff"), ask(PASSWORD, who="cy", where="staff"))),
                heard("staff", "12 hours", sources=(VPN,)),
                heard("staff", "code on your phone"),
            ),
        ),
    ),
)

EDITS = (
    Dialogue(
        name="an edit after the answer",
        steps=(
            step(ask(SESSION, name="first"), heard("bo", "12 hours")),
            step(
                Edit(message="first", text=PASSWORD),
                heard("bo", "code on your phone"),
                never=("12 hours",),
                gone=0,
                rows=("question answered, revision 1",),
            ),
        ),
    ),
    Dialogue(
        name="an edit before the answer",
        steps=(
            step(
                Together((ask(SESSION, name="first"), Edit(message="first", text=PASSWORD))),
                heard("bo", "code on your phone"),
                never=("12 hours",),
                rows=("question answered, revision 1",),
            ),
        ),
    ),
    Dialogue(
        name="an edit that changes no meaning",
        steps=(
            step(ask(SESSION, name="first"), heard("bo", "12 hours")),
            step(Edit(message="first", text=f"  {SESSION}\n "), silent=True),
        ),
    ),
    Dialogue(
        name="an edit that needs people no more",
        steps=(
            step(ask(UNKNOWN, name="first"), heard("bo", "not sure"), HELPED),
            step(
                Edit(message="first", text=SESSION),
                heard("bo", "12 hours", sources=(VPN,)),
                heard("people", "taken back", buttons=(), needs=(Ability.PEOPLE,)),
                rows=("question answered, revision 1",),
            ),
        ),
    ),
    Dialogue(
        name="a deletion after the answer",
        steps=(
            step(ask(SESSION, name="first"), heard("bo", "12 hours")),
            step(Delete(message="first"), gone=1, rows=("question withdrawn, revision 1",)),
        ),
    ),
    Dialogue(
        name="a deletion before the answer",
        steps=(
            step(
                Together((ask(SESSION, name="first"), Delete(message="first"))),
                silent=True,
                rows=("question withdrawn, revision 1",),
            ),
        ),
    ),
    Dialogue(
        name="a deleted question is forgotten by what comes after it",
        steps=(
            step(ask("how do I connect to the VPN on Windows?", name="first"), heard("bo", "Software Centre")),
            step(ask(PASSWORD, name="second", thread="first"), heard("bo", "code on your phone")),
            step(Delete(message="second"), gone=1),
            step(ask("and on a Mac?", thread="first"), heard("bo", "Self Service")),
        ),
    ),
)

HARD_TEXTS = (
    Dialogue(
        name="40,000 characters",
        needs=frozenset({Ability.LONG_TEXT}),
        steps=(step(ask(f"{SESSION} " * 1_200), heard("bo", "very long", "12 hours"), loose=True),),
    ),
    Dialogue(
        name="emoji, marks and signs without width",
        steps=(
            step(
                ask("\U0001f469\u200d\U0001f469\u200d\U0001f467 \u200b\u200d " + SESSION + " e" + "\u0301" * 200),
                heard("bo", "12 hours"),
            ),
        ),
    ),
    Dialogue(
        name="written from right to left",
        steps=(step(ask(f"\u202e{SESSION}\u202c"), heard("bo", "12 hours")),),
    ),
    Dialogue(
        name="another script",
        steps=(
            step(
                ask("\u0643\u0645 \u062a\u062f\u0648\u0645 \u0627\u0644\u062c\u0644\u0633\u0629\u061f"),
                heard("bo"),
                HELPED,
            ),
        ),
    ),
    Dialogue(name="nothing but signs", steps=(step(ask("*_~`" * 50), heard("bo")),)),
    Dialogue(
        name="a document that shouts at everybody calls nobody",
        steps=(
            step(
                ask("whom does the fire drill announcement call?"),
                heard("bo", "channel", "everyone", "fire drill", calls=()),
            ),
        ),
    ),
)

FILES = (
    Dialogue(
        name="a file with the question",
        needs=frozenset({Ability.FILES}),
        steps=(
            step(
                Say(who="bo", text="what is the booking number of the hotel in Trier?", file=TRIP),
                heard("bo", "4711 88", sources=("your file trip.md",)),
            ),
        ),
    ),
    Dialogue(
        name="a picture with the question",
        needs=frozenset({Ability.FILES}),
        steps=(
            step(Say(who="bo", text=SESSION, file=PICTURE), heard("bo", "12 hours", "can't see what is in a picture")),
        ),
    ),
)

RIGHTS = (
    Dialogue(
        name="who may read it is told",
        needs=frozenset({Ability.IDENTITY}),
        steps=(step(ask(SECRET, who="ada"), heard("ada", "safe 9")),),
    ),
    Dialogue(
        name="who may not read it is told nothing",
        steps=(step(ask(SECRET), heard("bo", "not sure"), HELPED, never=SECRETS),),
    ),
    Dialogue(
        name="a guest reads what is public only",
        steps=(
            step(ask(SESSION, who="gil"), heard("gil", "not sure"), HELPED, never=("12 hours",)),
            step(ask("how long is a voucher for the guest Wi-Fi good for?", who="gil"), heard("gil", "one day")),
        ),
    ),
    Dialogue(
        name="a guest reads along in a channel",
        needs=CHANNELS,
        steps=(
            step(ask(SESSION, who="ada", where="mixed"), heard("mixed", "not sure"), never=("12 hours",)),
            step(
                ask("how long is a voucher for the guest Wi-Fi good for?", who="ada", where="mixed"),
                heard("mixed", "one day"),
            ),
        ),
    ),
    Dialogue(
        name="an answer in private, and shared once all may read it",
        needs=CHANNELS,
        steps=(
            step(
                ask(SECRET, who="ada", where="staff"),
                heard("staff", "not everybody", buttons=("private_answer",)),
                never=SECRETS,
            ),
            step(Press(who="ada", action="private_answer"), heard("ada", "safe 9", buttons=("share",))),
            step(Press(who="ada", action="share"), heard("ada", "won't post"), never=SECRETS),
            step(Leave(who="bo", where="staff"), silent=True),
            step(Leave(who="cy", where="staff"), silent=True),
            step(Press(who="ada", action="share"), heard("staff", "safe 9", "Shared by the person who asked")),
        ),
    ),
)
