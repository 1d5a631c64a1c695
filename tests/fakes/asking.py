"""A question as the agent is asked it, with what most tests do not care about."""

from typing import Any

from helpdesk_bot.agent.asked import Asked
from knowledge.audience import Audience

PUBLIC = Audience.public()


def asked_of(
    question: str,
    *,
    question_key: str = "1",
    conversation_id: str = "t",
    audience: Audience = PUBLIC,
    deadline_s: float = 20,
    **more: Any,
) -> Asked:
    return Asked(
        question=question,
        question_key=question_key,
        conversation_id=conversation_id,
        audience=audience,
        deadline_s=deadline_s,
        **more,
    )
