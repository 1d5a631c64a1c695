"""What can go wrong with a chat model.

ModelError
|-- ModelNotConfigured   the name, key or provider package is missing; said once, at the start
`-- ModelFailed          it did not give a usable reply this time; the caller falls back
"""


class ModelError(Exception):
    """A chat model can't be used."""


class ModelNotConfigured(ModelError):
    """The model can't be opened. The message says what to set or install."""


class ModelFailed(ModelError):
    """No usable reply. `reason` is a few plain words without any of the text; the tokens are spent all the same."""

    def __init__(self, reason: str, *, input_tokens: int = 0, output_tokens: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.input_tokens = input_tokens
        self.output_tokens = output_tokens
