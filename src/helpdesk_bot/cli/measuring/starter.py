"""`eval starter`: whether the starter questions end as they should."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from helpdesk_bot.app.agent import open_agent
from helpdesk_bot.app.knowledge import open_knowledge
from helpdesk_bot.cli.output import Exit, fail, out, print_json, print_table, progress_bar
from helpdesk_bot.cli.syncing import sync_with_bar
from helpdesk_bot.database import open_database
from helpdesk_bot.settings import Settings

if TYPE_CHECKING:
    from helpdesk_bot.evals.starter import Judged


async def measure_starter(settings: Settings, *, split: str, fit: bool, as_json: bool) -> None:
    from helpdesk_bot.evals.starter import label_for_fit, read_cases, run_cases

    if not settings.starter_knowledge:
        fail("STARTER_KNOWLEDGE is off, so the starter questions have no answers", Exit.MISUSED)
    cases = read_cases(split=split)
    async with open_database(settings) as url, open_knowledge(settings, url) as knowledge:
        await sync_with_bar(knowledge, "starter")
        async with open_agent(settings, knowledge, in_memory=True) as agent:
            with progress_bar("Asking") as bar:
                judged = await run_cases(
                    cases,
                    agent=agent,
                    access=knowledge.access,
                    deadline_s=settings.answer_deadline_s,
                    progress=bar.move,
                )
    if fit:
        from helpdesk_bot.agent.evidence import fit as fit_weights

        print_json({name: round(value, 3) for name, value in asdict(fit_weights(label_for_fit(judged))).items()})
    elif as_json:
        print_json(_starter_json(judged))
    else:
        _print_starter(judged)


def _print_starter(judged: "Sequence[Judged]") -> None:
    for one in judged:
        if one.faults:
            out.print(f"{one.case.id}: {'; '.join(one.faults)}", markup=False, highlight=False)
    print_table(("kind", "as expected", "cases"), [(kind, good, all_) for kind, good, all_ in _by_kind(judged)])


def _starter_json(judged: "Sequence[Judged]") -> dict[str, object]:
    return {
        "as_expected": sum(not one.faults for one in judged),
        "cases": len(judged),
        "by_kind": {kind: {"as_expected": good, "cases": all_} for kind, good, all_ in _by_kind(judged)},
        "faults": {one.case.id: list(one.faults) for one in judged if one.faults},
    }


def _by_kind(judged: "Sequence[Judged]") -> list[tuple[str, int, int]]:
    kinds: defaultdict[str, list[bool]] = defaultdict(list)
    for one in judged:
        kinds[one.case.kind].append(not one.faults)
    return [(kind, sum(results), len(results)) for kind, results in kinds.items()]
