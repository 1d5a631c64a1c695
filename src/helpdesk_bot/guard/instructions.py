"""Text that addresses the bot rather than the reader.

A list of phrases finds few attacks (27 % of CyberSecEval's prompts, measured November 2026), so nothing rests on it: it
counts what people write, and it is one of the signs by which `planted` knows a plant.
"""

import re

_SIGNALS = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass|neglect)\b.{0,40}?\b(?:previous|prior|above|earlier|preceding|all|any|"
    r"your|other|foregoing|initial|system)\b.{0,40}?\b(?:instruction|rule|prompt|guideline|direction|context|training)s?\b"
    r"|\byou are (?:now|no longer) an? .{0,20}\b(?:assistant|bot|ai|model|agent)\b"
    r"|\b(?:ignore|disregard|forget) (?:the|everything|all)(?: the)? (?:above|before|previous)\W{1,3}"
    r"(?:and|then|instead)?\s*(?:say|repeat|print|give|tell|write|answer|respond|output)\b"
    r"|<[^<>\n]{0,40}\bmode\b[^<>\n]{0,20}>"
    r"|\b(?:system|override|developer) (?:mode|override) (?:activated|confirmed|enabled)\b"
    r"|\bi(?:'m| am) (?:now )?(?:entering|initiating) .{0,30}\bmode\b"
    r"|\bi(?:'m| am) (?:your (?:creator|developer)|god)\b"
    r"|\b(?:god|jailbreak|dan) mode\b"
    r"|\b(?:your|the) (?:system|hidden) (?:prompt|message|instructions?)\b|\bsystem prompt\b"
    r"|^[^\S\n]*(?-i:SYSTEM|ASSISTANT)\s*:|<\|[\w ]+\|>|\[/?INST\]"
    r"|\b(?:dear|attention|note to|notice to|hey|message to)\b.{0,12}"
    r"\b(?:ai|assistants?|llms?|language models?|chatbots?|bots?)\b"
    r"|\b(?:do not|don't|never) (?:tell|mention|reveal|inform|show)\b.{0,20}\busers?\b",
    re.IGNORECASE | re.MULTILINE,
)


def count_instructions(text: str) -> int:
    """How many places address the bot."""
    return sum(1 for _ in _SIGNALS.finditer(text))
