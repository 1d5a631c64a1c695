"""Bringing in people: cases with a packet in the people's channel, timers, office hours, tickets, and what is kept."""

from helpdesk_bot.escalation.case import Case, CaseState, Cause, Move
from helpdesk_bot.escalation.escalations import Escalations
from helpdesk_bot.escalation.file import load_plan
from helpdesk_bot.escalation.parts import Parts
from helpdesk_bot.escalation.plan import EscalationPlan, Team
from helpdesk_bot.escalation.ticket_systems import JiraServiceManagement, TicketRefused, TicketUnavailable, Webhook
from helpdesk_bot.escalation.tickets import Tickets

__all__ = [
    "Case",
    "CaseState",
    "Cause",
    "EscalationPlan",
    "Escalations",
    "JiraServiceManagement",
    "Move",
    "Parts",
    "Team",
    "TicketRefused",
    "TicketUnavailable",
    "Tickets",
    "Webhook",
    "load_plan",
]
