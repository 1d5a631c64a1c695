"""`cache`: what is kept, and forgetting it."""

from dataclasses import asdict

from helpdesk_bot.cli.acts import write_down
from helpdesk_bot.cli.output import out, print_json, print_pairs
from helpdesk_bot.database import open_database
from helpdesk_bot.records import CachedAnswers
from helpdesk_bot.settings import Settings
from knowledge.postgres import open_pool


async def show_cache(settings: Settings, *, as_json: bool) -> None:
    async with open_database(settings) as url, open_pool(url, max_size=1) as pool:
        figures = await CachedAnswers(pool).count_cached()
    if as_json:
        print_json({"is_on": settings.cache_answers, **asdict(figures)})
        return
    print_pairs(
        {
            "Cache": "on" if settings.cache_answers else "off",
            "Answers": figures.answers,
            "Used again": figures.uses,
            "Oldest": f"{figures.oldest_at:%Y-%m-%d %H:%M} UTC" if figures.oldest_at else "-",
            **{f"By {version}": answers for version, answers in figures.by_prompt.items()},
        }
    )


async def purge_cache(settings: Settings, *, as_json: bool) -> None:
    async with open_database(settings) as url, open_pool(url, max_size=1) as pool:
        await write_down(pool, "cache", "purge")
        gone = await CachedAnswers(pool).purge_cached()
    if as_json:
        print_json({"forgotten": gone})
    else:
        out.print(f"{gone} answers are forgotten.", highlight=False)
