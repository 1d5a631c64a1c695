"""The names of every metric, and how logs look. No message text, no token and no body is ever logged."""

import logging
import sys
from collections.abc import Generator
from contextlib import contextmanager
from time import perf_counter

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from structlog.typing import EventDict, Processor

log = structlog.get_logger()

_OUTAGES = frozenset({"ConnectorException", "OperationalError", "PoolTimeout"})
"""By name: none of the libraries is imported for it."""

REGISTRY = CollectorRegistry()

QUESTIONS_ACCEPTED = Counter(
    "helpdesk_questions_accepted", "Questions taken in, duplicates aside", ["platform"], registry=REGISTRY
)
MESSAGES_HEARD = Counter(
    "helpdesk_messages_heard",
    "Messages by the rule that made the bot speak or not",
    ["platform", "rule"],
    registry=REGISTRY,
)
QUESTIONS_REPEATED = Counter(
    "helpdesk_questions_repeated", "Deliveries of a question that was taken in before", ["platform"], registry=REGISTRY
)
EVENTS_IGNORED = Counter(
    "helpdesk_events_ignored", "Events that are nothing to answer, by reason", ["platform", "reason"], registry=REGISTRY
)
QUESTIONS_ENDED = Counter(
    "helpdesk_questions_ended", "Questions by how they ended", ["platform", "outcome"], registry=REGISTRY
)
ANSWER_SECONDS = Histogram(
    "helpdesk_answer_seconds",
    "From asking to the visible reply",
    ["platform"],
    buckets=(0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 300),
    registry=REGISTRY,
)
STEP_SECONDS = Histogram(
    "helpdesk_step_seconds",
    "Time in each step of an answer",
    ["step"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30),
    registry=REGISTRY,
)
VOTES = Counter("helpdesk_votes", "Feedback given and taken back", ["platform", "value"], registry=REGISTRY)
MODEL_TOKENS = Counter("helpdesk_model_tokens", "Tokens paid for", ["model", "direction"], registry=REGISTRY)
ANSWERS_MARKED = Counter(
    "helpdesk_answers_marked",
    "Answers whose sources changed since, by what became of them",
    ["platform", "standing"],
    registry=REGISTRY,
)
CACHE_LOOKS = Counter(
    "helpdesk_cache_looks", "Looks for a cached answer, by what was found", ["found"], registry=REGISTRY
)
PROMPTS_UNUSABLE = Counter(
    "helpdesk_prompts_unusable", "Versions in force that were replaced by the packaged prompt", registry=REGISTRY
)
MODEL_CALLS = Counter(
    "helpdesk_model_calls", "Calls of chat models, by how they ended", ["model", "role", "outcome"], registry=REGISTRY
)
MODEL_COST = Counter(
    "helpdesk_model_cost_usd",
    "What calls cost; of unpriced ones that is not known",
    ["model", "priced"],
    registry=REGISTRY,
)
MODEL_SECONDS = Histogram(
    "helpdesk_model_seconds",
    "Time of one call of a chat model",
    ["model", "role"],
    buckets=(0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60),
    registry=REGISTRY,
)
MODEL_SKIPS = Counter(
    "helpdesk_model_skips", "Times that a model was not asked because it rests", ["model"], registry=REGISTRY
)
BUDGET_REFUSALS = Counter(
    "helpdesk_budget_refusals", "Calls that a budget had no room for", ["budget"], registry=REGISTRY
)
SYNC_RUNS = Counter("helpdesk_sync_runs", "Sync runs, by how they ended", ["source", "state"], registry=REGISTRY)
RIGHTS_LOOKS = Counter(
    "helpdesk_rights_looks", "Looks at who may read what, by how they ended", ["source", "state"], registry=REGISTRY
)
STATUS_LOOKS = Counter(
    "helpdesk_status_looks", "Looks at status pages, by how they ended", ["page", "outcome"], registry=REGISTRY
)
TOOL_CALLS = Counter("helpdesk_tool_calls", "Calls of tools, by how they ended", ["tool", "outcome"], registry=REGISTRY)
PROPOSALS = Counter(
    "helpdesk_proposals",
    "Changes that a tool would make, by what became of them",
    ["tool", "became"],
    registry=REGISTRY,
)
PROPOSAL_PRESSES = Counter(
    "helpdesk_proposal_presses", "Presses of the buttons of changes", ["action", "allowed"], registry=REGISTRY
)
SYNCED_DOCUMENTS = Counter(
    "helpdesk_synced_documents",
    "Documents of sync runs, by what became of them",
    ["source", "became"],
    registry=REGISTRY,
)
READY = Gauge("helpdesk_ready", "1 where a check of /readyz holds, 0 where it does not", ["check"], registry=REGISTRY)
QUESTIONS_OPEN = Gauge("helpdesk_questions_open", "Questions of all processes that have not ended", registry=REGISTRY)
OLDEST_QUESTION_SECONDS = Gauge(
    "helpdesk_oldest_question_seconds",
    "Since the oldest question that has not ended was taken in; 0 where there is none",
    registry=REGISTRY,
)
SOURCE_READ_AT = Gauge(
    "helpdesk_source_read_timestamp_seconds",
    "When a source was last read to its end, since 1970; 0 where it never was",
    ["source"],
    registry=REGISTRY,
)
SOURCE_DUE_AT = Gauge(
    "helpdesk_source_due_timestamp_seconds",
    "When a source is due after it was last read, since 1970; 0 where it never was read, none where it is never due",
    ["source"],
    registry=REGISTRY,
)


def set_up_logging(level: str) -> None:
    """JSON lines on standard error, one event a line; those of libraries too, from WARNING up."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    ends: list[Processor] = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    structlog.configure(
        processors=[*shared, *ends],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    of_libraries = structlog.stdlib.ProcessorFormatter(
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _in_a_line, *ends],
        foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(of_libraries)
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # a line for each connection that it tries


def _in_a_line(_: object, __: str, event: EventDict) -> EventDict:
    """procrastinate's tracebacks of a database that is away: where it was asked says nothing of why it is."""
    error = exc_info[1] if isinstance(exc_info := event.get("exc_info"), tuple) else None
    if error is not None and _OUTAGES & {one.__name__ for one in type(error).__mro__}:
        return {name: value for name, value in event.items() if name != "exc_info"} | {"error": _said(error)}
    return event


def _said(error: BaseException) -> str:
    """In one line; procrastinate's own errors say nothing of what the database said."""
    return " ".join(str(error.__cause__ or error).split())


def set_up_quiet_logging() -> None:
    """For commands: what a program reads on standard output is the command's own."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


@contextmanager
def timed(histogram: Histogram) -> Generator[None]:
    started_at = perf_counter()
    try:
        yield
    finally:
        histogram.observe(perf_counter() - started_at)


class Outage:
    """What is said of a database that is away: one line, and one when it is back."""

    def __init__(self, work: str) -> None:
        self._work = work
        self._is_on = False

    def begins(self, error: Exception) -> None:
        if not self._is_on:
            log.warning("waits for the database", work=self._work, error=_said(error))
        self._is_on = True

    def is_over(self) -> None:
        if self._is_on:
            log.info("the database is back", work=self._work)
        self._is_on = False
