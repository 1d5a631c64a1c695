"""Opens a chat model by its name."""

import importlib
from typing import TYPE_CHECKING, Any, cast

from pydantic import SecretStr

from connectors.http import DIRECT, WayOut
from helpdesk_bot.models.errors import ModelNotConfigured

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

MAX_RETRIES = 0
"""By the provider's client: whether to try again, where and at whose cost is the gateway's to decide."""
HOMES = {"openai": "https://api.openai.com", "anthropic": "https://api.anthropic.com"}
"""Where the providers are asked whose clients can be given a way out."""


def open_chat_model(
    spec: str,
    *,
    api_key: SecretStr | None,
    base_url: str | None,
    timeout_s: float,
    max_tokens: int,
    way_out: WayOut = DIRECT,
) -> "BaseChatModel":
    """The chat model named `provider:model`, such as `openai:gpt-4.1-mini` or `anthropic:claude-haiku-4-5`.

    Any OpenAI-compatible endpoint is `openai:<its model's name>` with a `base_url`; it may do without a key.
    `timeout_s` bounds one request, `max_tokens` one reply. Importing a provider takes seconds: call this once.
    OpenAI's and Anthropic's are asked by `way_out`; those of other providers read the environment by themselves.
    Raises `ModelNotConfigured`.
    """
    provider, model = check_chat_model(spec, api_key=api_key, base_url=base_url)
    http = _client(provider, base_url=base_url, way_out=way_out)
    opened = _init(
        provider,
        model,
        {
            "api_key": api_key or SecretStr("none"),
            "timeout": timeout_s,
            "max_tokens": max_tokens,
            "max_retries": MAX_RETRIES,
            **({"base_url": base_url} if base_url else {}),
            **({"use_responses_api": False, "http_async_client": http} if provider == "openai" else {}),
        },
    )
    if provider == "anthropic":  # it takes no client of ours: its own gets another way
        opened._async_client = opened._async_client.with_options(http_client=http)  # pyright: ignore[reportAttributeAccessIssue, reportPrivateUsage]  # noqa: SLF001
    return opened


def check_chat_model(spec: str, *, api_key: SecretStr | None, base_url: str | None) -> tuple[str, str]:
    """The provider and the model of a name, without importing anything. Raises `ModelNotConfigured`."""
    provider, _, model = spec.partition(":")
    if not provider or not model:
        raise ModelNotConfigured(f"the chat model {spec!r} should read provider:model, such as openai:gpt-4.1-mini")
    if api_key is None and base_url is None:
        raise ModelNotConfigured(
            f"the chat model {spec!r} needs an API key, or the base URL of an endpoint without one"
        )
    return provider, model


def _client(provider: str, *, base_url: str | None, way_out: WayOut) -> object:
    """As the provider's own package makes it, but for the way out; None where that is not known."""
    if provider not in HOMES:
        return None
    try:
        package = importlib.import_module(provider)
    except ImportError:  # which is said in a moment
        return None
    proxy = way_out.proxy_for(base_url or HOMES[provider])
    return package.DefaultAsyncHttpxClient(proxy=proxy, verify=way_out.tls, trust_env=False)


def _init(provider: str, model: str, options: dict[str, Any]) -> "BaseChatModel":
    from langchain.chat_models import init_chat_model

    try:
        return cast("BaseChatModel", init_chat_model(model, model_provider=provider, **options))
    except ImportError as error:
        raise ModelNotConfigured(f"install the package for {provider!r}: pip install langchain-{provider}") from error
    except ValueError as error:
        raise ModelNotConfigured(f"the provider {provider!r} is unknown, or refuses its settings") from error
