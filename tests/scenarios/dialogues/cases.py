"""People take over: packets, claims, answers, saved knowledge, and drafts that wait for an approver."""

from tests.scenarios.dialogues.answers import SESSION, UNKNOWN, ask
from tests.scenarios.dialogues.script import Ability, Delete, Dialogue, Fill, Press, Say, Step, Together, heard, step

NEEDS = frozenset({Ability.CHANNELS, Ability.PEOPLE})
FISH = "The canteen serves fish on Friday."


def escalated(text: str = UNKNOWN) -> Step:
    return step(
        ask(text, where="staff", name="first"),
        heard("staff", "not sure", "passed your question on"),
        heard("people", "canteen", buttons=("claim", "answer", "reassign", "resolve")),
        rows=("question escalated", "case open"),
    )


def claimed(who: str = "cy", name: str = "Cy") -> Step:
    return step(
        Press(who=who, action="claim"),
        heard("people", f"{name} has it"),
        heard("staff", f"{name} has your question now", calls=("bo",)),
        rows=(f"case claimed by {who}",),
    )


ANSWERED = (
    step(Press(who="cy", action="answer"), form="Answer"),
    step(
        Fill(who="cy", fields={"answer": FISH}),
        heard("staff", "Cy answers", "fish on Friday", buttons=("resolve",), calls=("bo",)),
        heard("cy", "Sent"),
        rows=("case answered by cy",),
    ),
)

CASES = (
    Dialogue(
        name="from unsure to knowledge",
        needs=NEEDS,
        steps=(
            escalated(),
            claimed(),
            *ANSWERED,
            step(Press(who="cy", action="resolve"), form="Resolve"),
            step(
                Fill(who="cy", fields={"save": "yes"}),
                heard("people", "Resolved by Cy"),
                heard("staff", "Cy marked this as resolved"),
                heard("cy", "Now the answer", buttons=("save",)),
                rows=("case resolved by cy",),
            ),
            step(Press(who="cy", action="save"), form="Save as knowledge"),
            step(
                Fill(who="cy", fields={"question": UNKNOWN, "answer": FISH, "owner": "Cy", "readers": "place"}),
                heard("cy", "Shall I answer with it", buttons=("approve", "decline")),
                rows=(f"curated draft: {UNKNOWN} {FISH}",),
            ),
            step(
                Press(who="cy", action="approve"),
                heard("cy", "Saved"),
                rows=(f"curated approved: {UNKNOWN} {FISH}",),
            ),
            step(ask(UNKNOWN, where="staff"), heard("staff", "fish on Friday", thumbs=True), never=("not sure",)),
        ),
    ),
    Dialogue(
        name="somebody has it already, and gives it on",
        needs=NEEDS,
        steps=(
            escalated(),
            step(
                Together((Press(who="cy", action="claim"), Press(who="ada", action="claim"))),
                heard("people", "Cy has it", buttons=("answer", "reassign", "resolve")),
                heard("staff", "Cy has your question now", calls=("bo",)),
                heard("ada", "Cy has it", "Use Reassign"),
                rows=("case claimed by cy",),
            ),
            step(Press(who="cy", action="reassign"), form="Reassign"),
            step(
                Fill(who="cy", fields={"person": "ada"}),
                heard("people", "Ada has it"),
                heard("staff", "Ada has your question now", calls=("bo",)),
                rows=("case claimed by ada",),
            ),
        ),
    ),
    Dialogue(
        name="a guest is given no case",
        needs=NEEDS,
        steps=(
            escalated(),
            step(Press(who="cy", action="reassign"), form="Reassign"),
            step(Fill(who="cy", fields={"person": "gil"}), heard("cy", "guest can't take a case")),
        ),
    ),
    Dialogue(
        name="who asked says that it is solved",
        needs=NEEDS,
        steps=(
            escalated(),
            *ANSWERED,
            step(
                Press(who="bo", action="resolve"),
                heard("people", "Resolved by Bo"),
                heard("bo", "Resolved"),
                rows=("case resolved by bo",),
            ),
        ),
    ),
    Dialogue(
        name="who asked takes it back",
        needs=NEEDS,
        steps=(
            escalated(),
            step(
                Delete(message="first"),
                heard("people", "taken back", buttons=()),
                never=("canteen",),
                gone=1,
                rows=("question withdrawn, revision 1", "case withdrawn by bo"),
            ),
        ),
    ),
    Dialogue(
        name="a person answers in the thread",
        needs=NEEDS | {Ability.OVERHEARING},
        steps=(
            escalated(),
            step(
                Say(who="cy", text="It's fish this week.", where="staff", thread="first", is_mention=False),
                heard("people", "Cy has it"),
                rows=("case answered by cy",),
            ),
        ),
    ),
    Dialogue(
        name="a person by the button under an answer",
        steps=(
            step(ask(SESSION), heard("bo", "12 hours", buttons=("ask_person",))),
            step(
                Press(who="bo", action="ask_person"),
                heard("bo", "passed your question on", needs=(Ability.PEOPLE,)),
                heard("people", "VPN session", "asked for a person", needs=(Ability.PEOPLE,)),
                heard("bo", "ask the front desk", lacks=(Ability.PEOPLE,)),
            ),
            step(
                Press(who="bo", action="ask_person"),
                heard("bo", "know of your question already"),
                needs=(Ability.PEOPLE,),
            ),
        ),
    ),
    Dialogue(
        name="a person by asking for one",
        steps=(
            step(
                ask("I want to talk to a person about my parking space"),
                heard("bo", "Of course", "passed your question on", needs=(Ability.PEOPLE,)),
                heard("bo", "Of course", "ask the front desk", lacks=(Ability.PEOPLE,)),
                heard("people", "parking space", needs=(Ability.PEOPLE,)),
                rows=("question escalated",),
            ),
        ),
    ),
    Dialogue(
        name="an urgent matter",
        steps=(
            step(
                ask("my parking badge was stolen, whom do I tell?"),
                heard("people", "Urgent", "stolen", needs=(Ability.PEOPLE,)),
                heard("bo", "may not be able to wait"),
            ),
        ),
    ),
)

SENSITIVE = f"confidentially, {SESSION}"
WAITS = step(
    ask(SENSITIVE, where="staff"),
    heard("staff", "a person looks at my answer first", sources=(), thumbs=False),
    heard("people", "waits for your word", "12 hours", buttons=("approve", "revise", "decline")),
    rows=("draft waiting",),
)

DRAFTS = (
    Dialogue(
        name="a sensitive answer is approved",
        needs=NEEDS,
        steps=(
            WAITS,
            step(
                Press(who="cy", action="approve"),
                heard("staff", "12 hours", thumbs=True),
                heard("people", "Sent; decided by Cy", buttons=()),
                rows=("draft approved",),
            ),
        ),
    ),
    Dialogue(
        name="a sensitive answer is changed first",
        needs=NEEDS,
        steps=(
            WAITS,
            step(Press(who="cy", action="revise"), form="Change the answer"),
            step(
                Fill(who="cy", fields={"text": "A session lasts 12 hours, and that is an order. [1]"}),
                heard("staff", "that is an order"),
                heard("people", "Sent; decided by Cy", buttons=()),
                rows=("draft approved",),
            ),
        ),
    ),
    Dialogue(
        name="a sensitive answer is declined",
        needs=NEEDS,
        steps=(
            WAITS,
            step(
                Press(who="cy", action="decline"),
                heard("staff", "passed your question on"),
                heard("people", "Not sent; decided by Cy", buttons=()),
                heard("people", "confidentially", buttons=("claim", "answer", "reassign", "resolve")),
                never=("12 hours",),
                rows=("draft declined", "case open"),
            ),
        ),
    ),
    Dialogue(
        name="a sensitive question where nobody approves",
        steps=(
            step(
                ask(SENSITIVE),
                heard("bo", "a person looks at my answer first", needs=(Ability.PEOPLE,)),
                heard("people", "waits for your word", needs=(Ability.PEOPLE,)),
                heard("bo", "ask the front desk", lacks=(Ability.PEOPLE,)),
            ),
        ),
    ),
)

DIALOGUES = (*CASES, *DRAFTS)
