"""Where knowledge comes from, and when it is read; and what else is asked."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode

from helpdesk_bot.settings.reading import (
    NO_SECRET,
    PAIRS,
    SECRET_PAIRS,
    Cron,
    Crons,
    Ids,
    Pairs,
    TimeZone,
    Url,
    UrlPairs,
    Words,
)

CLOUD = ".atlassian.net"


def _confluence_url(url: str) -> str:
    """Of Cloud any page's address does, as browsers show it: Confluence is at /wiki of its site, and nowhere else."""
    host = urlsplit(url).hostname or ""
    return f"https://{host}/wiki" if host.endswith(CLOUD) else url


ConfluenceUrl = Annotated[Url, AfterValidator(_confluence_url)]


class PlaceSettings(BaseSettings):
    starter_knowledge: bool = True
    folders: Annotated[dict[str, Path], NoDecode, PAIRS] = Field(default_factory=dict[str, Path])
    folder_urls: UrlPairs = Field(default_factory=dict[str, str])

    # When it is read
    sync_cron: Cron = "0 2 * * *"
    sync_crons: Crons = Field(default_factory=dict[str, str])
    rights_cron: Cron = "*/10 * * * *"
    time_zone: TimeZone = "UTC"
    brake_share: float = Field(default=0.3, ge=0, le=1)

    # Confluence
    confluence_url: ConfluenceUrl = ""
    confluence_site_url: ConfluenceUrl = ""
    confluence_email: str = ""
    confluence_api_token: SecretStr = NO_SECRET
    confluence_token: SecretStr = NO_SECRET
    confluence_client_id: str = ""
    confluence_client_secret: SecretStr = NO_SECRET
    confluence_refresh_token: SecretStr = NO_SECRET
    confluence_spaces: Ids = ()
    confluence_blog_posts: bool = True
    confluence_comments: bool = False
    confluence_attachments: bool = True
    confluence_nested_groups: bool = False
    confluence_private_network: bool = False

    # Google Drive
    google_drive_folders: Ids = ()
    google_drive_drives: Ids = ()
    google_key_file: Path | None = None
    google_subject: str = ""
    google_client_id: str = ""
    google_client_secret: SecretStr = NO_SECRET
    google_refresh_token: SecretStr = NO_SECRET
    google_domains: Words = frozenset()
    google_directory_subject: str = ""
    google_open_by_link: bool = False

    # Websites
    websites: UrlPairs = Field(default_factory=dict[str, str])
    website_start_pages: Pairs = Field(default_factory=dict[str, str])
    website_leave_out: Pairs = Field(default_factory=dict[str, str])
    website_readers: Pairs = Field(default_factory=dict[str, str])
    website_private_networks: Words = frozenset()
    website_max_pages: int = Field(default=2_000, ge=1)
    website_max_depth: int = Field(default=5, ge=0)

    # Status pages
    status_pages: Pairs = Field(default_factory=dict[str, str])
    status_aliases: Pairs = Field(default_factory=dict[str, str])
    status_private_networks: Words = frozenset()

    # Other systems
    tools_file: Path | None = None
    tool_secrets: Annotated[dict[str, SecretStr], NoDecode, SECRET_PAIRS] = Field(default_factory=dict[str, SecretStr])

    def today(self) -> date:
        """The day where the organisation is."""
        return datetime.now(ZoneInfo(self.time_zone)).date()

    @property
    def has_confluence(self) -> bool:
        return bool(self.confluence_url)

    @property
    def has_google_drive(self) -> bool:
        return bool(self.google_drive_folders or self.google_drive_drives)

    @model_validator(mode="after")
    def _confluence_has_one_way_in(self) -> "PlaceSettings":
        ways = [
            bool(self.confluence_email and self.confluence_api_token.get_secret_value()),
            bool(self.confluence_token.get_secret_value()),
            bool(self.confluence_client_id and self.confluence_client_secret.get_secret_value()),
        ]
        if self.has_confluence and sum(ways) != 1:
            raise ValueError(
                "CONFLUENCE_URL needs one way to sign in: CONFLUENCE_EMAIL with CONFLUENCE_API_TOKEN (Cloud), "
                "CONFLUENCE_TOKEN (Data Center), or CONFLUENCE_CLIENT_ID with CONFLUENCE_CLIENT_SECRET (OAuth); "
                "docs/confluence.md shows where they are"
            )
        return self

    @model_validator(mode="after")
    def _cloud_is_no_data_center(self) -> "PlaceSettings":
        if self.confluence_token.get_secret_value() and f"{CLOUD}/" in self.confluence_url:
            raise ValueError(
                "CONFLUENCE_TOKEN is a token of Data Center; in Cloud set CONFLUENCE_EMAIL and CONFLUENCE_API_TOKEN"
            )
        return self

    @model_validator(mode="after")
    def _google_has_one_way_in(self) -> "PlaceSettings":
        is_person = bool(self.google_client_id and self.google_client_secret and self.google_refresh_token)
        if self.has_google_drive and (self.google_key_file is not None) == is_person:
            raise ValueError(
                "GOOGLE_DRIVE_FOLDERS and GOOGLE_DRIVE_DRIVES need one way to sign in: GOOGLE_KEY_FILE (a service "
                "account), or GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET and GOOGLE_REFRESH_TOKEN; docs/google-drive.md "
                "shows where they are"
            )
        return self

    @model_validator(mode="after")
    def _websites_are_known(self) -> "PlaceSettings":
        named = {*self.website_start_pages, *self.website_leave_out, *self.website_readers}
        if unknown := named - self.websites.keys():
            raise ValueError(f"WEBSITES has no {', '.join(sorted(unknown))}")
        if wrong := set(self.website_readers.values()) - {"staff", "public"}:
            raise ValueError(f"WEBSITE_READERS: {', '.join(sorted(wrong))} is neither staff nor public")
        return self

    @model_validator(mode="after")
    def _status_pages_are_known(self) -> "PlaceSettings":
        if unknown := set(self.status_aliases.values()) - self.status_pages.keys():
            raise ValueError(f"STATUS_ALIASES: STATUS_PAGES has no {', '.join(sorted(unknown))}")
        if unknown := self.status_private_networks - {name.casefold() for name in self.status_pages}:
            raise ValueError(f"STATUS_PRIVATE_NETWORKS: STATUS_PAGES has no {', '.join(sorted(unknown))}")
        return self
