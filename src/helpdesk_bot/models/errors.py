"""What can go wrong with a chat model.

ModelError
|-- ModelNotConfigured   the name, key or provider package is missing; said once, at the start (NotConfigured too)
`-- ModelFailed          it did not give a usable reply this time; the caller falls back
    `-- OverBudget           it was not asked: a budget has no room for it
"""

from enum import Enum, auto

from helpdesk_bot.errors import NotConfigured


class Cause(Enum):
    """What a provider's refusal is about, as far as it says so."""

    UNKNOWN = auto()
    NO_MODEL = auto()
    """There is no such model, or nothing at its address."""
    NO_CREDIT = auto()
    TOO_LONG = auto()
    """More than the model reads at once."""
    SCHEMA = auto()
    """It takes no schema, or not this one."""
    EFFORT = auto()
    """It takes no reasoning effort, or not this one."""
    COUNTING = auto()
    """It does not say in a stream what was used."""


class ModelError(Exception):
    """A chat model can't be used."""


class ModelNotConfigured(ModelError, NotConfigured):
    """The model can't be opened. The message says what to set or install."""


class ModelFailed(ModelError):
    """No usable reply. `reason` is a few plain words without any of the text; the tokens are spent all the same."""

    def __init__(
        self,
        reason: str,
        *,
        cause: Cause = Cause.UNKNOWN,
        input_tokens: int = 0,
        output_tokens: int = 0,
        is_passing: bool = False,
        is_its_own: bool = True,
        is_refusal: bool = False,
        retry_after_s: float | None = None,
        has_begun: bool = False,
        written: str = "",
    ) -> None:
        """`is_passing`: asking again may help. `is_its_own`: it lies with the model, not with what it was asked.

        `is_refusal`: the provider said no, and so bills nothing.
        `retry_after_s` is what the provider asks to wait. `has_begun`: some of a reply was passed on.
        `written` is what came of it: it was paid for too.
        """
        super().__init__(reason)
        self.reason = reason
        self.cause = cause
        self.input_tokens = input_tokens
        self.output_tokens = output_tokens
        self.is_passing = is_passing
        self.is_its_own = is_its_own
        self.is_refusal = is_refusal
        self.retry_after_s = retry_after_s
        self.has_begun = has_begun
        self.written = written


class OverBudget(ModelFailed):
    """Nothing was asked: the `budget` has no room for it, such as `installation day`."""

    def __init__(self, budget: str, *, is_about_one_model: bool = False) -> None:
        """`is_about_one_model`: another one may fit."""
        super().__init__(f"over budget ({budget})", is_its_own=False, is_refusal=True)
        self.budget = budget
        self.is_about_one_model = is_about_one_model
