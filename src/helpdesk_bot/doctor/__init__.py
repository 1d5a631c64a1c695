"""What an admin wants to know before anyone asks: does every setting, key and connection work, and what if not?"""

from helpdesk_bot.doctor.examination import examine_all
from helpdesk_bot.doctor.finding import Finding, Health

__all__ = ["Finding", "Health", "examine_all"]
