"""What is an address to a chat platform or a browser, in whatever letters it is written: made code, or told of."""

import re
import unicodedata
from collections import Counter
from urllib.parse import urlsplit

_MAX_URL_CHARACTERS = 2_000

_SCHEMES = (
    "mailto|tel|sms|callto|javascript|vbscript|data|blob|msteams|sips?|skype|facetime(?:-audio)?|xmpp|webcal|whatsapp|"
    "zoommtg|zoomus|onenote|search-ms|ms-[a-z-]{2,30}|intent|market|magnet|view-source"
)
"""Those that a client opens a program with and that need no slashes."""
_ADDRESS = re.compile(
    rf"<?(?:\b[a-z][a-z0-9+.-]{{1,30}}:(?:\\?[/\\]){{2,}}|\b(?:https?|ftp|file|slack):/|\b(?:{_SCHEMES}):(?=\S))"
    r"(?P<rest>[^\s<>\"'`|]*)>?",
    re.IGNORECASE,
)
_ADDRESS_WITHOUT_SCHEME = re.compile(r"(?<![\w:/\\])/{2,}(?=[\w-]+(?:\.[\w-]+)+)(?P<rest>[^\s<>\"'`|]*)")
"""`//evil.example/x`, which browsers read as an address. In code it is a comment or a share as often."""
_PLACE_IN_ADDRESS = re.compile(r"(?:[^/?#@]*@)*(?P<host>[^/\\?#@]*)(?P<path>[/\\][^?#]*)?")
_TRAILING = ".,;:!?)]}*_"

_EMAIL = r"(?<![+%])[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"
_KNOWN_ENDING = (
    "com|org|net|edu|gov|int|io|dev|app|ai|co|cloud|info|biz|xyz|me|tv|ly|example|test|internal|local|corp|lan|"
    "us|uk|de|eu|fr|nl|ch|at|it|es|se|no|fi|dk|pl|ru|cn|jp|in|au|ca|br|"
    "click|link|zip|mov|top|shop|site|online|store|icu|vip|club|win|bid|cfd|lol|monster|quest|buzz|cyou|sbs|mobi|pro|"
    "tech|space|website|today|zone|network|solutions|host|digital|cc|ws|tk|ml|ga|cf|gq|pw|su|ua|kz|ir|kr|tw|hk|sg|vn|"
    "nz|za|mx|gr|pt|ie|cz|hu|ro|tr|il|ae"
)
_HOST = (
    r"(?:www\.[\w-]+(?:\.[\w-]+)*|(?:[\w-]+\.)+(?:" + _KNOWN_ENDING + r")|(?:[a-z0-9-]{2,}\.){2,}[a-z]{2,24}"
    r"|(?:[\w-]+\.)+xn--[a-z0-9-]+|xn--[a-z0-9-]+(?:\.[\w-]+)+|(?:[\w-]+\.)+[^\W\d_]{2,24}(?=/\w|:\d))"
    r"(?::\d+)?(?:/[\w./~%+-]*[\w/~%+-])?"
)
_LINKED_BY_PLATFORMS = re.compile(rf"(?<![\w.@/\\`-])(?:{_EMAIL}|{_HOST})(?![\w@`-]|\.\w)", re.IGNORECASE)
"""Slack makes links of names with a known ending, on its server (api.slack.com/docs/formatting, "URL detection")."""

_BEGINS_A_SENTENCE = (
    "The|This|That|These|Those|There|It|If|In|At|On|To|For|From|With|When|While|After|Before|Once|Then|As|By|And|But|Or|"
    "You|Your|We|Our|They|No|Do|Please|Click|Select|Choose|Press|Open|Enter|Go|Use|See|Ask|Contact|Restart|Wait|Note|"
    "Make|Sign|Log|Set|Check|Type|Try"
)
_WITHOUT_A_SPACE = re.compile(rf"(?<=[^\W\d_]{{2}})\.(?=(?:{_BEGINS_A_SENTENCE})[ \n])")
"""`Press Save.Click the link.`: two sentences, as people write them, and no host in `.click`."""

_WORD = re.compile(r"\S+")
_NOT_PLAIN_DOT = re.compile(r"(?<=[a-z0-9-])\u3002(?=[a-z0-9-])", re.IGNORECASE)
_SLASHES = str.maketrans(dict.fromkeys("\u2044\u2215\u29f8", "/"))
_ACTS = re.compile(
    r"[a-z0-9+.-]:/|\b(?:" + _SCHEMES + r"):\S|[a-z0-9-]\.[^\W\d_]{2}|@(?:here|channel|everyone)\b|<[!@#/a-z]|\]\(",
    re.IGNORECASE,
)

_FILES = (
    "js|jsx|ts|tsx|css|htm|html|php|asp|aspx|jsp|java|class|jar|cpp|doc|docx|xls|xlsx|ppt|pptx|odt|ods|pdf|txt|rtf|csv|"
    "tsv|json|yml|yaml|xml|toml|ini|cfg|conf|env|log|sql|bat|cmd|exe|msi|dll|dmg|pkg|deb|rpm|iso|png|jpg|jpeg|gif|svg|"
    "bmp|tif|tiff|webp|heic|mp3|mp4|wav|avi|mkv|eml|msg|pst|ics|vcf|bak|tmp|lock|pem|crt|cer|key|pfx|rdp|ovpn"
)
_LINKED_WORD = re.compile(
    rf"://|\b(?:https?|ftp|file|slack):/|\b(?:{_SCHEMES}):\S|\bwww\.|[\w-]\.(?!(?:{_FILES})(?![\w.-]))[^\W\d_]{{2,}}|[\w-]\.[\w-]+(?:/\w|:\d)",
    re.IGNORECASE,
)


def find_web_address(url: str) -> str | None:
    """The address if it is one to link to: http or https, with a host, without a user name or odd characters."""
    if len(url) > _MAX_URL_CHARACTERS or not url.isprintable() or any(character in url for character in ' "<>\\^`{|}'):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    is_plain = parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
    return url if is_plain else None


def is_linked(word: str) -> bool:
    """Whether a client may make a link of this word by itself: an address, or a name like `wiki.example`, no file."""
    return _LINKED_WORD.search(_in_plain_letters(word)) is not None


def addresses_as_code(text: str, found: Counter[str]) -> str:
    """Host and path of each address, as code; counts them."""
    for address in (_ADDRESS, _ADDRESS_WITHOUT_SCHEME):
        text = address.sub(lambda match: _as_code(_place(match, found)), text)
    return text


def addresses_as_words(text: str, found: Counter[str]) -> str:
    """Host and path of each address, for where it is code already; counts them."""
    return _ADDRESS.sub(lambda match: "".join(_place(match, found)), text)


def hosts_as_code(text: str) -> str:
    """Names that platforms make links of; sentences that are written without a space between get one."""
    return _LINKED_BY_PLATFORMS.sub(r"`\g<0>`", _WITHOUT_A_SPACE.sub(". ", text))


def in_plain_letters(text: str) -> str:
    """With full-width and similar signs as the plain ones in each word that acts only then, as `evil\uff0ecom/x`.

    Browsers, and whatever else folds Unicode (UTS 46, NFKC), read it so. Other words stay.
    """
    return text if text.isascii() else _WORD.sub(lambda word: _plain_if_it_acts(word[0]), text)


def _plain_if_it_acts(word: str) -> str:
    plain = _in_plain_letters(word)
    return plain if plain != word and _count_acts(plain) > _count_acts(word) else word


def _count_acts(word: str) -> int:
    return sum(1 for _ in _ACTS.finditer(word))


def _in_plain_letters(word: str) -> str:
    if word.isascii():
        return word
    folded = ((unicodedata.normalize("NFKC", sign), sign) for sign in word.translate(_SLASHES))
    plain = "".join(fold if fold.isascii() or fold == "\u3002" else sign for fold, sign in folded)
    return _NOT_PLAIN_DOT.sub(".", plain)


def _place(address: re.Match[str], found: Counter[str]) -> tuple[str, str]:
    """An address as host and path, and the punctuation that only followed it."""
    rest = address["rest"]
    place = rest.rstrip(_TRAILING)
    found["address"] += 1
    parts = _PLACE_IN_ADDRESS.match(place)
    if parts is None:
        return "", rest
    return parts["host"] + (parts["path"] or ""), rest[len(place) :]


def _as_code(place_and_rest: tuple[str, str]) -> str:
    place, rest = place_and_rest
    return f"`{place}`{rest}" if place else rest
