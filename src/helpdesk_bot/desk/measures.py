"""What is counted about questions, and the one log line of each."""

from datetime import UTC, datetime

import structlog

from helpdesk_bot import telemetry
from helpdesk_bot.events import Decision, Outcome, Question

log = structlog.get_logger()


def measure(decision: Decision) -> None:
    """Count how long a decision took. What it cost is counted call by call."""
    for step, took_ms in decision.took_ms.items():
        telemetry.STEP_SECONDS.labels(step).observe(took_ms / 1000)


def question_ended(question: Question, outcome: Outcome) -> None:
    """The one line and the counts of a question's end."""
    platform = question.place.platform
    took_s = max(0.0, (datetime.now(UTC) - question.asked_at).total_seconds())
    telemetry.QUESTIONS_ENDED.labels(platform, outcome).inc()
    telemetry.ANSWER_SECONDS.labels(platform).observe(took_s)
    log.info("question ended", question_key=question.key, platform=platform, outcome=outcome, took_s=round(took_s, 3))
