"""An embedder that needs no model: equal words make near vectors, and it counts what it was asked for."""

import re
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge.errors import EmbedderUnavailable


class HashedEmbedder:
    """Each word is hashed to a few signed directions; a text is the sum of its words at unit length."""

    max_tokens = 256
    unrelated = 0.0

    def __init__(self, *, model: str = "hashed", dimension: int = 64) -> None:
        self.model = model
        self.dimension = dimension
        self.embedded: list[str] = []
        self.is_down = False
        self.words: frozenset[str] = frozenset()
        """What it takes for ordinary words."""

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def is_word(self, word: str, /) -> bool:
        return word in self.words

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if self.is_down:
            raise EmbedderUnavailable(self.model, "it is switched off")
        self.embedded.extend(texts)
        return np.stack([self._vector(text) for text in texts])

    async def aclose(self) -> None:
        """Nothing to close."""

    def _vector(self, text: str) -> NDArray[np.float32]:
        vector = np.full(self.dimension, 1e-3, dtype=np.float32)
        for word in re.findall(r"\w+", text.casefold()):
            number = zlib.crc32(word.encode("utf-8", "replace"))
            for _ in range(4):
                number = (number * 1_103_515_245 + 12_345) % 2**31
                vector[(number >> 8) % self.dimension] += 1.0 if number & 64 else -1.0
        return (vector / np.linalg.norm(vector)).astype(np.float32)
