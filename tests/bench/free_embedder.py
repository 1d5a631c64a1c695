"""An embedder that costs nothing: pseudo-random unit vectors by a text's checksum."""

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

DIMENSION = 768


class FreeEmbedder:
    """Fits `knowledge.embedding.Embedder`. It counts what it was asked for."""

    model = "free"
    dimension = DIMENSION
    max_tokens = 256
    unrelated = 0.0

    def __init__(self) -> None:
        self.embedded = 0

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def is_word(self, _: str, /) -> bool:
        return False

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.embedded += len(texts)
        return np.stack([self._vector(text) for text in texts])

    async def aclose(self) -> None:
        """Nothing to close."""

    def _vector(self, text: str) -> NDArray[np.float32]:
        vector = np.random.default_rng(zlib.crc32(text.encode())).standard_normal(DIMENSION, dtype=np.float32)
        return vector / np.linalg.norm(vector)
