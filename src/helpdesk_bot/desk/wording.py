"""What the desk says in its own words, and the reference by which a person can quote a question."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from helpdesk_bot.agent.phrases import UNSURE
from helpdesk_bot.events import Outcome, Question
from helpdesk_bot.messages import Reply
from helpdesk_bot.records import DraftState
from helpdesk_bot.records.spending import ALERT_FROM

MAX_REPEATED = 120
"""Characters of a question that are said again."""

UNSURE_FOR_YOU = "I'm not sure: in the documents that you may read, I found nothing that answers it."
UNSURE_FOR_A_GUEST = (
    "I'm not sure: in the documents that everybody may read, I found nothing that answers it. I looked at no others, "
    "since I know you as a guest, or without a confirmed e-mail address."
)
PAUSED = "I'm switched off here at the moment and can't answer. Please ask again later."
ASK_ABOUT_FILE = "What would you like to know about it?"
BROKE_OFF = "I could not finish this answer. Please ask again."
STAYS_OUT = "OK, I'll stay out of this thread until somebody mentions me."
QUIET_HERE = "OK. Here I say something only when you write to me."
CHANGED_MEANWHILE = "The pages I wanted to answer from changed while I was writing. Please ask again."
MAY_BE_OUT_OF_DATE = "this answer may be out of date."
TAKEN_BACK = "I took this answer back: not everybody here may read what it was from any more. Please ask again."
OFFER = "There may be more that I can tell you, but not everybody, here."
NEARLY_USED = (
    f"You have used {ALERT_FROM:.0%} of what one person may use on written answers in a day. "
    "After the rest I quote the pages until midnight."
)
OFFER_LABEL = "Answer me in private"
ASK_PERSON_LABEL = "Ask a person"
SHARE_LABEL = "Share here"
SHARE_CONFIRM = "Everybody here will see this answer."
NOT_YOURS = "That is for whoever asked the question. Ask me yourself, and I'll look at what you may read."
ON_ITS_WAY = "I'm looking at what you may read…"
NOTHING_MORE = "I found nothing more for you than what I said."
NOT_FOR_HERE = "Not everybody here may read what this answer is from, so I won't post it here."
SHARE_CHANGED = "The question was changed since. Have me answer it in private again, and share that."
SHARED = "Shared by the person who asked."
UNREACHABLE = "The answer to a command is for you alone, and I can't write to you. Please open a chat with me first."
GONE = "That question was taken back, so there is nothing to do."
WAITS_FOR_APPROVAL = "This is a sensitive matter, so a person looks at my answer first. You will get it here."
DRAFT_UNREADABLE = "An answer waited for your word, but not everybody here may read what it is from any more."
DRAFT_CHANGED = "The question was changed after this draft was made, so nothing was done with it."
NEW_DRAFT = "This is what waits now. The buttons are under the message in this channel that shows it."
NOT_AN_APPROVER = "Answers are approved where approvers are; here nobody can."
NOTHING_WRITTEN = "There was no text, so nothing was changed."


def reference_of(question_key: str) -> str:
    """Eight letters and digits that a person can read out to an admin."""
    return base64.b32encode(hashlib.sha256(question_key.encode()).digest()).decode()[:8]


def to_one(text: str, *, is_guest: bool) -> str:
    """What nobody but its asker is told, in words for one."""
    return text.replace(UNSURE, UNSURE_FOR_A_GUEST if is_guest else UNSURE_FOR_YOU)


def apology(question: Question) -> Reply:
    reference = reference_of(question.key)
    text = (
        f"Something went wrong on my side, and I could not answer. Please ask again, or quote {reference} to an admin."
    )
    return Reply(question_key=question.key, outcome=Outcome.FAILED, text=text, reference=reference)


def unposted(question: str) -> str:
    """To its asker alone, elsewhere than where it was asked."""
    words = " ".join(question.split())
    asked = words if len(words) <= MAX_REPEATED else f"{words[:MAX_REPEATED]}…"
    return (
        f"I can't post my answer where you asked “{asked}”: I'm not there any more, or nobody may write there. "
        "Ask me here, and I'll answer you here."
    )


def withdrawn(reply: Reply) -> Reply:
    return replace(
        reply, outcome=Outcome.FAILED, text=CHANGED_MEANWHILE, citations=(), asks_about=(), note="", buttons=()
    )


def source_changed(titles: Sequence[str], on: date) -> str:
    """One line under an answer; the titles as the answer shows them already."""
    names = ", ".join(f"*{title}*" for title in titles)
    sources = f"source {names}" if len(titles) == 1 else f"sources {names}"
    return f"The {sources} changed on {on.isoformat()}; {MAY_BE_OUT_OF_DATE}"


def taken_back(reply: Reply) -> Reply:
    return replace(
        reply, outcome=Outcome.FAILED, text=TAKEN_BACK, citations=(), note="", buttons=(), asks_feedback=False
    )


def draft_for_approval(question: str, answer: str, titles: list[str]) -> str:
    asked = " ".join(question.split())[:500]
    sources = "\n".join(f"{number}. {title}" for number, title in enumerate(titles, start=1))
    return f"**An answer waits for your word.**\n\nAsked: {asked}\n\n{answer}\n\nFrom:\n{sources}"


def draft_decided(state: DraftState, by: str) -> str:
    match state:
        case DraftState.APPROVED:
            return f"Sent; decided by {by}."
        case DraftState.DECLINED:
            return f"Not sent; decided by {by}. People were asked to answer."
        case DraftState.OVERDUE:
            return "Nobody decided in time. People were asked to answer."
        case DraftState.WAITING:
            return "This waits for a decision."
