"""Where people talk to the bot, and which people it brings in."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings

from helpdesk_bot.settings.reading import NO_SECRET, Ids, Url


class PlatformSettings(BaseSettings):
    # Slack
    slack_bot_token: SecretStr = NO_SECRET
    slack_signing_secret: SecretStr = NO_SECRET
    slack_app_token: SecretStr = NO_SECRET
    slack_client_id: str = ""
    slack_client_secret: SecretStr = NO_SECRET
    slack_refresh_token: SecretStr = NO_SECRET
    slack_escalation_channel: str = ""
    slack_api_url: Url = "https://slack.com/api/"

    # Teams
    teams_app_id: str = ""
    teams_app_password: SecretStr = NO_SECRET
    teams_tenant_id: str = ""
    teams_escalation_channel: str = ""
    teams_dev_mode: bool = False
    teams_feedback_form: Literal["default", "custom"] = "default"
    teams_login_url: Url = "https://login.microsoftonline.com"
    teams_openid_url: Url = "https://login.botframework.com/v1/.well-known/openidconfiguration"

    # How it speaks there
    channels_file: Path | None = None
    direct_follow_up_minutes: float = Field(default=15.0, ge=0, le=1_440.0)
    sensitive_words: Ids = ()
    sensitive_sources: Ids = ()
    slack_approvers_channel: str = ""
    teams_approvers_channel: str = ""
    approval_wait_s: float = Field(default=3_600.0, gt=0)
    proposal_wait_minutes: float = Field(default=15.0, gt=0, le=1_440.0)

    # People
    escalation_file: Path | None = None
    ticket_webhook_url: Url = ""
    ticket_webhook_secret: SecretStr = NO_SECRET
    jira_url: Url = ""
    jira_email: str = ""
    jira_api_token: SecretStr = NO_SECRET
    jira_service_desk_id: str = ""
    jira_request_type_id: str = ""

    @model_validator(mode="after")
    def _tickets_go_to_one_place(self) -> "PlatformSettings":
        webhook = (self.ticket_webhook_url, self.ticket_webhook_secret.get_secret_value())
        jira = (
            self.jira_url,
            self.jira_email,
            self.jira_api_token.get_secret_value(),
            self.jira_service_desk_id,
            self.jira_request_type_id,
        )
        if any(webhook) and not all(webhook):
            raise ValueError("TICKET_WEBHOOK_URL and TICKET_WEBHOOK_SECRET go together: docs/escalation.md")
        if any(jira) and not all(jira):
            raise ValueError("JIRA_URL needs the other four JIRA_ settings: docs/escalation.md")
        if all(webhook) and all(jira):
            raise ValueError("set TICKET_WEBHOOK_URL or JIRA_URL: a case makes one ticket")
        return self

    @property
    def has_slack(self) -> bool:
        return bool(self.slack_bot_token.get_secret_value())

    @property
    def has_slack_socket(self) -> bool:
        return bool(self.slack_app_token.get_secret_value())

    @property
    def has_teams(self) -> bool:
        return bool(self.teams_app_id) or self.teams_dev_mode
