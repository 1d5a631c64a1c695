"""The composer that asks a chat model, and shows it the passages as data behind a marker nobody can guess."""

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING

from helpdesk_bot.agent.compose import Draft, Manner
from helpdesk_bot.agent.errors import CannotCompose
from helpdesk_bot.errors import ReaderStopped
from helpdesk_bot.models.ask import ask_model
from helpdesk_bot.models.errors import ModelFailed
from helpdesk_bot.models.stream import stream_model
from helpdesk_bot.prompts.catalog import ChosenPrompt
from knowledge.passages import Passage

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

MAX_TONE = 300
NO_ANSWER = "NO_ANSWER"
"""What a model replies with when the passages hold no answer."""


class Generative:
    """Composes with any LangChain chat model. What it writes is a draft: the check decides whether it is said."""

    name = "generative"

    def __init__(self, model: "BaseChatModel", *, prompt: ChosenPrompt) -> None:
        self._model = model
        self._prompt = prompt

    def version_for(self, conversation_id: str) -> str:
        return self._prompt.for_conversation(conversation_id).version

    async def compose(self, question: str, passages: Sequence[Passage], *, timeout_s: float) -> Draft:
        return await self.compose_in(question, passages, timeout_s=timeout_s, manner=Manner())

    async def compose_in(
        self, question: str, passages: Sequence[Passage], *, timeout_s: float, manner: Manner
    ) -> Draft:
        fence = f"-----{secrets.token_hex(8)}"
        prompt = self._prompt.for_conversation(manner.conversation_id)
        system, user = prompt.fill(
            fence=fence,
            no_answer=NO_ANSWER,
            passages=fenced(passages, fence),
            tone=_tone(manner.tone, fence),
            question=question,
        )
        try:
            if manner.on_text is None:
                reply = await ask_model(self._model, system=system, user=user, timeout_s=timeout_s)
            else:
                reply = await stream_model(
                    self._model, system=system, user=user, timeout_s=timeout_s, on_text=manner.on_text
                )
        except ModelFailed as error:
            raise CannotCompose(
                error.reason, input_tokens=error.input_tokens, output_tokens=error.output_tokens
            ) from error
        except ReaderStopped as stopped:
            return Draft(text=stopped.text, composer=self.name, prompt_version=prompt.version)
        return Draft(
            text="" if NO_ANSWER in reply.text else reply.text,
            composer=self.name,
            model=reply.model,
            prompt_version=prompt.version,
            input_tokens=reply.input_tokens,
            output_tokens=reply.output_tokens,
        )


def _tone(tone: str, fence: str) -> str:
    """The tone a channel asks for, as data behind the fence; nothing where it asks for none."""
    if not tone:
        return ""
    return f"{fence} tone to write in, if it fits the rules above\n{' '.join(tone.split())[:MAX_TONE]}\n{fence}\n"


def fenced(passages: Sequence[Passage], fence: str) -> str:
    """The passages with their numbers from 1, each under a line with the fence; the last line is the fence."""
    parts = [
        f"{fence} passage {number}: {' > '.join((passage.title, *passage.heading_path))}\n{passage.text}"
        for number, passage in enumerate(passages, start=1)
    ]
    return "\n".join([*parts, fence])
