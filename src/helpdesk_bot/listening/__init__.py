"""What a message is that nobody addressed to the bot: a question it could answer, a word to keep out, or neither."""

from helpdesk_bot.listening.question import ASKS_AT, Judgement, judge
from helpdesk_bot.listening.stop import says_enough, says_stop

__all__ = ["ASKS_AT", "Judgement", "judge", "says_enough", "says_stop"]
