"""The composer that asks a chat model, and shows it the passages as data behind a marker nobody can guess."""

import secrets
from collections.abc import Sequence

from helpdesk_bot.agent.compose import Draft, Manner, Objection
from helpdesk_bot.agent.errors import CannotCompose
from helpdesk_bot.agent.structured import StructuredAnswer
from helpdesk_bot.errors import ReaderStopped
from helpdesk_bot.models.ask import ModelReply
from helpdesk_bot.models.asks import Asks
from helpdesk_bot.models.errors import ModelFailed, OverBudget
from helpdesk_bot.prompts.catalog import ChosenPrompt
from knowledge.passages import Passage

MAX_TONE = 300
NO_ANSWER = "NO_ANSWER"
"""What a model replies with when the passages hold no answer."""


class Generative:
    """Composes with chat models. What it writes is a draft: the check decides whether it is said.

    By a schema where the provider has one and nobody watches; under a reader's eyes as plain text, since of a JSON
    object nothing can be checked and said before it is whole.
    """

    name = "generative"

    def __init__(self, model: Asks, *, prompt: ChosenPrompt) -> None:
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
        if manner.objection is not None:
            user = f"{user}\n\n{objected(manner.objection, fence)}"
        try:
            reply = await self._model.ask(
                system=system,
                user=user,
                timeout_s=timeout_s,
                payer=manner.payer,
                on_text=manner.on_text,
                schema=StructuredAnswer,
            )
        except ModelFailed as error:
            raise CannotCompose(
                error.reason,
                input_tokens=error.input_tokens,
                output_tokens=error.output_tokens,
                is_over_budget=isinstance(error, OverBudget),
            ) from error
        except ReaderStopped as stopped:
            return Draft(text=stopped.text, composer=self.name, prompt_version=prompt.version)
        return Draft(
            text=_text_of(reply),
            composer=self.name,
            model=reply.model,
            prompt_version=prompt.version,
            input_tokens=reply.input_tokens,
            output_tokens=reply.output_tokens,
        )


def _text_of(reply: ModelReply) -> str:
    """Empty where the model says, in either way, that the passages hold no answer."""
    text = reply.parsed.as_markdown() if isinstance(reply.parsed, StructuredAnswer) else reply.text
    return "" if NO_ANSWER in text else text


def _tone(tone: str, fence: str) -> str:
    """The tone a channel asks for, as data behind the fence; nothing where it asks for none."""
    if not tone:
        return ""
    return f"{fence} tone to write in, if it fits the rules above\n{' '.join(tone.split())[:MAX_TONE]}\n{fence}\n"


def objected(objection: Objection, fence: str) -> str:
    """What was written before and what is wrong with it; its own words as data behind the fence."""
    wrong = "\n".join(f"- {statement}" for statement in objection.unsupported)
    why = f"No passage it cites says this:\n{fence}\n{wrong}\n{fence}" if wrong else "It cites no passage."
    return (
        f"Your answer before was not used:\n{fence}\n{objection.draft}\n{fence}\n{why}\n"
        f"Write it again from the passages alone, without what they don't say and with the number of a passage after "
        f"each sentence. If they don't answer the question, reply with exactly: {NO_ANSWER}"
    )


def fenced(passages: Sequence[Passage], fence: str) -> str:
    """The passages with their numbers from 1, each under a line with the fence; the last line is the fence."""
    parts = [
        f"{fence} passage {number}: {' > '.join((passage.title, *passage.heading_path))}\n{passage.text}"
        for number, passage in enumerate(passages, start=1)
    ]
    return "\n".join([*parts, fence])
