"""What is asked of a chat model."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

Offer = Mapping[str, Any]
"""A tool as models are told of it: `{"type": "function", "function": {name, description, parameters}}`."""


@dataclass(frozen=True, kw_only=True)
class ModelRequest:
    system: str
    user: str
    tools: Sequence[Offer] = ()
    schema: type[BaseModel] | None = None
    """What the reply should fit. It is not asked for with tools on offer, nor where the reply is watched."""
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """The provider's own, such as a reasoning effort."""

    @property
    def messages(self) -> list[tuple[str, str]]:
        """As LangChain takes them."""
        return [("system", self.system), ("human", self.user)]

    @property
    def texts(self) -> tuple[str, ...]:
        """All that a model reads of it, and bills."""
        schemas = [self.schema.model_json_schema()] if self.schema else []
        return (self.system, self.user, *map(json.dumps, [*self.tools, *schemas]))
