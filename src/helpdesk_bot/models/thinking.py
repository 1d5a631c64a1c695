"""What models that think aloud write before their answer.

Servers of open models (vLLM, Ollama, llama.cpp without a parser for reasoning) send it in the text, in `<think>` and
`</think>`; where the prompt's template opens it, only the end of it is sent. It is nobody's answer: it repeats what it
was told, guesses, and weighs what it must not say.
"""

import re

MAX_THOUGHT_CHARACTERS = 100_000
"""More than that, before a word of the answer, is not read further."""

_OPENS = re.compile(r"\s*<(?P<tag>think|thinking|thought|reasoning)>", re.IGNORECASE)
_CLOSES = re.compile(r"</(?:think|thinking|thought|reasoning)>", re.IGNORECASE)
_TAGS = ("<thinking>", "<think>", "<thought>", "<reasoning>")


def without_thinking(text: str) -> str:
    """The answer in a reply, or in as much as came of one; empty while the model still thinks.

    Also while that is not certain yet: `<th` may become `<think>`.
    """
    if opened := _OPENS.match(text):
        closed = _CLOSES.search(text, opened.end())
        return text[closed.end() :].lstrip() if closed else ""
    if _may_open(text):
        return ""
    closed = _CLOSES.search(text)
    return text[closed.end() :].lstrip() if closed else text


def _may_open(text: str) -> bool:
    begun = text.strip().casefold()
    return bool(begun) and any(tag.startswith(begun) for tag in _TAGS)
