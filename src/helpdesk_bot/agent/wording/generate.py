"""The composer that asks a chat model, and shows it the passages as data behind a marker nobody can guess."""

import secrets
import time
from collections.abc import Sequence

from helpdesk_bot.agent.compose import Begun, Draft, Manner, Objection
from helpdesk_bot.agent.errors import CannotCompose
from helpdesk_bot.agent.wording.going_on import gone_on
from helpdesk_bot.agent.wording.structured import StructuredAnswer
from helpdesk_bot.errors import ReaderStopped
from helpdesk_bot.models.ask import ModelReply
from helpdesk_bot.models.asks import Asks, OnText
from helpdesk_bot.models.errors import Cause, ModelFailed, OverBudget
from helpdesk_bot.models.request import ModelRequest
from helpdesk_bot.prompts.catalog import ChosenPrompt, Prompt
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
        prompt = self._prompt.for_conversation(manner.conversation_id)
        begun = manner.objection.begun if manner.objection else None
        try:
            reply = await self._ask(prompt, question, passages, timeout_s=timeout_s, manner=manner)
        except ModelFailed as error:
            raise CannotCompose(
                error.reason,
                input_tokens=error.input_tokens,
                output_tokens=error.output_tokens,
                is_over_budget=isinstance(error, OverBudget),
            ) from error
        except ReaderStopped as stopped:
            return Draft(text=stopped.text, composer=self.name, prompt_version=prompt.version, is_stopped=True)
        return Draft(
            text=_text_of(reply, begun),
            composer=self.name,
            model=reply.model,
            prompt_version=prompt.version,
            input_tokens=reply.input_tokens,
            output_tokens=reply.output_tokens,
        )

    async def _ask(
        self, prompt: Prompt, question: str, passages: Sequence[Passage], *, timeout_s: float, manner: Manner
    ) -> ModelReply:
        """With the better half of the passages where all of them are more than the model reads at once."""
        began = time.monotonic()
        fence = f"-----{secrets.token_hex(8)}"
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
            return await self._model.ask(
                ModelRequest(system=system, user=user, schema=StructuredAnswer),
                timeout_s=timeout_s,
                payer=manner.payer,
                on_text=_going_on(manner.objection.begun if manner.objection else None, manner.on_text),
            )
        except ModelFailed as error:
            half, left_s = passages[: len(passages) // 2], timeout_s - (time.monotonic() - began)
            if error.cause is not Cause.TOO_LONG or not half or left_s <= 0:
                raise
        return await self._ask(prompt, question, half, timeout_s=left_s, manner=manner)


def _text_of(reply: ModelReply, begun: Begun | None) -> str:
    """Empty where the model says, in either way, that the passages hold no answer; what was begun, that no more."""
    text = reply.parsed.as_markdown() if isinstance(reply.parsed, StructuredAnswer) else reply.text
    if NO_ANSWER in text:
        return begun.text if begun else ""
    return gone_on(begun, text)


def _going_on(begun: Begun | None, on_text: OnText | None) -> OnText | None:
    """Tells of the whole answer, where the reply is only its rest."""
    if begun is None or on_text is None:
        return on_text

    async def hear(text: str) -> None:
        await on_text(gone_on(begun, text))

    return hear


def _tone(tone: str, fence: str) -> str:
    """The tone a channel asks for, as data behind the fence; nothing where it asks for none."""
    if not tone:
        return ""
    return f"{fence} tone to write in, if it fits the rules above\n{' '.join(tone.split())[:MAX_TONE]}\n{fence}\n"


def objected(objection: Objection, fence: str) -> str:
    """What was written before and what is wrong with it; its own words as data behind the fence."""
    wrong = "\n".join(f"- {statement}" for statement in objection.unsupported)
    why = f"No passage it cites says this:\n{fence}\n{wrong}\n{fence}" if wrong else "It cites no passage."
    before = f"Your answer before was not used:\n{fence}\n{objection.draft}\n{fence}\n{why}\n"
    how = "from the passages alone, without what they don't say and with the number of a passage after each sentence."
    if objection.begun is None:
        return f"{before}Write it again {how} If they don't answer the question, reply with exactly: {NO_ANSWER}"
    return (
        f"{before}This beginning of it holds, is shown already and stays:\n{fence}\n{objection.begun.text}\n{fence}\n"
        f"Go on behind it without repeating it, {how} If they say nothing more, reply with exactly: {NO_ANSWER}"
    )


def fenced(passages: Sequence[Passage], fence: str) -> str:
    """The passages with their numbers from 1, each under a line with the fence; the last line is the fence."""
    parts = [
        f"{fence} passage {number}: {' > '.join((passage.title, *passage.heading_path))}\n{passage.text}"
        for number, passage in enumerate(passages, start=1)
    ]
    return "\n".join([*parts, fence])
