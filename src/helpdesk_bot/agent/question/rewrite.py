"""Asks a chat model for the stand-alone question."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from helpdesk_bot.agent.question.standalone import MAX_CHARACTERS, stand_alone
from helpdesk_bot.events import Said, Turn
from helpdesk_bot.guard.words import GENERIC_STEMS, content_stems
from helpdesk_bot.models.asks import NOBODY, Asks
from helpdesk_bot.models.errors import ModelFailed
from helpdesk_bot.models.request import ModelRequest
from helpdesk_bot.prompts.catalog import ChosenPrompt
from helpdesk_bot.records.spending import Payer

MAX_EARLIER = 5
"""Questions the model is shown, the newest."""
MAX_SAID = 12
"""Messages of people the model is shown, the newest."""
MAX_SAID_CHARACTERS = 300
MAX_NEW_WORDS = 2
"""A rewrite with more telling words that nobody said is not used."""


@dataclass(frozen=True, kw_only=True)
class Rewritten:
    question: str
    input_tokens: int = 0
    output_tokens: int = 0


class Rewriter:
    """A model that rewrites follow-ups; the rules of `standalone` answer where it fails or invents."""

    def __init__(self, model: Asks, *, prompt: ChosenPrompt) -> None:
        self._model = model
        self._prompt = prompt

    async def rewrite(
        self,
        question: str,
        earlier: Sequence[Turn],
        *,
        timeout_s: float,
        thread: Sequence[Said] = (),
        conversation_id: str = "",
        payer: Payer = NOBODY,
    ) -> Rewritten:
        """Never raises on the model's account. It sees earlier questions and what people said, not our answers."""
        by_rule = stand_alone(question, earlier, thread)
        said = [" ".join(one.text.split())[:MAX_SAID_CHARACTERS] for one in thread if not one.is_ours][-MAX_SAID:]
        system, user = self._prompt.for_conversation(conversation_id).fill(
            fence=f"-----{secrets.token_hex(8)}",
            earlier="\n".join(f"- {turn.question}" for turn in earlier[-MAX_EARLIER:]),
            thread="\n".join(f"- {text}" for text in said),
            question=question,
        )
        try:
            reply = await self._model.ask(ModelRequest(system=system, user=user), timeout_s=timeout_s, payer=payer)
        except ModelFailed as error:
            return Rewritten(question=by_rule, input_tokens=error.input_tokens, output_tokens=error.output_tokens)
        return Rewritten(
            question=reply.text
            if _is_usable(reply.text, [question, *(turn.question for turn in earlier), *said])
            else by_rule,
            input_tokens=reply.input_tokens,
            output_tokens=reply.output_tokens,
        )


def _is_usable(text: str, was_said: Sequence[str]) -> bool:
    said = _telling_words(" ".join(was_said))
    rewritten = _telling_words(text)
    is_one_line = "\n" not in text and len(text) <= MAX_CHARACTERS
    return is_one_line and bool(rewritten & said) and len(rewritten - said) <= MAX_NEW_WORDS


def _telling_words(text: str) -> set[str]:
    return set(content_stems(text)) - GENERIC_STEMS
