"""Reads the prompts that come with the package."""

import hashlib
import re
from dataclasses import dataclass
from importlib import resources
from string import Template

_FILE = re.compile(r"---\nnumber: (?P<number>\d+)\n---\n# System\n(?P<system>.*?)\n# User\n(?P<user>.*)", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """A prompt as two templates with `$name` places."""

    name: str
    version: str
    """`answer-1-3fa94c02`: its name, the number its authors gave it, and the start of its text's SHA-256."""
    system: str
    user: str

    def fill(self, **values: str) -> tuple[str, str]:
        """The system and the user message. A `$name` inside a value stays as it is; a missing value is a KeyError."""
        return Template(self.system).substitute(values), Template(self.user).substitute(values)


def load_prompt(name: str) -> Prompt:
    """The packaged prompt of this name. Raises FileNotFoundError, or ValueError where its header is wrong."""
    return parse_prompt(name, resources.files("helpdesk_bot.prompts").joinpath(f"{name}.md").read_text("utf-8"))


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
