"""Whom the bot brings in, and where their tickets are made."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime

from connectors.http import client_by
from helpdesk_bot.escalation import EscalationPlan, JiraServiceManagement, Team, Tickets, Webhook, load_plan
from helpdesk_bot.events import Platform
from helpdesk_bot.jobs import Jobs
from helpdesk_bot.records import Records
from helpdesk_bot.records.cases import CaseRecords
from helpdesk_bot.records.tickets import TicketRecords
from helpdesk_bot.settings import Settings
from knowledge.postgres import Pool

TICKET_TIMEOUT_S = 15.0


async def plan_of(settings: Settings) -> EscalationPlan:
    """As the file says, or in one channel of each platform, where one is set."""
    if settings.escalation_file is not None:
        return await asyncio.to_thread(load_plan, settings.escalation_file)
    channels = {
        Platform.SLACK: settings.slack_escalation_channel,
        Platform.TEAMS: settings.teams_escalation_channel,
    }
    return EscalationPlan(team=Team(channels={platform: channel for platform, channel in channels.items() if channel}))


async def tickets_of(
    settings: Settings, *, records: Records, jobs: Jobs, pool: Pool, stack: AsyncExitStack
) -> Tickets | None:
    """None where no system for tickets is set."""
    system = await open_ticket_system(settings, stack=stack)
    if system is None:
        return None
    return Tickets(
        system,
        records=records,
        cases=CaseRecords(pool),
        tickets=TicketRecords(pool),
        jobs=jobs,
    )


async def open_ticket_system(settings: Settings, *, stack: AsyncExitStack) -> Webhook | JiraServiceManagement | None:
    """Open until the stack closes; None where none is set. Raises `NotConfigured` for an address that can't be used."""
    if not (settings.ticket_webhook_url or settings.jira_url):
        return None
    client = await stack.enter_async_context(client_by(settings.way_out, timeout_s=TICKET_TIMEOUT_S))
    if settings.ticket_webhook_url:
        secret = settings.ticket_webhook_secret.get_secret_value()
        return Webhook(settings.ticket_webhook_url, secret=secret, client=client, now=lambda: datetime.now(UTC))
    return JiraServiceManagement(
        settings.jira_url,
        email=settings.jira_email,
        api_token=settings.jira_api_token.get_secret_value(),
        service_desk_id=settings.jira_service_desk_id,
        request_type_id=settings.jira_request_type_id,
        client=client,
    )
