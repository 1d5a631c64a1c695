"""`helpdesk-bot eval ...`: the commands and their options."""

from pathlib import Path
from typing import Annotated

import typer

from helpdesk_bot.cli.entry import AsJson, load_settings, run
from helpdesk_bot.cli.output import Exit, fail, must_be_writable

eval_cli = typer.Typer(no_args_is_help=True, help="Measure how good it is.")

CorpusOf = Annotated[
    Path | None,
    typer.Option(help="A folder whose corpus.jsonl is asked; otherwise DIR's own, or the starter knowledge."),
]
OutFile = Annotated[
    Path | None, typer.Option("--out", help="Write each case, as JSON lines.", callback=must_be_writable)
]


@eval_cli.command("retrieval")
def eval_retrieval(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="With corpus.jsonl, queries.jsonl and qrels.tsv.")],
    queries: Annotated[Path | None, typer.Option(help="Other queries than DIR/queries.jsonl.")] = None,
    history: Annotated[
        bool, typer.Option("--history", help="Ask DIR/queries_lastturn.jsonl after the history in DIR/tasks.jsonl.")
    ] = False,
    ablate: Annotated[bool, typer.Option("--ablate", help="Show what each part of the ranking is worth.")] = False,
    out_file: Annotated[
        Path | None,
        typer.Option("--out", help="Write the ranking of every query, as JSON lines.", callback=must_be_writable),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure word search, vector search and both together on a collection with known answers."""
    from helpdesk_bot.cli.measuring.retrieval import measure_retrieval

    run(
        measure_retrieval(
            load_settings(),
            folder,
            queries=queries,
            history=history,
            ablate=ablate,
            out_file=out_file,
            as_json=as_json,
        )
    )


@eval_cli.command("starter")
def eval_starter(
    split: Annotated[str, typer.Option(help="dev, test or all.")] = "all",
    fit: Annotated[
        bool, typer.Option("--fit", help="Print weights of the evidence judge fitted on these cases.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Ask the starter questions and count the outcomes that are as expected."""
    from helpdesk_bot.cli.measuring.starter import measure_starter

    if split not in {"dev", "test", "all"}:
        fail("--split is dev, test or all.", Exit.MISUSED)
    run(measure_starter(load_settings(), split=split, fit=fit, as_json=as_json))


@eval_cli.command("answers")
def eval_answers(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="With tasks.jsonl or queries.jsonl.")],
    queries: Annotated[Path | None, typer.Option(help="Other cases than those of DIR.")] = None,
    corpus: CorpusOf = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Ask a sample of so many.")] = None,
    seed: Annotated[int, typer.Option(help="Which sample.")] = 0,
    out_file: OutFile = None,
    as_json: AsJson = False,
) -> None:
    """Ask labelled questions: how many of the answerable get an answer, how many others, and what the answers hold."""
    from helpdesk_bot.cli.measuring.answers import Wanted, measure_answers

    wanted = Wanted(folder=folder, queries=queries, corpus=corpus, limit=limit, seed=seed)
    run(measure_answers(load_settings(), wanted, out_file=out_file, as_json=as_json))


@eval_cli.command("calibrate")
def eval_calibrate(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR...", help="As for `eval answers`; with qrels.tsv.")],
    corpus: CorpusOf = None,
    false_answer_rate: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="The share of unanswerable questions that may get an answer.")
    ] = 0.1,
    limit: Annotated[int | None, typer.Option(min=1, help="Ask a sample of so many of each.")] = None,
    seed: Annotated[int, typer.Option(help="Which sample.")] = 0,
    judge_file: Annotated[
        Path | None, typer.Option("--judge", help="Write the judge, for EVIDENCE_FILE.", callback=must_be_writable)
    ] = None,
    out_file: OutFile = None,
    as_json: AsJson = False,
) -> None:
    """Learn from labelled questions when evidence is enough, and print what each threshold costs."""
    from helpdesk_bot.cli.measuring.answers import Wanted, calibrate_judge

    wanted = [Wanted(folder=folder, queries=None, corpus=corpus, limit=limit, seed=seed) for folder in folders]
    run(
        calibrate_judge(
            load_settings(),
            wanted,
            false_answer_rate=false_answer_rate,
            judge_file=judge_file,
            cases_file=out_file,
            as_json=as_json,
        )
    )


@eval_cli.command("reviewed")
def eval_reviewed(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder, for `eval answers` and `calibrate`.")],
    days: Annotated[int, typer.Option(min=1, max=36_500, help="Questions of so many days.")] = 90,
    votes: Annotated[
        bool, typer.Option("--votes/--no-votes", help="Whether a thumbs-up counts where no reviewer spoke.")
    ] = True,
    direct: Annotated[bool, typer.Option("--direct", help="Questions of direct conversations too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make labelled questions out of what people said of the bot's own answers."""
    from helpdesk_bot.cli.measuring.reviewed import write_reviewed

    run(write_reviewed(load_settings(), folder, days=days, votes=votes, direct=direct, as_json=as_json))


@eval_cli.command("guard")
def eval_guard(
    file: Annotated[Path, typer.Argument(help="JSON lines with text (or context) and label.")],
    channel: Annotated[str, typer.Option(help="user: what people ask; document: what sources hold.")] = "user",
    out_file: OutFile = None,
    as_json: AsJson = False,
) -> None:
    """Count false alarms and found attacks among labelled texts."""
    from helpdesk_bot.cli.measuring.checks import measure_guard

    if channel not in {"user", "document"}:
        fail("--channel is user or document.", Exit.MISUSED)
    measure_guard(file, channel="user" if channel == "user" else "document", out_file=out_file, as_json=as_json)


@eval_cli.command("grounding")
def eval_grounding(
    file: Annotated[Path, typer.Argument(help="JSON lines with answer and passages.")],
    out_file: OutFile = None,
    as_json: AsJson = False,
) -> None:
    """Count good answers that the grounding check refuses, and planted faults that it notices."""
    from helpdesk_bot.cli.measuring.checks import measure_grounding

    measure_grounding(file, out_file=out_file, as_json=as_json)


@eval_cli.command("pii")
def eval_pii(
    file: Annotated[Path, typer.Argument(help="JSON lines with text and labelled spans.")],
    out_file: OutFile = None,
    as_json: AsJson = False,
) -> None:
    """Measure how much personal data is found, by kind."""
    from helpdesk_bot.cli.measuring.checks import measure_personal_data

    measure_personal_data(file, out_file=out_file, as_json=as_json)
