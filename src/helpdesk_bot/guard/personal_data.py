"""Personal data that has a form: e-mail addresses, cards, IBANs, social security numbers, IP addresses, phones.

Names and postal addresses have none and are out of scope.
"""

import ipaddress
import re
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    EMAIL = "email"
    CARD = "card"
    IBAN = "iban"
    SSN = "ssn"
    IP = "ip"
    PHONE = "phone"


PLACEHOLDERS = {
    Kind.EMAIL: "(e-mail address)",
    Kind.CARD: "(card number)",
    Kind.IBAN: "(bank account)",
    Kind.SSN: "(social security number)",
    Kind.IP: "(IP address)",
    Kind.PHONE: "(phone number)",
}


@dataclass(frozen=True, kw_only=True)
class Span:
    kind: Kind
    start: int
    end: int
    """Behind the last character."""


_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w@-])")
_DIGITS = re.compile(r"\d++(?:[ -]\d++)*+")
_IS_PART_OF_MORE = re.compile(r"[\w-]|[.,]\d")
_CARD_GROUPS = re.compile(r"1[2-9]|4 4 4 4(?: [123])?|4 4 4|4 4 5|4 6 [45]")
"""How many digits stand together where a card number is written."""
_CARD_CUE = re.compile(r"\b(?:card|cc|visa|master-?card|amex|maestro|diners|pan)\b", re.IGNORECASE)
_CARD_ISSUER = re.compile(r"[3-6]\d{12,18}|2[2-7]\d{14}|(?:2131|1800)\d{11}")
_IBAN = re.compile(r"(?<![\w])[a-z]{2}\d{2}(?: ?[a-z0-9]){11,30}(?![\w])", re.IGNORECASE)
_SSN = re.compile(r"(?<![\w.+-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])")
_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)")
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])", re.IGNORECASE)
_VERSION_CUE = re.compile(r"(?:\bversion|\brelease|\bbuild|\bv\.?|\bfirmware)\s*$", re.IGNORECASE)

_PHONE = re.compile(
    r"(?<![\w.@/#$\u20ac\u00a3+-])(?P<prefix>\+|00)?\(?\d(?:[ \t]?[().\-/]{0,2}[ \t]?\d){5,16}"
    r"(?:[ \t]?(?:x|ext\.?)[ \t]?\d{1,6})?(?![\w@:]|[.,/-]\d)",
    re.IGNORECASE,
)
_PHONE_CUE = re.compile(
    r"\b(?:tele?phone|phone|mobile|mob|cell(?:phone)?|tel|fax|desk|hotline|whatsapp|handy|sms)\b(?: (?:no|number))?\.?"
    r"(?: is| at| on)?[\s:.(]*$|\b(?:call|ring|dial|reach|text|contact)"
    r"(?: (?:me|us|him|her|them|back|you))*(?: (?:on|at|under))?[\s:(]*$"
    r"|\bregistered (?:number )?(?:is )?[\s:]*$",
    re.IGNORECASE,
)
_TRUNK = re.compile(r"0[1-9]\d{0,3}(?:[ .()/-]+\d{2,}){1,5}")
"""A national number written in groups: its leading zero tells it from an amount or a part number."""
_NORTH_AMERICAN = re.compile(
    r"(?:\+?1[ .-]?)?(?:\([2-9]\d{2}\)[ ]?|[2-9]\d{2}[ .-])[2-9]\d{2}[.-]\d{4}(?:[ ]?(?:x|ext\.?)[ ]?\d{1,6})?"
)
_DATE = re.compile(r"(?:19|20)\d{2}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./](?:19|20)?\d{2}")
_CUE_LENGTH = 44


def find_personal_data(text: str) -> list[Span]:
    """The spans in order, none over another. What fits two kinds is the one with the stricter check."""
    found: list[Span] = []
    for find in (_emails, _ibans, _cards, _ssns, _ips, _phones):
        for span in find(text):
            at = bisect(found, span.start, key=lambda other: other.start)
            if not any(span.start < other.end and other.start < span.end for other in found[max(0, at - 1) : at + 1]):
                found.insert(at, span)
    return found


def redact(text: str, kinds: Collection[Kind]) -> tuple[str, Counter[Kind]]:
    """The text with each span of these kinds replaced by its placeholder, and how many of every kind it held."""
    spans = find_personal_data(text)
    parts: list[str] = []
    at = 0
    for span in spans:
        if span.kind in kinds:
            parts += (text[at : span.start], PLACEHOLDERS[span.kind])
            at = span.end
    return "".join((*parts, text[at:])), Counter(span.kind for span in spans)


def _matches(pattern: re.Pattern[str], kind: Kind, holds: Callable[[re.Match[str]], bool], text: str) -> Iterator[Span]:
    return (Span(kind=kind, start=one.start(), end=one.end()) for one in pattern.finditer(text) if holds(one))


def _emails(text: str) -> Iterator[Span]:
    return _matches(_EMAIL, Kind.EMAIL, lambda _: True, text)


def _cards(text: str) -> Iterator[Span]:
    for run in _DIGITS.finditer(text):
        groups = _groups(text, run)
        at = 0
        while at < len(groups):
            end = next((end for end in range(min(at + 5, len(groups)), at, -1) if _is_card(run, groups[at:end])), None)
            if end is not None:
                yield Span(kind=Kind.CARD, start=groups[at].start(), end=groups[end - 1].end())
            at = end or at + 1


def _groups(text: str, run: re.Match[str]) -> list[re.Match[str]]:
    """The groups of digits that stand for themselves: none at an edge of the run that is part of a word or number."""
    groups = [*re.compile(r"\d+").finditer(text, run.start(), run.end())]
    if re.match(r"[\w.,+]", text[run.start() - 1 : run.start()]):
        del groups[0]
    while groups and _IS_PART_OF_MORE.match(text, groups[-1].end()):
        groups.pop()
    return groups


def _ibans(text: str) -> Iterator[Span]:
    """The longest start of each candidate whose check digits fit: words may follow it."""
    at = 0
    while candidate := _IBAN.search(text, at):
        gaps = [candidate.start() + gap.start() for gap in re.finditer(" ", candidate[0])]
        ends = [candidate.end(), *reversed(gaps)]
        end = next((end for end in ends if _is_iban(text[candidate.start() : end])), None)
        if end is not None:
            yield Span(kind=Kind.IBAN, start=candidate.start(), end=end)
        at = end or candidate.start() + 1


def _ssns(text: str) -> Iterator[Span]:
    return _matches(_SSN, Kind.SSN, lambda _: True, text)


def _ips(text: str) -> Iterator[Span]:
    yield from _matches(_IPV4, Kind.IP, _is_ip, text)
    yield from _matches(_IPV6, Kind.IP, _is_ip, text)


def _phones(text: str) -> Iterator[Span]:
    return _matches(_PHONE, Kind.PHONE, _is_phone, text)


def _before(one: re.Match[str]) -> str:
    return one.string[max(0, one.start() - _CUE_LENGTH) : one.start()]


def _is_card(run: re.Match[str], groups: Sequence[re.Match[str]]) -> bool:
    """ISO/IEC 7812: 12 to 19 digits with a Luhn check digit, of a known issuer or called a card."""
    if not _CARD_GROUPS.fullmatch(" ".join(str(len(group[0])) for group in groups)):
        return False
    digits = "".join(group[0] for group in groups)
    return _fits_luhn(digits) and bool(_CARD_ISSUER.fullmatch(digits) or _CARD_CUE.search(_before(run)))


def _fits_luhn(digits: str) -> bool:
    doubled = [sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2]]
    return len(set(digits)) > 1 and (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def _is_iban(candidate: str) -> bool:
    """ISO 13616: 15 to 34 characters whose number, first four characters moved behind, is 1 modulo 97."""
    plain = candidate.replace(" ", "").upper()
    if not plain.isascii() or not 15 <= len(plain) <= 34:
        return False
    return int("".join(str(int(character, 36)) for character in plain[4:] + plain[:4])) % 97 == 1


def _is_ip(one: re.Match[str]) -> bool:
    try:
        address = ipaddress.ip_address(one[0])
    except ValueError:
        return False
    return len(one[0]) > len("::1") and not address.is_unspecified and not _VERSION_CUE.search(_before(one))


def _is_phone(one: re.Match[str]) -> bool:
    """7 to 15 digits as in E.164: international, grouped as a country groups them, or called a phone."""
    digits = re.sub(r"\D", "", re.split(r"x|ext", one[0], flags=re.IGNORECASE)[0])
    if not 7 <= len(digits) <= 15 or _DATE.fullmatch(one[0].strip("()")):
        return False
    if _PHONE_CUE.search(_before(one)):
        return True
    shape = one[0]
    return (
        bool(one["prefix"] == "+" or _TRUNK.fullmatch(shape) or _NORTH_AMERICAN.fullmatch(shape)) and len(digits) >= 9
    )
