"""The help desk: what the bot does with a question, a vote, a press and a command, whatever platform they come from."""

from helpdesk_bot.desk.approvals import Approvals
from helpdesk_bot.desk.desk import HelpDesk
from helpdesk_bot.desk.files import QuestionFiles
from helpdesk_bot.desk.parts import DeskOptions, Parts
from helpdesk_bot.desk.wording import reference_of

__all__ = ["Approvals", "DeskOptions", "HelpDesk", "Parts", "QuestionFiles", "reference_of"]
