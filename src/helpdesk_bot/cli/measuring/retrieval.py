"""`eval retrieval`: how well is found what is known to answer."""

import hashlib
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from helpdesk_bot.app.knowledge import open_knowledge, ranking_options
from helpdesk_bot.cli.output import err, out, print_json, print_table, reading
from helpdesk_bot.database import open_database
from helpdesk_bot.settings import Settings


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
