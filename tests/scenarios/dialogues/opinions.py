"""Thumbs, reasons, and second thoughts."""

from tests.scenarios.dialogues.answers import SESSION, ask
from tests.scenarios.dialogues.script import Ability, Dialogue, Fill, Press, Vote, heard, step

ANSWERED = step(ask(SESSION), heard("bo", "12 hours", thumbs=True))
WHY = "What went wrong?"

DIALOGUES = (
    Dialogue(
        name="a thumbs-up",
        steps=(
            ANSWERED,
            step(Vote(who="bo", value=1), heard("bo", "Thanks", "kept with this answer"), rows=("vote 1 by bo",)),
        ),
    ),
    Dialogue(
        name="a thumbs-up that is taken back by the same button",
        needs=frozenset({Ability.UNVOTING}),
        steps=(
            ANSWERED,
            step(Vote(who="bo", value=1), heard("bo", "Thanks"), rows=("vote 1 by bo",)),
            step(Vote(who="bo", value=0), silent=True, rows=("vote 0 by bo",)),
        ),
    ),
    Dialogue(
        name="a reaction, taken back",
        needs=frozenset({Ability.REACTIONS}),
        steps=(
            ANSWERED,
            step(Vote(who="bo", value=1, by_reaction=True), silent=True, rows=("vote 1 by bo",)),
            step(Vote(who="bo", value=0, by_reaction=True), silent=True, rows=("vote 0 by bo",)),
        ),
    ),
    Dialogue(
        name="a thumbs-down by reaction, and why",
        needs=frozenset({Ability.REACTIONS}),
        steps=(
            ANSWERED,
            step(
                Vote(who="bo", value=-1, by_reaction=True),
                heard("bo", "Thanks, noted", buttons=("reason",)),
                rows=("vote -1 by bo",),
            ),
            step(Press(who="bo", action="reason"), form=WHY),
            step(
                Fill(who="bo", fields={"reason": "outdated", "comment": "It is 8 hours now."}),
                heard("bo", "noted"),
                rows=("reason outdated by bo: It is 8 hours now.",),
            ),
        ),
    ),
    Dialogue(
        name="a thumbs-down and why",
        steps=(
            ANSWERED,
            step(Vote(who="bo", value=-1), form=WHY, rows=("vote -1 by bo",)),
            step(
                Fill(who="bo", fields={"reason": "incomplete", "comment": "What about Linux?"}),
                heard("bo", "noted"),
                rows=("reason incomplete by bo: What about Linux?",),
            ),
        ),
    ),
    Dialogue(
        name="a second thought",
        steps=(
            ANSWERED,
            step(Vote(who="bo", value=-1), form=WHY, rows=("vote -1 by bo",)),
            step(Vote(who="bo", value=1), heard("bo", "Thanks"), rows=("vote 1 by bo",)),
        ),
    ),
    Dialogue(
        name="a thumbs-down that brings in a person",
        steps=(
            ANSWERED,
            step(Vote(who="bo", value=-1), form=WHY),
            step(
                Fill(who="bo", fields={"reason": "wrong", "comment": "Mine ended after one.", "person": "yes"}),
                heard("bo", "noted", "passed your question on", needs=(Ability.PEOPLE,)),
                heard("bo", "noted", "ask the front desk", lacks=(Ability.PEOPLE,)),
                heard("people", "VPN session", "Mine ended after one", needs=(Ability.PEOPLE,)),
                rows=("reason wrong by bo: Mine ended after one.",),
            ),
        ),
    ),
)
