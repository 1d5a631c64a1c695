"""Answers that a model wrote, used again where the same is asked by somebody who was found the same passages."""

from helpdesk_bot.cache.cache import AnswerCache, Recalled, Wanted, Written

__all__ = ["AnswerCache", "Recalled", "Wanted", "Written"]
