"""`eval`: measurements that a team can repeat on its own data."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from helpdesk_bot.app.agent import open_agent
from helpdesk_bot.app.knowledge import open_knowledge, ranking_options
from helpdesk_bot.cli.output import Exit, err, fail, out, print_json, print_table, progress_bar, reading
from helpdesk_bot.cli.syncing import sync_with_bar
from helpdesk_bot.database import open_database
from helpdesk_bot.settings import Settings

if TYPE_CHECKING:
    from helpdesk_bot.evals.starter import Judged


async def measure_retrieval(
    settings: Settings,
    folder: Path,
    *,
    queries: Path | None,
    history: bool,
    ablate: bool,
    out_file: Path | None,
    as_json: bool,
) -> None:
    """In a database of its own for each folder, which stays: a second run embeds nothing."""
    from helpdesk_bot.evals.collection import QUERIES_FILE, read_collection, read_queries
    from helpdesk_bot.evals.histories import read_follow_ups
    from helpdesk_bot.evals.retrieval import evaluate_retrieval

    with reading(folder, needs="corpus.jsonl, queries.jsonl and qrels.tsv, or tasks.jsonl for --history"):
        asked = read_follow_ups(folder, queries) if history else read_queries(queries or folder / QUERIES_FILE)
        collection = read_collection(folder, asked)
    async with open_database(settings) as url, open_knowledge(settings, url) as knowledge:
        evaluation = await evaluate_retrieval(
            collection,
            url=own_database(url, folder),
            embedder=knowledge.embedder,
            options=knowledge.chunk_options,
            ranking=ranking_options(settings),
            language=settings.search_language,
            ablate=ablate,
            console=err,
        )
    if out_file is not None:
        with out_file.open("w", encoding="utf-8") as file:
            evaluation.write_rankings(file)
    if as_json:
        print_json(evaluation.as_json())
    else:
        out.print(f"{evaluation.queries} questions, {evaluation.documents} documents, {evaluation.model}")
        columns, *rows = evaluation.rows()
        print_table(columns, rows)


def own_database(url: str, folder: Path) -> str:
    """The address of a database for this folder alone, made where there is none."""
    name = f"helpdesk_eval_{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]}"
    with psycopg.connect(url, autocommit=True) as connection:
        if connection.execute("select from pg_database where datname = %s", [name]).fetchone() is None:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    return make_conninfo(url, dbname=name)


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
