"""Markdown without anything that acts: no link, image, HTML, mention or secret; only text and code.

A web address becomes code without its scheme, query and fragment, `portal.example.com/reset`: people can read it and
type it, nothing makes it clickable, unfurls it or carries data in it. The same for e-mail addresses and bare
hostnames, which chat platforms turn into links by themselves.
"""

import html
import re
from collections import Counter

from helpdesk_bot.guard.addresses import addresses_as_code, addresses_as_words, hosts_as_code, in_plain_letters
from helpdesk_bot.guard.characters import strip_hidden
from helpdesk_bot.guard.code import outside_code

_PASSES = 12
"""Taking one thing out can put another together (`<!chan<b>nel>`): repeat until nothing changes, at most this often."""

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_UNSEEN_ELEMENT = re.compile(
    r"<(?P<tag>script|style|template|iframe|object|noscript)\b[^<>]*>.*?(?:</(?P=tag)\s*>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_HIDDEN_ELEMENT = re.compile(
    r"<(?P<tag>[a-z][a-z0-9]*)\b(?=[^<>]*>)[^<>]*?(?:\shidden\b|display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|"
    r"opacity\s*:\s*0(?![.\d]))[^<>]*>.*?(?:</(?P=tag)\s*>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_TAG = re.compile(
    r"</?(?:a|abbr|at|attachment|audio|b|base|big|blockquote|body|br|button|center|code|del|details|div|embed|em|font|"
    r"form|frame|frameset|h[1-6]|head|hr|html|i|iframe|img|input|ins|kbd|label|li|link|mark|math|meta|object|ol|option|"
    r"p|picture|pre|q|s|script|section|select|small|source|span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|"
    r"textarea|tfoot|th|thead|title|tr|track|tt|u|ul|video)(?:[\s/][^<>]*)?/?>"
    r"|<[a-z](?=[^<>]*>)[^<>]*\s(?:on[a-z]+|src|href|style)\s*=[^<>]*>",
    re.IGNORECASE,
)
_ACTIVE_OPENING = re.compile(
    r"<(?=/?(?:a|at|attachment|audio|base|button|embed|form|frame|iframe|img|input|link|math|meta|object|script|style|"
    r"svg|template|textarea|video)\b|[a-z][^<>]*\s(?:on[a-z]+|src|href|style)\s*=|"
    r"[a-z][a-z0-9+.-]{1,31}:[^\s<>]*>|[^\s<>@]+@[^\s<>]*>)",
    re.IGNORECASE,
)
"""A tag or an address in angle brackets. Loses its `<` in code too: what is code to us may not be to others."""

_LABEL = r"(?P<label>(?:[^\[\]\\]|\\.|\[[^\[\]]{0,300}\]){0,300})"
"""As long as labels are: a longer one is taken apart by its joint."""
_IMAGE = re.compile(r"!\[" + _LABEL + r"\](?:\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)|\[[^\[\]\n]*\])")
_LINK = re.compile(r"\[" + _LABEL + r"\]\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)")
_LINK_BY_NAME = re.compile(r"\[" + _LABEL + r"\]\[(?!\d+\])[^\[\]\n]*\]")
_DEFINITION = re.compile(r"^[ ]{0,3}\[[^\]\n]+\]:[ \t]*\n?[ \t]*\S+(?:[ \t]+[\"'(][^\n]*)?[ \t]*$\n?", re.MULTILINE)
_LINK_JOINT = re.compile(r"\](?=[(:])")
"""What every other form of link needs: nested brackets, line breaks inside, definitions in quotations."""

_SLACK_LINK = re.compile(r"<(?:[a-z][a-z0-9+.-]*:)[^<>|\n]*\|(?P<label>[^<>\n]*)>", re.IGNORECASE)
_SLACK_MENTION = re.compile(r"<(?P<kind>[!@#])(?P<id>[^<>|\n]*)(?:\|(?P<label>[^<>\n]*))?>")
_MENTION_OPENING = re.compile(r"<(?=[!@#])")
_BROADCAST = re.compile(r"(?<![\w.+@-])@+(?=(?:channel|here|everyone|group|all|team)\b)", re.IGNORECASE)

_SECRET = re.compile(
    r"xox[a-z]-[\w-]{8,}|xapp-[\w-]{8,}"  # Slack
    r"|\bsk-[\w-]{16,}"  # OpenAI, Anthropic
    r"|\b[sr]k_(?:live|test)_\w{16,}"  # Stripe
    r"|\b(?:hf_|npm_)[A-Za-z0-9]{30,}|\bpypi-[\w-]{32,}"  # Hugging Face, npm, PyPI
    r"|\bSG\.[\w-]{16,}\.[\w-]{16,}"  # SendGrid
    r"|(?:https?://)?hooks\.slack\.com/services/[\w/]{20,}"  # who knows the address may post
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"  # AWS
    r"|\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}"  # GitHub, GitLab
    r"|\bAIza[\w-]{30,}|\bya29\.[\w-]{16,}"  # Google
    r"|\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*"  # a JSON web token
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    re.DOTALL,
)


def inert(text: str) -> tuple[str, Counter[str]]:
    """The text with nothing left in it that acts, and how often each rule met something.

    Stable: `inert(inert(text))` changes nothing more. Rules: hidden, html, image, link, address, mention, secret.
    """
    found: Counter[str] = Counter()
    for _ in range(_PASSES):
        before = text
        text = _once(text, found)
        if text == before:
            return text, found
    return re.sub(r"[<>\[\]()@:]", " ", text), found


def _once(text: str, found: Counter[str]) -> str:
    text, hidden = strip_hidden(text)
    found["hidden"] += hidden
    text = in_plain_letters(text)
    text = _replace(_SECRET, "(removed)", text, found, "secret")
    text = outside_code(text, lambda part: _without_html(html.unescape(part), found))
    text = _without_links(text, found)
    text = _without_mentions(text, found)
    text = _replace(_ACTIVE_OPENING, "", text, found, "html")
    text = outside_code(text, lambda part: addresses_as_code(part, found))
    text = addresses_as_words(text, found)
    return outside_code(text, hosts_as_code)


def _replace(pattern: re.Pattern[str], by: str, text: str, found: Counter[str], rule: str) -> str:
    text, count = pattern.subn(by, text)
    found[rule] += count
    return text


def _without_html(text: str, found: Counter[str]) -> str:
    for pattern in (_COMMENT, _UNSEEN_ELEMENT, _HIDDEN_ELEMENT, _TAG):
        text = _replace(pattern, "", text, found, "html")
    return text


def _without_links(text: str, found: Counter[str]) -> str:
    text = _replace(_IMAGE, r"\g<label>", text, found, "image")
    text, links = _LINK.subn(_label, text)
    found["link"] += links
    text = _replace(_DEFINITION, "", text, found, "link")
    text = _replace(_LINK_BY_NAME, r"\g<label>", text, found, "link")
    text = _replace(_SLACK_LINK, r"\g<label>", text, found, "link")
    return _replace(_LINK_JOINT, "] ", text, found, "link")


def _label(link: re.Match[str]) -> str:
    """A link's text. A number stays in its brackets: models make links of citation markers."""
    label = link["label"]
    return f"[{label}]" if label.isdecimal() else label


def _without_mentions(text: str, found: Counter[str]) -> str:
    text, mentions = _SLACK_MENTION.subn(_mention_name, text)
    found["mention"] += mentions
    text = _replace(_MENTION_OPENING, "", text, found, "mention")
    return _replace(_BROADCAST, "", text, found, "mention")


def _mention_name(mention: re.Match[str]) -> str:
    name = mention["label"] or (mention["id"] if mention["kind"] == "!" else "")
    return name.lstrip("@#")
