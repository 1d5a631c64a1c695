"""A question in the words that documents use: slips mended, and words in one or in two as they write them."""

import re
from collections.abc import Callable, Sequence

from knowledge.spelling import (
    SHORTHAND,
    find_meant,
    is_of,
    is_readable,
    pairs_in,
    splits_of,
    with_meant,
    words_of,
)
from knowledge.store import Spellings
from knowledge.thesaurus import other_words

MAX_SLIPS = 5
"""Unknown words of a question that are looked up among the known ones."""


class Rewording:
    """What the documents under `access_ids` make of a question's words that no chunk holds, which are `unseen`."""

    def __init__(
        self,
        spellings: Spellings,
        unseen: Sequence[str],
        access_ids: Sequence[int],
        *,
        is_word: Callable[[str], bool],
    ) -> None:
        """`is_word` tells ordinary words, which nobody wrote by mistake."""
        self._spellings = spellings
        self._unseen = unseen
        self._access_ids = access_ids
        self._is_word = is_word

    async def read(self, question: str, *, as_written: bool) -> str:
        """The question with its words that nothing holds as they were probably meant, or as documents write them.

        A word that was meant is put in as its lexeme, unless `as_written`: a guess in full letters is too near to what
        it may be wrong about ("by chance" read as "by changes").
        """
        unseen = [lexeme for lexeme in self._unseen if lexeme.replace("-", "").isalpha()][:MAX_SLIPS]
        if not unseen:
            return question
        question = await self._with_pairs(question, unseen)
        question = await self._with_known_words(question, unseen)
        meant: dict[str, str] = {}
        for lexeme in unseen:
            if words := words_of(question, lexeme):
                if words[0] in SHORTHAND:
                    meant[lexeme] = SHORTHAND[words[0]]
                elif split := await self._spellings.find_split(splits_of(words[0]), self._access_ids):
                    meant[lexeme] = " ".join(split)
                elif (
                    is_readable(lexeme)
                    and not self._is_word(words[0])
                    and (known := find_meant(lexeme, await self._spellings.list_words_like(lexeme)))
                ):
                    written = await self._spellings.find_written(known, self._access_ids) if as_written else known
                    meant[lexeme] = written or words[0]
        return with_meant(question, meant)

    async def _with_pairs(self, question: str, unseen: Sequence[str]) -> str:
        """`e-mail` as `email` and `pass word` as `password`, where only that is known; `help-desk` as `help desk`."""
        pairs = [
            one
            for one in pairs_in(question)
            if any(is_of(f"{one[0]}{one[1]}{one[2]}", lexeme) for lexeme in unseen)
            or any(is_of(word, lexeme) for word in (one[0], one[2]) for lexeme in unseen)
        ]
        joined = [f"{first}{second}" for first, _, second in pairs]
        known = await self._spellings.list_known(joined, self._access_ids) if pairs else []
        for first, between, second in pairs:
            if f"{first}{second}" in known:
                question = question.replace(f"{first}{between}{second}", f"{first}{second}")
            elif between == "-":
                question = question.replace(f"{first}-{second}", f"{first} {second}")
        return question

    async def _with_known_words(self, question: str, unseen: Sequence[str]) -> str:
        """Everyday words that no document holds as documents write them: `pto` as `annual leave`."""
        for said, others in other_words(question):
            if any(words_of(said, lexeme) for lexeme in unseen) and (known := await self._find_known(others)):
                question = re.sub(rf"(?<![\w-]){re.escape(said)}(?![\w-])", known, question, flags=re.IGNORECASE)
        return question

    async def _find_known(self, names: Sequence[str]) -> str | None:
        """The first of these, of one word or two, that permitted chunks write."""
        for name in names:
            match name.split():
                case [word] if await self._spellings.list_known([word], self._access_ids):
                    return name
                case [first, second] if await self._spellings.find_split([(first, second)], self._access_ids):
                    return name
                case _:
                    pass
        return None
