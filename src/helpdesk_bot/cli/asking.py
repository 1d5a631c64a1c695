"""`ask`: one question, answered here and now."""

import secrets
from collections.abc import Iterator
from dataclasses import asdict, replace

from rich.markdown import Markdown

from helpdesk_bot.agent.asked import Asked
from helpdesk_bot.agent.phrases import OVER_BUDGET
from helpdesk_bot.app.agent import open_agent
from helpdesk_bot.app.knowledge import Knowledge, open_knowledge
from helpdesk_bot.cli.output import Exit, out, print_json, print_table, progress_bar
from helpdesk_bot.database import open_database
from helpdesk_bot.escalation.phrases import ask_instead
from helpdesk_bot.events import Decision, Outcome
from helpdesk_bot.settings import Settings
from knowledge.access import Reader
from knowledge.passages import Passage


async def ask_once(settings: Settings, question: str, *, as_email: str | None, explain: bool, as_json: bool) -> None:
    async with open_database(settings) as url, open_knowledge(settings, url) as knowledge:
        await _know_something(knowledge)
        audience = await knowledge.access.audience_of([Reader(email=as_email, is_staff=True)])
        async with open_agent(settings, knowledge) as agent:
            key = f"cli:{secrets.token_hex(8)}"
            asked = Asked(
                question=question,
                question_key=key,
                conversation_id=key,
                audience=audience,
                deadline_s=settings.answer_deadline_s,
            )
            decision = await agent.decide(asked)
    decision = replace(decision, text="\n\n".join(_said(decision, settings)))
    if as_json:
        print_json(_as_json(decision, explain=explain))
    else:
        _print(decision, explain=explain)
    if decision.outcome not in {Outcome.ANSWERED, Outcome.CLARIFIED}:
        raise SystemExit(Exit.NOT_ANSWERED)


def _said(decision: Decision, settings: Settings) -> Iterator[str]:
    """The answer, with what the desk says of it in chat."""
    yield decision.text
    if decision.is_over_budget and decision.outcome is Outcome.ANSWERED:
        yield OVER_BUDGET
    if decision.outcome is Outcome.ESCALATED:
        yield ask_instead(settings.help_contact)


async def _know_something(knowledge: Knowledge) -> None:
    """On the very first question, read the sources first."""
    if (await knowledge.store.get_status()).documents:
        return
    for name in knowledge.sources:
        with progress_bar(f"Indexing {name}") as bar:
            await knowledge.sync(name, progress=lambda at, bar=bar: bar.move(at.settled, None))


def _print(decision: Decision, *, explain: bool) -> None:
    if out.is_terminal:
        out.print(Markdown(decision.text), soft_wrap=False)  # without wrapping, rich cuts lines off
    else:
        out.print(decision.text, markup=False, highlight=False)
    for citation in decision.citations:
        out.print(f"[{citation.number}] {_label(citation.passage)}", style="dim", markup=False, highlight=False)
    if explain:
        sure = f", confidence {decision.confidence:.2f}" if _rests_on_passages(decision) else ""
        out.print(f"\n{decision.outcome}{sure}: {decision.reason}", markup=False)
        out.print(f"understood as: {decision.standalone}", markup=False)
        rows = [
            (passage.chunk_id, *(_number(score) for score in _scores(passage)), _label(passage))
            for passage in decision.tried
        ]
        print_table(("chunk", "cosine", "rank", "BM25", "rank", "fused", "final", "passage"), rows)


def _rests_on_passages(decision: Decision) -> bool:
    """Or was kept from answering by them; a status page, a tool or a greeting is as sure as it is."""
    is_cited = any(citation.passage.chunk_id > 0 for citation in decision.citations)  # what tools tell is below
    return is_cited or decision.outcome is not Outcome.ANSWERED


def _scores(passage: Passage) -> tuple[float | None, ...]:
    scores = passage.scores
    return scores.dense, scores.dense_rank, scores.bm25, scores.bm25_rank, scores.fused, scores.rerank


def _number(score: float | None) -> str:
    return "-" if score is None else f"{score:.3f}" if isinstance(score, float) else str(score)


def _label(passage: Passage) -> str:
    page = f" (p. {passage.page})" if passage.page else ""
    place = f" {passage.url}" if passage.url else f" {passage.source}/{passage.key}"
    return " > ".join((passage.title, *passage.heading_path)) + page + place


def _as_json(decision: Decision, *, explain: bool) -> dict[str, object]:
    shown: dict[str, object] = {
        "outcome": decision.outcome,
        "text": decision.text,
        "citations": [
            {"number": citation.number, **_passage_json(citation.passage)} for citation in decision.citations
        ],
        "confidence": round(decision.confidence, 4) if _rests_on_passages(decision) else None,
    }
    if explain:
        shown["reason"] = decision.reason
        shown["standalone"] = decision.standalone
        shown["composer"] = decision.composer
        shown["took_ms"] = decision.took_ms
        shown["tried"] = [{**_passage_json(passage), "scores": asdict(passage.scores)} for passage in decision.tried]
    return shown


def _passage_json(passage: Passage) -> dict[str, object]:
    return {
        "source": passage.source,
        "key": passage.key,
        "title": passage.title,
        "heading_path": list(passage.heading_path),
        "page": passage.page,
        "url": passage.url,
        "text": passage.text,
    }
