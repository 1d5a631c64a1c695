"""Text as words and sentences: what grounding compares and what the agent ranks by. The tables are English."""

import re
from functools import lru_cache

_WORD = re.compile(r"\b[^\W\d_]{1,2}-\d+\b|[^\W_]+(?:['\u2019][^\W_]+)?")
"""A code such as `E-420` is one word."""
_SPELLED_APART = re.compile(
    r"\b(?:(?P<wifi>wi[- ]fi)|(?P<email>e-mails?)|(?P<login>(?:log|sign)(?:s|ged|ging|ed|ing)?[ -]?(?:in|on))|"
    r"(?P<setup>set(?:s|ting)?[ -]up)|(?P<backup>back(?:s|ed|ing)?[ -]up)|(?P<helpdesk>help[ -]desks?)|"
    r"(?P<voicemail>voice[ -]mails?)|(?P<username>user[ -]names?)|(?P<website>web[ -]sites?)|"
    r"(?P<whiteboard>white[ -]boards?)|(?P<phone>smart[ -]?phones?)|(?P<outofoffice>out[ -]of[ -]office)|"
    r"(?P<autoreply>auto(?:matic)?[ -]?repl(?:y|ies)))\b"
)
"""What is written in one word and in two, or with a hyphen, by the one word it is taken for."""

_NAMES = {"IT": "informationtechnology", "US": "united states", "WHO": "worldhealthorganization"}
"""What is a name in capitals and says nothing otherwise."""
_IN_CAPITALS = re.compile(rf"\b(?:{'|'.join(_NAMES)})\b(?!['\u2019])")

_INITIALS = re.compile(r"\b(?:[A-Z]\.){2,}")
"""`D.C.` is what others write as `DC`."""
_DRIVE = re.compile(r"\b([a-z])(?:: ?|[ -])drive\b")
"""The letter is all that tells the P drive from the S drive."""

EQUALS = {
    "mac": "macos",
    "macbook": "macos",
    "osx": "macos",
    "imac": "macos",
    "2fa": "mfa",
    "pwd": "password",
    "pw": "password",
    "admin": "administrator",
    "admins": "administrator",
    "wlan": "wifi",
    "mail": "email",
    "using": "use",
    "used": "use",
    "uses": "use",
    "ooo": "outofoffice",
    "logon": "login",
    "signin": "login",
    "forgot": "forget",
    "forgotten": "forget",
    "lost": "lose",
    "broken": "break",
    "stolen": "steal",
    "stole": "steal",
    "frozen": "freeze",
    "froze": "freeze",
    "chosen": "choose",
    "chose": "choose",
    "written": "write",
    "wrote": "write",
    "paid": "pay",
    "bought": "buy",
    "got": "get",
    "sent": "send",
    "approval": "approve",
    "approvals": "approve",
    "renewal": "renew",
    "renewals": "renew",
    "removal": "remove",
    "arrival": "arrive",
    "withdrawal": "withdraw",
    "withdrawals": "withdraw",
    "insurance": "insure",
    "controlled": "control",
    "controlling": "control",
    "enrol": "enroll",
    "enrolment": "enroll",
    "max": "maximum",
    "freelancer": "contractor",
    "freelancers": "contractor",
    "freelance": "contractor",
    "children": "child",
    "people": "person",
}
"""Other spellings and irregular forms of one word; looked up before the stem is cut."""

_STOP_WORDS = """
a about above after again against all also am an and any are aren't as at be because been before being below between
both but by can can't cannot could couldn't did didn't do does doesn't doing don't down during each else few for from
further had has have haven't having he her here hers him his how i i'd i'll i'm i've if in into is isn't it it's its
itself just let let's me mine more most my myself of off on once only or other our ours out over own please s same shall
she should shouldn't so some still such t than that that's the their theirs them then there there's these they this
those through to too under until up upon us very was wasn't we were what what's when where where's which while who
who's whom whose why will with within without won't would wouldn't yet you your yours dont cant im ive hi hello hey
thanks thank ok okay yes whats wheres whos hows isnt arent doesnt didnt wont wouldnt couldnt shouldnt havent hasnt
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())

_NEGATIONS = """
no not never cannot can't don't doesn't didn't isn't aren't wasn't weren't won't wouldn't shouldn't couldn't mustn't
haven't hasn't without neither nor none dont cant isnt arent doesnt didnt wont wouldnt couldnt shouldnt havent hasnt
"""
NEGATIONS = frozenset(_NEGATIONS.split())

_ENDINGS = (  # ending, what stays of it, how many letters must come before
    ("izations", "iz", 3),
    ("isations", "iz", 3),
    ("ization", "iz", 3),
    ("isation", "iz", 3),
    ("ability", "abl", 3),
    ("ibility", "ibl", 3),
    ("ations", "", 4),
    ("ation", "", 4),
    ("ating", "", 4),
    ("ated", "", 4),
    ("ates", "", 4),
    ("ate", "", 4),
    ("ments", "", 4),
    ("ment", "", 4),
    ("ings", "", 3),
    ("ing", "", 3),
    ("ions", "", 4),
    ("ion", "", 4),
    ("ies", "y", 2),
    ("ied", "y", 2),
    ("sses", "ss", 2),
    ("ches", "ch", 2),
    ("shes", "sh", 2),
    ("xes", "x", 2),
    ("ed", "", 3),
    ("es", "", 3),
    ("s", "", 3),
    ("e", "", 3),
)
_NO_PLURAL = ("ss", "us", "is")
_DOUBLED_L = re.compile(r"[a-z]*[aeiouy][a-z]*ell")
"""Of a second syllable that is not stressed: British English doubles it before an ending."""

_SENTENCE_END = re.compile(
    r"(?<=[.!?])[\"'\u201d\u2019)\]*_`]*\s+(?=[\"'\u201c\u2018(\[*_`]*[^\W_])|(?<=[\u3002\uff01\uff1f])"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|approx|incl|resp|nr|mr|mrs|ms|dr|st|a\.m|p\.m|inc|ltd)|\b[A-Z])\.$", re.IGNORECASE
)

_LONGEST_ABBREVIATION = 12
"""Characters with what may stand before it: looking at more makes a text of initials cost its length squared."""


def words(text: str) -> list[str]:
    """Lower-case words in order, as they stand in the text but for a few spellings made one.

    `IT` is a department, and no pronoun, unless everything is in capitals.
    """
    text = _INITIALS.sub(lambda initials: initials[0].replace(".", ""), text)
    if not text.isupper():
        text = _IN_CAPITALS.sub(lambda name: _NAMES[name[0]], text)
    text = _DRIVE.sub(r"\1drive drive", text.casefold().replace("\u2019", "'"))
    return _WORD.findall(_SPELLED_APART.sub(lambda written: str(written.lastgroup), text))


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The word without its ending: `installing`, `installation` and `installed` are one.

    A suffix stripper in the manner of Harman, "How effective is suffixing?", JASIS 1991, with the commonest
    derivational endings. Words with digits stay whole.
    """
    word = EQUALS.get(word, word).removesuffix("'s")
    if not word.isalpha() or not word.isascii():
        return word
    for ending, rest, letters in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= letters:
            if ending == "s" and word.endswith(_NO_PLURAL):
                return word
            return _undouble(word.removesuffix(ending) + rest)
    return word


def _undouble(word: str) -> str:
    """`resett` -> `reset`, `cancell` -> `cancel`; `install`, `spell` and `access` keep theirs."""
    doubled = len(word) > 3 and word[-1] == word[-2] and (word[-1] not in "lsz" or _DOUBLED_L.fullmatch(word))
    return word[:-1] if doubled else word


_GENERIC_WORDS = """
able ask allow anyone anything best call change check come company correct day different easy employee  everyone
exactly find fix follow general get give go good guide handle happen help information instruction issue  keep kind
know like long look lot make many mean much need new next often old one open part person place possible  problem
process proper provide question quick right run say see set show someone something start step sure take  tell thing
time try type use user usual want way work year
"""
GENERIC_STEMS = frozenset(map(stem, _GENERIC_WORDS.split()))
"""What everybody writes about everything; it counts for a quarter."""


def content_stems(text: str) -> list[str]:
    """The stems of the words that carry meaning, in order, repeats kept."""
    return [stem(word) for word in words(text) if word not in STOP_WORDS and (len(word) > 1 or word.isdigit())]


def rarity(stemmed: str) -> float:
    """How much a stem tells, 0.25 to 1.5: what everybody writes, ordinary words, and names with digits in them.

    A stand-in for inverse document frequency that needs no corpus.
    """
    if stemmed in GENERIC_STEMS:
        return 0.25
    return 1.5 if any(character.isdigit() for character in stemmed) and not stemmed.isdigit() else 1.0


def covered(asked: set[str], given: set[str]) -> float:
    """The share of the asked stems that are given, each weighed by its rarity; 1 when nothing is asked."""
    total = sum(map(rarity, asked))
    return sum(map(rarity, asked & given)) / total if total else 1.0


def sentences(text: str) -> list[str]:
    """The sentences of one paragraph, in order, each with its end mark; line breaks inside become spaces."""
    text = " ".join(text.split())
    found: list[str] = []
    start = 0
    for end in _SENTENCE_END.finditer(text):
        candidate = text[start : end.end()].strip()
        if candidate and not _ABBREVIATION.search(candidate[-_LONGEST_ABBREVIATION:]):
            found.append(candidate)
            start = end.end()
    return [*found, text[start:].strip()] if text[start:].strip() else found
