"""All settings together, and what must hold between them."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from helpdesk_bot.settings.models import ModelSettings
from helpdesk_bot.settings.places import PlaceSettings
from helpdesk_bot.settings.platforms import PlatformSettings
from helpdesk_bot.settings.reading import NO_SECRET, ProxyUrl, Url, Words

if TYPE_CHECKING:
    from connectors.http import WayOut

MAX_DAYS = 1_000_000
"""Before so many days no database knows a moment."""
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Settings(PlaceSettings, PlatformSettings, ModelSettings):
    """Values from the environment, then from `.env` in the working folder, then the defaults."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True)

    # Where it runs
    database_url: str = ""
    helpdesk_data_dir: Path = Path(".data")
    helpdesk_host: str = "127.0.0.1"
    helpdesk_port: int = Field(default=8080, ge=0, le=65535)
    helpdesk_health_port: int | None = Field(default=None, ge=0, le=65535)
    helpdesk_url: str = ""
    helpdesk_log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    # The way out
    https_proxy: ProxyUrl = NO_SECRET
    http_proxy: ProxyUrl = NO_SECRET
    no_proxy: Words = frozenset()
    ssl_cert_file: Path | None = None

    # How it finds
    search_language: str = "english"
    search_vector_share: float = Field(default=0.65, ge=0, le=1)
    search_label_weight: float = Field(default=0.1, ge=0, le=1)
    search_freshness_weight: float = Field(default=0.02, ge=0, le=1)
    search_fold: bool = True
    search_acronyms: bool = True
    search_synonyms: bool = True
    search_everyday_words: bool = True
    split_questions: bool = True
    chunk_strategy: Literal["structure", "fixed", "paragraph"] = "structure"
    chunk_max_tokens: int = Field(default=220, ge=40, le=8000)
    embedder: str = "embedded"
    embedder_api_key: SecretStr = NO_SECRET
    embedder_base_url: Url = ""

    # How it answers
    answer_deadline_s: float = Field(default=45.0, gt=0)
    stale_days: int = Field(default=14, ge=0, le=MAX_DAYS)
    stale_max_marks: int = Field(default=50, ge=1)
    cache_answers: bool = True
    cache_days: int = Field(default=7, ge=1, le=MAX_DAYS)
    cache_max_answers: int = Field(default=5000, ge=1)
    help_contact: str = "your IT team"
    evidence_file: Path | None = None
    guard_engine: Literal["guardrails", "rules"] = "guardrails"
    guard_policy: str = ""

    # How long it remembers
    keep_questions_days: int = Field(default=365, ge=1, le=MAX_DAYS)
    keep_audit_days: int = Field(default=730, ge=1, le=MAX_DAYS)

    # Who may do what
    helpdesk_admins: Words = frozenset()
    browser_chat: Literal["staff", "public", "off"] = "staff"
    trusted_hosts: Words = frozenset()

    @model_validator(mode="after")
    def _the_database_has_an_address(self) -> "Settings":
        try:
            if self.database_url:
                conninfo_to_dict(self.database_url)
        except ProgrammingError:  # its message repeats what it could not read, a password for instance
            raise ValueError("DATABASE_URL is written postgresql://USER:PASSWORD@HOST/NAME") from None
        return self

    @model_validator(mode="after")
    def _the_authorities_are_there(self) -> "Settings":
        if self.ssl_cert_file is not None and not self.ssl_cert_file.is_file():
            raise ValueError(f"SSL_CERT_FILE: {self.ssl_cert_file} is no file")
        return self

    @model_validator(mode="after")
    def _slack_is_whole_or_absent(self) -> "Settings":
        if self.slack_bot_token.get_secret_value() and not (
            self.slack_signing_secret.get_secret_value() or self.slack_app_token.get_secret_value()
        ):
            raise ValueError(
                "SLACK_BOT_TOKEN needs SLACK_SIGNING_SECRET (events over HTTP) or SLACK_APP_TOKEN (Socket Mode); "
                "docs/slack.md shows where they are"
            )
        if self.slack_refresh_token.get_secret_value() and not (
            self.slack_client_id and self.slack_client_secret.get_secret_value()
        ):
            raise ValueError("SLACK_REFRESH_TOKEN needs SLACK_CLIENT_ID and SLACK_CLIENT_SECRET: docs/slack.md")
        return self

    @model_validator(mode="after")
    def _teams_is_whole_or_absent(self) -> "Settings":
        if self.teams_app_id and not (self.teams_app_password.get_secret_value() and self.teams_tenant_id):
            raise ValueError(
                "TEAMS_APP_ID needs TEAMS_APP_PASSWORD and TEAMS_TENANT_ID; docs/teams.md shows where they are"
            )
        if self.teams_dev_mode and (self.teams_app_id or not self.listens_on_loopback):
            raise ValueError(
                "TEAMS_DEV_MODE lets everybody speak as Teams: only without TEAMS_APP_ID and on HELPDESK_HOST=127.0.0.1"
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

    @model_validator(mode="after")
    def _trusted_hosts_are_names(self) -> "Settings":
        for host in sorted(self.trusted_hosts):
            if "/" in host:
                raise ValueError(
                    f"TRUSTED_HOSTS: {host!r} is an address; write the name alone, such as help.example.com"
                )
        return self

    @model_validator(mode="after")
    def _its_address_is_one(self) -> "Settings":
        if self.helpdesk_url and not _is_origin(self.helpdesk_url):
            raise ValueError(
                "HELPDESK_URL is where people open the console, without a path: https://help.example.com; "
                "http only on this machine"
            )
        return self

    @property
    def way_out(self) -> "WayOut":
        """By which every client leaves."""
        from connectors.http import WayOut

        return WayOut(
            https_proxy=self.https_proxy.get_secret_value(),
            http_proxy=self.http_proxy.get_secret_value(),
            no_proxy=self.no_proxy,
            authorities=self.ssl_cert_file,
        )

    @property
    def public_url(self) -> str:
        """Where people open the console; empty where that is not known."""
        if self.helpdesk_url:
            return self.helpdesk_url.rstrip("/")
        is_known = self.listens_on_loopback and self.helpdesk_port
        return f"http://localhost:{self.helpdesk_port}" if is_known else ""

    @property
    def listens_on_loopback(self) -> bool:
        return self.helpdesk_host in LOOPBACK


def _is_origin(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    is_plain = url.isprintable() and not any(sign in parts.netloc for sign in "@ ")
    return (
        is_safe and is_plain and bool(parts.hostname) and parts.path in {"", "/"} and not parts.query + parts.fragment
    )
