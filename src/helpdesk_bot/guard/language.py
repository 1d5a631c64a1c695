"""Which language a text is in, by its commonest words: sure of itself or silent, in a microsecond and without a model.

Identifiers of languages (py3langid, 4.6 MB) always name one, and for `drucker kaputt` or `wifi` it is chance.
"""

import re
import unicodedata

from helpdesk_bot.guard.words import words

NAMES = {
    "en": "English",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "it": "Italian",
    "pt": "Portuguese",
    "nl": "Dutch",
    "pl": "Polish",
    "sv": "Swedish",
}

_WORDS = {
    "en": "the is are was were what how do does did my your our to of and for can could where when who with it "
    "this that have has you i we they not from if or be will would should which there am on in at by a "
    "an get me no so as about all but us then than them he she need want whats lets out off",
    "de": "der die das den dem des und ist sind war nicht wie was wo wann wer ich wir sie mein meine meinen ein "
    "eine einen kann können mit für auf zu zum zur im von bei nach wenn man wird werden habe hat haben "
    "kein keine auch in an",
    "fr": "le la les un une des du de et est sont ne pas comment que qui où quand je nous vous mon ma mes mot "
    "pour avec dans sur au aux ce cette il elle on peut peux puis faut quel quelle si ai as a été",
    "es": "el la los las un una unos de del y es son no cómo como qué que quién dónde cuándo yo mi mis para con "
    "en por puedo puede se su al lo cuál está hay si he ha tengo",
    "it": "il lo la gli le un una di del della e è sono non come che chi dove quando io mio mia per con in su "
    "da posso può si al alla quale se ho ha",
    "pt": "o a os as um uma de do da dos das e é são não como que quem onde quando eu meu minha para com em no "
    "na por posso pode se ao qual está há tenho faço",
    "nl": "de het een en is zijn niet hoe wat waar wanneer wie ik wij mijn voor met op in van aan bij naar als "
    "kan kunnen moet heb heeft geen dat die te",
    "pl": "w na i jest są nie jak co gdzie kiedy kto ja mój moja moje do z od dla po za czy mogę można się to "
    "że ten ta",
    "sv": "en ett och är inte hur vad var när vem jag vi min mitt mina för med på i av till från om kan det den "
    "som har ska finns",
}
_PROFILES = {code: frozenset(text.split()) for code, text in _WORDS.items()}
MIN_WORDS = 2
MARGIN = 1.4
"""How many times as many of its words have to stand there as of the next language."""

_LETTER = re.compile(r"[^\W\d_]")


def code_of(name: str) -> str | None:
    """Of a language of `NAMES`, whatever its capitals; None for another word."""
    return next((code for code, known in NAMES.items() if known.casefold() == name.casefold()), None)


def find_language(text: str) -> str | None:
    """Its two-letter code, one of `NAMES`; None where too little tells it, or it is none of these."""
    said = [word for word in words(text) if _LETTER.search(word)]
    counted = sorted(
        ((sum(word in profile for word in said), code) for code, profile in _PROFILES.items()), reverse=True
    )
    (most, code), (next_most, _) = counted[0], counted[1]
    return code if most >= MIN_WORDS and most >= MARGIN * next_most else None


def is_surely_other(text: str, code: str) -> bool:
    """Whether a text is in another language than the one with this code: by its words, or by its letters, which are
    Latin in all of `NAMES`.
    """
    if (found := find_language(text)) is not None:
        return found != code
    letters = [letter for letter in text if letter.isalpha()]
    return 2 * sum(not unicodedata.name(letter, "").startswith("LATIN") for letter in letters) > len(letters)
