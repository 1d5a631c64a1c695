"""Every setting, and the only reader of the environment.

Each has a default that runs without a key and without a server of anyone else's. `.env.example` explains them all; a
test holds the two together.
"""

from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger
from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

NO_SECRET = SecretStr("")
OFF = "off"


def _pairs(text: str, *, separator: str = ",") -> dict[str, str]:
    """`a=x, b=y` as a mapping; spaces around names and values don't count."""
    pairs: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in text.split(separator))):
        name, equals, value = (part.strip() for part in pair.partition("="))
        if not (name and equals and value):
            raise ValueError(f"{pair!r} is not NAME=VALUE")
        pairs[name] = value
    return pairs


class Settings(BaseSettings):
    """Values from the environment, then from `.env` in the working folder, then the defaults."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True)

    # Where it runs
    database_url: str = ""
    helpdesk_data_dir: Path = Path(".data")
    helpdesk_host: str = "127.0.0.1"
    helpdesk_port: int = Field(default=8080, ge=0, le=65535)
    helpdesk_log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    # What it knows
    starter_knowledge: bool = True
    folders: Annotated[dict[str, Path], NoDecode] = Field(default_factory=dict[str, Path])
    folder_urls: Annotated[dict[str, str], NoDecode] = Field(default_factory=dict[str, str])
    sync_cron: str = "0 2 * * *"
    sync_crons: Annotated[dict[str, str], NoDecode] = Field(default_factory=dict[str, str])
    rights_cron: str = "*/10 * * * *"
    time_zone: str = "UTC"
    search_language: str = "english"
    chunk_strategy: Literal["structure", "fixed", "paragraph"] = "structure"
    chunk_max_tokens: int = Field(default=220, ge=40, le=8000)

    # How it finds
    embedder: str = "embedded"
    embedder_api_key: SecretStr = NO_SECRET
    embedder_base_url: str = ""

    # How it answers
    model: str = ""
    model_api_key: SecretStr = NO_SECRET
    model_base_url: str = ""
    model_timeout_s: float = Field(default=25.0, gt=0)
    answer_deadline_s: float = Field(default=45.0, gt=0)
    help_contact: str = "your IT team"

    # Who may do what
    helpdesk_admins: Annotated[frozenset[str], NoDecode] = frozenset()
    browser_chat: Literal["staff", "public", "off"] = "staff"
    trusted_hosts: Annotated[frozenset[str], NoDecode] = frozenset()

    # Slack
    slack_bot_token: SecretStr = NO_SECRET
    slack_signing_secret: SecretStr = NO_SECRET
    slack_app_token: SecretStr = NO_SECRET
    slack_escalation_channel: str = ""
    slack_api_url: str = "https://slack.com/api/"

    @field_validator("folders", "folder_urls", mode="before")
    @classmethod
    def _read_pairs(cls, value: object) -> object:
        return _pairs(value) if isinstance(value, str) else value

    @field_validator("sync_crons", mode="before")
    @classmethod
    def _read_crons(cls, value: object) -> object:
        return _pairs(value, separator=";") if isinstance(value, str) else value

    @field_validator("helpdesk_admins", "trusted_hosts", mode="before")
    @classmethod
    def _read_list(cls, value: object) -> object:
        return (
            frozenset(part.strip().casefold() for part in value.split(",") if part.strip())
            if isinstance(value, str)
            else value
        )

    @field_validator("time_zone")
    @classmethod
    def _is_a_time_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"{value!r} is no time zone; use a name such as Europe/Berlin") from error
        return value

    @field_validator("sync_cron", "rights_cron")
    @classmethod
    def _is_a_cron_expression(cls, value: str) -> str:
        if value != OFF:
            CronTrigger.from_crontab(value)
        return "" if value == OFF else value

    @field_validator("sync_crons")
    @classmethod
    def _are_cron_expressions(cls, value: dict[str, str]) -> dict[str, str]:
        return {name: cls._is_a_cron_expression(cron) for name, cron in value.items()}

    @model_validator(mode="after")
    def _slack_is_whole_or_absent(self) -> "Settings":
        if self.slack_bot_token.get_secret_value() and not (
            self.slack_signing_secret.get_secret_value() or self.slack_app_token.get_secret_value()
        ):
            raise ValueError(
                "SLACK_BOT_TOKEN needs SLACK_SIGNING_SECRET (events over HTTP) or SLACK_APP_TOKEN (Socket Mode); "
                "docs/slack.md shows where they are"
            )
        return self

    @model_validator(mode="after")
    def _the_browser_chat_is_nobody_elses(self) -> "Settings":
        if self.browser_chat == "staff" and not self.listens_on_loopback:
            raise ValueError(
                f"HELPDESK_HOST={self.helpdesk_host} would show staff knowledge to everyone who reaches it: "
                "set BROWSER_CHAT=public or BROWSER_CHAT=off"
            )
        return self

    @property
    def listens_on_loopback(self) -> bool:
        return self.helpdesk_host in {"127.0.0.1", "::1", "localhost"}

    @property
    def has_slack(self) -> bool:
        return bool(self.slack_bot_token.get_secret_value())

    @property
    def has_slack_socket(self) -> bool:
        return bool(self.slack_app_token.get_secret_value())
