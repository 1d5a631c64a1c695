"""What is said about a look at a status page."""

from helpdesk_bot.tools.status import Looked
from helpdesk_bot.tools.status_words import Concerned
from knowledge.passages import Passage, Scores

SOURCE = "status"
MAX_NAMED = 5


def report(concerned: Concerned) -> str:
    """State, parts in trouble, and incidents, each on a line, with the time of the look."""
    looked = concerned.looked
    status = looked.status
    assert status is not None, "a page that could not be read has nothing to report"  # noqa: S101
    parts = concerned.components or tuple(one for one in status.components if not one.is_up)
    lines = [f"**{_subject(concerned)}**: {_state_of(concerned)}, as its status page says at {_time(looked)}."]
    lines += [f"- {one.name}: {one.state or 'no state given'}" for one in parts[:MAX_NAMED]]
    lines += [f"- Incident: {one.name} ({one.state or 'open'})" for one in concerned.incidents[:MAX_NAMED]]
    left_out = max(0, len(parts) - MAX_NAMED) + max(0, len(concerned.incidents) - MAX_NAMED)
    if left_out:
        lines.append(f"- and {left_out} more")
    return "\n".join(lines)


def bare_report(concerned: Concerned) -> str:
    """Without a word of the page's own, for when a check holds those back."""
    state = "all well" if concerned.is_up else "there is trouble"
    return f"**{concerned.looked.page}**: {state}, as its status page says at {_time(concerned.looked)}."


def could_not_look(looked: Looked) -> str:
    return (
        f"I could not read the status page of {looked.page} just now: {looked.trouble}. "
        "So I can't say whether it is up."
    )


def note(concerned: Concerned) -> str:
    """Under an answer that concerns the same service."""
    names = "; ".join(one.name for one in concerned.incidents[:MAX_NAMED])
    return f"_Right now {concerned.looked.page} has an open incident: {names} ({_time(concerned.looked)})._"


def passage_of(concerned: Concerned, text: str, *, number: int) -> Passage:
    """What is said as a passage, to be cleaned and cited as any other. Its id is negative: no row holds it."""
    looked = concerned.looked
    return Passage(
        chunk_id=-number,
        document_id=-number,
        source=SOURCE,
        key=looked.page,
        title=f"{looked.page} status page",
        url=looked.url,
        heading_path=(),
        text=text,
        page=None,
        modified_at=looked.at,
        scores=Scores(),
    )


def _subject(concerned: Concerned) -> str:
    names = ", ".join(one.name for one in concerned.components[:MAX_NAMED])
    return f"{concerned.looked.page} ({names})" if names else concerned.looked.page


def _state_of(concerned: Concerned) -> str:
    if concerned.is_up:
        return "up, no open incident"
    return "there is an open incident" if concerned.incidents else "there is trouble"


def _time(looked: Looked) -> str:
    return f"{looked.at:%H:%M} UTC on {looked.at:%Y-%m-%d}"
