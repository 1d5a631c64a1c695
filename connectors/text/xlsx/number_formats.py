"""Numbers as a sheet shows them: with their currency, thousands and decimals (ECMA-376 part 1, 18.8.31)."""

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

Tokens = tuple[tuple[str, bool], ...]
"""The characters to show, each with whether it stands for something of the number."""

_MAX_CHARS = 200
_ROUNDED = Context(prec=2 * _MAX_CHARS, rounding=ROUND_HALF_UP)
_MAX_DIGITS = 20
"""Beyond, digits are those of arithmetic."""
_TOKEN = re.compile(
    r"\"(?P<quoted>[^\"]*)\"|\\(?P<escaped>.)|_(?P<space>.)|\*."
    r"|\[\$(?P<currency>[^\]-]*)[^\]]*\]|\[[^\]]*\]|(?P<sign>[0#?.,%])|(?P<other>.)"
)
_SECTION = re.compile(r"((?:\"[^\"]*\"|\\.|\[[^\]]*\]|[^;\"\\\[])*)(?:;|$)")
_NO_NUMBER = re.compile(r"general|[ymdhs@/]|e[-+]", re.IGNORECASE)
"""What makes words, dates, fractions or powers of ten: those are shown plainly."""


def shown(value: float, number_format: str) -> str:
    """A number in its format; plainly, without digits that only arithmetic made, where the format says little."""
    if not abs(value) < 10**_MAX_DIGITS:
        return _plain(value)
    positive, negative, zero = _sections(number_format[:_MAX_CHARS])
    if value < 0 and negative:
        return _formatted(-value, negative)
    tokens = zero if not value and zero else positive
    return "-" * (value < 0) + _formatted(abs(value), tokens) if tokens else _plain(value)


@lru_cache(maxsize=256)
def _sections(number_format: str) -> tuple[Tokens, Tokens, Tokens]:
    """What is shown of a number, of one below zero, and of zero; empty where nothing is said."""
    positive, negative, zero, *_ = [*map(_tokens, _SECTION.findall(number_format)), (), (), ()]
    return positive, negative, zero


def _plain(value: float) -> str:
    is_whole = float(value).is_integer() and abs(value) < 10**_MAX_DIGITS
    return str(int(value)) if is_whole else f"{value:.15g}"


def _tokens(section: str) -> Tokens:
    tokens: list[tuple[str, bool]] = []
    for found in _TOKEN.finditer(section):
        if found["other"] and _NO_NUMBER.match(section, found.start()):
            return ()
        space = " " * bool(found["space"])
        literal = found["quoted"] or found["escaped"] or found["currency"] or found["other"] or space
        tokens.append((found["sign"], True) if found["sign"] else (literal, False))
    return tuple(tokens) if any(sign for sign, _ in tokens) else ()


def _formatted(value: float, tokens: Tokens) -> str:
    signs = "".join(sign for sign, stands in tokens if stands)
    whole, _, decimals = signs.replace("%", "").partition(".")
    last = decimals or whole
    scale = len(last) - len(last.rstrip(","))
    places = re.sub("[^0#?]", "", decimals)
    exact = Decimal(repr(value)) * 100 ** signs.count("%") / 1000**scale
    rounded = f"{exact.quantize(Decimal(1).scaleb(-len(places)), context=_ROUNDED):f}"
    digits, _, fraction = rounded.partition(".")
    kept = len(places.rstrip("#?"))
    fraction = fraction[:kept] + fraction[kept:].rstrip("0")
    grouped = "," in whole.rstrip(",")
    return " ".join(_written(tokens, digits.lstrip("0"), fraction, grouped=grouped).split())


def _written(tokens: Tokens, digits: str, fraction: str, *, grouped: bool) -> str:
    """The digits in their places."""
    point = tokens.index((".", True)) if (".", True) in tokens else len(tokens)
    before = _before_point(tokens[:point], digits)
    if grouped:
        before = re.sub(r"\d{4,}", lambda found: f"{int(found.group()):,}", before, count=1)
    behind = "".join(sign for sign, stands in tokens[point:] if not stands or sign == "%")
    return before + (f".{fraction}" if fraction else "") + behind


def _before_point(tokens: Tokens, digits: str) -> str:
    """Filled from behind; the first place takes all that is left."""
    places = [at for at, (sign, stands) in enumerate(tokens) if stands and sign in "0#?"]
    written = ""
    for at, (sign, stands) in reversed(list(enumerate(tokens))):
        if at in places:
            taken = digits if at == places[0] else digits[-1:]
            digits = digits[: len(digits) - len(taken)]
            written = (taken or "0" * (sign == "0")) + written
        elif not stands or sign == "%":
            written = sign + written
    return written
