"""Whom the bot brings in, and where their tickets are made."""

from contextlib import AsyncExitStack

from helpdesk_bot.app.people import open_ticket_system
from helpdesk_bot.doctor.finding import Finding, Health, bad, good
from helpdesk_bot.errors import NotConfigured
from helpdesk_bot.escalation import EscalationPlan, TicketRefused, TicketUnavailable
from helpdesk_bot.settings import Settings


def examine_plan(settings: Settings, plan: EscalationPlan | None) -> Finding:
    channels = sorted({channel for team in (plan.teams if plan else ()) for channel in team.channels.values()})
    if channels:
        return good("escalation", f"channel {', '.join(channels)}")
    detail = f"people are sent to {settings.help_contact}"
    advice = "set SLACK_ESCALATION_CHANNEL, or HELP_CONTACT"
    return Finding(name="escalation", health=Health.OFF, detail=detail, advice=advice)


async def examine_tickets(settings: Settings) -> Finding:
    """No ticket is made: of a webhook no more is known than that somebody answers there."""
    advice = "check JIRA_URL, or TICKET_WEBHOOK_URL, and the network: docs/escalation.md"
    async with AsyncExitStack() as stack:
        try:
            system = await open_ticket_system(settings, stack=stack)
            if system is None:
                off = "docs/escalation.md: a ticket for each case"
                return Finding(name="tickets", health=Health.OFF, detail="made nowhere", advice=off)
            return good("tickets", await system.check())
        except NotConfigured as error:
            return bad("tickets", str(error), "correct it: the bot does not start with it")
        except TicketUnavailable as error:
            return bad("tickets", error.reason, advice)
        except TicketRefused as error:
            refused = "401 and 403: JIRA_EMAIL and JIRA_API_TOKEN; 404: JIRA_SERVICE_DESK_ID and JIRA_REQUEST_TYPE_ID"
            return bad("tickets", f"Jira refuses: {error.reason}", refused)
