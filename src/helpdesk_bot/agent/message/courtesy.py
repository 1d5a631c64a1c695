"""What is said around a question out of courtesy: `I hope you are well`, `I was wondering whether`, `regards, Ana`."""

import re

from helpdesk_bot.guard.words import GENERIC_STEMS, content_stems

_ALL = r"(?:there|all|team|everyone|everybody|colleagues|support|help\ ?desk|folks|bot|sir|madam)"
_YOU = r"(?:you|everyone|everybody|all)"
_SMALL = r"(?:quick|short|small|simple|stupid|silly|dumb)"
_SOMEBODY = r"(?:some(?:one|body)|any(?:one|body))"
_BEFORE = rf"""
    (?:hi|hello|hey|dear|good\ (?:morning|afternoon|evening|day))\b (?:[ ,]+{_ALL}\b)*
    | (?:(?:i|we)\ )?hope\ (?:that\ )?(?:{_YOU}|this\ (?:message\ |e?-?mail\ )?finds)\b [^.!?,;\n]{{0,40}}
    | (?:i(?:'m|\ am)\ )?(?:(?:so|very|really)\ )?(?:sorry|apologies)
      (?:\ (?:to|for)\ (?:bother|disturb|interrupt|trouble|ask)(?:ing)?(?:\ (?:{_YOU}|again|with\ this))*)?
      (?=\s*(?:[,.;:!]|but\b))
    | i(?:\ know|'m\ sure|\ am\ sure)\ (?:that\ )?(?:you|everyone)(?:'re|\ are|\ is)\ (?:(?:all|very|really|so)\ )?busy
    | (?:(?:just|maybe|this\ is|it(?:'s|\ is))\ )*(?:an?\ {_SMALL}|{_SMALL}|one)\ (?:question|one)
    | i(?:\ have|'ve\ got|\ got)\ (?:an?|one)\ (?:{_SMALL}\ )?question
    | (?:i'm\ )?just\ curious | asking\ for\ a\ friend | thank(?:s|\ you)\ in\ advance
"""
_WANTS_TO_KNOW = rf"""
    (?:i|we)(?:\ was|\ am|'m|\ were|\ are|'re)\ (?:just\ )?wondering
    | (?:i|we)(?:'d|\ would)\ (?:like|love)\ to\ (?:know|ask|understand)
    | (?:i|we)\ (?:just\ )?(?:want|wanted|need|needed)\ to\ (?:know|ask|understand)
    | (?:(?:please|kindly)\ )*(?:(?:can|could|would|will)\ )?(?:(?:you|{_SOMEBODY})\ )?(?:could\ )?
      (?:be\ so\ kind\ (?:as\ )?to\ )?(?:(?:maybe|perhaps|possibly|please|kindly|to)\ )*
      (?:tell|explain|let|inform|advise)(?:\ to)?(?:\ me|\ us)?(?:\ know)?
    | (?:do|does|would)\ (?:you|{_SOMEBODY})(?:\ here)?(?:\ happen\ to)?\ know
"""
_AFTER = r"""
    (?:many\ )?thank(?:s|\ you)
      (?:\ (?:so\ much|very\ much|a\ lot|again|in\ advance|all)
      | \ for\ (?:your|the|any|all\ your)\ (?:help|time|support|advice|answer|patience))*
    | cheers(?:,\ \w+)?
    | (?:any|your)\ (?:help|advice|support|hints?)\ (?:is|would\ be|will\ be)\ (?:(?:very|much|greatly|highly)\ )?
      (?:appreciated|welcome|great|nice)
    | (?:(?:kind|best|warm|many)\ )?(?:regards|wishes|greetings)\b .{0,60}
    | have\ a\ (?:nice|great|good|lovely)\ (?:day|week|weekend|evening)
"""
_ASKS = r"(?:how|where|what|who|whom|which|when|why)(?:'s)?\b"
_BUT = r"[\s,.;:!\u2013-]*(?:(?:but|and|so|however)\b[\s,]*)?"
_OPENING = re.compile(
    rf"\s*(?: (?:{_BEFORE})(?=\W){_BUT} | (?:{_WANTS_TO_KNOW}),?\ (?:(?:if|whether)\ (?=\S) | (?={_ASKS})) )",
    re.IGNORECASE | re.VERBOSE,
)
_CLOSING = re.compile(rf"(?<=[.!?,])\s*(?:{_AFTER})[\s.!]*\Z", re.IGNORECASE | re.VERBOSE | re.DOTALL)


def without_courtesies(text: str) -> str:
    """The text without them: the knowledge need not hold their words. Whole where nothing else tells anything."""
    while (found := _OPENING.match(text)) and _tells(text[found.end() :]):
        text = text[found.end() :]
    while (found := _CLOSING.search(text)) and _tells(text[: found.start()]):
        text = text[: found.start()]
    return text


def _tells(text: str) -> bool:
    return bool(set(content_stems(text)) - GENERIC_STEMS)
