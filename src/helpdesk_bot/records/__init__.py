"""What happened, in Postgres: the only SQL on schema `helpdesk`, a file for each noun."""

from helpdesk_bot.records.audit import Audit
from helpdesk_bot.records.browser import BrowserMessage, BrowserMessages
from helpdesk_bot.records.cached import CachedAnswers
from helpdesk_bot.records.channels import ChannelRows
from helpdesk_bot.records.conversations import Conversations
from helpdesk_bot.records.counts import Counts, Figures
from helpdesk_bot.records.decisions import Decisions
from helpdesk_bot.records.drafts import Draft, Drafts, DraftState
from helpdesk_bot.records.feedback import Feedback
from helpdesk_bot.records.hearing import Hearing, Hearings, Verdict
from helpdesk_bot.records.moving import Moves
from helpdesk_bot.records.outgoing import Outgoing, OutgoingMessages, OutgoingState, Planned
from helpdesk_bot.records.proposals import Ending, Proposals, ProposalState, StoredProposal
from helpdesk_bot.records.questions import OpenQuestion, PastQuestion, Questions
from helpdesk_bot.records.rows import InTransaction
from helpdesk_bot.records.schedule_runs import ScheduleRuns
from helpdesk_bot.records.sending import Sending
from helpdesk_bot.records.threads import Thread, Threads

__all__ = [
    "Audit",
    "BrowserMessage",
    "BrowserMessages",
    "CachedAnswers",
    "Counts",
    "Draft",
    "DraftState",
    "Ending",
    "Hearing",
    "InTransaction",
    "OpenQuestion",
    "Outgoing",
    "OutgoingState",
    "PastQuestion",
    "Planned",
    "ProposalState",
    "Records",
    "StoredProposal",
    "Thread",
    "Verdict",
]


class Records(
    Questions,
    Conversations,
    Hearings,
    Threads,
    ChannelRows,
    Moves,
    Decisions,
    OutgoingMessages,
    Sending,
    Drafts,
    Proposals,
    Feedback,
    Audit,
    Figures,
    ScheduleRuns,
):
    """Everything that is written down, over one pool."""
