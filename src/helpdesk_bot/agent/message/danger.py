"""Somebody is under attack, or hurt, something burns or is down: then the least to say is whom to call, and how."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from helpdesk_bot.agent.quoting.blocks import blocks
from helpdesk_bot.guard.specifics import addresses
from helpdesk_bot.guard.words import GENERIC_STEMS, content_stems, stem
from knowledge.passages import Passage

HELP_AT = 0.12
"""The least probability at which what is found for a danger's own question helps: less than a question needs,
since a page on it is far above and one that only shares its words far below."""

MAX_PASSAGES = 2
"""That are quoted from: who is in danger reads no more."""

_INFORMS_ITSELF = re.compile(
    r"\W*(?:(?:hi|hello|hey|please|and|so)\W+)*(?:how|where|when|which|who|why|what(?!\W+(?:do|should|now|can|must)\b)|"
    r"is there|are there|do|does|did|can|could|may|should|would|will)\b",
    re.IGNORECASE,
)
"""`Which virus scanner do we have?` is no emergency; `what do I do, I was hacked` is one."""
_CALLS = re.compile(
    r"\b(?:call|phone|ring|dial|report|contact|notify|tell|alert|inform|e-?mail|write to|raise)\b", re.IGNORECASE
)
_DOWN_THERE = re.compile(
    r"\b(?i:if|when|while) (?:the )?(?P<named>[A-Z][\w.-]*(?: [A-Z][\w.-]*)*) (?:is|are|goes) "
    r"(?:down|offline|unavailable)\b|"
    r"\b(?:an?|the|any) (?P<of>[A-Z][\w.-]*(?: [A-Z][\w.-]*)*) outage\b"
)
"""Whose outage a passage is about: `If Logit is down`, `a Logit outage`."""
_IS_DOWN = re.compile(r"\b(?:down|offline|unavailable|outages?)\b", re.IGNORECASE)
_NO_NAMES = GENERIC_STEMS | frozenset(map(stem, ["down", "offline", "seems", "today", "now", "again", "still"]))
_WHOM = re.compile(r"(?<![\w.:/-])\+?\d{3,}(?![\w/%-])|\b(?:\d[ -]?){5,}\b")


@dataclass(frozen=True, kw_only=True)
class Danger:
    """One kind of it."""

    said: re.Pattern[str]
    """What people write who are in it."""
    question: str
    """What is looked for in their place: they use other words than the documents do."""
    about: frozenset[str]
    """Stems of which a passage about it holds one."""
    can_wait: bool = False
    """Whether nobody is harmed by an answer that comes later."""


def _danger(said: str, question: str, about: str, *, can_wait: bool = False) -> Danger:
    return Danger(
        said=re.compile(rf"\b(?:{said})\b", re.IGNORECASE),
        question=question,
        about=frozenset(map(stem, about.split())),
        can_wait=can_wait,
    )


_SOMEBODY = r"(?:some(?:one|body)|colleagues?|(?:wo)?man|person|people|he|she|visitor|i)"
_LOST = r"(?:lost|stolen|stole|missing|disappeared|left behind|theft of|robbed of|taken from)"
_DEVICE = (
    r"(?:laptop|notebook|macbook|computer|phone|mobile|iphone|tablet|ipad|usb(?: stick| key| drive)?|stick|badge|"
    r"key ?card|piv card|access card|security key|yubikey|device|hard (?:disk|drive))"
)
_MINE = r"(?:my|our|his|her|their|the)"
_NOT_BY_ME = (
    r"(?:i|we) (?:did not|didn'?t|never|haven'?t|have not)(?: \w+){0,2} "
    r"(?:start|request|ask(?: for)?|do|make|send|try|trigger|log|sign)(?:ed)?(?: in)?"
    r"(?: (?:it|that|this|them|one|any\w*|myself))?(?=\W*(?:$|[.,!?;]))"
)
_MESSAGE = r"(?:e-?mails?|mails?|messages?|sms|texts?|links?|attachments?)"
DANGERS = (
    _danger(
        r"(?:on|a|the|is|there's) fire(?! (?:drill|door|alarm|warden|extinguisher|exit)s?\b)|"
        r"fire (?:in|at) (?:the|our|my)|flames|burn(?:s|ing|t)(?! (?:a |the )?(?:cds?|dvds?|disks?|discs?)\b)|"
        r"smok(?:e|es|ing(?! (?:area|room|zone|corner|shelter|break|ban)s?\b))|explo(?:ded|sion)|gas leak|"
        r"electric shock|faint(?:ed|s)|unconscious|not breathing|bleeding|injured|heart attack|seizure|ambulance|"
        rf"{_SOMEBODY} (?:\w+ ){{0,3}}(?:hurt|collapsed|accident)",
        "fire, smoke or an accident, somebody is hurt: which emergency number to call, first aid, fire brigade",
        "fire smoke burn accident ambulance injury injured emergency evacuate evacuation alarm",
    ),
    _danger(
        rf"hack(?:ed|er|ers|ing)|virus(?:es)?|malware|ransom(?:ware)?|trojan|spyware|phish\w*|scam(?:med|mers?)?|"
        rf"bitcoins?|infected|breach(?:ed)?|compromised|leaked|data leak|"
        rf"(?:broke|breaks?|breaking|broken|got|logged|is) in(?:to)? {_MINE} (?:\w+ )?(?:account|mailbox|e?-?mails?|"
        rf"laptop|computer|pc|phone)|files? (?:\w+ )?(?:is|are|were|got) (?:all )?encrypted|"
        rf"(?:gave|given|told) (?:\w+ ){{0,3}}(?:password|pass ?word|pin|passcode|code|login)|"
        rf"(?:has|knows?) {_MINE} (?:password|pin|code)|"
        rf"(?:opened|clicked|downloaded) (?:\w+ ){{0,5}}(?:strange|weird|suspicious|fake|unknown|odd)",
        "security incident, phishing clicked, account hacked, malware: whom to call and report it at once",
        "attack security phish phishing hack malware virus ransomware breach incident steal theft leak compromised",
    ),
    _danger(
        rf"(?:authenticator|mfa|2fa|prompts?|approv\w+|sign-?in requests?)\b.{{0,120}}\b{_NOT_BY_ME}",
        "prompts in the authenticator that you did not start: don't approve, somebody knows the password, whom to call",
        "prompt approve attack phish phishing",
    ),
    _danger(
        rf"{_LOST} (?:\w+ ){{0,3}}{_DEVICE}|{_DEVICE} (?:\w+ ){{0,3}}{_LOST}|"
        rf"(?:left|forgot) {_MINE} (?:\w+ ){{0,2}}{_DEVICE} (?:in|on|at) (?:a|an|the) (?:\w+ ){{0,2}}"
        r"(?:taxi|cab|uber|train|tram|bus|metro|tube|ferry|plane|airport|station|restaurant|caf[e\u00e9]|pub|hotel|shop)",
        "lost or stolen laptop, phone or badge: whom to call and report it at once",
        "lost stolen steal theft missing",
    ),
    _danger(
        rf"(?:weird|strange|odd) (?:\w+ )?(?:e-?mails?|mails?|sms|texts?|links?|attachments?)|"
        rf"(?:suspicious|fishy|dodgy|fake|shady) (?:\w+ ){{0,2}}{_MESSAGE}|"
        rf"{_MESSAGE}\b.{{0,150}}\b(?:(?:should|shall|can) i (?:click|open|trust|reply)|safe to (?:click|open))\b|"
        rf"is (?:this|it|that) (?:{_MESSAGE} )?(?:real|legit\w*|genuine|fake|a scam)",
        "report a phishing mail or a suspicious message, how to recognise it, whom to forward it to",
        "phish phishing suspicious",
        can_wait=True,
    ),
    _danger(
        r"\A[\w .:&/'-]{1,40} (?:is|are|seems?(?: to be)?|went) (?:\w+ )?(?:down|offline)(?! to\b)|outage",
        "service down, outage: status page, what is down right now, whom to call and report a fault",
        "status outage fault incident",
        can_wait=True,
    ),
)

DOWN = DANGERS[-1]


def find_danger(question: str) -> Danger | None:
    """The danger that somebody says to be in; None for who only wants to know something."""
    said = " ".join(question.replace("\u2019", "'").split())
    if _INFORMS_ITSELF.match(said):
        return None
    return next((danger for danger in DANGERS if danger.said.search(said)), None)


def is_of_another_system(danger: Danger, question: str, passage: Passage) -> bool:
    """Whether a passage that helps who can wait may concern something else than what the question names: it does not
    name that, and either says whose outage it is about or has no line with an outage and an address or a number.
    """
    whole = "\n".join([passage.title, *passage.heading_path, passage.text])
    named = set(content_stems(question)) - danger.about - _NO_NAMES
    if not named.isdisjoint(content_stems(whole)):
        return False
    others = {one for found in _DOWN_THERE.finditer(whole) for one in content_stems(found["named"] or found["of"])}
    return bool(others - GENERIC_STEMS) or not any(
        _IS_DOWN.search(entry) and (_WHOM.search(entry) or addresses(entry))
        for block in blocks(passage.text)
        for entry in block.entries
    )


def passages_that_help(danger: Danger, found: Sequence[Passage]) -> tuple[Passage, ...]:
    """Of the passages about it those that say whom to call or write to, best first; before them how the document of the
    best one begins, where that says so: what everybody should do first.
    """
    helping = [one for one in found if is_about(danger, one) and _says_whom_to_call(one)]
    opening = [one for one in helping if one.place == 0 and one.document_id == helping[0].document_id]
    return tuple(opening + [one for one in helping if one not in opening])[:MAX_PASSAGES]


def is_about(danger: Danger, passage: Passage) -> bool:
    stems = content_stems("\n".join([passage.title, *passage.heading_path, passage.text]))
    return not danger.about.isdisjoint(stems)


def _says_whom_to_call(passage: Passage) -> bool:
    return any(
        _CALLS.search(entry) and (_WHOM.search(entry) or addresses(entry))
        for block in blocks(passage.text)
        for entry in block.entries
    )
