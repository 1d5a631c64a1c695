"""Reads the prompts that come with the package."""

import hashlib
import re
from dataclasses import dataclass
from importlib import resources
from string import Template
from typing import Protocol

from helpdesk_bot.prompts.errors import PromptRefused

NAMES = ("answer", "standalone", "tools", "translation")
"""Every prompt there is."""
MAX_CHARACTERS = 20_000
OPTIONAL = frozenset({"tone"})
"""Places that a prompt may leave out."""

_FILE = re.compile(r"---\nnumber: (?P<number>\d+)\n---\n# System\n(?P<system>.*?)\n# User\n(?P<user>.*)", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """A prompt as two templates with `$name` places."""

    name: str
    version: str
    """`answer-1-3fa94c02`: its name, the number its authors gave it, and the start of its text's SHA-256."""
    system: str
    user: str

    def for_conversation(self, conversation_id: str) -> "Prompt":  # noqa: ARG002
        """Itself, in every conversation. Fits `ChosenPrompt`."""
        return self

    def fill(self, **values: str) -> tuple[str, str]:
        """The system and the user message. A `$name` inside a value stays as it is; a missing value is a KeyError."""
        return Template(self.system).substitute(values), Template(self.user).substitute(values)


class ChosenPrompt(Protocol):
    """A prompt that may be another one tomorrow, and for other conversations."""

    def for_conversation(self, conversation_id: str) -> Prompt: ...


def load_prompt(name: str) -> Prompt:
    """The packaged prompt of this name. Raises FileNotFoundError, or ValueError where its header is wrong."""
    return parse_prompt(name, load_text(name))


def load_text(name: str) -> str:
    """The packaged prompt's file."""
    return resources.files("helpdesk_bot.prompts").joinpath(f"{name}.md").read_text("utf-8")


def parse_prompt(name: str, text: str) -> Prompt:
    parts = _FILE.fullmatch(text)
    if parts is None:
        raise ValueError(f"the prompt {name!r} needs a header with its number, then `# System` and `# User`")
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return Prompt(
        name=name,
        version=f"{name}-{parts['number']}-{digest}",
        system=parts["system"].strip(),
        user=parts["user"].strip(),
    )


def check_prompt(name: str, text: str) -> Prompt:
    """The prompt, if it can stand in for the packaged one: it is a prompt, it has its places, it is not too long.

    A place that the packaged prompt names to the system must be named there too: it is how the model is told what is
    data. Raises `PromptRefused`.
    """
    if name not in NAMES:
        raise PromptRefused(f"there is no prompt {name!r}: it is one of {', '.join(NAMES)}")
    if len(text) > MAX_CHARACTERS:
        raise PromptRefused(f"it has {len(text)} characters, and may have {MAX_CHARACTERS}")
    try:
        prompt = parse_prompt(name, text)
    except ValueError as error:
        raise PromptRefused(str(error)) from error
    packaged = load_prompt(name)
    for part, ours, theirs in (("System", packaged.system, prompt.system), ("User", packaged.user, prompt.user)):
        _check_places(part, Template(ours), Template(theirs))
    return prompt


def _check_places(part: str, ours: Template, theirs: Template) -> None:
    if not theirs.is_valid():
        raise PromptRefused(f"# {part} has a $ that names nothing: a dollar sign is written $$")
    known, given = set(ours.get_identifiers()), set(theirs.get_identifiers())
    if missing := sorted(known - given - OPTIONAL):
        raise PromptRefused(f"# {part} needs {', '.join(f'${name}' for name in missing)}")
    if unknown := sorted(given - known):
        raise PromptRefused(f"# {part} names {', '.join(f'${name}' for name in unknown)}, which nothing fills")
