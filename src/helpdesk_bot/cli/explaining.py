"""`why`: how an answer or a silence came about, of one message or of the last ones that were asked."""

from rich.markdown import Markdown

from helpdesk_bot.app.commands import why_of
from helpdesk_bot.app.knowledge import open_knowledge
from helpdesk_bot.cli.acts import whoami
from helpdesk_bot.cli.output import Exit, fail, out, print_json, print_table
from helpdesk_bot.database import open_database
from helpdesk_bot.desk.wording import reference_of
from helpdesk_bot.events import PlaceKind, Platform
from helpdesk_bot.people import People
from helpdesk_bot.records import Records
from helpdesk_bot.records.asked import OPEN, AskedQuestion, AskedQuestions
from helpdesk_bot.settings import Settings
from helpdesk_bot.why import UNKNOWN
from knowledge.postgres import open_pool

DIRECT = "(direct conversation)"


async def explain(settings: Settings, message: str, *, as_json: bool) -> None:
    """As `why` in chat tells it to whoever may read what is said in channels."""
    async with (
        open_database(settings) as url,
        open_knowledge(settings, url, embeds=False) as knowledge,
    ):
        people = People(chats={}, access=knowledge.access, admins=settings.helpdesk_admins)
        why = why_of(knowledge, records=Records(knowledge.pool), people=people, chats={})
        told = await why.explain(message, platform=Platform.COMMAND_LINE, person_id=whoami())
    if told == UNKNOWN:
        fail(f"{UNKNOWN} `helpdesk-bot why` lists the last questions.", Exit.MISUSED)
    if as_json:
        print_json({"explanation": told})
    elif out.is_terminal:
        out.print(Markdown(told), soft_wrap=False)
    else:
        out.print(told, markup=False, highlight=False)


async def list_last(settings: Settings, *, limit: int, as_json: bool) -> None:
    async with open_database(settings) as url, open_pool(url, max_size=1) as pool:
        asked = await AskedQuestions(pool).list_asked(limit=limit)
    if as_json:
        print_json([_as_json(one) for one in asked])
    elif not asked:
        out.print("Nothing was asked yet.", highlight=False)
    else:
        print_table(("reference", "asked (UTC)", "where", "outcome", "up", "down", "question"), list(map(_row, asked)))


def _row(one: AskedQuestion) -> tuple[object, ...]:
    asked_at = f"{one.asked_at:%Y-%m-%d %H:%M}"
    said = DIRECT if one.place.kind is PlaceKind.DIRECT else " ".join(one.text.split())
    return reference_of(one.key), asked_at, one.platform, one.outcome or OPEN, one.ups, one.downs, said


def _as_json(one: AskedQuestion) -> dict[str, object]:
    is_direct = one.place.kind is PlaceKind.DIRECT
    return {
        "reference": reference_of(one.key),
        "key": one.key,
        "asked_at": one.asked_at,
        "platform": one.platform,
        "channel": None if is_direct else one.channel,
        "outcome": one.outcome,
        "ups": one.ups,
        "downs": one.downs,
        "question": None if is_direct else one.text,
    }
