"""Asks a chat model to put a question into the documents' language, and a checked answer into the asker's."""

import re
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from helpdesk_bot.agent.question.standalone import MAX_CHARACTERS
from helpdesk_bot.guard.code import code_in
from helpdesk_bot.guard.language import NAMES, find_language, is_surely_other
from helpdesk_bot.guard.outgoing import cited_numbers
from helpdesk_bot.guard.specifics import addresses, numbers
from helpdesk_bot.models.asks import NOBODY, Asks
from helpdesk_bot.models.errors import ModelFailed
from helpdesk_bot.models.request import ModelRequest
from helpdesk_bot.prompts.catalog import ChosenPrompt
from helpdesk_bot.records.spending import Payer

THEIRS = "the language of the asker's words"

_FIGURE = re.compile(r"\d+(?:[.,:/]\d+|[ '\u2019\u00a0\u202f]\d{3}(?!\d))*")
_WORD = re.compile(r"[A-Za-z0-9]+")
_COINED = re.compile(r"[A-Za-z0-9]*[a-z0-9][A-Z][A-Za-z0-9]*|[A-Za-z]+\d[A-Za-z0-9]*")


@dataclass(frozen=True, kw_only=True)
class Translated:
    text: str | None
    """None where the model failed, or what it wrote may say something else."""
    input_tokens: int
    output_tokens: int


class Translator:
    def __init__(self, model: Asks, *, prompt: ChosenPrompt, documents: str | None) -> None:
        """`documents` is the language that most documents are in, one of `language.NAMES`; None where that is not
        known: then no question is translated.
        """
        self._model = model
        self._prompt = prompt
        self._documents = documents

    def is_foreign(self, question: str) -> bool:
        """Whether a question is surely in another language than the documents."""
        return self._documents is not None and is_surely_other(question, self._documents)

    async def translate_question(
        self, question: str, *, timeout_s: float, conversation_id: str = "", payer: Payer = NOBODY
    ) -> Translated:
        """As the documents would ask it. Never raises on the model's account."""
        translated = await self._translate(
            question,
            question,
            NAMES[self._documents] if self._documents else THEIRS,
            timeout_s=timeout_s,
            conversation_id=conversation_id,
            payer=payer,
        )
        return translated if translated.text and self._is_usable(translated.text) else _without_text(translated)

    async def translate_answer(
        self,
        answer: str,
        *,
        into: str,
        question: str,
        timeout_s: float,
        conversation_id: str = "",
        payer: Payer = NOBODY,
    ) -> Translated:
        """In the language that `wanted_language` named. Never raises on the model's account."""
        translated = await self._translate(
            answer, question, into, timeout_s=timeout_s, conversation_id=conversation_id, payer=payer
        )
        is_kept = translated.text and keeps_what_counts(answer, translated.text)
        return translated if is_kept else _without_text(translated)

    def _is_usable(self, question: str) -> bool:
        return "\n" not in question and len(question) <= MAX_CHARACTERS and not self.is_foreign(question)

    async def _translate(
        self, text: str, question: str, language: str, *, timeout_s: float, conversation_id: str, payer: Payer
    ) -> Translated:
        system, user = self._prompt.for_conversation(conversation_id).fill(
            fence=f"-----{secrets.token_hex(8)}", language=language, text=text, question=question
        )
        try:
            reply = await self._model.ask(ModelRequest(system=system, user=user), timeout_s=timeout_s, payer=payer)
        except ModelFailed as error:
            return Translated(text=None, input_tokens=error.input_tokens, output_tokens=error.output_tokens)
        return Translated(text=reply.text.strip(), input_tokens=reply.input_tokens, output_tokens=reply.output_tokens)


def wanted_language(question: str, *, written_in: str | None, allowed: Sequence[str]) -> str | None:
    """The name of the language that a text is to be put into for who asked; None where it can stay as it is.

    Of the `allowed` codes the question's own, else the first; the question's own where all are allowed.
    """
    asked = find_language(question)
    if allowed and asked not in allowed:
        asked = allowed[0]
    if written_in is None or asked == written_in:
        return None
    if asked is None:
        return THEIRS if is_surely_other(question, written_in) else None
    return NAMES.get(asked, asked)


def keeps_what_counts(text: str, translation: str) -> bool:
    """Whether a translation has all that can be compared: line by line the citations, and the figures, addresses,
    code and coined names.
    """
    lines, theirs = _lines(text), _lines(translation)
    return (
        list(map(sorted, map(cited_numbers, lines))) == list(map(sorted, map(cited_numbers, theirs)))
        and _has_figures(text, translation)
        and addresses(text) == addresses(translation)
        and Counter(code_in(text)) == Counter(code_in(translation))
        and _coined(text) <= _coined(translation)
    )


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def _has_figures(text: str, translation: str) -> bool:
    """`1,000` may become `1.000`, and `three` 3; nothing else may come or go."""
    figures, theirs = _figures(text), _figures(translation)
    return figures <= theirs <= figures | numbers(text)


def _figures(text: str) -> set[str]:
    return {re.sub(r"\D", "", figure) for figure in _FIGURE.findall(text)}


def _coined(text: str) -> set[str]:
    """Names that are spelt the same everywhere: `OpenVPN`, `macOS`, `E3`."""
    return set(filter(_COINED.fullmatch, _WORD.findall(text)))


def _without_text(translated: Translated) -> Translated:
    return Translated(text=None, input_tokens=translated.input_tokens, output_tokens=translated.output_tokens)
