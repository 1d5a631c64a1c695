"""What an answer looks like: who asks how much wants an amount, who asks when a time, whatever else is said of it."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from helpdesk_bot.guard.specifics import addresses, names
from helpdesk_bot.guard.words import content_stems


@dataclass(frozen=True, kw_only=True)
class Form:
    asked: re.Pattern[str]
    """Found in a question that wants it."""
    is_in: Callable[[str], object]
    """Whether a text has something of this form."""


def _form(asked: str, is_in: str | Callable[[str], object]) -> Form:
    looks = re.compile(is_in, re.IGNORECASE).search if isinstance(is_in, str) else is_in
    return Form(asked=re.compile(rf"\b(?:{asked})\b", re.IGNORECASE), is_in=looks)


_SPACE = r"space|storage|memory|disk|data|ram|attachments?|files?|mail(?:box(?:es)?)?|scans?"

_PEOPLE = (
    r"\b(?:managers?|supervisors?|leads?|heads?|directors?|officers?|coordinators?|specialists?|owners?|teams?|desks?|"
    r"administrators?|admins?|engineers?|developers?|partners?|people|staff|employees?|everyone|everybody|anyone|hr|"
    r"customers?|contractors?|students?|colleagues?|guests?|members?|departments?|office|reception|security)\b|@|"
    r"\b(?-i:[A-Z]\w+ [A-Z]\w+)"
)

FORMS = (
    _form(
        rf"how much(?! (?:\w+ )?(?:{_SPACE})\b)|costs?|prices?|budget|amount|sum|dollars?|euros?|pounds|fees?|spen[dt]|"
        r"expenses?|expenditure",
        r"[$€£]\s?\d|\d\s?(?:(?:million|billion)\s)?(?:EUR|USD|GBP|CHF|dollars?|euros?|pounds)\b",
    ),
    _form(
        r"when|what time|hours|how (?:long|soon|late|early|often|quick(?:ly)?|fast)|deadline|until|by when|which days?|"
        r"(?:open|closed?|there|in|work(?:s|ing)?) (?:on|at|over) (?:the )?"
        r"(?:mon|tues|wednes|thurs|fri|satur|sun|week)\w*",
        r"\d{1,2}:\d\d|\b\d{1,2} ?[ap]\.?m\b|\b(?:daily|weekly|nightly|monthly|yearly|annually)\b|"
        r"\bevery (?:(?:other|working) )?(?:minute|hour|day|night|week|month|quarter|year)\b|"
        r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|"
        r"\b\d+ (?:seconds?|minutes?|hours?|(?:working )?days?|weeks?|months?|years?)\b|\b\d{4}-\d\d-\d\d\b",
    ),
    _form(
        rf"how (?:much|big|large) (?:\w+ ){{0,3}}(?:{_SPACE})|quota|size limit",
        r"\d\s?(?:[KMGT]i?B|bytes|%)(?![\w/])",
    ),
    _form(
        r"how (?:many|far|big|old|large)|number|figure|percent(?:age)?|size|capacity|limit|length|(?:min|max)(?:imum)?",
        r"\d",
    ),
    _form(r"(?:tele)?phone (?:number|line|contact)|direct line|(?:by )?telephone|call|extension|dial", r"\d{3,}"),
    _form(r"url|link|website|web address|e-?mail address|portal|server", addresses),
    _form(
        r"where(?:'s|\u2019s| is| are| can i find)|which (?:room|floor|building)",
        r"\b(?:room|floor|building|street|house|lobby|basement|address|beside|opposite)\b",
    ),
    _form(r"who|whom|whose", _PEOPLE),
    _form(
        r"stands? for|short for|acronym|abbreviat\w+", r"\*\*[^*\n]+\*\*\W{1,4}[A-Z]|\w \([A-Z]{2,}\)|\bstands for\b"
    ),
    _form(r"(?:which|what) (?:\w+ ){1,3}(?:should|do you recommend|would you)", r"\brecommend"),
    _form(r"(?:the|its|their|company's|exact|full|official) name|named|called", names),
)


_SAMPLE = re.compile(r"^([ \t]*)(```|~~~).*?(?:^[ \t]*\2|\Z)", re.MULTILINE | re.DOTALL)
"""The figures in a block of code are an example's."""


def has_wanted_form(question: str, text: str) -> bool:
    """Whether the text has something of every form that the question wants; False where it wants none."""
    wanted = [form for form in FORMS if form.asked.search(question)]
    said = _SAMPLE.sub("", text)
    return bool(wanted) and all(form.is_in(said) for form in wanted)


def stems_of_form(question: str) -> set[str]:
    """The words by which a question asks for a form: `price` in `the price of a mouse`, which `20 EUR` answers."""
    return {one for form in FORMS for found in form.asked.finditer(question) for one in content_stems(found[0])}
