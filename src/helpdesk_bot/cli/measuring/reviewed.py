"""`eval reviewed`: labelled questions out of what people said of the bot's own answers."""

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from helpdesk_bot.app.knowledge import Knowledge, open_knowledge
from helpdesk_bot.cli.acts import write_down
from helpdesk_bot.cli.output import Exit, fail, out, print_json, print_table
from helpdesk_bot.database import open_database
from helpdesk_bot.settings import Settings
from knowledge.access import Reader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from helpdesk_bot.evals.reviewed import Readable, Reviewed
    from helpdesk_bot.records.judged import Judged


async def write_reviewed(
    settings: Settings, folder: Path, *, days: int, votes: bool, direct: bool, as_json: bool
) -> None:
    """Written down in the audit, since questions leave the database. Ends the command where there are none."""
    from helpdesk_bot.desk.wording import reference_of
    from helpdesk_bot.evals.answer_cases import check_new, write_answer_cases
    from helpdesk_bot.evals.reviewed import Choices, review
    from helpdesk_bot.records.judged import JudgedQuestions

    try:
        check_new(folder)
        with tempfile.TemporaryDirectory(dir=_nearest(folder)):
            pass
    except FileExistsError as error:
        fail(str(error), Exit.MISUSED)
    except OSError as error:
        fail(f"{folder} can't be written: {error.strerror}", Exit.MISUSED)
    async with open_database(settings) as url, open_knowledge(settings, url) as knowledge:
        await write_down(knowledge.pool, "eval", f"reviewed, {days} days{', direct' if direct else ''}")
        judged = await JudgedQuestions(knowledge.pool).list_judged(timedelta(days=days), today=settings.today())
        readable = await _readable(knowledge, judged)
    reviewed = review(judged, readable=readable, choices=Choices(votes=votes, direct=direct), name=reference_of)
    if reviewed.questions:
        try:
            write_answer_cases(folder, [one.case for one in reviewed.questions])
        except OSError as error:
            fail(f"{folder} can't be written: {error}", Exit.FAILED)
    if as_json:
        print_json(_as_json(reviewed, folder, days))
    else:
        _print(reviewed, folder)
    if not reviewed.questions:
        fail(f"In {days} days nobody judged an answer in a way that tells a label; nothing is written.")


def _nearest(folder: Path) -> Path:
    """Of the folders above it, the first that is there."""
    return next(above for above in folder.absolute().parents if above.exists())


async def _readable(knowledge: Knowledge, judged: "Sequence[Judged]") -> "Readable":
    """Of the documents that are cited, those that stand and that all staff may read."""
    from helpdesk_bot.evals.answer_cases import fits_in_qrels
    from helpdesk_bot.evals.reviewed import Readable, cited_in

    staff = await knowledge.access.audience_of([Reader(email=None, is_staff=True)])
    cited = {citation.passage.document_id for one in judged for citation in cited_in(one)}
    openings = await knowledge.search.list_at([(document_id, 0) for document_id in sorted(cited)], staff)
    keys = {one.document_id: one.key for one in openings if fits_in_qrels(one.key)}
    return Readable(staff=staff, keys=keys)


def _print(reviewed: "Reviewed", folder: Path) -> None:
    rows: list[tuple[object, object]] = [
        (reviewed.count(answerable=True), "answerable"),
        (reviewed.count(answerable=False), "unanswerable"),
        *((count, f"of these by {by}") for by, count in reviewed.count_by().items()),
        (reviewed.repeated, "asked again: counted once"),
        *((count, f"left out: {why}") for why, count in reviewed.left_out.items()),
    ]
    print_table(("questions", ""), rows)
    if reviewed.questions:
        out.print(f"Written to {folder}: helpdesk-bot eval calibrate {folder}", markup=False, highlight=False)


def _as_json(reviewed: "Reviewed", folder: Path, days: int) -> dict[str, object]:
    return {
        "folder": str(folder) if reviewed.questions else None,
        "days": days,
        "answerable": reviewed.count(answerable=True),
        "unanswerable": reviewed.count(answerable=False),
        "by": {by.value: count for by, count in reviewed.count_by().items()},
        "repeated": reviewed.repeated,
        "left_out": {why.name.lower(): count for why, count in reviewed.left_out.items()},
    }
