"""`review`: what people were not helped with."""

from datetime import timedelta

from helpdesk_bot.cli.acts import write_down
from helpdesk_bot.cli.output import out, print_json, print_table
from helpdesk_bot.database import open_database
from helpdesk_bot.desk.wording import reference_of
from helpdesk_bot.events import PlaceKind
from helpdesk_bot.feedback import describe_reason
from helpdesk_bot.records.unhelped import Unhelped, UnhelpedQuestions
from helpdesk_bot.settings import Settings
from knowledge.postgres import open_pool

DIRECT = "(direct conversation: --direct shows its words)"


async def show_unhelped(settings: Settings, *, days: int, limit: int, direct: bool, as_json: bool) -> None:
    """Written down in the audit where words of direct conversations are shown, since they are nobody else's."""
    async with open_database(settings) as url, open_pool(url, max_size=1) as pool:
        if direct:
            await write_down(pool, "review", f"{days} days, direct")
        found = await UnhelpedQuestions(pool).list_unhelped(timedelta(days=days), limit=limit)
    if as_json:
        print_json([_as_json(one, direct=direct) for one in found])
    elif not found:
        out.print(f"In {days} days there was no thumbs-down, and nothing was passed on or failed.", highlight=False)
    else:
        print_table(
            ("reference", "asked (UTC)", "where", "outcome", "case", "up", "down", "what was said"),
            _rows(found, direct),
        )


def _rows(found: list[Unhelped], direct: bool) -> list[tuple[object, ...]]:
    return [
        (
            reference_of(one.question_key),
            f"{one.asked_at:%Y-%m-%d %H:%M}",
            one.platform,
            one.outcome,
            one.case_state or "-",
            one.ups,
            one.downs,
            _said(one, direct=direct),
        )
        for one in found
    ]


def _said(one: Unhelped, *, direct: bool) -> str:
    words = [one.text, *one.comments] if _may_show(one, direct=direct) else [DIRECT]
    return " | ".join(" ".join(text.split()) for text in [*words, *map(describe_reason, one.reasons)])


def _as_json(one: Unhelped, *, direct: bool) -> dict[str, object]:
    may_show = _may_show(one, direct=direct)
    return {
        "reference": reference_of(one.question_key),
        "asked_at": one.asked_at.isoformat(),
        "platform": one.platform,
        "channel": None if one.place.kind is PlaceKind.DIRECT else one.channel,
        "outcome": one.outcome,
        "case": one.case_state or None,
        "ups": one.ups,
        "downs": one.downs,
        "reasons": one.reasons,
        "question": one.text if may_show else None,
        "comments": one.comments if may_show else None,
    }


def _may_show(one: Unhelped, *, direct: bool) -> bool:
    return direct or one.place.kind is not PlaceKind.DIRECT
