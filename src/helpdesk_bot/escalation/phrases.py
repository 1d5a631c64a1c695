"""Everything that is said about a case, in one place."""

from datetime import datetime

from helpdesk_bot.escalation.office_hours import OfficeHours, in_words

NO_CASE = "I know nothing of this any more."
SENT = "Sent."
RESOLVED = "Resolved."
OPEN_AGAIN = "This question is open again: people are needed after all. Press Claim above to take it."
STILL_WAITING = (
    "Whoever asked this still waits for an answer. Press Answer above to give one, or Reassign if somebody else should."
)
HOLDER_LEFT = "Whoever had this is not here any more, so it is open again. Press Claim above to take it."
HOLDER_LEFT_ASKER = "Whoever had your question is not here any more. I have passed it on to the others who can help."
TAKEN_BACK = "(taken back)"
_MAX_REPEATED = 120
"""Characters of a question that are said again."""
_MAX_BEGINNING, _MAX_END = 4_000, 2_000
"""Of what somebody wrote: a log that was pasted whole is longer than a card of Teams, and pages long in Slack."""

WHO_READS_DIRECT = "They see your question and your name, and nothing else of our conversation."


def quoted(words: str) -> str:
    """What somebody wrote, for people to read: of much the beginning and the end."""
    left_out = len(words) - _MAX_BEGINNING - _MAX_END
    if left_out <= 0:
        return words
    return f"{words[:_MAX_BEGINNING]}\n\n(… {left_out:,} characters left out …)\n\n{words[-_MAX_END:]}"


def passed_on(hours: OfficeHours, now: datetime, *, is_direct: bool) -> str:
    """What an asker can count on."""
    parts = ["I have passed your question on to the people who can help; they will come back to you here."]
    if not hours.is_open(now) and (opening := hours.next_opening(now)):
        parts.append(f"They are back on {in_words(opening, hours.time_zone)}.")
    return " ".join([*parts, *([WHO_READS_DIRECT] if is_direct else [])])


def known_already(holder: str) -> str:
    """Where people are asked for once more; `holder` is who has the case, if anybody."""
    if holder:
        return f"{holder} has your question already."
    return "The people who can help know of your question already; they will come back to you here."


def added(name: str, words: str) -> str:
    return f"**{name}** adds:\n\n{quoted(words)}"


def passed_along(holder: str) -> str:
    """To whoever added something; `holder` is who has the case, if anybody."""
    if holder:
        return f"I have passed this on to {holder}, who has your question."
    return "I have added this to the question that I passed on for you; nobody has taken it yet."


def ask_instead(help_contact: str) -> str:
    return f"Please ask {help_contact}."


def claimed(name: str) -> str:
    return f"{name} has your question now."


def answered(name: str, answer: str) -> str:
    return f"**{name}** answers:\n\n{answer}"


def resolved(name: str) -> str:
    return f"{name} marked this as resolved. If it is not, mention me and ask again."


def reminder(waited_minutes: int) -> str:
    return f"Nobody has this yet, after {waited_minutes} minutes. Press Claim above to take it."


def next_person(waited_minutes: int) -> str:
    return f"Nobody took this in {waited_minutes} minutes: you are next on call. Press Claim above to take it."


def nobody_yet(help_contact: str) -> str:
    return f"Nobody has taken your question yet. It stays open; if it can't wait, please ask {help_contact}."


def unreached(help_contact: str) -> str:
    return f"I could not reach the people who can help. Please ask {help_contact}."


def asked_elsewhere(question: str) -> str:
    """Above what an asker is told in private: where they asked, nothing can be posted any more."""
    words = " ".join(question.split())
    asked = words if len(words) <= _MAX_REPEATED else f"{words[:_MAX_REPEATED]}…"
    return f"You asked “{asked}” where I can't post any more, so I tell you here."


def untold(name: str) -> str:
    return f"What is said here does not reach {name}: I can't post where the question was asked, nor write to them."


def taken(name: str, since: str) -> str:
    return f"{name} has it, since {since}. Use Reassign to take it over."


def ticket_made(name: str) -> str:
    return f"There is a ticket for this: {name}"
