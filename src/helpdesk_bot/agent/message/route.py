"""What kind of message this is, told by its shape: rules without a model, short enough to read."""

import re
from enum import StrEnum

from helpdesk_bot.guard.words import GENERIC_STEMS, content_stems, stem
from helpdesk_bot.listening.question import EMOJI


class Route(StrEnum):
    QUESTION = "question"
    GREETING = "greeting"
    """Also empty messages and questions about the bot itself."""
    THANKS = "thanks"
    PERSON = "person"
    """Asks for a person."""
    UNHELPED = "unhelped"
    """Says that what was answered did not help."""
    OUT_OF_SCOPE = "out_of_scope"


_FILLER = r"(?:[\W_]|\b(?:there|all|everyone|everybody|team|bot|folks|guys|again|please|now)\b)*"
_HELLO = (
    r"\b(?:hi+|hello+|hey+|yo|howdy|hiya|greetings|hallo|hola|bonjour|moin|ciao|servus|good (?:morning|evening|day))\b"
)
_HOW_ARE_YOU = r"(?:how are you(?: doing)?(?: today)?|how's it going|what's up|nice to meet you)"
_THANKS = r"\b(?:thanks?(?: you)?|thx|ty|cheers|merci|danke|gracias|much appreciated)\b"
_PRAISE = (
    r"(?>\b(?:ok|okay|k|great|perfect|awesome|cool|nice|excellent|got it|all good|done|(?:a?ha)+(?:ha)|lol|"
    r"(?:(?:that|this|it)(?:'s| is| has)? (?:(?:all )?(?:work|help)(?:s|ed|ing)|(?:solve|fixe|sorte)[sd])|"
    r"(?:that |this |it )?did (?:it|the trick)|worked|helped|works(?= (?:now|fine|again)\b))"
    r"(?: (?:it|out|now|fine|again|me|great|perfectly))*+|"
    r"(?:problem |issue )?(?:solved|fixed|sorted)|never ?mind|nvm|found it)\b)"
)
"""Atomic: a message of nothing but `it works` and one more word would take forever to be found to be none."""
_HOW_MUCH = r"(?:a lot|so much|very much|for (?:the|your|all your) (?:quick )?(?:help|answer|information))"
_ABOUT_THE_BOT = (
    r"(?:help(?: me)?|what can you (?:do|help(?: me)? with)|who are you|what are you|what do you do|how do you work|"
    r"are you (?:a |an |the )?(?:(?:chat[ -]?)?bot|assistant)|"
    r"how can you help(?: me)?|what can i ask(?: you)?)"
)
_THE_BOT = (
    r"(?:you|your (?:(?:first |last |full )?name|age|hobb(?:y|ies))|"
    r"(?:the|this) (?:ai|bot|assistant)(?:'s)?(?: have a)?(?: name| age)?)"
)
_PEOPLE = r"(?:humans?|person|agent|operator|rep(?:resentative)?|someone|somebody|colleague|people|technician)"
_WILL = r"(?:can|could|would|will|please have|have|get)"
_CALL_ME = r"(?:call|phone|ring|contact|reach|visit|write to|get back to|get in touch with) (?:me|us)\b"
_WHEN = r"(?:[\W_]|\b(?:back|please|pls|now|today|tomorrow|soon|asap|quickly|urgently|about (?:it|this|that))\b)*"
_POLITELY = (
    r"(?:(?:please|pls|(?:can|could|would|will) you|(?:can|could|may) i|i(?:'d| would) (?:like|love)(?: you)? to|"
    r"i (?:want|need)(?: you)? to)\s+)*"
)
_TELL_ME = rf"{_POLITELY}(?:tell|give) me"
_HAND_ON = r"(?:pass (?:this|it|that) on|(?:forward|send|hand) (?:this|it|that)(?: on| over)?)"
_ASK_PEOPLE = (
    rf"(?:(?:ask(?: for)?|bring in|{_HAND_ON} to) (?:an?|another) (?:real |live )?{_PEOPLE}|"
    rf"(?:ask|{_HAND_ON} to) some(?:one|body)|pass (?:this|it|that) on)"
)
_FUN = r"(?:joke|poem|song|story|haiku|rap|limerick|riddle|essay|fun fact)s?"

_WHOLE_MESSAGE = (
    (Route.GREETING, rf"{_FILLER}(?:{_HELLO}{_FILLER})?(?:{_HOW_ARE_YOU}{_FILLER})?"),
    (Route.GREETING, rf"{_FILLER}(?:{_HELLO}{_FILLER})?{_ABOUT_THE_BOT}{_FILLER}"),
    (Route.THANKS, rf"{_FILLER}(?:{_PRAISE}{_FILLER})*{_THANKS}{_FILLER}(?:(?:{_HOW_MUCH}|{_PRAISE}){_FILLER})*"),
    (Route.THANKS, rf"{_FILLER}(?:{_PRAISE}{_FILLER})+"),
    (Route.PERSON, rf"{_FILLER}(?:{_HELLO}{_FILLER})?(?:a )?(?:real |live )?(?:{_PEOPLE}|escalate){_FILLER}"),
    (Route.PERSON, rf"{_FILLER}(?:{_HELLO}{_FILLER})?(?:i(?:'d| would) rather )?{_POLITELY}{_ASK_PEOPLE}{_FILLER}"),
    (Route.OUT_OF_SCOPE, r"\W*(?:what(?:'s| is)|calculate)?\s*\d[\d\s.,]*(?:[-+*/x\u00d7^][\d\s.,]+)+\W*"),
)
_BEGINNING = (
    (
        Route.PERSON,
        rf"{_POLITELY}(?:talk|speak|chat|connect me|get me|put me|transfer me|hand me)\b.{{0,25}}\b{_PEOPLE}\b",
    ),
    (Route.PERSON, rf"i(?:'d| would)? (?:need|want|like|prefer) (?:a|an|some|to get a) (?:real |live )?{_PEOPLE}\b"),
    (
        Route.PERSON,
        rf"{_WILL} (?:an? )?(?:{_PEOPLE}|anyone|anybody)\b.{{0,25}}?\b{_CALL_ME}{_WHEN}$",
    ),
    (Route.PERSON, rf"{_POLITELY}(?:call|phone|ring) (?:me|us)\b{_WHEN}$"),
    (Route.PERSON, rf"{_POLITELY}escalate (?:this|it|that|to)\b"),
    (Route.PERSON, rf"{_POLITELY}(?:open|create|raise|file|log) (?:me )?an? (?:support )?(?:ticket|case|incident)\b"),
    (
        Route.OUT_OF_SCOPE,
        rf"{_POLITELY}(?:tell|sing|write|give|make up)\b.{{0,12}}\b(?:a|an|another|some)\b.{{0,20}}\b{_FUN}\b",
    ),
    (
        Route.OUT_OF_SCOPE,
        rf"{_POLITELY}(?:play (?:some |a |the )?(?:music|song|game)s?|set (?:a|an|my) (?:alarm|timer))\b",
    ),
    (Route.OUT_OF_SCOPE, rf"{_POLITELY}(?:flip a coin|roll (?:a|the) dic?e|order (?:me )?(?:a )?(?:pizza|taxi))\b"),
    (Route.OUT_OF_SCOPE, r"(?:what|how)(?:'s| is| will) the weather\b(?!.{0,20}\b(?:policy|closure|rule)\b)"),
    (
        Route.OUT_OF_SCOPE,
        r"who (?:won|will win|is going to win) (?:the )?(?:\w+ )?(?:match|game|cup|election|race|final)s?\b",
    ),
    (Route.OUT_OF_SCOPE, r"what(?:'s| is) the (?:meaning of life|capital of|population of|square root)\b"),
    (Route.OUT_OF_SCOPE, r"are you (?:an? )?(?:human|real person|alive|conscious|sentient|married|single|robot|ai)\b"),
    (Route.OUT_OF_SCOPE, r"do you (?:love|like|hate) me\b"),
    (
        Route.OUT_OF_SCOPE,
        r"(?:so )?what do you (?:like to )?do (?:at|in|on|for|with) (?:your )?(?:free time|spare time|fun)\b",
    ),
    (Route.OUT_OF_SCOPE, r"what (?:is the )?(?:name )?(?:do )?you (?:call|have saved for) me\b|what name do you\b"),
    (Route.OUT_OF_SCOPE, rf"{_POLITELY}(?:set |start |give me )?(?:a |an |the |my )?(?:timer|alarm|countdown)\b"),
    (
        Route.OUT_OF_SCOPE,
        r"what(?:'s| is)? (?:the )?(?:date|day|time)(?: of the week)? (?:is it|is today|are we on|today)\b",
    ),
    (
        Route.OUT_OF_SCOPE,
        rf"(?:who (?:made|built|created)|how old (?:is|are)|what(?:'s| is)|does|{_TELL_ME}) {_THE_BOT}\W*$",
    ),
)
_ANYWHERE = (
    (Route.PERSON, r"\b(?:real|actual|live|human) (?:person|human|agent|being|operator)\b"),
    (Route.OUT_OF_SCOPE, r"\bsystem prompt\b|\byour (?:system |initial |hidden |secret )?(?:prompt|instructions)\b"),
)

_OPENING = re.compile(rf"{_HELLO}[\s,.!:-]*(?:(?:there|all|everyone|team|bot|folks)\b[\s,.!:-]*)?", re.IGNORECASE)
_ASKS_ABOUT = re.compile(r"\W*(?:how|who|where|when|what|which|why|whom)\b", re.IGNORECASE)
_ASKING_FOR_PEOPLE = """
talk speak chat connect transfer put hand escalate open create raise file log ticket case incident real live actual
human agent operator rep representative somebody anybody colleague technician support staff team like love prefer
call phone ring contact reach visit write touch back
"""
_OF_ASKING_FOR_PEOPLE = frozenset(map(stem, _ASKING_FOR_PEOPLE.split()))
_CONTENT = re.compile(
    r":(?:\+1|thumbsup|ok_hand|pray|clap|raised_hands|tada|heart|100|white_check_mark|heavy_check_mark|star|smile|"
    r"slightly_smiling_face|blush|muscle):|[\U0001F44D\U0001F44C\U0001F64F\U0001F44F\U0001F64C\U0001F389\u2764\u2705]"
)
"""Signs of somebody who has what they wanted; Slack sends them by their names."""
MAX_CHARACTERS = 300
"""A longer message says more than hello."""


def _compiled(rules: tuple[tuple[Route, str], ...]) -> tuple[tuple[Route, re.Pattern[str]], ...]:
    return tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in rules)


_WHOLE, _STARTS, _WITHIN = _compiled(_WHOLE_MESSAGE), _compiled(_BEGINNING), _compiled(_ANYWHERE)


def route(text: str) -> Route:
    """The kind of message. What fits no rule is a question: asking the knowledge base is the safe choice.

    `Who can I talk to about parental leave?` asks about people, not for one.
    """
    said = " ".join(EMOJI.sub(" ", text.replace("\u2019", "'")).split())
    if _CONTENT.search(text) and not re.search(r"\w", said):
        return Route.THANKS
    if len(said) > MAX_CHARACTERS:
        return Route.QUESTION
    rest = without_opening(said)
    kinds = [kind for kind, pattern in _WHOLE if pattern.fullmatch(said)]
    kinds += [kind for kind, pattern in _STARTS if pattern.match(rest)]
    kinds += [kind for kind, pattern in _WITHIN if pattern.search(rest)]
    if _ASKS_ABOUT.match(rest):
        kinds = [kind for kind in kinds if kind is not Route.PERSON]
    return kinds[0] if kinds else Route.QUESTION


def names_a_matter(text: str) -> bool:
    """Whether a message that asks for a person also says what about."""
    return bool(set(content_stems(text)) - GENERIC_STEMS - _OF_ASKING_FOR_PEOPLE)


def without_opening(text: str) -> str:
    """The text without its greeting."""
    return text[opening.end() :] if (opening := _OPENING.match(text.lstrip())) else text
